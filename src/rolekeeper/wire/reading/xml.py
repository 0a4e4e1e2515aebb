"""XML bodies: one closure for each type from an element to a member, and one back.

The rule of this file: a document in UTF-8, whatever it says, without a DTD, in which nothing stands twice
that is there once. Elements go by their local names, for clients differ in whether they declare S3's
namespace; what the model does not know is not read, and so not written. What cannot be read is MalformedXML,
as S3 calls it.
Source: the "AWS restXml protocol" page of the Smithy specification; "Error responses" in the S3 API
Reference.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from lxml import etree

from rolekeeper.errors import MalformedXml
from rolekeeper.wire.model import Member, Shape
from rolekeeper.wire.reading import scalars

__all__ = ["decode", "encode", "make_reader", "make_writer"]

Element = etree._Element
Read = Callable[[Element], Any]
Write = Callable[[Element, str, Any], None]
"""(element that it goes into, name, value)."""

_XSI: Final = "http://www.w3.org/2001/XMLSchema-instance"


def decode(body: bytes, root: str) -> Element:
    """The root of a document, which must have that name."""
    parser = etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        found = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError):
        raise MalformedXml() from None
    if found.getroottree().docinfo.internalDTD is not None or _local(found) != root:
        raise MalformedXml()
    return found


def encode(name: str, namespace: tuple[str, str] | None, value: Any, write: Write) -> bytes:
    """The document of one value; MalformedXML for text that XML cannot have."""
    holder = etree.Element("holder")
    try:
        write(holder, name, value)
    except ValueError:
        raise MalformedXml() from None
    root = holder[0]
    if namespace is not None and not namespace[0]:
        root.set("xmlns", namespace[1])
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True)


def make_reader(shape: Shape, of: Callable[[Shape], Read]) -> Read:
    """What reads a value of that type from its element."""
    if shape.type == "structure":
        return _structure(shape, of)
    if shape.type == "list":
        element, name = of(shape.element), shape.element_name
        return lambda given: [element(each) for each in _children(given) if _local(each) == name]
    if shape.type == "map":
        return _map(shape, of)
    return _scalar(shape)


def make_writer(shape: Shape, of: Callable[[Shape], Write]) -> Write:
    """What writes a value of that type into an element."""
    if shape.type == "structure":
        return _written_structure(shape, of)
    if shape.type == "list":
        return _written_list(shape, of)
    if shape.type == "map":
        return _written_map(shape, of)
    convert = scalars.writer(shape, "iso8601")

    def write(parent: Element, name: str, value: Any) -> None:
        etree.SubElement(parent, name).text = convert(value)

    return write


# -- in -------------------------------------------------------------------------------------------


def _structure(shape: Shape, of: Callable[[Shape], Read]) -> Read:
    attributes = {_qualified(one): one.name for one in shape.members if one.xml_attribute}
    members = {one.own_name: _member(one, of) for one in shape.members if not one.xml_attribute}

    def read(given: Element) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for name, member in attributes.items():
            text = given.get(name)
            if text is not None:
                values[member] = text
        for child in _children(given):
            known = members.get(_local(child))
            if known is None:
                continue
            name, many, reader = known
            if many:
                values.setdefault(name, []).append(reader(child))
            elif name in values:
                raise MalformedXml()
            else:
                values[name] = reader(child)
        return values

    return read


def _member(member: Member, of: Callable[[Shape], Read]) -> tuple[str, bool, Read]:
    """Its name, whether its element is one of a list that has no element itself, and what reads it."""
    many = member.shape.flattened and member.shape.type == "list"
    return member.name, many, of(member.shape.element if many else member.shape)


def _map(shape: Shape, of: Callable[[Shape], Read]) -> Read:
    key_name, value_name = shape.entry_names
    read_key, read_value = of(shape.key), of(shape.value)

    def read(given: Element) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for entry in _children(given):
            parts = {_local(child): child for child in _children(entry)}
            if key_name not in parts or value_name not in parts or len(parts) != len(entry):
                raise MalformedXml()
            key = read_key(parts[key_name])
            if key in values:
                raise MalformedXml()
            values[key] = read_value(parts[value_name])
        return values

    return read


def _scalar(shape: Shape) -> Read:
    convert, is_text = scalars.reader(shape), shape.type == "string"

    def read(given: Element) -> Any:
        if len(given):
            raise MalformedXml()
        text = given.text or ""
        try:
            return text if is_text else convert(text.strip())
        except (ValueError, OverflowError, OSError):
            raise MalformedXml() from None

    return read


def _children(given: Element) -> list[Element]:
    """The elements in an element, among which there may be white space only."""
    found = list(given)
    if _is_text(given.text) or any(_is_text(each.tail) for each in found):
        raise MalformedXml()
    return found


def _is_text(text: str | None) -> bool:
    return text is not None and not text.isspace() and text != ""


def _local(given: Element) -> str:
    tag = given.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def _qualified(member: Member) -> str:
    prefix, _, name = member.own_name.rpartition(":")
    return f"{{{_XSI}}}{name}" if prefix == "xsi" else name


# -- out ------------------------------------------------------------------------------------------


def _written_structure(shape: Shape, of: Callable[[Shape], Write]) -> Write:
    members = {
        member.name: (_qualified(member) if member.xml_attribute else member.own_name, of(member.shape))
        for member in shape.members
    }
    attributes = frozenset(member.name for member in shape.members if member.xml_attribute)
    spaces = {"xsi": _XSI} if attributes else None

    def write(parent: Element, name: str, value: Mapping[str, Any]) -> None:
        element = etree.SubElement(parent, name, nsmap=spaces)
        for key, given in value.items():
            own, inner = members[key]
            if key in attributes:
                element.set(own, given)
            else:
                inner(element, own, given)

    return write


def _written_list(shape: Shape, of: Callable[[Shape], Write]) -> Write:
    inner, own, flat = of(shape.element), shape.element_name, shape.flattened

    def write(parent: Element, name: str, value: list[Any]) -> None:
        into = parent if flat else etree.SubElement(parent, name)
        for each in value:
            inner(into, name if flat else own, each)

    return write


def _written_map(shape: Shape, of: Callable[[Shape], Write]) -> Write:
    key_name, value_name = shape.entry_names
    write_key, write_value = of(shape.key), of(shape.value)

    def write(parent: Element, name: str, value: Mapping[str, Any]) -> None:
        into = parent if shape.flattened else etree.SubElement(parent, name)
        for key, each in value.items():
            entry = etree.SubElement(into, name if shape.flattened else "entry")
            write_key(entry, key_name, key)
            write_value(entry, value_name, each)

    return write
