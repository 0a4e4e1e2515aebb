"""Certificates: what is read, and what hangs together."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from rolekeeper.errors import InvalidCertificate, KeyPairMismatch, MalformedCertificate
from rolekeeper.iam import certificates
from tests.certificates import Pair


@pytest.mark.parametrize(
    "text",
    [
        "",
        "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----",
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----",
        "-----BEGIN CERTIFICATE-----\n" * 2000,
    ],
)
def test_what_is_no_certificate_is_malformed(text: str) -> None:
    with pytest.raises(MalformedCertificate):
        certificates.single(text)


def test_the_fingerprint_is_of_the_certificate_not_of_its_text() -> None:
    pair = Pair("a")
    folded = certificates.single("\n\n" + pair.pem.replace("\n", "\r\n"))
    assert certificates.fingerprint(folded) == certificates.fingerprint(pair.certificate)


def test_a_key_is_of_one_certificate() -> None:
    pair = Pair("a")
    certificates.require_key(pair.certificate, pair.private())
    with pytest.raises(KeyPairMismatch):
        certificates.require_key(pair.certificate, Pair("a").private())


def test_an_issuer_by_name_only_is_none() -> None:
    authority = Pair("authority")
    pair = Pair("a", authority)
    certificates.require_chain(pair.certificate, authority.pem)
    with pytest.raises(MalformedCertificate, match="is: -1"):
        certificates.require_chain(pair.certificate, Pair("authority").pem)


def test_a_certificate_has_its_time() -> None:
    certificate = Pair("a").certificate
    certificates.require_valid(certificate, datetime.now(UTC))
    for moment in (datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)):
        with pytest.raises(InvalidCertificate):
            certificates.require_valid(certificate, moment)
