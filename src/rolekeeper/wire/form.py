"""The parameters of the query protocol: `a=1&b=2` to a flat table, strictly.

What is not a form is refused, never guessed at: a broken percent escape, bytes that are not UTF-8, a NUL, a
parameter that stands twice (which of the two was signed for, and which would be used?), a body of another
content type. Every error is an `AwsError`, and the cost is linear in the size of the request.
Source: "Making query requests" in the IAM User Guide; the URL-encoded form of the WHATWG URL Standard.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from hashlib import sha256
from typing import Any

from rolekeeper.errors import AwsError, MalformedInput, MalformedQueryString

__all__ = ["Form", "parse_form", "remember"]


class Form(dict[str, str]):
    """Parameter name to its text, both decoded."""

    members: Mapping[str, Any] | None = None
    """What an operation read from it, where the form is remembered."""
    digest: str | None = None
    """SHA-256 of the body that it was read from, in hexadecimal, where the form is remembered."""
    arguments: Mapping[str, Any] | None = None
    """The members as the operation's function takes them, where the form is remembered."""
    place: tuple[str, str] | None = None
    """By what it names its operation, once somebody asked."""
    shown: str | None = None
    """What may be seen of the members, in JSON, once somebody asked."""


_remembered: dict[tuple[str | None, bytes], Form] = {}
_MOST_REMEMBERED = 4096
_LONGEST_REMEMBERED = 1024  # bytes

MAX_PARAMETERS = 10_000
"""AWS has no published limit; its largest list (context entries of a simulation) stays far below this."""

FORM_TYPE = "application/x-www-form-urlencoded"
_SIGNATURE_PREFIX = "X-Amz-"
_BROKEN_ESCAPE = re.compile("%(?![0-9A-Fa-f]{2})")
_HEX = "0123456789abcdefABCDEF"
_ESCAPES = {f"%{a}{b}".encode(): bytes.fromhex(a + b) for a in _HEX for b in _HEX} | {b"%25": b"\0"}


def parse_form(method: str, query: str, content_type: str | None, body: bytes) -> Form:
    """The parameters of a request: those of the body of a POST, and those of the query string.

    The parameters of a presigned URL (`X-Amz-Signature` ...) are the signature's and are left out.
    Raises MalformedQueryString for what cannot be decoded and MalformedInput for what is no form at all.
    """
    if method != "POST" or not body:
        return _parse_query(query) if query else Form()
    if not query:
        known = _remembered.get((content_type, body))
        if known is not None:
            return known
    _check_content_type(content_type)
    form = _parse(body)
    if query:
        beside = _parse_query(query)
        if not beside.keys().isdisjoint(form):
            raise _duplicate(next(name for name in beside if name in form))
        form.update(beside)
    return form


def remember(content_type: str | None, body: bytes, form: Form, members: Mapping[str, Any]) -> None:
    """Keep what a body of a POST was read as: clients put the same question again and again.

    It is kept in memory for long, so it must have no secret in it; and nobody may change the members.
    """
    if len(body) <= _LONGEST_REMEMBERED:
        if len(_remembered) >= _MOST_REMEMBERED:
            _remembered.clear()
        form.members, form.digest = members, sha256(body).hexdigest()
        _remembered[content_type, body] = form


def _check_content_type(content_type: str | None) -> None:
    # The IAM and STS endpoints speak one protocol, so a body of another type is input that they cannot
    # read: MalformedInput, 400, is the code that their protocol has for that (it has none for HTTP's 415).
    # A body without a type is taken as a form: the signature covers it all the same.
    if content_type is not None and not _is_form(content_type):
        raise MalformedInput(f"The content type of the request must be {FORM_TYPE}")


@lru_cache(maxsize=256)
def _is_form(content_type: str) -> bool:
    return content_type.partition(";")[0].strip().lower() in ("", FORM_TYPE)


def _parse(data: bytes) -> Form:
    """The table of one encoded string."""
    try:
        text = data.decode()
    except UnicodeDecodeError:
        raise _not_utf8() from None
    if "\0" in text:
        raise _nul()
    pairs = text.split("&")
    if len(pairs) > MAX_PARAMETERS:
        raise MalformedQueryString(f"The request has more than {MAX_PARAMETERS} parameters")
    if "%" in text or "+" in text or "" in pairs:
        return _parse_escaped(pairs)
    try:
        form = Form([pair.split("=", 1) for pair in pairs])
    except ValueError:  # a name without a value
        return _parse_escaped(pairs)
    return form if len(form) == len(pairs) else _parse_escaped(pairs)


def _parse_escaped(pairs: list[str]) -> Form:
    """The same for a string that has escapes, or empty pairs, or a parameter twice."""
    form = Form()
    for pair in pairs:
        if pair:
            name, _, value = pair.partition("=")
            if "%" in name or "+" in name:
                name = _decode(name)
            if name in form:
                raise _duplicate(name)
            if "%" in value or "+" in value:
                value = (
                    _decode_arn(value) if value.startswith("arn%3A") and len(value) < 512 else _decode(value)
                )
            form[name] = value
    return form


@lru_cache(maxsize=4096)
def _decode_arn(text: str) -> str:
    """The same ARNs come again and again, and nothing in them is secret."""
    return _decode(text)


def _decode(text: str) -> str:
    """One name or value: each escape that occurs in it is replaced everywhere at once.

    A policy document has a hundred escapes of ten kinds. `%25` becomes a NUL until the others are done;
    there can be no other NUL, for neither a raw nor an escaped one is let through.
    """
    text = text.replace("+", " ")
    if "%" not in text:
        return text
    if _BROKEN_ESCAPE.search(text):
        raise MalformedQueryString("The request has a percent sign that two hexadecimal digits do not follow")
    data = text.encode()
    while (at := data.find(b"%")) >= 0:
        escape = data[at : at + 3]
        if escape == b"%00":
            raise _nul()
        data = data.replace(escape, _ESCAPES[escape])
    try:
        return data.replace(b"\0", b"%").decode()
    except UnicodeDecodeError:
        raise _not_utf8() from None


def _parse_query(query: str) -> Form:
    if (
        not query.isascii()
    ):  # RFC 3986 has nothing else in a URL, and there is no saying in which encoding it came
        raise MalformedQueryString("The query string has characters that are not ASCII")
    form = _parse(query.encode())
    return Form({name: value for name, value in form.items() if not name.startswith(_SIGNATURE_PREFIX)})


def _duplicate(name: str) -> AwsError:
    shown = name if len(name) <= 128 else name[:128] + "..."
    return MalformedQueryString(f"The request has the parameter {shown!r} more than once")


def _not_utf8() -> AwsError:
    return MalformedQueryString("The request has bytes that are not UTF-8")


def _nul() -> AwsError:
    return MalformedQueryString("The request has a NUL character")
