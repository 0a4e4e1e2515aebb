"""Which operation a request of a REST protocol names: by its service, its method and its path.

The templates of a service's model become one tree of segments, so that a path is looked up in as many steps
as it has segments, and what stands there literally wins over a label. A path is taken apart as the signature
sees it (`canonical`): dots and empty segments are gone, an escaped slash is part of a label. The service is
named by the credential scope, whatever the kind of signature; a request without one is known by its path
alone.
Source: "HTTP bindings" in the Smithy specification; "Create a signed AWS API request" in the IAM User Guide.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Final
from urllib.parse import unquote_to_bytes

import msgspec

from rolekeeper.wire.canonical import query_pairs, without_dots
from rolekeeper.wire.http import HttpRequest
from rolekeeper.wire.model import OperationModel, Service, rest_services

__all__ = ["Route", "lead", "route", "scope"]

MOST_SEGMENTS: Final = 256
"""A path of more is of no operation."""

_SCOPE: Final = re.compile(
    r"Credential=[^,\s]*/[0-9]{8}/(?P<region>[a-z0-9-]{1,64})/(?P<service>[a-z0-9-]{1,64})/aws4_request[,\s]"
)
_PRESIGNED: Final = re.compile(
    r"[^/]+/[0-9]{8}/(?P<region>[a-z0-9-]{1,64})/(?P<service>[a-z0-9-]{1,64})/aws4_request"
)


class Route(msgspec.Struct, frozen=True, kw_only=True):
    """Where a request leads."""

    service: Service
    operation: OperationModel | None
    """None where the service has no operation of that method and path."""
    labels: Mapping[str, str]
    """What stands in the path for each label of the template."""


def route(request: HttpRequest) -> Route | None:
    """Where a request leads; None where it is of none of the services with a REST protocol."""
    return None if request.header("x-amz-target") is not None else _route(request)


def scope(request: HttpRequest) -> tuple[str, str] | None:
    """The region and the signing name in a request's credential scope, which nobody has verified."""
    authorization = request.header("authorization")
    found = _SCOPE.search(authorization) if authorization is not None else None
    if found is None and "X-Amz-Credential" in request.query:
        claimed = dict(query_pairs(request.query)).get("X-Amz-Credential", "")
        found = _PRESIGNED.fullmatch(claimed)
    return None if found is None else (found["region"], found["service"])


def _route(request: HttpRequest) -> Route | None:
    named = scope(request)
    if named is not None:
        service = rest_services().get(named[1])
        return None if service is None else lead(service, request)
    for service in rest_services().values():
        found = lead(service, request)
        if found.operation is not None:
            return found
    return None


def lead(service: Service, request: HttpRequest) -> Route:
    """Where a request to a service leads."""
    segments = without_dots(request.path).strip("/").split("/", MOST_SEGMENTS)
    for template, values in _tree(service).get(request.method, _Branch()).find(segments):
        if template.query and not template.query <= set(query_pairs(request.query)):
            continue
        labels = {name: _decoded(value) for name, value in zip(template.labels, values, strict=True)}
        return Route(service=service, operation=template.operation, labels=labels)
    return Route(service=service, operation=None, labels={})


def _decoded(segment: str) -> str:
    return unquote_to_bytes(segment.encode("latin-1", "replace")).decode("utf-8", "replace")


# -- the templates --------------------------------------------------------------------------------


class _Template(msgspec.Struct, frozen=True, kw_only=True):
    operation: OperationModel
    labels: tuple[str, ...]
    query: frozenset[tuple[str, str]]
    """What must stand in the query string, where the template has one itself."""


class _Branch:
    """All templates that begin alike."""

    def __init__(self) -> None:
        self.literal: dict[str, _Branch] = {}
        self.label: _Branch | None = None
        self.greedy: _Branch | None = None
        self.templates: list[_Template] = []

    def find(self, segments: list[str]) -> Iterator[tuple[_Template, list[str]]]:
        """The templates that such segments fit, the most literal first, and what stands for their labels."""
        if not segments:
            yield from ((template, []) for template in self.templates)
            return
        first, rest = segments[0], segments[1:]
        known = self.literal.get(_decoded(first))
        if known is not None:
            yield from known.find(rest)
        if self.label is not None and first:
            yield from ((found, [first, *values]) for found, values in self.label.find(rest))
        if self.greedy is not None:
            for end in range(1, len(segments) + 1):  # what stands literally behind it is none of its own
                taken = "/".join(segments[:end])
                yield from ((found, [taken, *values]) for found, values in self.greedy.find(segments[end:]))

    def grow(self, segment: str) -> _Branch:
        """The branch behind one segment of a template."""
        if not segment.startswith("{"):
            return self.literal.setdefault(segment, _Branch())
        if segment.endswith("+}"):
            self.greedy = self.greedy or _Branch()
            return self.greedy
        self.label = self.label or _Branch()
        return self.label


@cache
def _tree(service: Service) -> Mapping[str, _Branch]:
    """The templates of a service by method."""
    trees: dict[str, _Branch] = {}
    for operation in service.operations.values():
        path, _, query = operation.uri.partition("?")
        segments = path.strip("/").split("/")
        branch = trees.setdefault(operation.method, _Branch())
        for segment in segments:
            branch = branch.grow(segment)
        labels = tuple(segment.strip("{+}") for segment in segments if segment.startswith("{"))
        needed = frozenset(query_pairs(query))
        branch.templates.append(_Template(operation=operation, labels=labels, query=needed))
        branch.templates.sort(key=lambda template: -len(template.query))
    return trees
