"""How members of a request name a resource: by a name, by an ARN, or by either; made into one ARN.

The rule of this file: a member names exactly one resource, or the request is refused. A name has the
characters that its service lets it have and nothing else, so that no backend can read another resource out of
it; an ARN is whole, and of the service, the partition and the region of the request, as an endpoint of AWS
knows only resources of its own region. The account is the ARN's: whose resource it is, is for policies to
decide.
Source: "Amazon Resource Names (ARNs)" in the IAM User Guide; the resource types of the Service Authorization
Reference.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any, NoReturn

import msgspec

from rolekeeper import errors
from rolekeeper.gateway.asked import Asked, Wanted
from rolekeeper.policy.context import KeyValue

NAME = r"[A-Za-z0-9_.-]+"


class Kind(msgspec.Struct, frozen=True, kw_only=True):
    """A kind of resource: what stands in its ARN's last part before its name, and what a name may be."""

    type: str
    """By AWS's reference."""
    service: str
    """In the ARN."""
    before: str = ""
    """`table/`."""
    name: str = NAME
    """A pattern for what is after `before`."""
    regional: bool = True

    def arn(self, asked: Asked, name: str, account: str = "") -> str:
        """The ARN of a resource by its name; refused where it is no name."""
        if not re.fullmatch(self.name, name):
            refuse(f"Invalid {self.type} name: {name}")
        region = asked.region if self.regional else ""
        return f"arn:{asked.partition}:{self.service}:{region}:{account or asked.account}:{self.before}{name}"

    def called(self, asked: Asked, value: str) -> str:
        """The ARN of what a member calls by its name or by its ARN."""
        return self.whole(asked, value) if value.startswith("arn:") else self.arn(asked, value)

    def whole(self, asked: Asked, value: str) -> str:
        """An ARN of this kind, as it is; refused where it is none."""
        if self.named(asked, value) is None:
            refuse(f"Invalid ARN of a {self.type}: {value}")
        return value

    def named(self, asked: Asked, value: str) -> str | None:
        """The name in an ARN of this kind; None in any other text."""
        found = _pattern(self, asked.partition, asked.region if self.regional else "").fullmatch(value)
        return found[1] if found else None


@lru_cache(maxsize=2048)
def _pattern(kind: Kind, partition: str, region: str) -> re.Pattern[str]:
    start = f"arn:{partition}:{kind.service}:{region}:"
    return re.compile(f"{re.escape(start)}[0-9]{{12}}:{re.escape(kind.before)}({kind.name})")


Asking = Callable[[Asked], Iterable[Wanted]]


def on(prefix: str, kind: Kind, *members: str, action: str = "", whole: bool = False) -> Asking:
    """An operation on what a member calls by name or ARN; of several members, on what the first given calls.

    `whole` where the member can only be an ARN.
    """

    def asking(asked: Asked) -> Iterator[Wanted]:
        value = required(asked, *members)
        resource = kind.whole(asked, value) if whole else kind.called(asked, value)
        yield Wanted(action=f"{prefix}:{action or asked.operation.name}", resource=resource, type=kind.type)

    return asking


def on_any(prefix: str, member: str, *kinds: Kind, action: str = "") -> Asking:
    """An operation on the resource of an ARN, which is of one of several kinds."""

    def asking(asked: Asked) -> Iterator[Wanted]:
        value = required(asked, member)
        kind = next((kind for kind in kinds if kind.named(asked, value) is not None), None)
        if kind is None:
            refuse(f"Invalid resource ARN: {value}")
        yield Wanted(action=f"{prefix}:{action or asked.operation.name}", resource=value, type=kind.type)

    return asking


def on_all(prefix: str, kind: Kind, *members: str) -> Asking:
    """An operation on what one of several members calls; where two are given, both are asked."""

    def asking(asked: Asked) -> Iterator[Wanted]:
        values = [value for member in members if (value := given(asked, member))] or [
            required(asked, *members)
        ]
        for resource in dict.fromkeys(kind.called(asked, value) for value in values):
            yield Wanted(action=f"{prefix}:{asked.operation.name}", resource=resource, type=kind.type)

    return asking


def kind_of_all(asked: Asked, kind: Kind) -> str:
    """What AWS asks for where all resources of a kind are meant: their ARN with `*` for a name."""
    region = asked.region if kind.regional else ""
    return f"arn:{asked.partition}:{kind.service}:{region}:{asked.account}:{kind.before}*"


def all_of(operations: Iterable[str], asking: Asking) -> Mapping[str, Asking]:
    """The same for several operations."""
    return dict.fromkeys(operations, asking)


def required(asked: Asked, *members: str) -> str:
    """The first of some members that is given; refused where none is."""
    found = given(asked, *members)
    if found is None:
        refuse(f"Missing required parameter {members[0]}")
    return found


def given(asked: Asked, *members: str) -> str | None:
    """The first of some members, which are strings, that is given and not empty."""
    for member in members:
        value = asked.members.get(member)
        if isinstance(value, str) and value:
            return value
    return None


def strings(members: Mapping[str, Any], **keys: str) -> dict[str, KeyValue]:
    """Condition keys from members of their own: the key is the keyword's, where the member is given."""
    return {key: word(members[member]) for key, member in keys.items() if members.get(member) is not None}


def word(value: Any) -> str:
    """A member's value as policies compare it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def at(asked: Asked, arn: str) -> Asked:
    """The request, as if it were made where the resource of an ARN is: for lookups about that."""
    account = arn.split(":")[4]
    return msgspec.structs.replace(asked, account=account) if account else asked


def refuse(text: str) -> NoReturn:
    """Refuses what does not name one resource, whatever is done with requests that nobody can classify."""
    raise errors.ValidationError(text)
