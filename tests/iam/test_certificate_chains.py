"""Chains of certificates: who is trusted, and who is not, and why."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.hashes import SHA256

from rolekeeper.iam import certificate_chains
from rolekeeper.iam.certificate_chains import Untrusted
from tests.anywhere import Machine, authority, rsa_key

NOW = datetime.now(UTC)
ROOT = authority()
MIDDLE = authority("middle", ROOT)
LEAF = Machine("leaf", MIDDLE)
UNKNOWN = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), b"\x05\x00")


def found(leaf: Machine, *between: Machine, anchors: tuple[Machine, ...] = (ROOT,)) -> list[x509.Certificate]:
    read = [certificate_chains.read(each.der) for each in (leaf, *between)]
    return certificate_chains.path(read[0], read[1:], [each.certificate for each in anchors], NOW)


def refused(leaf: Machine, *between: Machine, why: str, **more: Any) -> None:
    with pytest.raises(Untrusted, match=why):
        found(leaf, *between, **more)


def test_a_chain_is_found_whatever_the_order_and_what_else_came() -> None:
    chain = [each.certificate for each in (LEAF, MIDDLE, ROOT)]
    assert found(LEAF, MIDDLE) == chain
    assert found(LEAF, ROOT, authority("stranger"), MIDDLE) == chain
    assert found(LEAF, anchors=(MIDDLE,)) == chain[:2]
    direct = Machine("direct", ROOT, key=rsa_key())
    assert found(direct, MIDDLE) == [direct.certificate, ROOT.certificate]


def test_a_chain_that_does_not_reach_the_anchor_is_refused() -> None:
    refused(LEAF, why="has not issued")
    refused(LEAF, MIDDLE, anchors=(authority("root"),), why="has not issued")
    refused(Machine("self"), why="has not issued")


def test_a_name_alone_makes_no_issuer() -> None:
    impostor = authority("middle", authority("root"))
    refused(Machine("leaf", impostor), MIDDLE, why="has not issued")


def test_an_end_entity_signs_for_no_other() -> None:
    end = Machine("end", ROOT)
    refused(Machine("leaf", end), end, why="must say that it is an authority")
    quiet = authority("quiet", ROOT, signs=False)
    assert found(Machine("leaf", quiet), quiet)


def test_authorities_may_not_sign_requests_themselves() -> None:
    refused(MIDDLE, why="not of an authority")
    refused(ROOT, why="not of an authority")
    refused(Machine("leaf", ROOT, authority=None), why="not of an authority")
    refused(Machine("leaf", ROOT, signs=False), why="digital signatures")


@pytest.mark.parametrize("days", [(-3, -2), (2, 3)])
def test_each_certificate_must_be_valid_now(days: tuple[int, int]) -> None:
    dates = {"starts": timedelta(days=days[0]), "ends": timedelta(days=days[1])}
    refused(Machine("leaf", ROOT, **dates), why="has expired|not valid yet")  # type: ignore[arg-type]
    middle = authority("middle", ROOT, **dates)
    refused(Machine("leaf", middle), middle, why="has expired|not valid yet")
    root = authority("old", **dates)
    refused(Machine("leaf", root), anchors=(root,), why="has expired|not valid yet")


def test_a_renewed_authority_of_the_same_key_is_taken_where_the_old_one_has_ended() -> None:
    old = authority("middle", ROOT, starts=timedelta(days=-9), ends=timedelta(days=-1))
    new = authority("middle", ROOT, key=old.key)
    assert found(Machine("leaf", new), old, new)[1] == new.certificate


def test_a_chain_is_no_longer_than_its_issuers_allow() -> None:
    root = authority("root", length=0)
    middle = authority("middle", root)
    refused(Machine("leaf", middle), middle, anchors=(root,), why="longer than")
    assert found(Machine("leaf", root), anchors=(root,))


def test_a_crowd_of_authorities_that_have_signed_each_other_ends() -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    crowd = [authority("same", authority("same", key=key), key=key) for _ in range(5)]
    refused(Machine("leaf", crowd[0]), *crowd, why="has not issued")


def test_name_constraints_and_unknown_critical_extensions_are_refused() -> None:
    constraints = x509.NameConstraints([x509.DNSName("example.com")], None)
    middle = authority("middle", ROOT, more=[(constraints, True)])
    refused(Machine("leaf", middle), middle, why="not checked here")
    refused(Machine("leaf", ROOT, more=[(UNKNOWN, True)]), why="not checked here")
    assert found(Machine("leaf", ROOT, more=[(UNKNOWN, False)]))


def test_keys_that_are_too_small_or_of_another_kind_are_refused() -> None:
    now = datetime.now(UTC)
    key = ed25519.Ed25519PrivateKey.generate()
    builder = x509.CertificateBuilder(
        ROOT.name, ROOT.name, key.public_key(), 7, now - timedelta(days=1), now + timedelta(days=1)
    )
    odd = builder.sign(ROOT.key, SHA256())
    with pytest.raises(Untrusted, match="RSA or an elliptic curve"):
        certificate_chains.require_end_entity(odd)


@pytest.mark.parametrize(
    "der", [b"", b"\x30", LEAF.der[:-1], LEAF.der + b"\x00", b"\x30\x82\xff\xff" + b"A" * 99]
)
def test_what_is_no_certificate_is_refused(der: bytes) -> None:
    with pytest.raises(Untrusted, match="cannot be read"):
        certificate_chains.read(der)


def test_a_bundle_is_of_one_or_two_authorities() -> None:
    assert len(certificate_chains.anchors_of(ROOT.pem + MIDDLE.pem)) == 2
    for bundle, why in (
        ("", "not one of"),
        ("text\n" + ROOT.pem, "not one of"),
        (ROOT.private, "not one of"),
        (LEAF.pem, "must say that it is an authority"),
        (ROOT.pem * 3, "at most 2"),
    ):
        with pytest.raises(ValueError, match=why):
            certificate_chains.anchors_of(bundle)
