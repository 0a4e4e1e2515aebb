"""What a request to a service says, and what that asks for: two plain values.

A request is read by its service's model (`Asked`), and classified into the accesses that AWS would check
(`Wanted`). Nothing here knows who calls, which policies there are or what stands behind.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any, Literal

import msgspec

from rolekeeper.errors import RolekeeperError
from rolekeeper.policy.context import KeyValue
from rolekeeper.wire.model import OperationModel, Service
from rolekeeper.wire.signature import Signature


class Unclassified(RolekeeperError):
    """A request of which it is not known what it asks for; the text says what is missing."""


class Unclear(Unclassified):
    """A request that does not say clearly what it asks for, of an operation that is classified otherwise.

    Refused in any case: no request may get around what is decided by being written strangely.
    """


class Later(Mapping[str, KeyValue]):
    """Condition keys that are worked out when the first of them is asked for: most policies name none."""

    __slots__ = ("_find", "_found")

    def __init__(self, find: Callable[[], Mapping[str, KeyValue]]) -> None:
        self._find = find
        self._found: Mapping[str, KeyValue] | None = None

    @property
    def found(self) -> Mapping[str, KeyValue]:
        """All of them."""
        if self._found is None:
            self._found = self._find()
        return self._found

    def __getitem__(self, key: str) -> KeyValue:
        return self.found[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self.found)

    def __len__(self) -> int:
        return len(self.found)

    def __repr__(self) -> str:
        return f"Later({self.found})"


class Signed(msgspec.Struct, frozen=True, kw_only=True):
    """How a request was signed, as S3's condition keys tell it."""

    way: Literal["REST-HEADER", "REST-QUERY-STRING", "POST"]
    algorithm: str
    """`AWS4-HMAC-SHA256`."""
    age: int
    """Milliseconds since it was signed."""

    @staticmethod
    def of(claimed: Signature, now: datetime) -> Signed:
        """What the condition keys tell of a signature, which was verified."""
        return Signed(
            way=claimed.way,
            algorithm=claimed.algorithm,
            age=max(int((now - claimed.timestamp).total_seconds() * 1000), 0),
        )


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """One request to a service, as it was read."""

    service: Service
    operation: OperationModel
    members: Mapping[str, Any]
    """What the input has, by the model's names; a body that is streamed is not among it."""
    account: str
    """The account whose resources are meant where the request does not say: the caller's."""
    region: str
    partition: str
    head: Mapping[str, str] = {}
    """The request's headers, by lower-case name."""
    signed: Signed | None = None
    """None for who has no credentials."""
    now: datetime | None = None
    """When the request came; None where nothing depends on it."""


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """One access that a request asks for: an action on a resource."""

    action: str
    """`s3:GetObject`."""
    resource: str
    """An ARN, or `*` for an action on no resource in particular."""
    type: str = ""
    """The kind of resource in AWS's reference: `object`; none for `*`."""
    keys: Mapping[str, KeyValue] = {}
    """Condition keys of the action's own, by lower-case name: `s3:prefix`, `aws:requesttag/team`."""
    named: str = ""
    """What the request calls the resource, where only what stands behind knows its ARN (an alias, a name
    without the suffix that AWS gives): `resource` is then the best that is known, and is completed."""
