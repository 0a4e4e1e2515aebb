"""Another party checks tokens of a running server, with nothing but what the issuer shows."""

from __future__ import annotations

import json
import urllib.request

import jwt
import pytest

from tests.issuers import SigningKey
from tests.journeys.conftest import Running

AUDIENCE = "https://api.example.com"


def keys_of(server: Running, issuer: str) -> jwt.PyJWKClient:
    """The client of a relying party, which a proxy leads from the issuer's name to the server."""
    identifier = issuer.removeprefix("https://").partition(".")[0]
    own = f"{server.endpoint}/_rolekeeper/issuers/{identifier}"
    with urllib.request.urlopen(f"{own}/.well-known/openid-configuration") as found:
        discovery = json.load(found)
    assert discovery["issuer"] == issuer
    return jwt.PyJWKClient(discovery["jwks_uri"].replace(issuer, own))


@pytest.mark.parametrize("algorithm", ["RS256", "ES384"])
def test_another_party_checks_a_token(server: Running, algorithm: str) -> None:
    issuer = server.client("iam").enable_outbound_web_identity_federation()["IssuerIdentifier"]
    sts = server.client("sts")
    given = sts.get_web_identity_token(Audience=[AUDIENCE], SigningAlgorithm=algorithm)
    token, client = given["WebIdentityToken"], keys_of(server, issuer)

    def check(text: str) -> str:
        key = client.get_signing_key_from_jwt(text)
        found = jwt.decode(text, key, algorithms=["RS256", "ES384"], audience=AUDIENCE, issuer=issuer)
        return str(found["sub"])

    assert check(token) == sts.get_caller_identity()["Arn"]
    claims = jwt.decode(token, options={"verify_signature": False})
    known = jwt.get_unverified_header(token)["kid"]
    with pytest.raises(jwt.InvalidSignatureError):
        check(SigningKey(known, algorithm).sign(claims | {"sub": "arn:aws:iam::1:root"}))
    with pytest.raises(jwt.PyJWKClientError):
        check(SigningKey("unknown", algorithm).sign(claims))
