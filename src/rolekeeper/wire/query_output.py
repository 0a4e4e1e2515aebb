"""The output side of the query protocol: an operation's result to XML.

Each type of a model becomes one closure from a value to text, with its tags made beforehand.
A result with a member that the model does not have is a defect of ours and raises at once.
Characters that XML 1.0 cannot hold become U+FFFD: a document that no parser reads helps nobody.
Source: the "query protocol" page of the Smithy specification; XML 1.0, sections 2.2 and 2.4.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import cache, lru_cache
from typing import Any

from rolekeeper.wire.model import OperationModel, Service, Shape
from rolekeeper.wire.scalars import WRITE

__all__ = ["Lasting", "escape", "output_writer"]

Writer = Callable[[Any, list[str]], None]
"""(value, what has been written so far): appends the XML of the value."""


class Lasting(dict[str, Any]):
    """A structure that many answers have as it is: it is written once. From then on nobody may change it."""

    __slots__ = ("_writer", "_written")

    def __init__(self, members: Mapping[str, Any]) -> None:
        super().__init__(members)
        self._writer: Writer | None = None
        self._written = ""

    def written(self, writer: Writer) -> str:
        """What a writer makes of it."""
        if self._writer is not writer:
            out: list[str] = []
            writer(self, out)
            self._writer, self._written = writer, "".join(out)
        return self._written


_NOT_IN_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ORDINARY = bytes(byte for byte in range(0x20, 0x7F) if byte not in b"&<>")
_LONGEST_KNOWN = 512  # characters of a text that is remembered with what it was written as


def escape(text: str) -> str:
    """Text as the content of an element. A bare CR is written as a reference, or parsers make it a LF."""
    if text.isascii() and not text.encode().translate(None, _ORDINARY):
        return text
    if "&" in text:
        text = text.replace("&", "&amp;")
    if "<" in text or ">" in text:
        text = text.replace("<", "&lt;").replace(">", "&gt;")
    if not text.isprintable():
        text = _NOT_IN_XML.sub("\ufffd", text).replace("\r", "&#13;")
    return text


_known = lru_cache(maxsize=16_384)(escape)
"""Names, paths, ARNs, IDs: an answer is made of what other answers had too. Never a secret."""


@cache
def output_writer(service: Service, operation: OperationModel) -> Callable[[Mapping[str, Any], str], bytes]:
    """The writer of one operation's answer, compiled once: (result by the model's names, request ID) -> XML.

    The writer raises ValueError for a result that does not fit the model.
    """
    name, wrapper = operation.name, operation.result_wrapper
    head = f'<{name}Response xmlns="{service.xml_namespace}">' + (f"<{wrapper}>" if wrapper else "")
    middle = (f"</{wrapper}>" if wrapper else "") + "<ResponseMetadata><RequestId>"
    foot = f"</RequestId></ResponseMetadata></{name}Response>"
    write = _structure(operation.output) if operation.output is not None else _nothing

    def respond(result: Mapping[str, Any], request_id: str) -> bytes:
        out = [head]
        write(result, out)
        out += (middle, request_id, foot)  # an ID is plain text
        return "".join(out).encode()

    return respond


def _nothing(result: Mapping[str, Any], out: list[str]) -> None:
    if result:
        raise ValueError(f"the operation has no output, and its result has {sorted(result)}")


def _structure(shape: Shape) -> Writer:
    writers = {member.name: _element(member.wire_name, member.shape) for member in shape.members}

    def write_members(value: Mapping[str, Any], out: list[str]) -> None:
        for name, part in value.items():
            writer = writers.get(name)
            if writer is None:
                raise ValueError(f"{shape.name} has no member {name!r}")
            if part is not None:
                writer(part, out)

    def write(value: Mapping[str, Any], out: list[str]) -> None:
        if type(value) is Lasting:
            out.append(value.written(write_members))
        else:
            write_members(value, out)

    return write


def _element(tag: str, shape: Shape) -> Writer:
    """The writer of a value inside its tag; a flattened list or map repeats the tag instead."""
    start, end = f"<{tag}>", f"</{tag}>"
    if shape.type == "string":
        return _text(start, end, secret=shape.sensitive or tag in _SECRET)
    if shape.type in WRITE:
        to_text = WRITE[shape.type]
        return lambda value, out: out.append(f"{start}{to_text(value)}{end}")
    if shape.flattened:
        return _list(tag, shape) if shape.type == "list" else _map(tag, shape)
    write_inside = _inside(shape)

    def write(value: Any, out: list[str]) -> None:
        out.append(start)
        write_inside(value, out)
        out.append(end)

    return write


_SECRET = frozenset({"AccessKeyId", "SecretAccessKey", "SessionToken"})
"""Members that are secrets, though the model does not say it of all of them, or that come but once."""


def _text(start: str, end: str, *, secret: bool) -> Writer:
    if secret:
        return lambda value, out: out.append(f"{start}{escape(value)}{end}")

    def write(value: str, out: list[str]) -> None:
        content = _known(value) if len(value) <= _LONGEST_KNOWN else escape(value)
        out.append(f"{start}{content}{end}")

    return write


def _inside(shape: Shape) -> Writer:
    if shape.type == "structure":
        return _structure(shape)
    return _list(shape.element_name, shape) if shape.type == "list" else _map("entry", shape)


def _list(tag: str, shape: Shape) -> Writer:
    write_element = _element(tag, shape.element)

    def write(value: Iterable[Any], out: list[str]) -> None:
        for element in value:
            write_element(element, out)

    return write


def _map(tag: str, shape: Shape) -> Writer:
    key_tag, value_tag = shape.entry_names
    write_key, write_value = _element(key_tag, shape.key), _element(value_tag, shape.value)
    start, end = f"<{tag}>", f"</{tag}>"

    def write(value: Mapping[str, Any], out: list[str]) -> None:
        for key, part in value.items():
            out.append(start)
            write_key(key, out)
            write_value(part, out)
            out.append(end)

    return write
