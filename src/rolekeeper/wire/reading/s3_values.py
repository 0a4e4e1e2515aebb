"""Headers of S3's that have a form of their own: what is copied, and the tags of an upload.

The rule of this file: they are decoded here and encoded again in one way only, so that whoever reads them
next reads the same. A plus in a source stays what it was, for it is a space to some.
Source: "CopyObject" and "PutObject" in the Amazon S3 API Reference.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final
from urllib.parse import quote, unquote, unquote_plus

from rolekeeper.errors import InvalidArgument

__all__ = ["READ"]

_BROKEN: Final = re.compile(r"%(?![0-9A-Fa-f]{2})")
_BUCKET: Final = re.compile(r"[A-Za-z0-9._-]{1,255}")
_VERSION: Final = re.compile(r"\?versionId=([^?&#]*)$")


def _source(text: str) -> str:
    """`bucket/key?versionId=...`, without a slash before it."""
    version = _VERSION.search(text)
    path = text[: version.start()] if version is not None else text
    bucket, _, key = "+".join(map(_again, path.split("+"))).removeprefix("/").partition("/")
    if "?" in path or "#" in path or not key or not _BUCKET.fullmatch(bucket):
        raise InvalidArgument("Invalid copy source object key")
    if not {".", ".."}.isdisjoint((bucket, *key.split("/"))):
        raise InvalidArgument("Invalid copy source object key")
    return f"{bucket}/{key}" + (f"?versionId={_again(version[1])}" if version is not None else "")


def _again(part: str) -> str:
    if _BROKEN.search(part):
        raise InvalidArgument("Invalid copy source encoding.")
    try:
        return quote(unquote(part, errors="strict"), safe="/-._~")
    except UnicodeError:
        raise InvalidArgument("Invalid copy source encoding.") from None


def _tags(text: str) -> str:
    """`key=value&...`, encoded as in a query string."""
    found: dict[str, str] = {}
    for pair in filter(None, text.split("&")):
        key, _, value = pair.partition("=")
        key, value = _decoded(key), _decoded(value)
        if key in found:
            raise _not_tags()
        found[key] = value
    return "&".join([f"{quote(key, safe='')}={quote(value, safe='')}" for key, value in found.items()])


def _decoded(text: str) -> str:
    if _BROKEN.search(text):
        raise _not_tags()
    try:
        return unquote_plus(text, errors="strict")
    except UnicodeError:
        raise _not_tags() from None


def _not_tags() -> InvalidArgument:
    return InvalidArgument(
        "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query parameters without "
        "tag name duplicates."
    )


READ: Final[Mapping[str, Callable[[str], str]]] = {
    "x-amz-copy-source": _source,
    "x-amz-tagging": _tags,
}
"""By header: what reads it."""
