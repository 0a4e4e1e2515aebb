"""Encrypted assertions that are not what they should be: opened or not, never an error of another kind."""

from __future__ import annotations

import base64
import copy
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from rolekeeper.iam import saml_encryption
from rolekeeper.iam.saml_encryption import Undecryptable
from tests import saml_idp
from tests.saml_idp import SAML, XENC, key


def own() -> RSAPrivateKey:
    found = key("decrypting").private
    assert isinstance(found, RSAPrivateKey)
    return found


def closed(text: str | None = None, **how: Any) -> Any:
    return saml_idp.encrypted(etree.fromstring(text or saml_idp.assertion()), own(), **how)


@pytest.mark.parametrize("cipher", ["gcm", "cbc"])
def test_what_was_encrypted_comes_out(cipher: str) -> None:
    found = saml_encryption.decrypted(closed(cipher=cipher), [key("other").private, own()])  # type: ignore[list-item]
    assert found.tag == f"{SAML}Assertion"
    assert found.get("ID") == "_assertion"


def test_a_prefix_may_be_declared_around_it() -> None:
    element = closed()
    inner = "<saml:Assertion ID='_a'/>"
    around = etree.fromstring(f"<r xmlns:saml='{SAML[1:-1]}'><saml:x/></r>")
    around.append(element)
    assert saml_encryption._assertion(inner, element).get("ID") == "_a"
    assert saml_encryption._assertion("<?xml version='1.0'?>\n" + inner, element).get("ID") == "_a"


@pytest.mark.parametrize(
    "text",
    [
        "<a/>",
        f"<r xmlns:saml='{SAML[1:-1]}'><saml:Assertion/></r>",
        f"<saml:EncryptedAssertion xmlns:saml='{SAML[1:-1]}'/>",
    ],
)
def test_what_is_no_assertion_does_not_come_out(text: str) -> None:
    with pytest.raises(Undecryptable):
        saml_encryption.decrypted(closed(text), [own()])


@pytest.mark.parametrize(
    "text", ["<saml:Assertion/><saml:Assertion/>", "</content><content><saml:Assertion/>", "&x;", ""]
)
def test_contents_that_are_more_than_one_assertion_are_refused(text: str) -> None:
    with pytest.raises(ValueError):
        saml_encryption._assertion(text, closed())


def _two_keys(element: Any) -> None:
    found = next(element.iter(f"{{{XENC}}}EncryptedKey"))
    found.addnext(copy.deepcopy(found))


def _no_key(element: Any) -> None:
    found = next(element.iter(f"{{{XENC}}}EncryptedKey"))
    found.getparent().remove(found)


def _named(tag: str, name: str) -> Any:
    def change(element: Any) -> None:
        for method in element.iter(f"{{{XENC}}}EncryptionMethod"):
            if etree.QName(method.getparent()).localname == tag:
                method.set("Algorithm", name)

    return change


def _cut(element: Any) -> None:
    for value in element.iter(f"{{{XENC}}}CipherValue"):
        value.text = value.text[:20]


@pytest.mark.parametrize("cipher", ["gcm", "cbc"])
@pytest.mark.parametrize(
    "change",
    [
        _two_keys,
        _no_key,
        _cut,
        _named("EncryptedKey", f"{XENC}kw-aes128"),
        _named("EncryptedData", f"{XENC}tripledes-cbc"),
        _named("EncryptedData", f"{XENC}aes128-cbc"),
        _named("EncryptedData", ""),
    ],
)
def test_a_form_that_is_not_taken_is_refused(change: Any, cipher: str) -> None:
    element = closed(cipher=cipher)
    change(element)
    with pytest.raises(Undecryptable):
        saml_encryption.decrypted(element, [own()])


@settings(deadline=None, max_examples=40)
@given(box=st.binary(max_size=80), cipher=st.sampled_from(["gcm", "cbc"]))
def test_any_content_is_refused(box: bytes, cipher: str) -> None:
    element = closed(cipher=cipher)
    list(element.iter(f"{{{XENC}}}CipherValue"))[-1].text = base64.b64encode(box).decode()
    with pytest.raises(Undecryptable):
        saml_encryption.decrypted(element, [own()])
