"""Buckets and objects: their ARNs, and the source of a copy, which is a path in a header.

The rule of this file: what a name means must be what stands behind takes it for. A bucket's name has the
characters of one and no others; an object's key is anything that is not empty. Access points are refused:
nothing behind is known to serve their data.
Source: "General purpose bucket naming rules" and "Naming Amazon S3 objects" in the Amazon S3 User Guide;
"CopyObject" in the Amazon S3 API Reference.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import unquote

import msgspec

from rolekeeper.errors import InvalidArgument
from rolekeeper.gateway.asked import Asked, Unclassified

_BUCKET = re.compile("[A-Za-z0-9][A-Za-z0-9._-]{1,254}")  # with those of the time before 2018
_NO_SOURCE = "Copy Source must mention the source bucket and key: sourcebucket/sourcekey"
_VERSION = re.compile(r"\?versionId=([^?#&;]+)$")


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """What a copy reads."""

    bucket: str
    key: str
    version: str | None


def bucket_of(asked: Asked) -> str:
    """The bucket that a request is about. Unclassified."""
    return checked_bucket(asked, asked.members.get("Bucket"))


def checked_bucket(asked: Asked, name: object) -> str:
    """A name that a bucket can have. Unclassified."""
    if not isinstance(name, str) or not _BUCKET.fullmatch(name):
        raise Unclassified(f"`{asked.operation.name}` is about no bucket that has a name of one: `{name}`")
    return name


def key_of(asked: Asked) -> str:
    """The key of the object that a request is about. Unclassified."""
    return checked_key(asked, asked.members.get("Key"))


def checked_key(asked: Asked, key: object) -> str:
    """A key that is one. Unclassified."""
    if not isinstance(key, str) or not key:
        raise Unclassified(f"`{asked.operation.name}` names no object")
    return key


def version_of(said: Mapping[str, Any]) -> str | None:
    """The version that a request, or a part of one, names of an object. InvalidArgument."""
    version = said.get("VersionId")
    if version is None:
        return None
    if not isinstance(version, str) or not version:  # to a backend it would be the object itself
        raise InvalidArgument("Version id cannot be the empty string")
    return version


def bucket_arn(asked: Asked, bucket: str) -> str:
    """The ARN of a bucket: it has neither a region nor an account."""
    return f"arn:{asked.partition}:s3:::{bucket}"


def object_arn(asked: Asked, bucket: str, key: str) -> str:
    """The ARN of an object."""
    return f"arn:{asked.partition}:s3:::{bucket}/{key}"


def sources(asked: Asked) -> Iterator[Source]:
    """What a copy reads: `bucket/key`, with a slash before or not, encoded as in an address.

    A plus is a space to some and a plus to others, so both are asked. What else could be read in two ways, or
    not at all as a tab is by some, is refused: it has to be encoded. InvalidArgument.
    """
    text = asked.members.get("CopySource")
    if not isinstance(text, str):
        raise InvalidArgument(_NO_SOURCE)
    version = _VERSION.search(text)
    path = text[: version.start()] if version is not None else text
    if re.search(r"[?#;\\\x00-\x1f\x7f]", path):
        raise InvalidArgument("Copy Source must be URL-encoded")
    for each in dict.fromkeys((path, path.replace("+", " "))):
        bucket, slash, key = unquote(each).removeprefix("/").partition("/")
        if not slash or not key or not _BUCKET.fullmatch(bucket):
            raise InvalidArgument(_NO_SOURCE)
        yield Source(bucket=bucket, key=key, version=unquote(version[1]) if version is not None else None)
