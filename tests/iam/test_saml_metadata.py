"""Metadata documents of SAML providers: what is none, what would reach out, and what is read."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from rolekeeper.errors import InvalidInput
from rolekeeper.iam import saml_metadata
from tests import saml

ENTITY = '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
LAUGHS = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]>'


@pytest.mark.parametrize(
    "text",
    [
        "",
        "not XML",
        "<EntityDescriptor/>",
        saml.metadata()[:-1100],
        saml.metadata(head=ENTITY, issuer="&e;"),
        saml.metadata(head=LAUGHS, issuer="&b;"),
        saml.metadata(head='<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd">'),
        saml.metadata(issuer="&nobody;"),
        saml.metadata(issuer=""),
        saml.metadata(issuer="x" * 1025),
        saml.metadata(protocol="urn:oasis:names:tc:SAML:1.1:protocol"),
        saml.metadata(keys=""),
        saml.metadata(keys=saml.key_descriptor(use=' use="encryption"')),
        saml.metadata(keys=saml.key_descriptor("no certificate")),
        saml.metadata(keys=saml.key_descriptor("AAAA")),
        saml.metadata(ends=' validUntil="soon"'),
        saml.metadata(ends=' validUntil="0001-01-01T00:00:00+14:00"'),
        saml.metadata().replace("EntityDescriptor", "EntitiesDescriptor"),
        saml.metadata().replace("IDPSSODescriptor", "SPSSODescriptor"),
        saml.metadata().replace("SAML:2.0:metadata", "SAML:2.0:other"),
        saml.metadata(more="<a>" * 300 + "</a>" * 300),
        saml.metadata(more="\x00"),
        saml.metadata(more="\ud800"),
    ],
)
def test_what_is_no_metadata_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match=r"^Could not parse metadata$"):
        saml_metadata.read(text)


def test_the_issuer_and_the_certificate_are_read() -> None:
    found = saml_metadata.read(saml.metadata())
    assert found.issuer == saml.ISSUER
    assert [one.subject.rfc4514_string() for one in found.certificates] == ["CN=idp.example"]
    assert found.valid_until is None


def test_a_key_without_a_use_is_for_signing_too() -> None:
    keys = saml.key_descriptor(use="") + saml.key_descriptor() + saml.key_descriptor(use=' use="encryption"')
    assert len(saml_metadata.read(saml.metadata(keys=keys)).certificates) == 2


@pytest.mark.parametrize("head", ["", "\ufeff", '<?xml version="1.0" encoding="utf-16"?>', "<!-- é -->"])
def test_how_a_document_begins_does_not_matter(head: str) -> None:
    assert saml_metadata.read(saml.metadata(head=head)).issuer == saml.ISSUER


def test_prefixes_do_not_matter() -> None:
    text = saml.metadata().replace("<Entity", "<md:Entity").replace("</Entity", "</md:Entity")
    assert saml_metadata.read(text).issuer == saml.ISSUER


@pytest.mark.parametrize("written", ["2031-05-01T00:00:00Z", "2031-05-01T02:00:00.123+02:00", "2031-05-01"])
def test_the_end_is_a_moment(written: str) -> None:
    found = saml_metadata.read(saml.metadata(ends=f' validUntil="{written}"'))
    assert found.valid_until == datetime(2031, 5, 1, tzinfo=UTC)
