"""Forged SAML responses: each shape that is known, and what chance makes of a good one.

Source: "On Breaking SAML: Be Whoever You Want to Be" (Somorovsky and others, 2012), whose eight shapes of
signature wrapping are named XSW1 to XSW8 by the tools that try them.
"""

from __future__ import annotations

import base64
import copy
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree
from signxml import CanonicalizationMethod

from tests import saml
from tests.client import LocalWorld, Person
from tests.people import refused, role, trusting
from tests.saml_idp import DS, PROVIDER, ROLE, SAML, SAMLP, assertion, encode, key, response, signed

Shape = Callable[[Any, Any], Any]
EVIL = "mallory@evil.example"


@pytest.fixture(scope="module")
def there() -> Iterator[LocalWorld]:
    """A server with a provider and a role that trusts all whom it vouches for."""
    world = LocalWorld()
    world.root.iam.create_saml_provider(
        SAMLMetadataDocument=saml.metadata(keys=key().descriptor), Name="corporate"
    )
    role(world.root, "app", trusting({"Federated": PROVIDER}, "sts:AssumeRoleWithSAML"))
    yield world
    world.close()


def federate(world: LocalWorld, document: Any) -> dict[str, Any]:
    return post(world, encode(document))


def post(world: LocalWorld, text: str) -> dict[str, Any]:
    answer: dict[str, Any] = Person(world, "", "").unsigned_sts.assume_role_with_saml(
        RoleArn=ROLE, PrincipalArn=PROVIDER, SAMLAssertion=text
    )
    return answer


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


# -- Changes


def test_an_altered_name_is_refused(there: LocalWorld) -> None:
    text = etree.tostring(signed()).decode()
    with refused("InvalidIdentityToken", 400, "Response signature invalid"):
        federate(there, text.replace("alice@example.com", "alicf@example.com"))


def test_a_comment_cannot_cut_a_name(there: LocalWorld) -> None:
    document = signed(subject="alice@example.com.evil.example")
    text = etree.tostring(document).decode()
    cut = text.replace("alice@example.com.evil", "alice@example.com<!-- -->.evil")
    assert federate(there, cut)["Subject"] == "alice@example.com.evil.example"
    named = text.replace("alice@example.com.evil", "alice@example.com<?evil ?>.evil")
    assert federate(there, named)["Subject"] == "alice@example.com.evil.example"
    quoted = text.replace("alice@example.com.evil", "<![CDATA[alice@example.com]]>.evil")
    assert federate(there, quoted)["Subject"] == "alice@example.com.evil.example"


# -- XML


def _with_head(head: str, name: str = "alice@example.com") -> str:
    return head + etree.tostring(signed(subject="alice@example.com")).decode().replace(
        "alice@example.com", name
    )


LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))


@pytest.mark.parametrize(
    "text",
    [
        _with_head('<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]>', "&x;"),
        _with_head('<!DOCTYPE r SYSTEM "http://127.0.0.1/x.dtd">'),
        _with_head('<!DOCTYPE r [<!ENTITY % x SYSTEM "http://127.0.0.1/x.dtd"> %x;]>'),
        _with_head(f'<!DOCTYPE r [<!ENTITY l0 "ha">{LAUGHS}]>', "&l9;"),
        _with_head("<!DOCTYPE r []>"),
        '<?xml version="1.0" encoding="UTF-16"?>' + _with_head("<!DOCTYPE r []>"),
    ],
)
def test_a_document_type_is_refused(there: LocalWorld, text: str) -> None:
    with refused("InvalidIdentityToken", 400, "Your request included an invalid SAML response: it has a DTD"):
        federate(there, text)


@pytest.mark.parametrize(
    ("document", "fragment"),
    [
        ("", "it is not well-formed XML"),
        ("<a>", "it is not well-formed XML"),
        ("<a/>", "it is not a SAML 2.0 response"),
        (b"\xff\xfe<\x00a\x00/\x00>\x00", "it is not in UTF-8"),
        ("<a>&nbsp;</a>", "it is not well-formed XML"),
        ("<a>" * 400 + "</a>" * 400, "it is not well-formed XML"),
        ("<a>" + "<b/>" * 6000 + "</a>", "it has too many elements or attributes"),
        ("<a " + " ".join(f'b{n}=""' for n in range(60)) + "/>", "it has too many elements or attributes"),
        ("<a " + " ".join(f'xmlns:b{n}="b"' for n in range(600)) + "/>", "it has too many namespaces"),
        (etree.tostring(response()), "it must have one assertion"),
        (assertion(), "it is not a SAML 2.0 response"),
    ],
)
def test_what_is_no_response_is_refused(there: LocalWorld, document: Any, fragment: str) -> None:
    with refused("InvalidIdentityToken", 400, fragment):
        post(there, encode(document) if document else "ICAg")


@pytest.mark.parametrize("text", ["....", "abcde", "ab=c", "é" * 4])
def test_what_is_no_base64_is_refused(there: LocalWorld, text: str) -> None:
    with refused("InvalidIdentityToken", 400, "Invalid base64 SAMLResponse"):
        post(there, text)


def test_a_response_that_is_too_long_is_refused(there: LocalWorld) -> None:
    with refused("ValidationError", 400, "length less than or equal to 100000"):
        post(there, "A" * 100_001)


@pytest.mark.parametrize(
    "path", [f"{SAML}Subject", f"{SAML}Conditions", f"{SAML}Issuer", f"{SAML}Subject/{SAML}NameID"]
)
@pytest.mark.parametrize("double", [True, False])
def test_an_assertion_needs_one_of_each(there: LocalWorld, path: str, double: bool) -> None:
    inner = etree.fromstring(assertion())
    found = inner.find(path)
    if double:
        found.addnext(copy.deepcopy(found))
    else:
        found.getparent().remove(found)
    with refused("InvalidIdentityToken", 400, "it must have one"):
        federate(there, response(key().sign(inner)))


def test_many_prefixes_cost_nothing(there: LocalWorld) -> None:
    names = " ".join(f"p{n}" for n in range(5000))
    text = etree.tostring(signed()).decode()
    form = 'Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/>'
    assert form in text
    listed = (
        form[:-2] + f'><InclusiveNamespaces xmlns="http://www.w3.org/2001/10/xml-exc-c14n#" '
        f'PrefixList="{names}"/></ds:CanonicalizationMethod>'
    )
    with refused("InvalidIdentityToken", 400):
        federate(there, text.replace(form, listed, 1))


# -- Chance


@pytest.fixture(scope="module")
def good() -> bytes:
    return etree.tostring(signed(sign="both", ends=3600, confirmed_until=3600))


CAREFUL = settings(
    deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def _subject_or_refusal(world: LocalWorld, document: bytes) -> str:
    try:
        subject: str = federate(world, document)["Subject"]
    except ClientError as error:
        return str(error.response["Error"]["Code"])
    return subject


@CAREFUL
@given(data=st.data())
def test_one_changed_byte_changes_nothing_or_is_refused(
    there: LocalWorld, good: bytes, data: st.DataObject
) -> None:
    place = data.draw(st.integers(0, len(good) - 1))
    byte = data.draw(st.integers(0, 255))
    found = _subject_or_refusal(there, good[:place] + bytes([byte]) + good[place + 1 :])
    assert found in ("alice@example.com", "InvalidIdentityToken", "IDPRejectedClaim")


def test_one_changed_byte_of_what_is_signed_is_refused(there: LocalWorld, good: bytes) -> None:
    start = good.index(b"<saml:Subject>")
    end = good.index(b"</saml:Assertion>")
    for place in range(start, end, 7):
        byte = b"x" if good[place : place + 1] != b"x" else b"y"
        found = _subject_or_refusal(there, good[:place] + byte + good[place + 1 :])
        assert found == "InvalidIdentityToken", good[place - 20 : place + 20]


@CAREFUL
@given(data=st.data())
def test_moving_elements_about_lets_nobody_else_in(
    there: LocalWorld, good: bytes, data: st.DataObject
) -> None:
    root = etree.fromstring(good)
    for _ in range(data.draw(st.integers(1, 3))):
        elements = list(root.iter())
        moved = data.draw(st.sampled_from(elements[1:]))
        target = data.draw(
            st.sampled_from([one for one in elements if moved not in (one, *one.iterancestors())])
        )
        made = copy.deepcopy(moved)
        if data.draw(st.booleans()):
            for name in made.iter(f"{SAML}NameID"):
                name.text = EVIL
        if data.draw(st.booleans()):
            moved.getparent().remove(moved)
        target.insert(data.draw(st.integers(0, len(target))), made)
    assert _subject_or_refusal(there, etree.tostring(root)) != EVIL


@CAREFUL
@given(document=st.one_of(st.binary(max_size=300), st.text(max_size=300).map(str.encode)))
def test_any_bytes_are_answered(there: LocalWorld, document: bytes) -> None:
    text = base64.b64encode(document + b" ").decode().ljust(4, "A")
    with pytest.raises(ClientError) as caught:
        post(there, text)
    assert caught.value.response["Error"]["Code"] == "InvalidIdentityToken"
