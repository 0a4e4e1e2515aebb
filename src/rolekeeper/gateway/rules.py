"""What is to be said of a service besides AWS's reference, so that its requests can be classified.

The rule of this file: nearly everything follows from the reference (an operation's action has its name, the
parts of an ARN are members of the input), and `Rules` has the rest. A service's rules are in the module of
its name in `services`, as `RULES`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any, Protocol

import msgspec

from rolekeeper.gateway.answers import Answer
from rolekeeper.gateway.asked import Asked, Wanted
from rolekeeper.policy.context import KeyValue
from rolekeeper.service.call import Resource

Fill = str | tuple[str, ...] | Callable[[Asked], str | Iterable[str] | None]
"""Where the value of an ARN's placeholder is: in a member of the input (`Bucket`, or inside others
`Source.Bucket`), in the first of several that is given, or what a function finds. Several values are several
resources."""


class Lookups(Protocol):
    """Questions to what stands behind, asked with the gateway's own credentials there."""

    async def ask(
        self, asked: Asked, service: str, operation: str, **members: Any
    ) -> Mapping[str, Any] | None:
        """The answer of a reading operation for the account and region of `asked`, by the model's names;
        None where it is refused as something that is not there. It is kept for a moment."""
        ...


Completion = Callable[[Lookups, Asked, Wanted], Awaitable[str | None]]
"""Finds the whole ARN of what a request calls by `Wanted.named`; None where there is no such resource."""

TagsOf = Callable[[Lookups, Asked, str], Awaitable[Mapping[str, str]]]
"""Finds the tags of the resource of an ARN."""

PolicyOf = Callable[[Lookups, Asked, str], Awaitable[str | None]]
"""Finds the text of the policy that stands on the resource of an ARN."""

KeyOf = Callable[[Lookups, Asked, Wanted], Awaitable["KeyValue | None"]]
"""Finds the value of a condition key that only what stands behind can tell; None where there is none."""


class Besides(msgspec.Struct, frozen=True, kw_only=True):
    """What a request asks for besides, which it does not say itself."""

    wanted: tuple[Wanted, ...] = ()
    members: Mapping[str, Any] = {}
    """What goes on in place of the request's own members, so that what is decided is what is done."""


BesidesOf = Callable[[Lookups, Asked, Sequence[Resource]], Awaitable[Besides]]
"""Finds it, of a request and the resources that it names."""

AnsweredBy = Callable[[Lookups, Asked, Asked, Answer], Awaitable[Iterable[Wanted]]]
"""Finds what an answer needs before the client may see it: of the request, of the same request as one of the
account and region that have its resource, and of the answer."""


class Rules(msgspec.Struct, frozen=True, kw_only=True):
    """A service's exceptions. Operations go by their names in the model, resources by the reference's types.

    `prefix` is that of the service's actions in policies.
    """

    prefix: str
    actions: Mapping[str, tuple[str, ...]] = {}
    """By operation: the names of its actions, where that is not its own name."""
    types: Mapping[str, tuple[str, ...]] = {}
    """By operation, or by action: the kinds of resource that are asked, where not all that the reference has
    for it; none where it is `*`."""
    fills: Mapping[str, Fill] = {}
    """By an ARN's placeholder (`BucketName`), by operation and placeholder (`CreateAlias.KeyId`), or by kind
    of resource and placeholder (`job.Name`). `Account` and `Region` are filled by the request's own where
    nothing is found."""
    special: Mapping[str, Callable[[Asked], Iterable[Wanted]]] = {}
    """By operation: what it asks for, where that is unlike all others. Accesses by the service's own actions
    are given the keys and the tags of the request as well; what they say themselves goes before."""
    keys: Callable[[Asked], Mapping[str, KeyValue]] | None = None
    """The service's condition keys, from the request."""
    found: Mapping[str, KeyOf] = {}
    """By condition key, lower-case: how its value is found for an access (which attribute of an item is the
    partition key, only its table tells). Asked where a policy names it and the access has none yet."""
    besides: Mapping[str, BesidesOf] = {}
    """By operation: what it asks for besides, as only what stands behind can tell (the key of a queue)."""
    answered: Mapping[str, AnsweredBy] = {}
    """By operation: what its answer says that has to be allowed as well (the key of an object)."""
    completions: Mapping[str, Completion] = {}
    """By type."""
    tags: Mapping[str, TagsOf] = {}
    """By type."""
    tag_keys: Mapping[str, TagsOf] = {}
    """By the beginning of condition keys, lower-case (`s3:existingobjecttag/`): tags that are not those of
    the resource. Asked where a policy names such a key, before it is decided; none where there are none."""
    policies: Mapping[str, PolicyOf] = {}
    """By type."""
