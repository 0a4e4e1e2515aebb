"""XML from strangers, parsed so that it can do nothing: what all SAML documents go through.

There is no DTD, hence no entity of the document's own; nothing is fetched; sizes, depths and numbers are
bounded, for canonicalization costs more than parsing. Comments and processing instructions are left out
before anybody looks, so that `user<!-- -->@evil` is one text.
Sources: "XML Schema, DTD, and Entity Attacks" (Morgan, Al Ibrahim, 2014); saml-core-2.0-os, section 5.4.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Final

from lxml import etree

Element = etree._Element

SAML: Final = "{urn:oasis:names:tc:SAML:2.0:assertion}"
SAMLP: Final = "{urn:oasis:names:tc:SAML:2.0:protocol}"
DS: Final = "{http://www.w3.org/2000/09/xmldsig#}"
XENC: Final = "{http://www.w3.org/2001/04/xmlenc#}"
XENC11: Final = "{http://www.w3.org/2009/xmlenc11#}"

_MAX_ELEMENTS = 5000
_MAX_ATTRIBUTES = 50
_MAX_NAMESPACES = 500
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)?")


def parser() -> etree.XMLParser:
    """A parser that resolves no entities, reads no DTD and opens no connection."""
    return etree.XMLParser(
        encoding="utf-8",  # whatever the document says of itself
        resolve_entities=False,
        load_dtd=False,
        dtd_validation=False,
        no_network=True,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )


def parse(text: str) -> Element:
    """The root of a document; ValueError where it is none, or has a DTD."""
    if "<!DOCTYPE" in text:
        raise ValueError("it has a DTD")
    try:
        return etree.fromstring(text.removeprefix("\ufeff").encode(), parser())
    except etree.XMLSyntaxError:
        raise ValueError("it is not well-formed XML") from None


def parse_small(text: str) -> Element:
    """The same, for what anybody may send: with bounds on how much work its canonical form is."""
    if text.count("xmlns") > _MAX_NAMESPACES:
        raise ValueError("it has too many namespaces")
    root = parse(text)
    for number, element in enumerate(root.iter()):
        if number >= _MAX_ELEMENTS or len(element.attrib) > _MAX_ATTRIBUTES:
            raise ValueError("it has too many elements or attributes")
    return root


def only(parent: Element, tag: str) -> Element:
    """The one child of that name; ValueError where there is none, or a second."""
    found = parent.findall(tag)
    if len(found) != 1:
        raise ValueError(f"it must have one {etree.QName(tag).localname}")
    return found[0]


def at_most_one(parent: Element, tag: str) -> Element | None:
    """The child of that name, where there is one; ValueError where there is a second."""
    return None if parent.find(tag) is None else only(parent, tag)


def text_of(element: Element) -> str:
    """The whole text of an element, that of elements inside it too, without the space around it."""
    return "".join(str(part) for part in element.itertext()).strip()


def moment(text: str | None) -> datetime:
    """A point in time; ValueError where it is none. One without a zone is in UTC, as SAML has it."""
    if text is None or not _MOMENT.fullmatch(text.strip()):
        raise ValueError("a time in it is missing or cannot be read")
    found = datetime.fromisoformat(text.strip())
    try:
        return found.astimezone(UTC) if found.tzinfo is not None else found.replace(tzinfo=UTC)
    except OverflowError:  # in UTC it is outside of what a calendar has
        raise ValueError("a time in it is out of range") from None


def attribute(element: Element, name: str) -> str | None:
    """An attribute's value."""
    value = element.get(name)
    return None if value is None else str(value)
