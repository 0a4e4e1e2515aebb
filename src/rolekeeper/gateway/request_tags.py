"""The tags that a request gives or takes away, whatever form the service has for them.

AWS's services have about ten: lists of `Key` and `Value`, of `TagKey` and `TagValue`, maps, a structure
around a list, keys alone, and EC2's TagSpecifications, which say for each kind of resource its tags.
They become `aws:RequestTag/KEY` and `aws:TagKeys`.
Source: "Controlling access to AWS resources using tags" in the IAM User Guide.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from rolekeeper.errors import ValidationError
from rolekeeper.policy.context import KeyValue
from rolekeeper.wire.model import OperationModel, Shape

Tag = tuple[str, str | None]
"""A key with its value; None where the request has the key alone."""
Tags = Callable[[Mapping[str, Any], str], Iterator[Tag]]
"""The tags in the members of a request that are for a kind of resource."""

_TAGS = re.compile("((resource)?tags?|taglist|tagset|tagging|tagstoadd|addtags|newtags)")
_KEYS = re.compile("tagkeys?|tagkeylist|tagkeystoremove|tagstoremove|removetagkeys")
_INSIDE = re.compile("tagset|items|tags|tag|taglist")

_Reader = Callable[[Any], Iterator[Tag]]


def reader(operation: OperationModel) -> Tags | None:
    """How an operation's requests say tags; None where they do not."""
    found = [
        (member.name, read)
        for member in (operation.input.members if operation.input else ())
        if (read := _member(_plain(member.name), member.shape)) is not None
    ]
    by_kind = next((way for way in _by_kind(operation)), None)
    if not found and by_kind is None:
        return None

    def tags(members: Mapping[str, Any], kind: str) -> Iterator[Tag]:
        for name, read in found:
            if members.get(name) is not None:
                yield from read(members[name])
        if by_kind is not None:
            yield from by_kind(members, kind)

    return tags


def keys(tags: Iterable[Tag], words: Sequence[str] = ()) -> dict[str, KeyValue]:
    """The condition keys of tags; `words` begin those that the service has of its own.

    Names of condition keys have no case, so two tags cannot differ by that. ValidationError.
    """
    found: dict[str, KeyValue] = {}
    given: dict[str, Tag] = {}
    for name, value in tags:
        folded = name.lower()
        if given.setdefault(folded, (name, value)) != (name, value):
            raise ValidationError(f"the tag `{name}` is given twice")
        if value is not None:
            found |= {f"{word}{folded}": value for word in ("aws:requesttag/", *words)}
    if given:
        found["aws:tagkeys"] = tuple(name for name, _ in given.values())
    return found


# -- forms ------------------------------------------------------------------------------------------


def _member(name: str, shape: Shape) -> _Reader | None:
    if _KEYS.fullmatch(name) and shape.type == "list" and shape.element.type == "string":
        return _names
    return _form(shape) if _TAGS.fullmatch(name) else None


def _form(shape: Shape) -> _Reader | None:
    if shape.type == "map":
        return _map if shape.value.type == "string" else None
    if shape.type == "list":
        if shape.element.type == "string":
            return _names
        return _pairs(shape.element) if shape.element.type == "structure" else None
    if shape.type == "structure":
        return _around(shape)
    return None


def _around(shape: Shape) -> _Reader | None:
    """S3's `Tagging` and CloudFront's `Tags`: a structure around the list."""
    for member in shape.members:
        inner = _form(member.shape) if _INSIDE.fullmatch(_plain(member.name)) else None
        if inner is not None:
            name, read = member.name, inner
            return lambda value: read(value.get(name) or ())
    return None


def _pairs(shape: Shape) -> _Reader | None:
    names = {_plain(member.name): member.name for member in shape.members}
    key = names.get("key") or names.get("tagkey") or names.get("keyname")
    value = names.get("value") or names.get("tagvalue")
    if key is None:
        return None
    key_name, value_name = key, value

    def read(tags: Any) -> Iterator[Tag]:
        for tag in tags:
            if tag.get(key_name) is not None:
                yield tag[key_name], (tag.get(value_name) if value_name is not None else None)

    return read


def _names(tags: Any) -> Iterator[Tag]:
    for name in tags:
        yield name, None


def _map(tags: Any) -> Iterator[Tag]:
    yield from tags.items()


def _by_kind(operation: OperationModel) -> Iterator[Tags]:
    """EC2's: `TagSpecifications`, each of one ResourceType."""
    for member in operation.input.members if operation.input else ():
        shape = member.shape
        if not _plain(member.name).startswith("tagspecification") or shape.type != "list":
            continue
        inside = {_plain(each.name): each for each in shape.element.members}
        read = _form(inside["tags"].shape) if "tags" in inside else None
        if read is None or "resourcetype" not in inside:
            continue
        yield _specified(member.name, inside["resourcetype"].name, inside["tags"].name, read)


def _specified(member: str, type_name: str, tags_name: str, read: _Reader) -> Tags:
    def tags(members: Mapping[str, Any], kind: str) -> Iterator[Tag]:
        for each in members.get(member) or ():
            if not kind or each.get(type_name) in (kind, None):
                yield from read(each.get(tags_name) or ())

    return tags


def _plain(name: str) -> str:
    return re.sub("[^a-z0-9]", "", name.lower())
