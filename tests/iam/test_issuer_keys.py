"""The keys of issuers: their thumbprints, which of them signs, and how long each is shown."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from rolekeeper.iam.issuer_keys import SHOWN, IssuerKey, outdated, signing, thumbprint

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def test_the_thumbprint_of_the_rfc() -> None:
    """RFC 7638, section 3.1."""
    modulus = (
        "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZ"
        "CiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJ"
        "ZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBn"
        "iIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw"
    )
    jwk = {"kty": "RSA", "n": modulus, "e": "AQAB", "alg": "RS256", "kid": "2011-04-29"}
    assert thumbprint(jwk) == "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"


def key(id: str, algorithm: str, age: timedelta) -> IssuerKey:
    return IssuerKey(account="1" * 12, id=id, algorithm=algorithm, jwk={}, created=NOW - age)


def test_the_newest_key_of_an_algorithm_signs() -> None:
    keys = [key("old", "RS256", SHOWN), key("new", "RS256", timedelta()), key("other", "ES384", timedelta())]
    found = signing(keys, "RS256")
    assert found is not None
    assert found.id == "new"
    assert signing(keys[:2], "ES384") is None


def test_a_key_is_shown_until_what_it_signed_has_ended() -> None:
    first, second = key("first", "RS256", 9 * SHOWN), key("second", "RS256", SHOWN - timedelta(seconds=1))
    other = key("other", "ES384", 9 * SHOWN)
    assert outdated([second, first, other], NOW) == []
    assert outdated([second, first, other], NOW + timedelta(seconds=1)) == [first]
