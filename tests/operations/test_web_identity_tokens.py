"""GetWebIdentityToken: who gets none, what is in one, and that others can check it by the issuer's keys."""

from __future__ import annotations

import json
import time
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from rolekeeper.endpoints.aws import AwsEndpoint
from rolekeeper.iam.issuer_keys import IssuerKey, thumbprint
from tests.client import ACCOUNT, OTHER_ACCOUNT, LocalWorld, Person
from tests.endpoints.asgi import answer
from tests.issuers import Issuer
from tests.operations.organizing import organized
from tests.people import allow, assume, refused, role, trusting, user

AUDIENCE = "https://api.example.com"
AWS = "https://sts.amazonaws.com/"


@pytest.fixture
def there(local: LocalWorld) -> LocalWorld:
    """A server whose first account gives tokens."""
    local.root.iam.enable_outbound_web_identity_federation()
    return local


def ask(person: Person, **more: Any) -> str:
    terms = {"Audience": [AUDIENCE], "SigningAlgorithm": "RS256"} | more
    token: str = person.sts.get_web_identity_token(**terms)["WebIdentityToken"]
    return token


def claims(token: str) -> dict[str, Any]:
    found: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    return found


def document(world: LocalWorld, issuer: str, name: str, **settings: Any) -> Any:
    """What the issuer shows to somebody who goes where its name leads."""
    host, _, path = issuer.removeprefix("https://").partition("/")
    found = answer(
        AwsEndpoint(world.server),
        method="GET",
        path=f"{'/' if path else ''}{path}/.well-known/{name}",
        headers={"host": host},
    )
    assert found.status == 200
    return json.loads(found.body)


def checked(world: LocalWorld, token: str, audience: str = AUDIENCE) -> dict[str, Any]:
    """The claims, as another party takes them: by the documents of the issuer alone."""
    issuer = claims(token)["iss"]
    discovery = document(world, issuer, "openid-configuration")
    assert discovery["issuer"] == issuer
    assert discovery["jwks_uri"] == f"{issuer}/.well-known/jwks.json"
    keys = jwt.PyJWKSet.from_dict(document(world, issuer, "jwks.json"))
    key = keys[jwt.get_unverified_header(token)["kid"]]
    allowed = discovery["id_token_signing_alg_values_supported"]
    found: dict[str, Any] = jwt.decode(token, key, algorithms=allowed, audience=audience, issuer=issuer)
    return found


# -- who gets none ----------------------------------------------------------------------------------


def test_it_needs_its_permission(there: LocalWorld) -> None:
    bob = user(there.root, "bob", allow("sts:AssumeRole", "sts:TagGetWebIdentityToken"))
    with refused("AccessDenied", 403, "sts:GetWebIdentityToken on resource: *"):
        ask(bob)


def test_tags_need_a_permission_of_their_own(there: LocalWorld) -> None:
    bob = user(there.root, "bob", allow("sts:GetWebIdentityToken"))
    ask(bob)
    with refused("AccessDenied", 403, "sts:TagGetWebIdentityToken on resource: *"):
        ask(bob, Tags=[{"Key": "job", "Value": "1"}])


@pytest.mark.parametrize(
    ("condition", "good", "bad"),
    [
        (
            {"ForAllValues:StringEquals": {"sts:IdentityTokenAudience": [AUDIENCE, "b"]}},
            {"Audience": ["b", AUDIENCE]},
            {"Audience": [AUDIENCE, "c"]},
        ),
        (
            {"StringEquals": {"sts:SigningAlgorithm": "ES384"}},
            {"SigningAlgorithm": "ES384"},
            {"SigningAlgorithm": "RS256"},
        ),
        ({"NumericLessThanEquals": {"sts:DurationSeconds": "300"}}, {}, {"DurationSeconds": 301}),
        (
            {"StringEquals": {"aws:RequestTag/team": "a"}},
            {"Tags": [{"Key": "team", "Value": "a"}]},
            {"Tags": [{"Key": "team", "Value": "b"}]},
        ),
        (
            {"ForAllValues:StringEquals": {"aws:TagKeys": ["team"]}},
            {"Tags": [{"Key": "team", "Value": "a"}]},
            {"Tags": [{"Key": "other", "Value": "a"}]},
        ),
    ],
)
def test_its_condition_keys(
    there: LocalWorld, condition: dict[str, Any], good: dict[str, Any], bad: dict[str, Any]
) -> None:
    bob = user(there.root, "bob", allow("sts:*WebIdentityToken", Condition=condition))
    ask(bob, **good)
    with refused("AccessDenied", 403, "sts:GetWebIdentityToken"):
        ask(bob, **bad)


def test_an_account_that_gives_none(local: LocalWorld) -> None:
    with refused("OutboundWebIdentityFederationDisabledException", 403, ACCOUNT):
        ask(local.root)
    local.root.iam.enable_outbound_web_identity_federation()
    ask(local.root)
    with refused("OutboundWebIdentityFederationDisabledException", 403, OTHER_ACCOUNT):
        ask(local.other)
    local.root.iam.disable_outbound_web_identity_federation()
    with refused("OutboundWebIdentityFederationDisabledException", 403):
        ask(local.root)


@pytest.mark.parametrize(
    "wrong",
    [
        {"DurationSeconds": 59},
        {"DurationSeconds": 3601},
        {"Audience": []},
        {"Audience": [""]},
        {"Audience": ["x" * 1001]},
        {"Audience": [str(number) for number in range(11)]},
        {"SigningAlgorithm": "HS256"},
        {"SigningAlgorithm": "none"},
        {"SigningAlgorithm": "ES256"},
        {"Tags": [{"Key": str(number), "Value": ""} for number in range(51)]},
    ],
)
def test_what_cannot_be_asked_for(there: LocalWorld, wrong: dict[str, Any]) -> None:
    with refused("ValidationError", 400):
        ask(there.root, **wrong)


def test_a_tag_stands_once(there: LocalWorld) -> None:
    with refused("InvalidParameterValue", 400, "Duplicate tag keys"):
        ask(there.root, Tags=[{"Key": "a", "Value": "1"}, {"Key": "A", "Value": "2"}])


def test_the_claims_have_a_limit(there: LocalWorld) -> None:
    tags = [{"Key": f"{number}-{'k' * 100}", "Value": "v" * 256} for number in range(50)]
    ask(there.root, Tags=tags[:10])
    with refused("JWTPayloadSizeExceededException", 400):
        ask(there.root, Tags=tags)


def test_a_token_does_not_outlive_its_session(there: LocalWorld) -> None:
    app = assume(
        user(there.root, "bob", allow("sts:AssumeRole")),
        role(there.root, "app", ACCOUNT, allow("sts:GetWebIdentityToken")),
        DurationSeconds=900,
    )
    ask(app, DurationSeconds=900)
    there.advance(700)
    ask(app, DurationSeconds=200)
    for more in ({"DurationSeconds": 201}, {}):
        with refused("SessionDurationEscalationException", 403):
            ask(app, **more)


def test_credentials_of_get_session_token_get_none(there: LocalWorld) -> None:
    for person in (there.root, user(there.root, "bob", allow("sts:*"))):
        session = there.person(person.sts.get_session_token()["Credentials"])
        with refused("AccessDenied", 403, "Cannot call GetWebIdentityToken with session credentials"):
            ask(session)


def test_the_global_endpoint_has_it_not(there: LocalWorld) -> None:
    region = there.root.in_region("us-east-1")

    def lead_to_it(request: Any, **_: Any) -> None:
        request.url = request.url.replace("sts.us-east-1.", "sts.")

    region.sts.meta.events.register("before-sign.sts", lead_to_it)
    region.sts.get_caller_identity()
    with refused("InvalidAction", 400, "Unknown Operation"):
        ask(region)


def test_aws_itself_takes_none_of_them(there: LocalWorld) -> None:
    token = ask(there.root, Audience=["sts.amazonaws.com"])
    issuer = claims(token)["iss"]
    there.root.iam.create_open_id_connect_provider(
        Url=issuer, ClientIDList=["sts.amazonaws.com"], ThumbprintList=["0" * 40]
    )
    federated = {"Federated": f"arn:aws:iam::{ACCOUNT}:oidc-provider/{issuer.removeprefix('https://')}"}
    arn = role(there.root, "app", trusting(federated, "sts:AssumeRoleWithWebIdentity"))
    with refused("InvalidIdentityToken", 400, "for services outside of AWS only"):
        there.root.unsigned_sts.assume_role_with_web_identity(
            RoleArn=arn, RoleSessionName="session", WebIdentityToken=token
        )


# -- what is in one ---------------------------------------------------------------------------------


def test_the_token_of_a_user(there: LocalWorld) -> None:
    bob = user(there.root, "bob", allow("sts:*"), Path="/team/", Tags=[{"Key": "Team", "Value": "a"}])
    before = int(time.time())
    given = bob.sts.get_web_identity_token(Audience=[AUDIENCE], SigningAlgorithm="ES384")
    found = checked(there, given["WebIdentityToken"])
    assert before <= found["iat"] <= time.time()
    assert found["exp"] == found["iat"] + 300 == given["Expiration"].timestamp()
    assert found.pop("jti") != claims(ask(bob))["jti"]
    assert found == {
        "iss": there.root.iam.get_outbound_web_identity_federation_info()["IssuerIdentifier"],
        "aud": AUDIENCE,
        "sub": f"arn:aws:iam::{ACCOUNT}:user/team/bob",
        "iat": found["iat"],
        "exp": found["exp"],
        AWS: {
            "aws_account": ACCOUNT,
            "source_region": "us-east-1",
            "principal_id": f"arn:aws:iam::{ACCOUNT}:user/team/bob",
            "principal_tags": {"Team": "a"},
        },
    }


def test_the_token_of_a_session(there: LocalWorld) -> None:
    arn = role(
        there.root,
        "app",
        trusting(ACCOUNT, ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"]),
        allow("sts:*"),
        Path="/svc/",
        Tags=[{"Key": "team", "Value": "own"}, {"Key": "tier", "Value": "1"}],
    )
    given = user(there.root, "bob", allow("sts:*")).sts.assume_role(
        RoleArn=arn,
        RoleSessionName="session",
        SourceIdentity="bob",
        Tags=[{"Key": "Team", "Value": "session"}],
    )
    app = there.person(given["Credentials"]).in_region("eu-west-1")
    token = ask(app, Audience=["a", "b"], Tags=[{"Key": "Job", "Value": "7"}])
    found = checked(there, token, audience="b")
    assert (found["aud"], found["sub"]) == (["a", "b"], arn)
    assert found[AWS] == {
        "aws_account": ACCOUNT,
        "source_region": "eu-west-1",
        "principal_id": arn,
        "principal_tags": {"tier": "1", "Team": "session"},
        "original_session_exp": f"{given['Credentials']['Expiration']:%Y-%m-%dT%H:%M:%SZ}",
        "source_identity": "bob",
        "request_tags": {"Job": "7"},
    }


def test_the_token_of_an_account_in_an_organization(there: LocalWorld) -> None:
    organized(there, OTHER_ACCOUNT, ACCOUNT)
    found = claims(ask(there.root))[AWS]
    assert (found["org_id"], found["ou_path"]) == ("o-example", "o-example/r-root/")


def test_the_token_of_a_federated_session(world_with: Any) -> None:
    with Issuer() as issuer:
        world = world_with(federation_hosts=issuer.hosts)
        world.root.iam.enable_outbound_web_identity_federation()
        provider = world.root.iam.create_open_id_connect_provider(
            Url=issuer.url, ClientIDList=["sts.amazonaws.com"], ThumbprintList=[issuer.thumbprint]
        )["OpenIDConnectProviderArn"]
        trust = trusting({"Federated": provider}, "sts:AssumeRoleWithWebIdentity")
        arn = role(world.root, "app", trust, allow("sts:GetWebIdentityToken"))
        given = world.root.unsigned_sts.assume_role_with_web_identity(
            RoleArn=arn, RoleSessionName="session", WebIdentityToken=issuer.token()
        )
        found = claims(ask(world.person(given["Credentials"])))
    assert (found["sub"], found[AWS]["federated_provider"]) == (arn, provider)


def test_an_account_without_keys_is_enabled_again(there: LocalWorld) -> None:
    with there.server.store.write() as tx:
        keys = tx.account(ACCOUNT).collection(IssuerKey)
        for key in keys.page()[0]:
            keys.delete(key)
    with refused("OutboundWebIdentityFederationDisabledException", 403):
        ask(there.root)
    there.root.iam.enable_outbound_web_identity_federation()
    ask(there.root)


def test_a_token_costs_no_change_and_leaves_an_event_without_it(there: LocalWorld) -> None:
    with there.server.store.read() as tx:
        before = tx.account(ACCOUNT).revision
    token = ask(there.root)
    with there.server.store.read() as tx:
        assert tx.account(ACCOUNT).revision == before
    event = there.events()[-1]
    assert event["eventName"] == "GetWebIdentityToken"
    assert event["requestParameters"]["audience"] == [AUDIENCE]
    assert token.split(".")[2] not in json.dumps(there.events())


# -- who checks one ---------------------------------------------------------------------------------


@pytest.mark.parametrize("algorithm", ["RS256", "ES384"])
def test_others_check_it_by_the_issuers_keys(there: LocalWorld, algorithm: str) -> None:
    token = ask(there.root, SigningAlgorithm=algorithm)
    assert jwt.get_unverified_header(token)["alg"] == algorithm
    assert checked(there, token)["sub"] == f"arn:aws:iam::{ACCOUNT}:root"
    head, body, signature = token.split(".")
    other = ask(there.root, SigningAlgorithm=algorithm).split(".")
    for forged in (f"{head}.{other[1]}.{signature}", f"{head}.{body}.{other[2]}", f"{head}.{body}."):
        with pytest.raises(jwt.InvalidSignatureError):
            checked(there, forged)
    with pytest.raises(jwt.InvalidAudienceError):
        checked(there, token, audience="another")


def test_every_account_signs_with_its_own_keys(there: LocalWorld) -> None:
    there.other.iam.enable_outbound_web_identity_federation()
    issuers = [claims(ask(person))["iss"] for person in (there.root, there.other)]
    shown = [{key["kid"] for key in document(there, issuer, "jwks.json")["keys"]} for issuer in issuers]
    assert [len(keys) for keys in shown] == [2, 2]
    assert not shown[0] & shown[1]


def test_the_keys_that_are_shown(there: LocalWorld) -> None:
    issuer = claims(ask(there.root))["iss"]
    keys = document(there, issuer, "jwks.json")["keys"]
    assert sorted((key["kty"], key["alg"], key["use"]) for key in keys) == [
        ("EC", "ES384", "sig"),
        ("RSA", "RS256", "sig"),
    ]
    for shown in keys:
        assert shown["kid"] == thumbprint(shown)
        assert not shown.keys() & {"d", "p", "q", "k"}
        key = jwt.PyJWK(shown).key
        if isinstance(key, rsa.RSAPublicKey):
            assert key.key_size >= 2048
        else:
            assert isinstance(key.curve, ec.SECP384R1)


def test_keys_change_when_it_is_enabled_again_and_old_tokens_stay_good(there: LocalWorld) -> None:
    def again() -> None:
        there.root.iam.disable_outbound_web_identity_federation()
        there.root.iam.enable_outbound_web_identity_federation()

    def shown() -> set[str]:
        return {key["kid"] for key in document(there, issuer, "jwks.json")["keys"]}

    token = ask(there.root, DurationSeconds=3600)
    issuer, first = claims(token)["iss"], jwt.get_unverified_header(token)["kid"]
    again()
    assert jwt.get_unverified_header(ask(there.root))["kid"] == first
    there.advance(3600)
    again()
    newer = ask(there.root)
    assert jwt.get_unverified_header(newer)["kid"] != first
    assert claims(newer)["iss"] == issuer
    assert len(shown()) == 4
    checked(there, token)
    there.advance(2 * 3600)
    assert len(shown()) == 2
    assert first not in shown()
    again()
    with there.server.store.read() as tx:
        assert tx.account(ACCOUNT).secrets.get("issuer-key", first) is None


def test_the_private_halves_are_sealed(there: LocalWorld) -> None:
    keys = document(there, claims(ask(there.root))["iss"], "jwks.json")["keys"]
    with there.server.store.read() as tx:
        found = [tx.account(ACCOUNT).secrets.get("issuer-key", key["kid"]) for key in keys]
    assert [str(secret) for secret in found] == ["***", "***"]
    assert "PRIVATE KEY" not in f"{there.events()} {keys}"


def test_an_issuer_of_ones_own(world_with: Any) -> None:
    world = world_with(issuer_url="https://tokens.corp.example/aws")
    issuer = world.root.iam.enable_outbound_web_identity_federation()["IssuerIdentifier"]
    assert issuer.startswith("https://tokens.corp.example/aws/")
    token = ask(world.root)
    assert claims(token)["iss"] == issuer
    assert checked(world, token)["sub"] == f"arn:aws:iam::{ACCOUNT}:root"
    assert world.root.iam.get_outbound_web_identity_federation_info()["IssuerIdentifier"] == issuer
    world.root.iam.create_open_id_connect_provider(
        Url=issuer, ClientIDList=[AUDIENCE], ThumbprintList=["0" * 40]
    )
    federated = {"Federated": f"arn:aws:iam::{ACCOUNT}:oidc-provider/{issuer.removeprefix('https://')}"}
    arn = role(world.root, "app", trusting(federated, "sts:AssumeRoleWithWebIdentity"))
    with refused("InvalidIdentityToken", 400, "for services outside of AWS only"):
        world.root.unsigned_sts.assume_role_with_web_identity(
            RoleArn=arn, RoleSessionName="session", WebIdentityToken=token
        )
