"""The one way from an element that claims to be signed to what was signed."""

from __future__ import annotations

import pytest
from lxml import etree
from signxml import CanonicalizationMethod, SignatureReference

from rolekeeper.iam import saml_signature
from rolekeeper.iam.saml_signature import BadSignature
from tests import saml_idp
from tests.saml_idp import DS, SAML, key

CERTIFICATES = [key().certificate]


def test_what_comes_back_is_what_was_signed_and_not_the_element() -> None:
    element = key().sign(etree.fromstring(saml_idp.assertion()))
    found = saml_signature.verified(element, CERTIFICATES)
    assert found is not element
    assert found.getparent() is None
    assert found.find(f"{DS}Signature") is None
    assert found.findtext(f"{SAML}Subject/{SAML}NameID") == "alice@example.com"


def test_its_document_does_not_count() -> None:
    """Where it stands, what follows it and what is declared around it."""
    root = saml_idp.signed()
    element = root.find(f"{SAML}Assertion")
    element.tail = "text"
    root.append(etree.fromstring('<a ID="_assertion"/>'))
    assert saml_signature.verified(element, CERTIFICATES).tag == f"{SAML}Assertion"


def test_an_element_without_a_signature_or_with_two_is_refused() -> None:
    element = etree.fromstring(saml_idp.assertion())
    with pytest.raises(BadSignature):
        saml_signature.verified(element, CERTIFICATES)
    twice = key().sign(element)
    twice.append(etree.fromstring(etree.tostring(twice.find(f"{DS}Signature"))))
    with pytest.raises(BadSignature):
        saml_signature.verified(twice, CERTIFICATES)


def test_a_signature_says_what_it_is_of() -> None:
    """These are good signatures, and not of SAML's one form."""
    element = etree.fromstring(saml_idp.assertion())
    inclusive = SignatureReference(URI="_assertion", c14n_method=CanonicalizationMethod.CANONICAL_XML_1_0)
    for how in ({"reference": [inclusive]}, {"inclusive_ns_prefixes": [f"p{n}" for n in range(21)]}):
        with pytest.raises(BadSignature):
            saml_signature.verified(key().sign(element, **how), CERTIFICATES)
    saml_signature.verified(key().sign(element, inclusive_ns_prefixes=["p1", "p2"]), CERTIFICATES)
    element = key().sign(element)
    etree.SubElement(element.find(f"{DS}Signature"), f"{DS}Object")
    with pytest.raises(BadSignature):
        saml_signature.verified(element, CERTIFICATES)


def test_without_keys_nothing_is_good() -> None:
    with pytest.raises(BadSignature):
        saml_signature.verified(key().sign(etree.fromstring(saml_idp.assertion())), [])


def test_of_many_keys_the_one_that_is_shown_is_tried() -> None:
    others = [key(name).certificate for name in ("second", "other", "weak")] * 4
    element = key().sign(etree.fromstring(saml_idp.assertion()))
    saml_signature.verified(element, [*others, *CERTIFICATES])
    shown = element.find(f"{DS}Signature/{DS}KeyInfo")
    shown.getparent().remove(shown)
    saml_signature.verified(element, [*CERTIFICATES, *others])
    with pytest.raises(BadSignature):
        saml_signature.verified(element, [*others, *CERTIFICATES])


@pytest.mark.parametrize("name", ["ID", "Id", "id", "xml:id"])
def test_an_id_stands_once(name: str) -> None:
    text = f'<r><a ID="x"/><b {name}="x"/></r>'
    with pytest.raises(ValueError, match="an ID stands twice"):
        saml_signature.refuse_double_ids([etree.fromstring(text)])
    with pytest.raises(ValueError, match="an ID stands twice"):
        saml_signature.refuse_double_ids(
            [etree.fromstring('<a ID="x"/>'), etree.fromstring(f'<b {name}="x"/>')]
        )
    saml_signature.refuse_double_ids([etree.fromstring(text.replace('a ID="x"', 'a ID="y"'))])
