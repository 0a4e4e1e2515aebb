"""AssumeRoleWithSAML: documents that are meant to harm, and what chance makes of a good one."""

from __future__ import annotations

import base64
import copy
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from tests import saml_idp
from tests.client import LocalWorld
from tests.people import refused
from tests.saml_idp import SAML, assertion, encode, key, response, signed
from tests.saml_world import federate, post, trust_all, with_provider

EVIL = "mallory@evil.example"


@pytest.fixture(scope="module")
def there() -> Iterator[LocalWorld]:
    world = with_provider(LocalWorld())
    trust_all(world)
    yield world
    world.close()


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


CAREFUL = settings(deadline=None, max_examples=60, suppress_health_check=list(HealthCheck))


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


WORDS = st.one_of(
    st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Cn")), max_size=40),
    st.sampled_from(
        ["", "2.0", "-1", "9" * 30, "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59Z", "a,b", ","]
    ),
    st.sampled_from(
        [saml_idp.AWS + name for name in ("Role", "PrincipalTag:", "SessionDuration", "SourceIdentity")]
    ),
)


@CAREFUL
@given(data=st.data())
def test_whatever_a_provider_signs_is_answered(there: LocalWorld, data: st.DataObject) -> None:
    """A provider may be careless, or no friend: what it signs is read with as much care."""
    values = saml_idp.usual_attributes(
        PrincipalTag__team=["a"], SourceIdentity=["alice"], SessionDuration=["900"]
    )
    root = etree.fromstring(assertion(values=values, session_ends=600))
    for _ in range(data.draw(st.integers(1, 4))):
        chosen = data.draw(st.sampled_from(list(root.iter())))
        what = data.draw(st.sampled_from(["text", "attribute", "remove", "double"]))
        if what == "text":
            chosen.text = data.draw(WORDS)
        elif what == "attribute":
            names = [*chosen.keys(), "NotBefore", "SessionNotOnOrAfter", "Name"]
            chosen.set(data.draw(st.sampled_from(names)), data.draw(WORDS))
        elif chosen is not root:
            parent = chosen.getparent()
            parent.append(copy.deepcopy(chosen)) if what == "double" else parent.remove(chosen)
    if not root.get("ID"):
        root.set("ID", "_assertion")
    found = _subject_or_refusal(there, etree.tostring(response(key().sign(root))))
    assert found != "ServiceFailure"


@CAREFUL
@given(document=st.one_of(st.binary(max_size=300), st.text(max_size=300).map(str.encode)))
def test_any_bytes_are_answered(there: LocalWorld, document: bytes) -> None:
    text = base64.b64encode(document + b" ").decode().ljust(4, "A")
    with pytest.raises(ClientError) as caught:
        post(there, text)
    assert caught.value.response["Error"]["Code"] == "InvalidIdentityToken"
