"""What of a certificate becomes a tag, a source identity or a session's name."""

from __future__ import annotations

import pytest
from cryptography import x509

from rolekeeper.iam import certificate_attributes as attributes
from tests.anywhere import Machine, authority, name

ROOT = authority()
ALTERNATIVE = x509.SubjectAlternativeName(
    [
        x509.DNSName("web.example.com"),
        x509.DNSName("www.example.com"),
        x509.UniformResourceIdentifier("spiffe://example.com/web"),
        x509.DirectoryName(name("inner", ORGANIZATION_NAME="inside")),
    ]
)
SUBJECT = name("web", ORGANIZATION_NAME="Example", ORGANIZATIONAL_UNIT_NAME="Ops", COUNTRY_NAME="NO")
WEB = Machine(SUBJECT, ROOT, more=[(ALTERNATIVE, False)]).certificate


def test_all_names_become_tags_by_default() -> None:
    assert attributes.tags(WEB, attributes.DEFAULT_MAPPINGS) == {
        "x509Issuer/CN": "root",
        "x509SAN/DNS": "web.example.com",
        "x509SAN/Name/CN": "inner",
        "x509SAN/Name/O": "inside",
        "x509SAN/URI": "spiffe://example.com/web",
        "x509Subject/C": "NO",
        "x509Subject/CN": "web",
        "x509Subject/O": "Example",
        "x509Subject/OU": "Ops",
    }


def test_a_mapping_takes_what_it_names() -> None:
    rules = {"x509Subject": ("OU",), "x509SAN": ("Name/CN",), "x509Issuer": ()}
    assert attributes.tags(WEB, rules) == {"x509Subject/OU": "Ops", "x509SAN/Name/CN": "inner"}
    assert attributes.tags(Machine("plain", ROOT).certificate, {"x509SAN": ("DNS", "Name/*")}) == {}


def test_a_part_that_stands_twice_is_joined() -> None:
    unit = x509.NameOID.ORGANIZATIONAL_UNIT_NAME
    twice = x509.Name([x509.NameAttribute(unit, "a"), x509.NameAttribute(unit, "b")])
    found = attributes.tags(Machine(twice, ROOT).certificate, {"x509Subject": ("*",)})
    assert found == {"x509Subject/OU": "a/b"}


def test_a_value_that_can_be_no_tag_is_refused_and_not_changed() -> None:
    odd = Machine("John Smith (EMP12345)", ROOT).certificate
    with pytest.raises(attributes.Unmappable, match="fail to be mapped into session tags: x509Subject/CN"):
        attributes.tags(odd, attributes.DEFAULT_MAPPINGS)
    assert attributes.tags(odd, {"x509Issuer": ("CN",)}) == {"x509Issuer/CN": "root"}


def test_the_source_identity_is_the_common_name_as_it_is() -> None:
    assert attributes.source_identity(WEB) == "web"
    nameless = Machine(name(None, ORGANIZATION_NAME="x"), ROOT).certificate
    assert attributes.source_identity(nameless) is None
    for odd in ("a b", "x", "aws:root", "ä" * 3):
        with pytest.raises(attributes.Unmappable, match="source identity"):
            attributes.source_identity(Machine(odd, ROOT).certificate)


def test_the_session_is_named_after_the_serial_number() -> None:
    assert attributes.session_name(Machine("one", ROOT, serial=0xABC).certificate) == "0abc"
    assert attributes.session_name(Machine("two", ROOT, serial=2**159 - 1).certificate) == "7f" + "f" * 38


@pytest.mark.parametrize("field", attributes.FIELDS)
def test_a_rule_names_a_part_that_its_field_can_have(field: str) -> None:
    good = ("DNS", "URI", "Name/*", "Name/OU") if field == "x509SAN" else ("*", "CN", "OU", "UID")
    for specifier in good:
        attributes.check_specifier(field, specifier)
    bad = ("*", "CN", "Name/", "IP") if field == "x509SAN" else ("DNS", "Name/CN", "cn", "", "XX")
    for specifier in bad:
        with pytest.raises(ValueError, match="no specifier"):
            attributes.check_specifier(field, specifier)
