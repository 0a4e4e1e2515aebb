"""Forged SAML responses: each shape that is known.

Source: "On Breaking SAML: Be Whoever You Want to Be" (Somorovsky and others, 2012), whose eight shapes of
signature wrapping are named XSW1 to XSW8 by the tools that try them.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from lxml import etree
from signxml import CanonicalizationMethod

from tests import saml
from tests.client import LocalWorld
from tests.people import refused, role, trusting
from tests.saml_idp import DS, PROVIDER, SAML, SAMLP, assertion, key, response, signed
from tests.saml_world import federate, trust_all, with_provider

Shape = Callable[[Any, Any], Any]
EVIL = "mallory@evil.example"


@pytest.fixture(scope="module")
def there() -> Iterator[LocalWorld]:
    world = with_provider(LocalWorld())
    trust_all(world)
    yield world
    world.close()


# -- Signature wrapping. Each makes, of a good response and an evil copy of what is signed, a bad one.


def _evil(element: Any, id: str | None) -> Any:
    """A copy that says somebody else, without the signature and under another ID."""
    made = copy.deepcopy(element)
    for signature in list(made.iter(f"{DS}Signature")):
        signature.getparent().remove(signature)
    for name in made.iter(f"{SAML}NameID"):
        name.text = EVIL
    if id is not None:
        made.set("ID", id)
    return made


def _without_signature(element: Any) -> Any:
    made = copy.deepcopy(element)
    made.remove(made.find(f"{DS}Signature"))
    return made


def xsw1(good: Any, evil: Any) -> Any:
    """An evil response; the good one is in the signature that it carries."""
    signature = copy.deepcopy(good.find(f"{DS}Signature"))
    signature.append(_without_signature(good))
    evil.insert(1, signature)
    return evil


def xsw2(good: Any, evil: Any) -> Any:
    """An evil response; the good one stands before the signature that it carries."""
    evil.insert(1, copy.deepcopy(good.find(f"{DS}Signature")))
    evil.insert(1, _without_signature(good))
    return evil


def xsw3(good: Any, evil: Any) -> Any:
    """An evil assertion before the good one."""
    good.insert(0, evil)
    return good


def xsw4(good: Any, evil: Any) -> Any:
    """An evil assertion around the good one."""
    inner = good.find(f"{SAML}Assertion")
    good.replace(inner, evil)
    evil.append(inner)
    return good


def xsw5(good: Any, evil: Any) -> Any:
    """An evil assertion with the good one's signature; the good one after it, without."""
    inner = good.find(f"{SAML}Assertion")
    evil.insert(1, copy.deepcopy(inner.find(f"{DS}Signature")))
    good.replace(inner, evil)
    good.append(_without_signature(inner))
    return good


def xsw6(good: Any, evil: Any) -> Any:
    """An evil assertion with the good one's signature, in which the good one is."""
    inner = good.find(f"{SAML}Assertion")
    signature = copy.deepcopy(inner.find(f"{DS}Signature"))
    signature.append(_without_signature(inner))
    evil.insert(1, signature)
    good.replace(inner, evil)
    return good


def xsw7(good: Any, evil: Any) -> Any:
    """An evil assertion among the extensions, where no schema looks."""
    extensions = etree.Element(f"{SAMLP}Extensions")
    extensions.append(evil)
    good.insert(0, extensions)
    return good


def xsw8(good: Any, evil: Any) -> Any:
    """An evil assertion with the good one's signature, in an object of which the good one is."""
    inner = good.find(f"{SAML}Assertion")
    signature = copy.deepcopy(inner.find(f"{DS}Signature"))
    holder = etree.SubElement(signature, f"{DS}Object")
    holder.append(_without_signature(inner))
    evil.insert(1, signature)
    good.replace(inner, evil)
    return good


ON_RESPONSES: tuple[Shape, ...] = (xsw1, xsw2)
ON_ASSERTIONS: tuple[Shape, ...] = (xsw3, xsw4, xsw5, xsw6, xsw7, xsw8)
IDS = ("_evil", None)
"""The evil copy's ID: its own, or that of what is signed."""


@pytest.mark.parametrize("id", IDS)
@pytest.mark.parametrize("shape", ON_RESPONSES)
def test_a_signed_response_cannot_be_wrapped(there: LocalWorld, shape: Shape, id: str | None) -> None:
    good = signed(sign="both")
    federate(there, good)
    evil = _evil(good, id)
    signature = copy.deepcopy(good.find(f"{SAML}Assertion/{DS}Signature"))
    evil.find(f"{SAML}Assertion").insert(1, signature)
    with refused("InvalidIdentityToken", 400):
        federate(there, shape(good, evil))


@pytest.mark.parametrize("sign", ["assertion", "both"])
@pytest.mark.parametrize("id", IDS)
@pytest.mark.parametrize("shape", ON_ASSERTIONS)
def test_a_signed_assertion_cannot_be_wrapped(
    there: LocalWorld, shape: Shape, id: str | None, sign: str
) -> None:
    good = signed(sign=sign)
    federate(there, good)
    evil = _evil(good.find(f"{SAML}Assertion"), id)
    with refused("InvalidIdentityToken", 400):
        federate(there, shape(good, evil))


@pytest.mark.parametrize("shape", [xsw3, xsw7])
def test_two_assertions_are_refused_though_both_are_signed(there: LocalWorld, shape: Shape) -> None:
    other = key().sign(etree.fromstring(assertion(id="_other")))
    with refused("InvalidIdentityToken", 400, "it must have one assertion"):
        federate(there, shape(signed(), other))


def _nested(document: Any) -> Any:
    """Another response beside the assertion."""
    document.append(etree.fromstring(etree.tostring(response(id="_other"))))
    return document


def _signed_elsewhere(document: Any) -> Any:
    status = document.find(f"{SAMLP}Status")
    status.append(copy.deepcopy(document.find(f"{SAML}Assertion/{DS}Signature")))
    return document


def _named_twice(document: Any) -> Any:
    document.find(f"{SAMLP}Status").set("ID", "_assertion")
    return document


@pytest.mark.parametrize(
    ("change", "fragment"),
    [
        (_nested, "it has another response in it"),
        (_signed_elsewhere, "it has a signature in a place that is not taken"),
        (_named_twice, "an ID stands twice in it"),
    ],
)
def test_a_document_that_could_be_read_in_two_ways_is_refused(
    there: LocalWorld, change: Callable[[Any], Any], fragment: str
) -> None:
    with refused("InvalidIdentityToken", 400, fragment):
        federate(there, change(signed()))


# -- Signatures that are not there, or not the provider's


def test_what_nobody_signed_is_refused(there: LocalWorld) -> None:
    with refused("InvalidIdentityToken", 400, "Response signature invalid"):
        federate(there, response(assertion()))


def test_an_unsigned_assertion_in_a_signed_response_is_refused(there: LocalWorld) -> None:
    with refused("InvalidIdentityToken", 400, "Response signature invalid"):
        federate(there, signed(sign="response"))


def test_a_signed_assertion_in_a_response_whose_signature_is_bad_is_refused(there: LocalWorld) -> None:
    document = signed(sign="both")
    document.set("Destination", "https://elsewhere.example")
    with refused("InvalidIdentityToken", 400, "Response signature invalid"):
        federate(there, document)


def test_a_signature_that_was_taken_from_another_is_refused(there: LocalWorld) -> None:
    document, other = signed(), signed(subject="bob")
    inner = document.find(f"{SAML}Assertion")
    inner.replace(inner.find(f"{DS}Signature"), other.find(f"{SAML}Assertion/{DS}Signature"))
    with refused("InvalidIdentityToken", 400, "Response signature invalid"):
        federate(there, document)


@pytest.mark.parametrize("name", ["second", "weak"])
def test_another_key_is_refused_though_it_shows_its_certificate(there: LocalWorld, name: str) -> None:
    with refused("InvalidIdentityToken", 400, "Response signature invalid"):
        federate(there, signed(by=key(name)))


def test_another_key_is_refused_though_it_shows_the_providers_certificate(there: LocalWorld) -> None:
    document, own = signed(by=key("second")), signed()
    path = f"{SAML}Assertion/{DS}Signature/{DS}KeyInfo"
    shown, known = document.find(path), own.find(path)
    shown.getparent().replace(shown, known)
    with refused("InvalidIdentityToken", 400, "Response signature invalid"):
        federate(there, document)


def _signed_with(method: str = "", digest: str = "SHA256", **how: Any) -> Any:
    return response(key().sign(etree.fromstring(assertion()), method, digest, **how))


@pytest.mark.parametrize(
    ("method", "digest"), [("RSA_SHA1", "SHA256"), ("RSA_SHA256", "SHA1"), ("RSA_SHA224", "SHA256")]
)
def test_an_algorithm_that_is_too_weak_is_refused(there: LocalWorld, method: str, digest: str) -> None:
    with refused("InvalidIdentityToken", 400, "Response signature invalid"):
        federate(there, _signed_with(method, digest))


@pytest.mark.parametrize("method", ["RSA_SHA384", "RSA_SHA512", "SHA256_RSA_MGF1"])
def test_an_algorithm_that_is_strong_is_good(there: LocalWorld, method: str) -> None:
    federate(there, _signed_with(method, "SHA512"))


def test_a_secret_in_place_of_a_key_is_refused(there: LocalWorld) -> None:
    """HMAC with the public certificate as the secret."""
    text = etree.tostring(signed()).decode()
    with refused("InvalidIdentityToken", 400, "Response signature invalid"):
        federate(there, text.replace("xmldsig-more#rsa-sha256", "xmldsig-more#hmac-sha256"))


def test_a_key_that_is_too_short_is_refused_though_the_provider_has_it(local: LocalWorld) -> None:
    short = key("short", size=1024)
    local.root.iam.create_saml_provider(
        SAMLMetadataDocument=saml.metadata(keys=short.descriptor), Name="corporate"
    )
    role(local.root, "app", trusting({"Federated": PROVIDER}, "sts:AssumeRoleWithSAML"))
    with refused("InvalidIdentityToken", 400, "Response signature invalid"):
        federate(local, signed(by=short))


@pytest.mark.parametrize("method", ["CANONICAL_XML_1_0", "CANONICAL_XML_1_1"])
def test_only_the_canonical_forms_of_saml_are_taken(there: LocalWorld, method: str) -> None:
    with refused("InvalidIdentityToken", 400, "Response signature invalid"):
        federate(there, _signed_with(c14n=CanonicalizationMethod[method]))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("xmldsig#enveloped-signature", "xmldsig#base64"),
        ("xmldsig#enveloped-signature", "xpath-19991116"),
        ('URI="#_assertion"', 'URI=""'),
        ('URI="#_assertion"', 'URI="#xpointer(/)"'),
        ('URI="#_assertion"', 'URI="http://127.0.0.1/"'),
        ('URI="#_assertion"', 'URI="##_assertion"'),
        ('URI="#_assertion"', ""),
    ],
)
def test_a_signature_of_another_form_is_refused(there: LocalWorld, before: str, after: str) -> None:
    text = etree.tostring(signed()).decode()
    assert before in text
    with refused("InvalidIdentityToken", 400, "Response signature invalid"):
        federate(there, text.replace(before, after))
