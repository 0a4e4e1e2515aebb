"""Members that are not in the body: in the path, in the query string, in headers; and back to there.

The rule of this file: the work follows the request, a parameter or header of no member is passed over, and
one that is a member's stands there once. What is written has each in its place, encoded in one way only,
behind what the operation's own template has there (`?acl`).
Source: "HTTP bindings" in the Smithy specification; RFC 3986, 2 and RFC 9110, 5.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from rolekeeper.errors import InvalidUri, MalformedInput
from rolekeeper.wire.canonical import query_pairs
from rolekeeper.wire.excerpt import excerpt
from rolekeeper.wire.http import HttpRequest
from rolekeeper.wire.model import OperationModel
from rolekeeper.wire.reading.placed import (
    Reader,
    converted,
    header_of,
    is_straight,
    joined,
    listed,
    name_of,
    place_of,
    quoted,
    text_of,
)

__all__ = ["PLACES", "Places", "hoisted", "pairs_of", "template_query"]

PLACES: Final = frozenset({"uri", "querystring", "header", "headers"})
"""Where a member can be, if not in the body."""

NOT_COPIED: Final = frozenset({"content-length"})
"""Headers of the framing, which is made anew; a member may have one of them all the same."""

_LABEL = re.compile(r"\{([^}+]+)(\+?)\}")


def pairs_of(request: HttpRequest) -> Sequence[tuple[str, str]]:
    """The parameters of the query string, decoded; InvalidURI where they are no text."""
    if not request.query:
        return ()
    pairs = query_pairs(request.query)
    try:
        "".join([text for pair in pairs for text in pair]).encode()
    except UnicodeEncodeError:
        raise InvalidUri() from None
    return pairs


def template_query(operation: OperationModel) -> tuple[tuple[str, str], ...]:
    """What the template of an operation has in its query string: `acl`, or `list-type` and `2`."""
    query = operation.uri.partition("?")[2]
    return tuple(query_pairs(query)) if query else ()


def hoisted(pairs: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """The headers that whoever presigned a URL of S3's has put into its query string."""
    return [
        (lowered, text.encode().decode("latin-1"))
        for key, text in pairs
        if (lowered := key.lower()).startswith("x-amz-")
    ]


class Places:
    """The places of one operation's members."""

    def __init__(
        self, operation: OperationModel, special: Mapping[str, Reader] | None = None, *, hoisted: bool = False
    ) -> None:
        """`special` reads some headers, and `hoisted` headers may be in the query string, as in S3."""
        self._hoisted = hoisted
        members = operation.input.members if operation.input is not None else ()
        located = [member for member in members if member.location in PLACES]
        self._labels = {one.own_name: place_of(one, "iso8601") for one in located if one.location == "uri"}
        self._query = {
            one.own_name: place_of(one, "iso8601")
            for one in located
            if one.location == "querystring" and one.shape.type != "map"
        }
        self._headers = {
            one.own_name.lower(): place_of(one, "rfc822", (special or {}).get(one.own_name.lower()))
            for one in located
            if one.location == "header"
        }
        self._prefixes = {one.name: one.own_name.lower() for one in located if one.location == "headers"}
        maps = [one for one in located if one.location == "querystring" and one.shape.type == "map"]
        self._others = (maps[0].name, maps[0].shape.value.type == "list") if maps else None
        self._written = {
            place.name: (key, place) for key, place in (self._query | self._headers | self._labels).items()
        }
        self._kinds = {one.name: one.location for one in located}
        self._own = template_query(operation)
        self._own_names = frozenset(name for name, _ in self._own)
        self._path = operation.uri.partition("?")[0]
        self._template = [(name, bool(greedy)) for name, greedy in _LABEL.findall(self._path)]

    # -- in ---------------------------------------------------------------------------------------

    def read(self, request: HttpRequest, labels: Mapping[str, str]) -> dict[str, Any]:
        """The members that are outside of the body."""
        found = {place.name: converted(place, key, labels[key]) for key, place in self._labels.items()}
        if request.query:
            self._read_query(request, found)
        self._read_headers(request.headers, found)
        if self._hoisted and request.query:
            self._read_headers(hoisted(pairs_of(request)), found)
        return found

    def _read_query(self, request: HttpRequest, found: dict[str, Any]) -> None:
        seen = set()
        others: dict[str, Any] = {}
        for key, text in pairs_of(request):
            place = self._query.get(key)
            if place is None and key not in self._own_names:
                if self._others is not None and not key.startswith("X-Amz-"):
                    self._read_other(key, text, others)
                continue
            if place is not None and place.many:
                found.setdefault(place.name, []).append(converted(place, key, text))
                continue
            if key in seen:
                raise MalformedInput(f"The request has the parameter '{excerpt(key)}' more than once")
            seen.add(key)
            if place is not None and (text or place.is_text):
                found[place.name] = converted(place, key, text)
        if others and self._others is not None:
            found[self._others[0]] = others

    def _read_other(self, key: str, text: str, others: dict[str, Any]) -> None:
        if self._others is not None and self._others[1]:
            others.setdefault(key, []).append(text)
        elif key in others:
            raise MalformedInput(f"The request has the parameter '{excerpt(key)}' more than once")
        else:
            others[key] = text

    def _read_headers(self, headers: Iterable[tuple[str, str]], found: dict[str, Any]) -> None:
        for key, raw in headers:
            place = self._headers.get(key)
            if place is not None:
                if place.name not in found:
                    text = text_of(raw)
                    found[place.name] = (
                        listed(place, key, text) if place.many else converted(place, key, text)
                    )
                elif place.many:
                    found[place.name] += listed(place, key, text_of(raw))
                else:
                    raise MalformedInput(f"The request has the header '{excerpt(key)}' more than once")
                continue
            for name, prefix in self._prefixes.items():
                if key.startswith(prefix) and len(key) > len(prefix):
                    named = found.setdefault(name, {})
                    if key[len(prefix) :] in named:
                        raise MalformedInput(f"The request has the header '{excerpt(key)}' more than once")
                    named[key[len(prefix) :]] = text_of(raw)

    # -- out --------------------------------------------------------------------------------------

    def path(self, members: Mapping[str, Any]) -> str:
        """The path, from the template; InvalidURI where a label would lead elsewhere."""
        path = self._path
        for key, greedy in self._template:
            place = self._labels[key]
            text = place.write(members[place.name]) if place.name in members else ""
            if not text or not is_straight(text):
                raise InvalidUri()
            path = path.replace(
                f"{{{key}+}}" if greedy else f"{{{key}}}", quoted(text, "/" if greedy else "")
            )
        return path

    def query(self, members: Mapping[str, Any]) -> str:
        """The query string: the template's, and the members that have their place there."""
        parts = [f"{quoted(key)}={quoted(text)}" if text else quoted(key) for key, text in self._own]
        for name, value in members.items():
            if self._kinds.get(name) != "querystring":
                continue
            if self._others is not None and name == self._others[0]:
                for key, given in value.items():
                    parts += [
                        f"{quoted(key)}={quoted(one)}" for one in (given if self._others[1] else [given])
                    ]
                continue
            key, place = self._written[name]
            for one in value if place.many else (value,):
                parts.append(f"{quoted(key)}={quoted(place.write(one))}")
        return "&".join(parts)

    def headers(self, members: Mapping[str, Any]) -> list[tuple[str, str]]:
        """The headers of members."""
        found: list[tuple[str, str]] = []
        for name, value in members.items():
            kind = self._kinds.get(name)
            if kind == "header":
                key, place = self._written[name]
                if key not in NOT_COPIED:
                    text = joined(place, value) if place.many else place.write(value)
                    found.append((key, header_of(text)))
            elif kind == "headers":
                prefix = self._prefixes[name]
                found += [(name_of(prefix + key.lower()), header_of(text)) for key, text in value.items()]
        return found
