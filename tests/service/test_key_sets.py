"""The keys of identity providers: asked for when they must be, remembered, and taken only when good."""

from __future__ import annotations

import asyncio
import base64
import json
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.utils import to_base64url_uint

from rolekeeper.iam import web_identity
from rolekeeper.iam.web_identity import MAX_KEYS, Unverified
from rolekeeper.service.key_sets import LIFETIME, OLDEST, PAUSE, KeySets, Place
from rolekeeper.service.outgoing import Outgoing, Unreachable
from tests.issuers import Issuer, SigningKey

DISCOVERY, KEYS = "/.well-known/openid-configuration", "/keys"
FIRST, SECOND = SigningKey("first"), SigningKey("second", "ES256")


class World:
    """An issuer, a time that goes when it is told to, and who asks."""

    def __init__(self, issuer: Issuer) -> None:
        self.issuer, self.now = issuer, 1000.0
        self.key_sets = KeySets(Outgoing(issuer.hosts), clock=lambda: self.now)
        self.place: Place = (issuer.name, (issuer.thumbprint,))

    def token(self, key: SigningKey = FIRST) -> Unverified:
        return web_identity.read(self.issuer.token(key=key))

    def get(self, key: SigningKey = FIRST) -> list[str | None]:
        return [each.id for each in self.key_sets.get(self.place, self.token(key))]

    def fails(self, fragment: str, key: SigningKey = FIRST) -> None:
        with pytest.raises(Unreachable) as caught:
            self.get(key)
        assert fragment in str(caught.value)

    @property
    def asked(self) -> int:
        """How often the issuer was asked for its keys."""
        return self.issuer.asked.count(KEYS)


@pytest.fixture
def world() -> Iterator[World]:
    with Issuer(keys=(FIRST,)) as issuer:
        yield World(issuer)


def away(world: World) -> None:
    world.issuer.answers[DISCOVERY] = (503, b"")


def back(world: World) -> None:
    world.issuer.answers.clear()


# -- when they are asked for -------------------------------------------------------------------------


def test_an_issuer_is_asked_once_while_its_keys_live(world: World) -> None:
    for _ in range(3):
        assert world.get() == ["first"]
        world.now += (LIFETIME - 1) / 3
    assert world.issuer.asked == [DISCOVERY, KEYS]
    world.now += LIFETIME
    assert world.get() == ["first"]
    assert world.asked == 2


def test_a_new_key_is_fetched_but_not_twice_within_the_pause(world: World) -> None:
    world.get()
    world.issuer.keys.append(SECOND)
    assert world.get(SECOND) == ["first"]  # it was asked just now
    world.now += PAUSE
    assert world.get(SECOND) == ["first", "second"]
    unknown = SigningKey("unknown", "ES256")
    for _ in range(5):
        world.get(unknown)
    assert world.asked == 2
    world.now += PAUSE
    world.get(unknown)
    world.get(unknown)
    assert world.asked == 3


def test_a_key_that_is_withdrawn_is_gone_when_the_others_are_fetched(world: World) -> None:
    world.get()
    world.issuer.keys[:] = [SECOND]
    world.now += PAUSE
    assert world.get(SECOND) == ["second"]


def test_an_issuer_that_is_away_has_its_keys_for_a_while(world: World) -> None:
    world.get()
    away(world)
    world.now += LIFETIME
    assert world.get() == ["first"]
    world.now += OLDEST - LIFETIME
    world.fails("with status 503")
    back(world)
    world.now += PAUSE
    assert world.get() == ["first"]


def test_an_issuer_that_did_not_answer_is_left_alone_for_the_pause(world: World) -> None:
    away(world)
    world.fails("with status 503")
    back(world)
    world.fails("with status 503")
    assert world.issuer.asked == [DISCOVERY]
    world.now += PAUSE
    assert world.get() == ["first"]


def test_other_thumbprints_are_another_place(world: World) -> None:
    world.get()
    world.place = (world.issuer.name, ("0" * 40,))
    world.fails("doesn't match the configured thumbprint")


def test_what_is_missing_is_told_beforehand(world: World) -> None:
    errand = world.key_sets.missing(world.place, world.token())
    assert errand is not None
    assert errand == world.key_sets.missing(world.place, world.token(SECOND))  # one is enough
    assert "token" not in repr(errand)
    errand()
    assert world.key_sets.missing(world.place, world.token()) is None
    asked = len(world.issuer.asked)
    assert world.get() == ["first"]
    assert len(world.issuer.asked) == asked
    world.now += LIFETIME
    assert world.key_sets.missing(world.place, world.token()) is not None


def test_an_errand_without_success_is_no_error(world: World) -> None:
    away(world)
    errand = world.key_sets.missing(world.place, world.token())
    assert errand is not None
    errand()
    assert world.key_sets.missing(world.place, world.token()) is None
    world.fails("with status 503")


def test_nobody_waits_on_an_event_loop(world: World) -> None:
    async def get() -> list[str | None]:
        return world.get()

    with pytest.raises(Unreachable, match="asked for again"):
        asyncio.run(get())
    assert world.issuer.asked == []
    world.get()
    assert asyncio.run(get()) == ["first"]


def test_of_many_threads_one_asks(world: World) -> None:
    together = threading.Barrier(8)

    def get() -> list[str | None]:
        token = world.token()
        together.wait()
        return [each.id for each in world.key_sets.get(world.place, token)]

    with ThreadPoolExecutor(8) as threads:
        found = [each.result() for each in [threads.submit(get) for _ in range(8)]]
    assert found == [["first"]] * 8
    assert world.asked == 1


# -- what an issuer may say ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("document", "fragment"),
    [
        (b'{"issuer": "https://other.example", "jwks_uri": "https://idp.example/keys"}', "of another issuer"),
        (b'{"issuer": "https://idp.example/", "jwks_uri": "https://idp.example/keys"}', "of another issuer"),
        (b'{"issuer": ["https://idp.example"], "jwks_uri": "x"}', "of another issuer"),
        (b'{"jwks_uri": "https://idp.example/keys"}', "of another issuer"),
        (b'["https://idp.example"]', "of another issuer"),
        (b'{"issuer": "https://idp.example"}', "names no keys"),
        (b'{"issuer": "https://idp.example", "jwks_uri": ["https://idp.example/keys"]}', "names no keys"),
        (b'{"issuer": "https://idp.example", "jwks_uri": "http://idp.example/keys"}', "no HTTPS URL"),
        (b'{"issuer": "https://idp.example", "jwks_uri": "file:///etc/passwd"}', "no HTTPS URL"),
        (b'{"issuer": "https://idp.example", "jwks_uri": "https://\\ud800/"}', "\\ud800"),
        (b'{"issuer": "https://idp.example", "jwks_uri": "https://localhost/keys"}', "no public address"),
        (
            b'{"issuer": "https://idp.example", "jwks_uri": "https://169.254.169.254/latest"}',
            "no public address",
        ),
        (b'{"issuer": "https://idp.example", "jwks_uri": "https://idp.example:22/"}', "names a port"),
        (b'{"issuer": "https://idp.example", "jwks_uri": "https://idp.example/none"}', "with status 404"),
        (b"<html>", "cannot be read"),
        (b"\xff\xfe\x00", "cannot be read"),
        (b"[" * 100_000, "cannot be read"),
        (b"", "cannot be read"),
    ],
)
def test_a_discovery_document_that_is_not_good_is_refused(
    world: World, document: bytes, fragment: str
) -> None:
    world.issuer.answers[DISCOVERY] = (200, document)
    world.fails(fragment)


def test_the_keys_may_be_at_another_host(world: World) -> None:
    with Issuer("keys.example", keys=(SECOND,)) as other:
        world.issuer.discovery["jwks_uri"] = "https://keys.example/keys"
        both = world.issuer.hosts | other.hosts
        thumbprints = (world.issuer.thumbprint, other.thumbprint)
        key_sets = KeySets(Outgoing(both))
        found = key_sets.get((world.issuer.name, thumbprints), world.token(SECOND))
        assert [each.id for each in found] == ["second"]
        with pytest.raises(Unreachable, match="thumbprint"):
            KeySets(Outgoing(both)).get(world.place, world.token(SECOND))


@pytest.mark.parametrize(
    "document", [b"[]", b"{}", b'{"keys": {}}', b'{"keys": "x"}', b"null", b"1e999", b"[" * 100_000, b"\xff"]
)
def test_what_is_no_set_of_keys_is_refused(world: World, document: bytes) -> None:
    world.issuer.answers[KEYS] = (200, document)
    world.fails("cannot be read")


def jwks(*keys: Any) -> bytes:
    return json.dumps({"keys": keys}).encode()


def test_a_set_without_keys_verifies_nothing(world: World) -> None:
    world.issuer.answers[KEYS] = (200, jwks())
    assert world.get() == []


def test_only_so_many_keys_are_looked_at(world: World) -> None:
    many = [FIRST.jwk | {"kid": str(number)} for number in range(MAX_KEYS + 5)]
    world.issuer.answers[KEYS] = (200, jwks(*many))
    assert world.get() == [str(number) for number in range(MAX_KEYS)]


def rsa_jwk(bits: int) -> dict[str, Any]:
    numbers = rsa.generate_private_key(public_exponent=65537, key_size=bits).public_key().public_numbers()
    return {"kty": "RSA", "kid": "x", "n": to_base64url_uint(numbers.n).decode(), "e": "AQAB"}


def _huge() -> dict[str, Any]:
    return {"kty": "RSA", "kid": "x", "n": base64.urlsafe_b64encode(b"\xff" * 100_000).decode(), "e": "AQAB"}


def _other_curve() -> dict[str, Any]:
    numbers = ec.generate_private_key(ec.SECP256K1()).public_key().public_numbers()
    found = {name: to_base64url_uint(getattr(numbers, name), bit_length=256).decode() for name in ("x", "y")}
    return {"kty": "EC", "kid": "x", "crv": "secp256k1"} | found


BAD: dict[str, Callable[[], Any]] = {
    "no object": lambda: "x",
    "nothing": dict,
    "private": lambda: FIRST.jwk | {"d": "AQAB"},
    "for encryption": lambda: FIRST.jwk | {"use": "enc"},
    "for another use": lambda: FIRST.jwk | {"use": ["sig"]},
    "for signing only": lambda: FIRST.jwk | {"key_ops": ["sign"]},
    "operations that are none": lambda: FIRST.jwk | {"key_ops": 5},
    "operations in a text": lambda: FIRST.jwk | {"key_ops": "verify"},
    "small": lambda: rsa_jwk(1024),
    "huge": _huge,
    "no exponent": lambda: {name: value for name, value in FIRST.jwk.items() if name != "e"},
    "an even exponent": lambda: FIRST.jwk | {"e": "Ag"},
    "numbers that are none": lambda: FIRST.jwk | {"n": 5},
    "a modulus that is no base64": lambda: FIRST.jwk | {"n": "\u00e9\ud800"},
    "no modulus": lambda: FIRST.jwk | {"n": ""},
    "a shared secret": lambda: {"kty": "oct", "k": "c2VjcmV0", "kid": "x"},
    "a shared secret in the name of RSA": lambda: FIRST.jwk | {"alg": "HS256"},
    "another family's algorithm": lambda: FIRST.jwk | {"alg": "ES256"},
    "another curve's algorithm": lambda: SECOND.jwk | {"alg": "ES384"},
    "no algorithm": lambda: FIRST.jwk | {"alg": "none"},
    "an algorithm that is no text": lambda: FIRST.jwk | {"alg": ["RS256"]},
    "an ID that is no text": lambda: FIRST.jwk | {"kid": ["first"]},
    "a family that is no text": lambda: FIRST.jwk | {"kty": ["RSA"]},
    "another family": lambda: {"kty": "OKP", "crv": "Ed25519", "x": "AAAA", "kid": "x"},
    "another curve": _other_curve,
    "a curve that is no text": lambda: SECOND.jwk | {"crv": {"P-256": 1}},
    "a point off its curve": lambda: SECOND.jwk | {"x": SECOND.jwk["y"]},
    "a point of another curve": lambda: SECOND.jwk | {"crv": "P-384"},
}


@pytest.mark.parametrize("name", BAD)
def test_a_key_that_is_not_good_is_passed_over(world: World, name: str) -> None:
    good = FIRST.jwk | {"kid": "good"}
    world.issuer.answers[KEYS] = (200, jwks(BAD[name](), good))
    assert world.get() == ["good"]


def test_a_key_need_not_say_what_it_is_for(world: World) -> None:
    for key in (FIRST, SECOND):
        bare = {name: value for name, value in key.jwk.items() if name not in ("use", "alg", "kid")}
        [found] = web_identity.key_set(jwks(bare))
        assert (found.id, found.family) == (None, bare["kty"])
