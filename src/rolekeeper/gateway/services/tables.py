"""What an operation asks for, from AWS's reference and a table of where a service's resources are named.

The rule of this file: the reference says which kinds of resource an action is asked on, and the table where
in the input each is named. All that is named is asked, wherever it stands; a kind that must be there and is
named nowhere makes the request one that nobody can classify. What is not there yet has `*` for a name, as AWS
has it. A name has the characters of names and no others, so that no backend can read another resource out of
it. What is made with tags is asked once more, for its tagging.
Source: the Service Authorization Reference; "tag resources on creation" in the guide of each service.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any

import msgspec

from rolekeeper.gateway import members, request_tags
from rolekeeper.gateway.asked import Asked, Unclassified, Unclear, Wanted
from rolekeeper.gateway.templates import templates
from rolekeeper.policy import catalog
from rolekeeper.policy.catalog import Action
from rolekeeper.wire import model
from rolekeeper.wire.model import OperationModel

NAME = r"[A-Za-z0-9_.-]+"

Place = str | Callable[[Asked], "str | Iterable[str] | None"]
"""A member of the input, inside others by dots (`Placement.GroupName`) and in each of a list; or a function.
What is found is a name, or an ARN."""


Asking = Callable[[Asked], Iterable[Wanted]]
"""What a request asks for."""


class Named(str):
    """What a request calls a resource by, where only what stands behind knows its ARN.

    `best` is what is known of it: what stands in the ARN after its kind, `*` where nothing is.
    """

    best: str

    def __new__(cls, called: str, best: str = "*") -> Named:
        made = super().__new__(cls, called)
        made.best = best
        return made


class Tail(str):
    """A name of several parts that a function has made of parts that it has looked at (`part_of_name`)."""


class Arn(str):
    """An ARN that a function has made itself: it may be of another region or account than the request."""


NEW = Tail("*")
"""The name of what the operation makes, and of all there are where the request names none."""


class Source(Arn):
    """What something is copied from: it may be elsewhere, and does not say where a request is carried out."""


class Table(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """Where a service's requests name its resources."""

    prefix: str
    places: Mapping[str, tuple[Place, ...]] = {}
    """By type: wherever it may be named; nothing else is looked for."""
    own: Mapping[str, Mapping[str, tuple[Place, ...]]] = {}
    """By operation and type, instead: none leaves the type out."""
    made: Mapping[str, tuple[str, ...]] = {}
    """By operation: the types of what it makes, whose names are not known yet."""
    names: Mapping[str, str] = {}
    """By type: a pattern of its names, where it is not `NAME`."""
    lower: bool = False
    """Whether the service keeps names in lower case, whatever case a request has them in."""
    tagging: str = ""
    """The action that is asked besides by an operation which makes something with tags."""
    tagged: Mapping[str, tuple[str, ...]] = {}
    """By operation: the types that its tags are for, where that is not all that it makes."""
    tagged_at: Mapping[str, tuple[Place, ...]] = {}
    """By operation: where what its tags are for is named, where it names more of that type."""
    optional: Mapping[str, tuple[str, ...]] = {}
    """By operation: the types that the reference says are required and a request need not name."""
    everything: Mapping[str, str] = {}
    """By operation: the type that is meant, all of it, where the request names nothing."""

    def special(self, service: str, **own: Asking) -> Mapping[str, Asking]:
        """For `Rules`: all operations that are asked on resources which they name, or make what is tagged.

        `own` are operations of which something else is said. Others are left to what follows from the
        reference alone.
        """
        return Special(self, service, own)

    def knows(self, operation: OperationModel) -> bool:
        """Whether an operation is asked on resources, and each that must be there is named by some member."""
        if catalog.action(f"{self.prefix}:{operation.name}") is None:
            return False
        plan = parts(self, operation.name)
        named = {part.type for part in plan if self._names(part, operation)}
        return bool(named) and all(part.type in named for part in plan if part.required)

    @staticmethod
    def _names(part: Part, operation: OperationModel) -> bool:
        return any(
            not isinstance(place, str) or members.at(place, operation.input) is not None
            for place in part.places
        )

    def asking(self, asked: Asked) -> Iterator[Wanted]:
        """What a request asks for: each of its resources, then the tagging of what it makes."""
        action = _action(self, asked.operation.name)
        found: list[tuple[str, str]] = []
        for part in parts(self, asked.operation.name):
            names = _named(part.places, asked)
            if part.required and not names:
                raise Unclear(f"`{asked.operation.name}` names no {part.type}")
            found += ((part.type, name) for name in names)
        found.sort(key=lambda each: isinstance(each[1], Source))
        for type, name in found or [_of_nothing(self, asked)]:
            yield self.wanted(asked, action.name, type, name)
        yield from self._tagging(asked, found)

    def wanted(self, asked: Asked, action: str, type: str, name: str) -> Wanted:
        """One access of a request."""
        if not type:
            return Wanted(action=action, resource="*")
        called = str(name) if isinstance(name, Named) else ""
        best = Tail(name.best) if isinstance(name, Named) else NEW
        arn = self.arn(asked, type, best if called else name)
        if isinstance(name, Source) and not _is_here(asked, arn):
            type = ""  # what is there and what is made here are not one kind of thing to one backend
        return Wanted(action=action, resource=arn, type=type, named=called)

    def arn(self, asked: Asked, type: str, name: str) -> str:
        """The ARN of a resource by its name, or as the request has it; refused where it is neither."""
        if isinstance(name, Arn):
            return str(name)
        before, after = _template(asked, self.prefix, type)
        if isinstance(name, Tail):
            return before + (after if name == NEW else name)
        if self.lower:
            name = name.lower()
        sample = self.names.get(type, NAME)
        if name.startswith("arn:"):
            pattern = re.escape(before).replace(asked.account, "[0-9]{12}") + f"(?:{sample})"
            if re.fullmatch(pattern, name):
                return name
        elif re.fullmatch(sample, name):
            return before + name
        raise Unclear(f"`{name}` is no name of a {type} of {self.prefix}")

    def _tagging(self, asked: Asked, found: list[tuple[str, str]]) -> Iterator[Wanted]:
        """The tagging of what an operation makes with tags, which is an action of its own."""
        operation = asked.operation.name
        types = self.tagged.get(operation, self.made.get(operation, ()))
        if not self.tagging or not types or not has_tags(asked, ""):
            return
        made = {f"{self.prefix}:createaction": operation} if _has_create_action(self.prefix) else {}
        for type in types:
            if has_tags(asked, type):
                own = self.tagged_at.get(operation)
                given = [name for kind, name in found if kind == type] if own is None else []
                names = given or _named(own or (), asked) or _named(self.places.get(type, ()), asked) or [NEW]
                for name in _new_first(names):
                    access = self.wanted(asked, f"{self.prefix}:{self.tagging}", type, name)
                    yield msgspec.structs.replace(access, keys=made)


def values(given: Any, path: str) -> Iterator[str]:
    """All texts at a place of an input, through every list on the way; empty ones are not there."""
    if isinstance(given, list | tuple):
        for each in given:
            yield from values(each, path)
    elif isinstance(given, Mapping):
        name, _, rest = path.partition(".")
        if name in given:
            yield from values(given[name], rest)
    elif isinstance(given, str) and given and not path:
        yield given


def _is_here(asked: Asked, arn: str) -> bool:
    """Whether an ARN is of the region and the account of a request, or of none."""
    region, account = arn.split(":")[3:5]
    return region in ("", asked.region) and account in ("", asked.account)


class Special(Mapping[str, Asking]):
    """What is said of a service's operations by a table, each looked at when it is first asked for."""

    def __init__(self, table: Table, service: str, own: Mapping[str, Asking]) -> None:
        self._table, self._service, self._own = table, service, own

    def __getitem__(self, name: str) -> Asking:
        if name in self._own:
            return self._own[name]
        operation = model.service(self._service).operations[name]
        if name not in self._table.tagged and not self._table.knows(operation):
            raise KeyError(name)
        return self._table.asking

    def __iter__(self) -> Iterator[str]:
        return (name for name in model.service(self._service).operations if name in self)

    def __len__(self) -> int:
        return sum(1 for _ in self)


def part_of_name(type: str, value: str, pattern: str = NAME) -> str:
    """A part of the name of a resource, as it is. Unclear where it is none."""
    if not re.fullmatch(pattern, value):
        raise Unclear(f"`{value}` is not in the name of a {type}")
    return value


# -- the plan of an operation ------------------------------------------------------------------------


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """A kind of resource that an action is asked on, and where it is named."""

    type: str
    required: bool
    places: tuple[Place, ...]


@lru_cache(maxsize=4096)
def parts(table: Table, operation: str) -> tuple[Part, ...]:
    """The kinds of resource that an operation is asked on. Unclassified."""
    return tuple(_part(table, operation, each) for each in _action(table, operation).resources)


def _part(table: Table, operation: str, resource: catalog.ActionResource) -> Part:
    own = table.own.get(operation, {})
    places = own.get(resource.type, table.places.get(resource.type, ()))
    if resource.type in table.made.get(operation, ()):
        places = (lambda asked: NEW, *own.get(resource.type, ()))
    return Part(
        type=resource.type,
        required=resource.required and resource.type not in table.optional.get(operation, ()),
        places=places,
    )


@lru_cache(maxsize=4096)
def _action(table: Table, operation: str) -> Action:
    found = catalog.action(f"{table.prefix}:{operation}")
    if found is None:
        raise Unclassified(f"the reference has no action `{table.prefix}:{operation}`")
    return found


def _template(asked: Asked, prefix: str, type: str) -> tuple[str, str]:
    """What an ARN has before the name of its resource, and the name that stands for all of them."""
    (template,) = templates(prefix)[type]
    whole = template.fill(asked, dict.fromkeys(template.names, NEW))
    before = whole.partition(NEW)[0]
    return before, whole[len(before) :]


def _named(places: Iterable[Place], asked: Asked) -> list[str]:
    """What a request calls its resources by at these places, each once."""
    names: dict[tuple[type, str], str] = {}  # an ID and a name of the same letters are two things
    for place in places:
        given = values(asked.members, place) if isinstance(place, str) else place(asked)
        for name in [given] if isinstance(given, str) else given or ():
            names[type(name), str(name)] = name
    return list(names.values())


_OF_ANY_KIND = ("ResourceArn", "ResourceName", "resourceArn")
"""Members that name a resource of any kind."""


def _of_nothing(table: Table, asked: Asked) -> tuple[str, str]:
    """What is asked where the request names no resource: all there are of the kind that it is about."""
    operation = asked.operation.name
    plan = parts(table, operation)
    if any(asked.members.get(member) for member in _OF_ANY_KIND):
        raise Unclear(f"`{operation}` names a resource of a kind that it is not asked on")
    if operation in table.everything:
        return table.everything[operation], NEW
    named = next((part.type for part in plan if part.places), "")
    if plan and not named:
        raise Unclassified(f"it is not known what `{operation}` is asked on")
    return named, NEW


def has_tags(asked: Asked, type: str) -> bool:
    """Whether a request has tags for a kind of resource."""
    reader = _reader(asked.operation)
    return reader is not None and any(True for _ in reader(asked.members, type))


@lru_cache(maxsize=64)
def _has_create_action(prefix: str) -> bool:
    return f"{prefix}:CreateAction" in catalog.condition_keys(prefix)


@lru_cache(maxsize=1024)
def _reader(operation: OperationModel) -> request_tags.Tags | None:
    return request_tags.reader(operation)


def _new_first(names: list[str]) -> list[str]:
    """Of what is made and what is there, only what is made is tagged."""
    return [NEW] if NEW in names else names
