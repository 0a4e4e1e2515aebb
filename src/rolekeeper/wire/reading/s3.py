"""What a request to S3 names: by its method, by what its path or host has, and by marks beside them.

An operation has marks that a request must have: what its template has in the query string (`?acl`), and its
required parameters and headers (`uploadId`, `x-amz-copy-source`). The rule of this file: the operation with
most marks that the request has is meant, and a mark that is none of its own is refused, for it would mean
another. The path is taken as it is, decoded once, a plus being a space, as S3 has it: S3 knows no dots and no
empty segments, and a key that has segments of dots is refused, because others on the way know them.
Source: "Virtual hosting" and "Naming objects" in the Amazon S3 User Guide; the S3 API Reference.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Final
from urllib.parse import unquote_to_bytes

import msgspec

from rolekeeper.errors import InvalidArgument, InvalidBucketName, InvalidRequest, InvalidUri, MethodNotAllowed
from rolekeeper.wire.http import HttpRequest
from rolekeeper.wire.model import OperationModel, Service
from rolekeeper.wire.reading.places import hoisted, pairs_of, template_query

__all__ = ["CONTROL_PATH", "labels_of", "operation_of"]

CONTROL_PATH: Final = "/v20180820/"
"""What all paths of S3's control service begin with, so that a bucket of that name cannot be told from it."""

_BUCKET: Final = re.compile(r"[A-Za-z0-9._-]{1,255}")
_BROKEN: Final = re.compile(r"%(?![0-9A-Fa-f]{2})")
_NEVER: Final = frozenset({"ListDirectoryBuckets", "WriteGetObjectResponse", "CreateSession"})
"""Operations at hosts of their own, which share their path with another."""

_HEADERS: Final = frozenset({"x-amz-copy-source", "x-amz-object-attributes", "x-amz-rename-source"})
"""The headers that are marks."""

_PLACES: Final = {"/": "service", "/{Bucket}": "bucket", "/{Bucket}/{Key+}": "object"}
_UPLOAD: Final = "multipart/form-data"


class _Marked(msgspec.Struct, frozen=True):
    operation: OperationModel
    marks: frozenset[str]
    """Names of parameters and of headers, all of which are there."""
    values: tuple[tuple[str, str], ...]
    """What some of the parameters must have as their value."""
    strange: frozenset[str] = frozenset()
    """Marks of other operations, which a request for this one must not have."""


def labels_of(path: str, bucket: str) -> dict[str, str]:
    """The bucket and the key of a path, and of the host's name; InvalidURI or InvalidBucketName."""
    if not path.startswith("/") or _BROKEN.search(path):
        raise InvalidUri()
    rest = path[1:]
    if not bucket:
        first, _, rest = rest.partition("/")
        bucket = _decoded(first)
        if not bucket:
            if rest:
                raise InvalidUri()
            return {}
    if not _BUCKET.fullmatch(bucket) or bucket in (".", "..") or bucket == CONTROL_PATH.strip("/"):
        raise InvalidBucketName()
    if not rest:
        return {"Bucket": bucket}
    key = _decoded(rest.replace("+", " "))
    if "\0" in key or ("." in key and not {".", ".."}.isdisjoint(key.split("/"))):
        raise InvalidUri()
    return {"Bucket": bucket, "Key": key}


def operation_of(
    service: Service, request: HttpRequest, labels: Mapping[str, str]
) -> tuple[OperationModel, bool]:
    """The operation that a request names, and whether it is the upload of a browser's form."""
    place = "object" if "Key" in labels else "bucket" if labels else "service"
    if not request.query and _HEADERS.isdisjoint(request.index):
        plain = _plain(service).get((request.method, place))
        if plain is not None:
            return plain, False
    pairs = pairs_of(request)
    query = dict(pairs)
    present = query.keys() | (request.index.keys() & _HEADERS)
    if pairs:
        present |= dict(hoisted(pairs)).keys()
    found = None
    for one in _table(service).get((request.method, place), ()):
        if one.marks <= present and all(query.get(name) == value for name, value in one.values):
            found = one
            break
    if found is None:
        if request.method == "POST" and place == "bucket" and _is_upload(request):
            return service.operations["PutObject"], True
        raise MethodNotAllowed()
    _check_other_marks(found, query)
    if query.get("x-id", found.operation.name) != found.operation.name:
        raise InvalidRequest("The request names two operations")
    return found.operation, False


def _check_other_marks(found: _Marked, query: Mapping[str, str]) -> None:
    if not found.strange.isdisjoint(query):
        others = ", ".join(sorted(found.strange & query.keys()))
        raise InvalidArgument(f"Conflicting query string parameters: {others}")


def _is_upload(request: HttpRequest) -> bool:
    return (request.header("content-type") or "").partition(";")[0].strip().lower() == _UPLOAD


def _decoded(text: str) -> str:
    if "%" not in text and text.isascii():
        return text
    try:
        return unquote_to_bytes(text.encode("latin-1")).decode()
    except UnicodeError:
        raise InvalidUri() from None


@cache
def _table(service: Service) -> Mapping[tuple[str, str], tuple[_Marked, ...]]:
    """The operations by method and kind of resource, those of most marks first."""
    every = frozenset(mark for operation in service.operations.values() for mark in _marks(operation))
    found: dict[tuple[str, str], list[_Marked]] = {}
    for operation in service.operations.values():
        renamed = operation.deprecated and operation.name + "Configuration" in service.operations
        if operation.name not in _NEVER and not renamed:
            place = _PLACES[operation.uri.partition("?")[0]]
            found.setdefault((operation.method, place), []).append(_marked(operation, every))
    for several in found.values():
        several.sort(key=lambda one: -len(one.marks))
    return {key: tuple(several) for key, several in found.items()}


@cache
def _plain(service: Service) -> Mapping[tuple[str, str], OperationModel]:
    """Of each method and kind of resource, the operation that has no marks."""
    return {
        place: one.operation
        for place, several in _table(service).items()
        for one in reversed(several)  # the first of them counts
        if not one.marks and not one.values
    }


def _marked(operation: OperationModel, every: frozenset[str]) -> _Marked:
    members = operation.input.members if operation.input is not None else ()
    own = {member.own_name for member in members if member.location == "querystring"}
    marks = _marks(operation)
    values = tuple((name, value) for name, value in template_query(operation) if value)
    return _Marked(operation, marks, values, every - own - marks)


def _marks(operation: OperationModel) -> frozenset[str]:
    """What a request for an operation must have: parameters, and lower-case headers."""
    marks = {name for name, _ in template_query(operation)}
    for member in operation.input.members if operation.input is not None else ():
        if member.name in operation.required and member.location in ("querystring", "header"):
            marks.add(member.own_name.lower() if member.location == "header" else member.own_name)
    return frozenset(marks)
