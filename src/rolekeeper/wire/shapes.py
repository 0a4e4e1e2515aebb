"""The types of a service model: structures, lists, maps and scalars with their constraints.

A shape may contain itself, so its parts are looked up by name, when they are asked for.
Source: "Model Traits" in the Smithy specification, in the form of botocore's `service-2.json`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

__all__ = ["Catalogue", "Member", "Shape", "namespace"]


_OWN_TRAITS = (("timestampFormat", "timestamp_format"), ("flattened", "flattened"))
"""What a member may say of its type that the type does not say itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One member of a structure. `wire_name` is what it is called in a request and in an answer."""

    name: str
    keyword: str
    wire_name: str
    shape: Shape
    location: str | None = None
    """Where it is, if not in the body: uri, querystring, header, headers or statusCode."""
    is_json: bool = False
    """A text that is JSON, which a header has in Base64."""
    given_name: str = ""
    """What the model calls it on the wire, where that is not its own name; a flattened list's own, too."""
    query_name: str = ""
    """The same for the protocol of EC2."""
    streaming: bool = False
    """A body of any size, which is not read whole."""
    xml_namespace: tuple[str, str] | None = None
    """Prefix (none: the default) and URI, where its element declares one."""
    xml_attribute: bool = False
    """It is an attribute of its structure's element."""
    host_label: bool = False
    """It is a part of the host's name, too."""

    @property
    def own_name(self) -> str:
        """What it is called where lists have no names of their own for their elements: in JSON, in XML."""
        return self.given_name or self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """One type of a model with its constraints.

    `type` is structure, list, map, string, blob, boolean, integer, long, float, double or timestamp.
    """

    name: str
    type: str
    required: tuple[str, ...] = ()
    minimum: int | None = None
    maximum: int | None = None
    pattern: str | None = None
    enum: tuple[str, ...] = ()
    sensitive: bool = False
    flattened: bool = False
    union: bool = False
    """True for a structure of which exactly one member is given."""
    payload: str | None = None
    """The member of a structure that is the whole body."""
    timestamp_format: str | None = None
    """unixTimestamp, iso8601 or rfc822, where it is not that of the place."""
    is_document: bool = False
    """Any JSON at all."""
    streaming: bool = False
    """A body of any size, which is not read whole."""
    eventstream: bool = False
    """A body that is a sequence of events."""
    given_name: str = ""
    """What the model calls its element of XML, wherever it stands."""
    xml_namespace: tuple[str, str] | None = None
    """Prefix (none: the default) and URI, where its element declares one."""
    _parts: Mapping[str, Any] = field(repr=False, compare=False)
    _catalogue: Catalogue = field(repr=False, compare=False)

    @property
    def members(self) -> tuple[Member, ...]:
        """The members of a structure, in the model's order."""
        return tuple(
            Member(
                name=name,
                keyword=self._catalogue.keyword(name),
                wire_name=self._wire_name(name, part),
                shape=self._member_shape(part),
                location=part.get("location"),
                is_json=part.get("jsonvalue", False),
                given_name=part.get("locationName", ""),
                query_name=part.get("queryName", ""),
                streaming=part.get("streaming", False) or self._catalogue.shape(part["shape"]).streaming,
                xml_namespace=namespace(part),
                xml_attribute=part.get("xmlAttribute", False),
                host_label=part.get("hostLabel", False),
            )
            for name, part in self._parts["members"].items()
        )

    @property
    def element(self) -> Shape:
        """What a list is a list of."""
        return self._part("member")

    @property
    def element_name(self) -> str:
        """What an element of the list is called on the wire."""
        name: str = self._parts["member"].get("locationName", "member")
        return name

    @property
    def key(self) -> Shape:
        """The type of a map's keys."""
        return self._part("key")

    @property
    def value(self) -> Shape:
        """The type of a map's values."""
        return self._part("value")

    @property
    def entry_names(self) -> tuple[str, str]:
        """What the key and the value of a map's entry are called on the wire."""
        return self._parts["key"].get("locationName", "key"), self._parts["value"].get(
            "locationName", "value"
        )

    def _member_shape(self, part: Mapping[str, Any]) -> Shape:
        shape = self._catalogue.shape(part["shape"])
        own = {key: part[trait] for trait, key in _OWN_TRAITS if trait in part}
        return replace(shape, **own) if own else shape

    def _part(self, role: str) -> Shape:
        return self._catalogue.shape(self._parts[role]["shape"])

    def _wire_name(self, name: str, part: Mapping[str, Any]) -> str:
        raw = self._catalogue.raw[part["shape"]]
        if raw.get("flattened") and "locationName" in raw.get("member", {}):
            name = raw["member"]["locationName"]  # a flattened list goes by the name of its elements
        else:
            name = part.get("locationName", name)
        return name


def namespace(part: Mapping[str, Any]) -> tuple[str, str] | None:
    """The namespace of XML that a model gives to a part of itself: prefix and URI."""
    declared = part.get("xmlNamespace")
    if declared is None:
        return None
    return ("", declared) if isinstance(declared, str) else (declared.get("prefix", ""), declared["uri"])


class Catalogue:
    """The shapes of one model by name, each made once; a shape may contain itself."""

    def __init__(self, raw: Mapping[str, Any], keyword: Callable[[str], str]) -> None:
        self.raw = raw
        self.keyword = keyword
        self._made: dict[str, Shape] = {}

    def shape(self, name: str) -> Shape:
        if name not in self._made:
            raw = self.raw[name]
            self._made[name] = Shape(
                name=name,
                type=raw["type"],
                required=tuple(raw.get("required", ())),
                minimum=raw.get("min"),
                maximum=raw.get("max"),
                pattern=raw.get("pattern"),
                enum=tuple(raw.get("enum", ())),
                sensitive=raw.get("sensitive", False),
                flattened=raw.get("flattened", False),
                union=raw.get("union", False),
                payload=raw.get("payload"),
                timestamp_format=raw.get("timestampFormat"),
                is_document=raw.get("document", False),
                streaming=raw.get("streaming", False),
                eventstream=raw.get("eventstream", False),
                given_name=raw.get("locationName", ""),
                xml_namespace=namespace(raw),
                _parts={role: raw[role] for role in ("members", "member", "key", "value") if role in raw},
                _catalogue=self,
            )
        return self._made[name]
