"""Members of an input by where they are, and which of them are meant by a placeholder of an ARN.

The rule of this file: a member is taken for a placeholder only if its name says so: `TableName` for
`${TableName}`, `cluster` and `clusters` for `${ClusterName}`, `Name` for `${TopicName}` in CreateTopic. All
else has to be said by a service's rules. What is found are texts that are not empty.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from rolekeeper.gateway.asked import Asked
from rolekeeper.wire.model import Member, OperationModel, Shape

Values = Callable[[Asked], Sequence[str]]
"""What a request gives for something: nothing, one text or several."""

DATED = re.compile("[0-9]{4}_[0-9]{2}_[0-9]{2}$")
"""What CloudFront's operations have after their names."""

_ENDS = ("identifier", "name", "arn", "id")
_ANY_RESOURCE = frozenset(
    stem + end for stem in ("resource", "resources") for end in ("", "id", "ids", "name", "identifier")
)


def at(path: str, input: Shape | None) -> Values | None:
    """What stands at a path such as `Source.Bucket`; of a list all elements, of a map its keys.

    None where the input has no such member.
    """
    reader = _reader(input, path.split(".")) if input is not None else None
    if reader is None:
        return None
    found = reader
    return lambda asked: tuple(found(asked.members))


def named(
    placeholder: str, kind: str, operation: OperationModel, *, last: bool, alone: bool = False
) -> tuple[str, ...]:
    """The members that are meant by a placeholder; the last one of an ARN is also what the kind is called.

    Where the kind is `alone`, the only one of the action, and the only text that a request must have is its
    `Id` or `Name`, then that is what the operation is on: GetDistributionConfig says which distribution.
    """
    whole = _plain(placeholder)
    stem, end = _split(whole)
    accepted = {whole}
    if stem and stem != "resource" and end in ("name", "id"):
        accepted |= {stem, stem + "identifier"}
    if last and _is_about(operation, {_plain(kind), stem}):
        accepted |= {end or "name", "identifier"}
    found = _those(operation, accepted | {each + "s" for each in accepted})
    return found if found or not (last and alone) else _only_text(operation, end or "name")


def arns_of(placeholder: str, kind: str, operation: OperationModel) -> tuple[str, ...]:
    """The members that are the ARN of this kind by their name: `TableArn`, `clusterArns`."""
    stems = {_plain(kind), _split(_plain(placeholder))[0]} - {""}
    accepted = {stem + end for stem in stems for end in ("arn", "arns", "arnlist")}
    if _is_about(operation, stems):
        accepted |= {"arn", "arns"}
    return _those(operation, accepted)


def any_arns(operation: OperationModel) -> tuple[str, ...]:
    """The members that are ARNs of something: `ResourceArn`, `SourceArn`; and those of any resource."""
    return tuple(
        member.name
        for member in _texts(operation)
        if re.search("arn(s|list)?$", _plain(member.name)) or is_any_resource(member.name)
    )


def all_texts(operation: OperationModel) -> Values:
    """What the members of an input say that are texts or lists of them."""
    ways = [at(member.name, operation.input) for member in _texts(operation)]
    return lambda asked: tuple(value for way in ways if way is not None for value in way(asked))


def is_any_resource(member: str) -> bool:
    """Whether a member names a resource of whatever kind: `Resource`, `resourceArn`, `ResourceIds`."""
    plain = _plain(member)
    return plain in _ANY_RESOURCE or plain.startswith(("resourcearn", "resourcesarn"))


# -- names ------------------------------------------------------------------------------------------


def _plain(name: str) -> str:
    return re.sub("[^a-z0-9]", "", name.lower())


def _split(plain: str) -> tuple[str, str]:
    """`functionname` is `function` and `name`."""
    for end in _ENDS:
        if plain.endswith(end):
            return plain.removesuffix(end), end
    return plain, ""


def _is_about(operation: OperationModel, stems: set[str]) -> bool:
    """Whether an operation's name ends with what the kind is called: CreateTopic, DescribeClusters."""
    plain = _plain(DATED.sub("", operation.name))
    return any(plain.endswith((stem, stem + "s")) for stem in stems if stem)


def _only_text(operation: OperationModel, end: str) -> tuple[str, ...]:
    needed = [member.name for member in _texts(operation) if member.name in operation.required]
    return tuple(needed) if [_plain(each) for each in needed] in ([end], ["identifier"]) else ()


def _those(operation: OperationModel, accepted: set[str]) -> tuple[str, ...]:
    return tuple(member.name for member in _texts(operation) if _plain(member.name) in accepted)


def _texts(operation: OperationModel) -> Iterator[Member]:
    """The members of an input that are texts or numbers, or lists of them."""
    for member in operation.input.members if operation.input else ():
        shape = member.shape.element if member.shape.type == "list" else member.shape
        if shape.type in ("string", "integer", "long"):
            yield member


# -- reading ----------------------------------------------------------------------------------------

_Reader = Callable[[Any], Iterator[str]]


def _reader(shape: Shape, path: Sequence[str]) -> _Reader | None:
    if shape.type == "structure":
        return _of_structure(shape, path)
    if shape.type == "list":
        return _through(_reader(shape.element, path), lambda value: value)
    if shape.type == "map":
        if not path:
            return _keys
        return _through(_reader(shape.value, path), lambda value: value.values())
    return _text if not path and shape.type in ("string", "integer", "long") else None


def _of_structure(shape: Shape, path: Sequence[str]) -> _Reader | None:
    member = next((each for each in shape.members if path and each.name == path[0]), None)
    inner = _reader(member.shape, path[1:]) if member is not None else None
    if member is None or inner is None:
        return None
    name, rest = member.name, inner

    def read(value: Any) -> Iterator[str]:
        given = value.get(name)
        if given is not None:
            yield from rest(given)

    return read


def _through(inner: _Reader | None, parts: Callable[[Any], Any]) -> _Reader | None:
    if inner is None:
        return None
    rest = inner

    def read(value: Any) -> Iterator[str]:
        for part in parts(value):
            if part is not None:
                yield from rest(part)

    return read


def _keys(value: Any) -> Iterator[str]:
    yield from (key for key in value if key)


def _text(value: Any) -> Iterator[str]:
    text = value if isinstance(value, str) else str(value)
    if text:
        yield text
