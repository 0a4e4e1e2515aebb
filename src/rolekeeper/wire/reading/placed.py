"""One member in its place outside of the body: its text read, and written in one way only.

Headers are bytes of UTF-8, as all of AWS's clients send them; a list in one has commas between its elements
and quotation marks around those that have commas themselves.
Source: "HTTP bindings" in the Smithy specification; RFC 3986, 2.1 and RFC 9110, 5.6.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import msgspec

from rolekeeper.errors import InvalidUri, MalformedInput
from rolekeeper.wire.excerpt import excerpt
from rolekeeper.wire.model import Member
from rolekeeper.wire.reading import scalars

__all__ = [
    "Place",
    "Reader",
    "converted",
    "header_of",
    "is_straight",
    "joined",
    "listed",
    "name_of",
    "place_of",
    "quoted",
    "text_of",
]

Reader = Callable[[str], Any]
Writer = Callable[[Any], str]

_TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9a-z]+")
_UNRESERVED = re.compile(r"[A-Za-z0-9\-._~]*")


class Place(msgspec.Struct, frozen=True):
    """How a member is read and written."""

    name: str
    many: bool
    """It is a list, which these read and write an element of."""
    read: Reader
    write: Writer
    is_text: bool


def place_of(member: Member, form: str, special: Reader | None = None) -> Place:
    shape, many = member.shape, member.shape.type == "list"
    inner = shape.element if many else shape
    if member.is_json and member.location == "header":
        return Place(member.name, False, _read_json, _write_json, False)
    read = special or scalars.reader(inner)
    return Place(member.name, many, read, scalars.writer(inner, form), inner.type == "string")


def converted(place: Place, key: str, text: str) -> Any:
    try:
        return place.read(text)
    except (ValueError, OverflowError, OSError):
        raise MalformedInput(f"The value of '{excerpt(key)}' is not of its type") from None


def _read_json(text: str) -> Any:
    try:
        return json.loads(base64.b64decode(text, validate=True))
    except (binascii.Error, RecursionError):
        raise ValueError("it is no JSON in Base64") from None


def _write_json(value: Any) -> str:
    return base64.b64encode(json.dumps(value, separators=(",", ":")).encode()).decode()


_ELEMENT = re.compile(r'\s*(?:"((?:[^"\\]|\\.|"")*)"|([^,"]*))\s*(?:,|$)')


def listed(place: Place, key: str, text: str) -> list[Any]:
    """The elements of a header that is a list: RFC 9110, 5.6.1 and 5.6.4."""
    found, at = [], 0
    if "," in text and not place.is_text and re.match(r"[A-Za-z]{3},", text):  # dates, which have a comma
        parts = text.split(",")
        return [converted(place, key, ",".join(parts[i : i + 2]).strip()) for i in range(0, len(parts), 2)]
    while at < len(text):
        match = _ELEMENT.match(text, at)
        if match is None or match.end() == at:
            raise MalformedInput(f"The header '{excerpt(key)}' is not a list")
        quoted, plain = match.groups()
        part = plain.strip() if quoted is None else re.sub(r'\\(.)|"(")', r"\1\2", quoted)
        if part or quoted is not None:
            found.append(converted(place, key, part))
        at = match.end()
    return found


def joined(place: Place, value: list[Any]) -> str:
    return ",".join(
        [_quoted_element(place.write(each)) if place.is_text else place.write(each) for each in value]
    )


def _quoted_element(text: str) -> str:
    if '"' in text or "," in text:
        escaped = text.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}"'
    return text


def text_of(raw: str) -> str:
    """A header's value as text: bytes of UTF-8, as all of AWS's clients send them."""
    raw = raw.strip(" \t")
    if raw.isascii():
        return raw
    try:
        return raw.encode("latin-1").decode()
    except UnicodeError:
        raise MalformedInput("The request has a header that is not UTF-8") from None


def name_of(text: str) -> str:
    """A header's name that is made of what a client says; a name in a query string may be anything."""
    if not _TOKEN.fullmatch(text):
        raise MalformedInput("The request has a header with a name that is none")
    return text


def header_of(text: str) -> str:
    """A header's value as it is on the wire: bytes of UTF-8, read as Latin-1."""
    if "\n" in text or "\r" in text or "\0" in text:
        raise MalformedInput("The request has a header with a control character")
    return text if text.isascii() else text.encode("utf-8", "replace").decode("latin-1")


def is_straight(text: str) -> bool:
    """Whether a label leads where it says: a segment of dots, even with an encoded slash, leads elsewhere."""
    if "." not in text:
        return True
    return {".", ".."}.isdisjoint(text.split("/"))


def quoted(text: str, safe: str = "") -> str:
    if _UNRESERVED.fullmatch(text):
        return text
    try:
        return quote(text, safe=safe + "-._~")
    except UnicodeEncodeError:
        raise InvalidUri() from None
