"""The output side of the query protocol: an operation's result to XML.

Each type of a model becomes one closure that appends text to a list; a scalar's tags are made beforehand.
A result with a member that the model does not have is a defect of ours and raises at once.
Characters that XML 1.0 cannot hold become U+FFFD: a document that no parser reads helps nobody.
Source: the "query protocol" page of the Smithy specification; XML 1.0, sections 2.2 and 2.4.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from rolekeeper.wire.model import OperationModel, Service, Shape
from rolekeeper.wire.scalars import WRITE

__all__ = ["escape", "output_writer"]

Writer = Callable[[Any, list[str]], None]
"""(value, document) -> None: appends the element's text."""

_NOT_IN_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def escape(text: str) -> str:
    """Text as the content of an element. A bare CR is written as a reference, or parsers make it a LF."""
    if "&" in text:
        text = text.replace("&", "&amp;")
    if "<" in text or ">" in text:
        text = text.replace("<", "&lt;").replace(">", "&gt;")
    if not text.isprintable():  # nearly all text is, and this is found out faster than by the expression
        text = _NOT_IN_XML.sub("\ufffd", text).replace("\r", "&#13;")
    return text


@cache
def output_writer(service: Service, operation: OperationModel) -> Callable[[Mapping[str, Any], str], bytes]:
    """The writer of one operation's answer, compiled once: (result by the model's names, request ID) -> XML.

    The writer raises ValueError for a result that does not fit the model.
    """
    name = operation.name
    head = f'<{name}Response xmlns="{service.xml_namespace}">'
    foot = f"</RequestId></ResponseMetadata></{name}Response>".encode()
    wrapper = operation.result_wrapper
    if wrapper is not None:
        head += f"<{wrapper}>"
    metadata = "" if wrapper is None else f"</{wrapper}>"
    metadata += "<ResponseMetadata><RequestId>"
    write = _structure(operation.output) if operation.output is not None else _nothing

    def respond(result: Mapping[str, Any], request_id: str) -> bytes:
        document = [head]
        write(result, document)
        document.append(metadata)
        document.append(escape(request_id))
        return "".join(document).encode() + foot

    return respond


def _nothing(result: Mapping[str, Any], document: list[str]) -> None:
    if result:
        raise ValueError(f"the operation has no output, and its result has {sorted(result)}")


def _structure(shape: Shape) -> Writer:
    writers = {member.name: _element(member.wire_name, member.shape) for member in shape.members}

    def write(value: Mapping[str, Any], document: list[str]) -> None:
        for name, part in value.items():
            if name not in writers:
                raise ValueError(f"{shape.name} has no member {name!r}")
            if part is not None:
                writers[name](part, document)

    return write


def _element(tag: str, shape: Shape) -> Writer:
    """The writer of a value inside its tag; a flattened list or map repeats the tag instead."""
    if shape.type in WRITE:
        return _scalar(tag, shape)
    if shape.flattened:
        return _list(tag, shape) if shape.type == "list" else _map(tag, shape)
    start, end, write_inside = f"<{tag}>", f"</{tag}>", _inside(shape)

    def write(value: Any, document: list[str]) -> None:
        document.append(start)
        write_inside(value, document)
        document.append(end)

    return write


def _inside(shape: Shape) -> Writer:
    if shape.type == "structure":
        return _structure(shape)
    return _list(shape.element_name, shape) if shape.type == "list" else _map("entry", shape)


def _list(tag: str, shape: Shape) -> Writer:
    write_element = _element(tag, shape.element)

    def write(value: Any, document: list[str]) -> None:
        for element in value:
            write_element(element, document)

    return write


def _map(tag: str, shape: Shape) -> Writer:
    key_tag, value_tag = shape.entry_names
    write_key, write_value = _element(key_tag, shape.key), _element(value_tag, shape.value)
    start, end = f"<{tag}>", f"</{tag}>"

    def write(value: Mapping[str, Any], document: list[str]) -> None:
        for key, part in value.items():
            document.append(start)
            write_key(key, document)
            write_value(part, document)
            document.append(end)

    return write


def _scalar(tag: str, shape: Shape) -> Writer:
    start, end, to_text = f"<{tag}>", f"</{tag}>", WRITE[shape.type]
    if shape.type == "string":
        return lambda value, document: document.append(f"{start}{escape(value)}{end}")
    return lambda value, document: document.append(f"{start}{to_text(value)}{end}")
