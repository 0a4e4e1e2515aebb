"""The canonical request of Signature Version 4: one text for all the ways to write the same request.

The rule of this file: two requests have the same canonical text only if the server reads the same from them.
Hence a plus sign in a query string is a space here, as it is to the parser of forms. All text is the bytes
that came, read as Latin-1. What is no valid request only gets a text that nobody has signed.
Source: "Create a signed AWS API request" in the IAM User Guide, steps 1 and 2.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from functools import lru_cache
from hashlib import sha256
from operator import itemgetter
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote_to_bytes

from rolekeeper.errors import SignatureDoesNotMatch

if TYPE_CHECKING:
    from rolekeeper.wire.http import HttpRequest

__all__ = [
    "canonical_path",
    "canonical_query",
    "canonical_request",
    "canonical_s3_path",
    "canonical_s3_request",
    "payload_hash",
    "query_pairs",
    "query_parameters",
    "signed_lines",
    "without_dots",
]

SIGNATURE_PARAMETER = "X-Amz-Signature"

_UNRESERVED = re.compile(r"[A-Za-z0-9\-._~]*")
_PLAIN_PATH = re.compile(r"(?:/[A-Za-z0-9\-_~]+)+/?")  # no dot: nothing to normalise or to encode
_PLAIN_S3_PATH = re.compile(r"(?:/[A-Za-z0-9\-._~]*)+")  # S3 resolves no dots
_SPACE = re.compile(r"[ \t\r\n\f\v]+")


def canonical_request(
    request: HttpRequest, signed_headers: Sequence[str], payload: str, *, normalize_path: bool = True
) -> bytes:
    """The text that is hashed into the string to sign.

    `signed_headers` are lower-case names in order, `payload` is the hash of the body in hexadecimal. S3 alone
    does not normalise the path. A presigned request's own signature is no part of the text.
    Raises SignatureDoesNotMatch where a signed header is absent: that is not the same as an empty one.
    """
    method, query = request.method, canonical_query(request.query) if request.query else ""
    path, headers = canonical_path(request.path, normalize=normalize_path), _headers(request, signed_headers)
    return _raw(f"{method}\n{path}\n{query}\n{headers}\n{payload}")


def canonical_s3_request(request: HttpRequest, signed_headers: Sequence[str], payload: str) -> bytes:
    """The same as S3 has it: the path as it is, encoded once; `payload` is what the request says it is.

    Source: "Signature Calculations for the Authorization Header: Transferring Payload in a Single Chunk" in
    the Amazon S3 API Reference.
    """
    method, query = request.method, canonical_query(request.query) if request.query else ""
    path, headers = canonical_s3_path(request.path), _headers(request, signed_headers)
    return _raw(f"{method}\n{path}\n{query}\n{headers}\n{payload}")


def _headers(request: HttpRequest, signed: Sequence[str]) -> str:
    """The lines of the signed headers, an empty one, and the list of their names; SignatureDoesNotMatch."""
    values_of, template = _header_form(tuple(signed))
    try:
        values = values_of(request.index)
    except KeyError:
        raise SignatureDoesNotMatch() from None
    if len(signed) == 1:
        values = (values,)
    text = template % values if request.plain else ""
    if not text or "  " in text or "," in text:
        text = template % _plain_values(request, signed, values)
    return text


def _plain_values(request: HttpRequest, names: Sequence[str], values: tuple[str, ...]) -> tuple[str, ...]:
    """Nearly all values are plain text already, which one look at all of them together tells."""
    values = tuple(map(str.strip, values))
    together = "".join(values)
    if "  " in together or "," in together or not (together.isascii() and together.isprintable()):
        return tuple([_written(request, name) for name in names])
    return values


def canonical_path(path: str, *, normalize: bool = True) -> str:
    """The path with each byte of it encoded once more, after dots and empty segments have been resolved."""
    if path == "/" or not path:
        return "/"
    if _PLAIN_PATH.fullmatch(path):
        return path
    if normalize:
        path = without_dots(path)
    return quote(_raw(path), safe="/-._~")


def canonical_s3_path(path: str) -> str:
    """The path with each character encoded as AWS does it, and nothing else: dots, empty segments and encoded
    slashes are part of an object's key."""
    if _PLAIN_S3_PATH.fullmatch(path):
        return path
    return "/".join([quote(unquote_to_bytes(_raw(part)), safe="-._~") for part in path.split("/")]) or "/"


def without_dots(path: str) -> str:
    """As RFC 3986, 5.2.4, and empty segments go too; a slash at the end stays where a segment is left."""
    kept: list[str] = []
    for segment in path.split("/"):
        if segment == "..":
            del kept[-1:]
        elif segment not in ("", "."):
            kept.append(segment)
    return f"/{'/'.join(kept)}{'/' if kept and path.endswith('/') else ''}"


def canonical_query(query: str) -> str:
    """The parameters, encoded alike, in the order of their encoded names and values; no signature."""
    pairs = sorted((_encode(name), _encode(value)) for name, value in _pairs(query))
    return "&".join([f"{name}={value}" for name, value in pairs if name != SIGNATURE_PARAMETER])


def query_parameters(query: str, names: Container[str]) -> list[tuple[str, str]]:
    """Those of the parameters that have one of these names, decoded, as often as they stand there."""
    return [(decoded, _decode(value)) for name, value in _pairs(query) if (decoded := _decode(name)) in names]


def query_pairs(query: str) -> list[tuple[str, str]]:
    """All parameters, decoded, in the order in which they came."""
    return [(_decode(name), _decode(value)) for name, value in _pairs(query)]


def payload_hash(body: bytes) -> str:
    """SHA-256 of the body, in hexadecimal."""
    return sha256(body).hexdigest()


def _pairs(query: str) -> Iterable[tuple[str, str]]:
    for parameter in query.split("&"):
        if parameter:
            name, _, value = parameter.partition("=")
            yield name, value


def _raw(text: str) -> bytes:
    return text.encode("latin-1", "backslashreplace")  # which replaces nothing that came over a wire


def _bytes(text: str) -> bytes:
    return unquote_to_bytes(_raw(text.replace("+", " ")))


def _decode(text: str) -> str:
    return text if _UNRESERVED.fullmatch(text) else _bytes(text).decode("utf-8", "surrogateescape")


def _encode(text: str) -> str:
    return text if _UNRESERVED.fullmatch(text) else quote(_bytes(text), safe="-._~")


def signed_lines(headers: Mapping[str, str]) -> tuple[str, str]:
    """The lines of headers that are to be signed, by lower-case name and each once, with an empty line and
    the list of their names; and that list."""
    names = tuple(sorted(headers))
    values_of, template = _header_form(names)
    values = tuple(map(str.strip, values_of(headers) if len(names) > 1 else (headers[names[0]],)))
    text = template % values
    if "  " in text:
        text = template % tuple([_SPACE.sub(" ", value) for value in values])
    return text, ";".join(names)


@lru_cache(maxsize=256)  # clients sign few sets of headers, and again and again
def _header_form(names: tuple[str, ...]) -> tuple[Callable[[Mapping[str, str]], Any], str]:
    """What gets the values of the headers, and the text that they belong into: a line for each, an empty one,
    and the list of their names."""
    escaped = [name.replace("%", "%%") for name in names]
    return itemgetter(*names), "".join([f"{name}:%s\n" for name in escaped]) + "\n" + ";".join(escaped)


def _written(request: HttpRequest, name: str) -> str:
    """A header by the book: trimmed, with one space for a run of white space; several of one name are joined
    by a comma, which may stand in a value too, so they are taken one by one."""
    return ",".join([_one_space(each) for key, each in request.headers if key == name])


def _one_space(value: str) -> str:
    # str.split() takes bytes of UTF-8 that are read as Latin-1 (NBSP, NEL) for white space.
    if value.isascii():
        return " ".join(value.split())
    return _SPACE.sub(" ", value).strip(" ")
