"""What attributes mean: every condition key that AWS has of SAML, and no other."""

from __future__ import annotations

from datetime import UTC, datetime

from lxml import etree

from rolekeeper.iam import saml_assertion, saml_attributes
from rolekeeper.policy import catalog
from tests import saml_idp

OF_EVERY_ASSERTION = {"saml:aud", "saml:iss", "saml:sub", "saml:sub_type", "saml:namequalifier", "saml:doc"}
KNOWN = {
    **{f"urn:oid:1.3.6.1.4.1.5923.1.1.1.{n}": ["one"] for n in range(1, 12)},
    **{f"urn:oid:1.3.6.1.4.1.5923.1.2.1.{n}": ["one"] for n in range(2, 7)},
    **{f"urn:oid:2.5.4.{n}": ["one"] for n in (3, 4, 42, 45)},
    **{f"urn:oid:0.9.2342.19200300.100.1.{n}": ["one"] for n in (1, 3, 45)},
    "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name": ["one"],
    "http://schemas.microsoft.com/ws/2008/06/identity/claims/primarygroupsid": ["one"],
    "http://unknown.example/attribute": ["one"],
}


def test_the_keys_are_those_that_aws_has_with_their_types() -> None:
    attributes = {name: tuple(values) for name, values in KNOWN.items()}
    found = saml_attributes.condition_keys(attributes)
    types = {name.lower(): type for name, type in catalog.condition_keys("sts").items()}
    wanted = {name for name in types if name.startswith("saml:")} - OF_EVERY_ASSERTION
    assert set(found) == wanted
    for name, value in found.items():
        assert isinstance(value, tuple) == (types[name] == "ArrayOfString"), name


def test_an_attribute_that_stands_twice_has_the_values_of_both() -> None:
    text = saml_idp.assertion(values={"a": ["1", "2"]}).replace(
        "</saml:Assertion>", saml_idp.attributes({"a": ["3"]}) + "</saml:Assertion>"
    )
    assert saml_assertion.read(etree.fromstring(text)).attributes == {"a": ("1", "2", "3")}


def test_a_value_may_be_an_element() -> None:
    """eduPersonTargetedID is a NameID."""
    value = "<saml:NameID>opaque</saml:NameID>"
    text = saml_idp.assertion(values={"a": ["x"]}).replace(">x</", f">{value}</")
    assert saml_assertion.read(etree.fromstring(text)).attributes == {"a": ("opaque",)}


def test_a_session_ends_with_the_first_of_its_statements() -> None:
    now = datetime(2030, 1, 1, tzinfo=UTC)
    first = saml_idp.assertion(now=now, session_ends=600)
    second = first.replace(
        "<saml:AuthnStatement",
        '<saml:AuthnStatement SessionNotOnOrAfter="2030-01-01T00:05:00Z"/><saml:AuthnStatement',
        1,
    )
    assert saml_assertion.read(etree.fromstring(second)).session_ends == now.replace(minute=5)
