"""Web identity tokens: what is read of them, and that only a key of the right family verifies them."""

from __future__ import annotations

import base64
import hmac
import json
import string
from functools import cache
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519
from hypothesis import given, settings
from hypothesis import strategies as st

from rolekeeper.errors import ExpiredIdentityToken, InvalidIdentityToken
from rolekeeper.iam import web_identity
from rolekeeper.iam.web_identity import Key
from tests.issuers import SigningKey, unsigned

NOW = 1_800_000_000
CLAIMS = {"iss": "https://idp.example", "aud": "app", "sub": "alice", "iat": NOW - 60, "exp": NOW + 600}
RSA = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512")
EC = ("ES256", "ES384", "ES512")


@cache
def signing_key(algorithm: str) -> SigningKey:
    return SigningKey("k", algorithm)


def keys(*jwks: dict[str, Any]) -> tuple[Key, ...]:
    return _keys(json.dumps({"keys": jwks}).encode())


_keys = cache(web_identity.key_set)


def bare(algorithm: str) -> dict[str, Any]:
    """A public key which does not say for which algorithm it is."""
    return {name: value for name, value in signing_key(algorithm).jwk.items() if name != "alg"}


def part(content: Any) -> str:
    raw = content if isinstance(content, bytes) else json.dumps(content).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def token(header: Any, claims: Any, signature: str = "AAAA") -> str:
    return f"{part(header)}.{part(claims)}.{signature}"


def verified(text: str, *jwks: dict[str, Any]) -> web_identity.Claims:
    return web_identity.verify(web_identity.read(text), keys(*jwks))


# -- who has signed -----------------------------------------------------------------------------------


@pytest.mark.parametrize("algorithm", [*RSA, *EC])
def test_every_algorithm_of_the_three_families_verifies(algorithm: str) -> None:
    signed = signing_key(algorithm).sign(CLAIMS)
    assert verified(signed, signing_key(algorithm).jwk) == CLAIMS
    assert verified(signed, bare(algorithm)) == CLAIMS


@pytest.mark.parametrize("algorithm", [*RSA, *EC])
def test_a_key_is_of_one_algorithm_when_its_issuer_or_its_curve_says_so(algorithm: str) -> None:
    signed = signing_key(algorithm).sign(CLAIMS)
    for other in RSA if algorithm in RSA else EC:
        if other != algorithm:
            with pytest.raises(InvalidIdentityToken, match="verification key"):
                verified(signed, signing_key(algorithm).jwk | {"alg": other})


@pytest.mark.parametrize("algorithm", [*RSA, *EC])
def test_what_another_key_of_the_family_has_signed_is_refused(algorithm: str) -> None:
    signed = SigningKey("k", algorithm).sign(CLAIMS)
    with pytest.raises(InvalidIdentityToken, match="verification key"):
        verified(signed, signing_key(algorithm).jwk, bare(algorithm))


@pytest.mark.parametrize(
    "algorithm", ["none", "None", "NONE", "HS256", "HS384", "HS512", "EdDSA", "ES256K", ""]
)
def test_other_algorithms_are_refused_by_name(algorithm: str) -> None:
    for signature in ("", "AAAA"):
        text = token({"alg": algorithm, "kid": "k"}, CLAIMS, signature)
        with pytest.raises(InvalidIdentityToken, match="signed with an RSA or ECDSA key"):
            verified(text, signing_key("RS256").jwk, signing_key("ES256").jwk)


@pytest.mark.parametrize("algorithm", ["HS256", "HS384", "HS512"])
def test_a_public_key_is_no_shared_secret(algorithm: str) -> None:
    key = signing_key("RS256")
    head = f"{part({'alg': algorithm, 'kid': 'k'})}.{part(CLAIMS)}"
    for secret in (key.public_pem, key.public_pem.strip(), json.dumps(key.jwk).encode(), b""):
        signature = hmac.digest(secret, head.encode(), "sha" + algorithm[2:])
        with pytest.raises(InvalidIdentityToken):
            verified(
                f"{head}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}", key.jwk, bare("RS256")
            )


def test_a_signature_by_an_edwards_curve_is_refused() -> None:
    text = jwt.encode(CLAIMS, ed25519.Ed25519PrivateKey.generate(), algorithm="EdDSA", headers={"kid": "k"})
    with pytest.raises(InvalidIdentityToken):
        verified(text, signing_key("RS256").jwk)


@pytest.mark.parametrize(("said", "real"), [("ES256", "RS256"), ("RS256", "ES256"), ("PS256", "RS256")])
def test_the_word_of_the_token_for_its_algorithm_does_not_make_it_so(said: str, real: str) -> None:
    _, body, signature = signing_key(real).sign(CLAIMS).split(".")
    text = f"{part({'alg': said, 'kid': 'k'})}.{body}.{signature}"
    with pytest.raises(InvalidIdentityToken):
        verified(text, bare("RS256"), bare("ES256"))


@pytest.mark.parametrize("member", ["jwk", "jku", "x5u", "x5c", "x5t"])
def test_a_key_that_the_token_brings_is_not_looked_at(member: str) -> None:
    own = SigningKey("own")
    values = {"jwk": own.jwk, "x5c": [part(own.public_pem)]}
    header = {"kid": "k", member: values.get(member, "https://evil.example/keys")}
    with pytest.raises(InvalidIdentityToken):
        verified(own.sign(CLAIMS, **header), signing_key("RS256").jwk)


def test_without_a_key_id_every_key_may_have_signed_but_not_any_number() -> None:
    key = signing_key("ES256")
    signed = jwt.encode(CLAIMS, key.private, algorithm="ES256")
    others = [SigningKey(str(number), "ES256").jwk for number in range(10)]
    assert verified(signed, *others[:9], key.jwk) == CLAIMS
    with pytest.raises(InvalidIdentityToken):
        verified(signed, *others, key.jwk)


@pytest.mark.parametrize("key_id", ["other", "K", "", "k\x00", "../k", "k' OR '1'='1"])
def test_another_key_id_is_no_key_id(key_id: str) -> None:
    signed = signing_key("RS256").sign(CLAIMS, kid=key_id)
    with pytest.raises(InvalidIdentityToken):
        verified(signed, signing_key("RS256").jwk)


def test_one_changed_character_anywhere_is_refused() -> None:
    key = signing_key("ES256")
    text = key.sign(CLAIMS)
    known = keys(key.jwk)
    for place, letter in enumerate(text):
        if letter == "." or place == len(text) - 1:  # the last has bits that stand for nothing
            continue
        changed = text[:place] + ("A" if letter != "A" else "B") + text[place + 1 :]
        with pytest.raises(InvalidIdentityToken):
            web_identity.verify(web_identity.read(changed), known)


# -- what is read -------------------------------------------------------------------------------------

HEADER = {"alg": "RS256", "kid": "k"}


@pytest.mark.parametrize(
    "text",
    [
        *("", ".", "..", "...", "a.b", "e30.e30", "e30.e30.", "e30.e30.e30.e30", "e30.e30.e30.e30.e30"),
        *(token([], CLAIMS), token("x", CLAIMS), token(HEADER, []), token(HEADER, "x"), token(HEADER, 1)),
        token(HEADER, None),
        token(HEADER, b'{"sub": "alice"'),
        token(HEADER, b'{"sub": "alice", "sub": "root"}'),
        token(HEADER, b'{"tags": {"a": 1, "a": 2}}'),
        token(b'{"alg": "none", "alg": "RS256"}', CLAIMS),
        token(HEADER, b'{"exp": NaN}'),
        token(HEADER, b'{"exp": -Infinity}'),
        token(HEADER, b'{"sub": "\\ud800"}'),
        token(HEADER, b'{"\\udfff": 1}'),
        token(HEADER, b'{"a": {"b": ["\\ud83d"]}}'),
        token(b'{"alg": "RS256", "kid": "\\ud800"}', CLAIMS),
        token(HEADER, b'{"sub": "\xff"}'),
        token(HEADER, '{"sub": "alice"}'.encode("utf-16")),
        token(HEADER, b"\xef\xbb\xbf{}"),
        token(HEADER, b'{"n": ' + b"9" * 5000 + b"}"),
        token(HEADER, b'{"a": ' + b"[" * 7000),
        token(HEADER, b'{"a": ' + b'{"a":' * 1000),
        token(b"[" * 7000, CLAIMS),
        *(token({"alg": "RS256", "kid": kid}, CLAIMS) for kid in (1, ["k"], {}, True)),
        *(token({"alg": alg}, CLAIMS) for alg in (None, 1, ["RS256"], {})),
        token({}, CLAIMS),
        f" {token(HEADER, CLAIMS)}",
        f"{token(HEADER, CLAIMS)}\n",
        f"Bearer {token(HEADER, CLAIMS)}",
        token(HEADER, CLAIMS) + "=",
        token(HEADER, CLAIMS).replace(".", "=.", 1),
        token(HEADER, CLAIMS).replace(".", ".\n", 1),
        token(HEADER, CLAIMS).replace(".", "\u3002"),
        f"{part(HEADER)}.e30+.AAAA",
        f"{part(HEADER)}.e30/.AAAA",
        f"{part(HEADER)}.e30\x00.AAAA",
        f"{part(HEADER)}.\u00e9.AAAA",
        f"{part(HEADER)}.\ud800.AAAA",
        f"{part(HEADER)}.A.AAAA",
    ],
)
def test_what_is_no_token_is_refused(text: str) -> None:
    with pytest.raises(InvalidIdentityToken, match="not a valid JWT") as caught:
        web_identity.read(text)
    assert caught.value.message.isascii()


@pytest.mark.parametrize("crit", [[], ["b64"], ["exp"], "exp", None, 1])
def test_what_is_critical_is_not_understood(crit: Any) -> None:
    signed = token(HEADER | {"crit": crit, "b64": False, "exp": NOW}, CLAIMS)
    with pytest.raises(InvalidIdentityToken, match="critical header"):
        web_identity.read(signed)


@pytest.mark.parametrize("issuer", [None, 1, True, ["https://idp.example"], {"https": "x"}])
def test_an_issuer_that_is_no_text_is_none(issuer: Any) -> None:
    assert web_identity.read(token(HEADER, CLAIMS | {"iss": issuer})).issuer == ""


def test_a_token_is_not_shown() -> None:
    text = signing_key("RS256").sign(CLAIMS)
    assert all(piece not in repr(web_identity.read(text)) for piece in [*text.split("."), "alice"])


TEXT = st.text(max_size=8) | st.sampled_from(["sub", "alg", "kid", "RS256", "none", "\ud800", "crit"])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)
HEADERS = st.fixed_dictionaries(
    {}, optional={"alg": JSON, "kid": JSON, "crit": JSON, "typ": JSON, "b64": JSON}
)
CLAIM_SETS = st.dictionaries(st.sampled_from(["iss", "sub", "aud", "azp", "exp", "iat", "nbf", "amr"]), JSON)


@settings(max_examples=300)
@given(header=HEADERS | JSON, claims=CLAIM_SETS | JSON, signature=st.text(string.ascii_letters, max_size=4))
def test_no_token_but_a_signed_one_gets_through(header: Any, claims: Any, signature: str) -> None:
    with pytest.raises(InvalidIdentityToken) as caught:
        verified(token(header, claims, signature), signing_key("ES256").jwk, bare("RS256"))
    assert caught.value.message.isascii()


@settings(max_examples=300)
@given(st.text(max_size=60) | st.from_regex(r"[A-Za-z0-9_=+/-]*(\.[A-Za-z0-9_=+/-]*){0,4}", fullmatch=True))
def test_no_text_gets_through(text: str) -> None:
    with pytest.raises(InvalidIdentityToken):
        verified(text, signing_key("ES256").jwk)


@settings(max_examples=200)
@given(CLAIM_SETS)
def test_what_a_signed_token_may_say_is_read_or_refused(claims: dict[str, Any]) -> None:
    try:
        read = verified(token_of(claims), signing_key("ES256").jwk)
        web_identity.check_times(read, NOW)
    except (InvalidIdentityToken, ExpiredIdentityToken) as error:
        assert error.message.isascii()
        return
    assert all(isinstance(each, str) for each in web_identity.audiences(read))


def token_of(claims: dict[str, Any]) -> str:
    """A signed token of any claims, as a careless issuer would make it."""
    head = f"{part({'alg': 'ES256', 'kid': 'k'})}.{part(claims)}"
    algorithm = jwt.get_algorithm_by_name("ES256")
    signature = algorithm.sign(head.encode(), signing_key("ES256").private)
    return f"{head}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"


# -- when, and for whom -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "change",
    [
        {"exp": NOW + 600},
        {"exp": NOW - 299},
        {"exp": NOW + 0.5},
        {"iat": NOW + 299},
        {"nbf": NOW + 299},
        {"nbf": "tomorrow"},
        {"iat": 0},
    ],
)
def test_a_token_is_good_in_its_time_and_five_minutes_beside(change: dict[str, Any]) -> None:
    web_identity.check_times(CLAIMS | change, NOW)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"iat": NOW + 301}, "not valid yet"),
        ({"nbf": NOW + 301}, "not valid yet"),
        *(({"iat": value}, "Missing a required claim: iat") for value in (None, "1", True, [], 1e300, "NOW")),
        *(({"exp": value}, "Missing a required claim: exp") for value in (None, "1", False, {}, 10**30)),
    ],
)
def test_outside_of_it_a_token_is_refused(change: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidIdentityToken, match=message):
        web_identity.check_times(CLAIMS | change, NOW)


@pytest.mark.parametrize("end", [NOW - 300, 0, -5.5])
def test_past_its_end_a_token_is_expired(end: float) -> None:
    with pytest.raises(ExpiredIdentityToken, match=r"Token expired: current date/time \d+ must be before"):
        web_identity.check_times(CLAIMS | {"exp": end}, NOW)


@pytest.mark.parametrize(
    ("claims", "expected"),
    [
        ({"aud": "app"}, ("app",)),
        ({"aud": ["app", "other"]}, ("app", "other")),
        ({"aud": ["app", 1, None, ["x"]]}, ("app",)),
        ({"aud": "app", "azp": "party"}, ("party",)),
        ({"aud": "app", "azp": ""}, ("app",)),
        ({"aud": "app", "azp": ["party"]}, ("app",)),
        ({"aud": {"app": 1}}, ()),
        ({"aud": 1}, ()),
        ({}, ()),
    ],
)
def test_whom_a_token_is_for(claims: dict[str, Any], expected: tuple[str, ...]) -> None:
    assert web_identity.audiences(claims) == expected


def test_what_nobody_signed_is_never_verified() -> None:
    with pytest.raises(InvalidIdentityToken):
        verified(unsigned(CLAIMS), signing_key("RS256").jwk)
    with pytest.raises(InvalidIdentityToken):
        verified(signing_key("RS256").sign(CLAIMS))
