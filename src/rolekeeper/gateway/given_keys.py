"""The condition keys that a request gives: those of the service's rules, and its tags.

The rule of this file: a key goes to the resources that AWS has it for. RunInstances has `ec2:InstanceType`
for the instance and not for the image, so a policy about it says nothing of the image; a key that the
reference gives to none of an action's resources goes to all. Tags count where the reference has
`aws:RequestTag` for the action: in other requests they are looked for, or they are S3's for objects.
Source: the condition keys of each action's resource types in the Service Authorization Reference.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache

import msgspec

from rolekeeper.gateway import request_tags
from rolekeeper.gateway.asked import Asked
from rolekeeper.gateway.rules import Rules
from rolekeeper.gateway.tag_words import words_of_request
from rolekeeper.policy import catalog
from rolekeeper.policy.catalog import Action
from rolekeeper.policy.context import KeyValue
from rolekeeper.wire.model import OperationModel

Given = Callable[[str, str], Mapping[str, KeyValue]]
"""The keys of one request for an action and a kind of resource."""

_NOTHING: Mapping[str, KeyValue] = {}


class Keys:
    """How the requests of an operation give condition keys."""

    def __init__(self, rules: Rules, operation: OperationModel) -> None:
        self._own = rules.keys
        self._tags = request_tags.reader(operation)

    def of(self, asked: Asked) -> Given:
        """The keys of one request; what is found once is not looked for again."""
        if self._own is None and self._tags is None:
            return lambda action, kind: _NOTHING
        own = self._own(asked) if self._own is not None else _NOTHING
        found: dict[tuple[str, str], Mapping[str, KeyValue]] = {}

        def given(action: str, kind: str) -> Mapping[str, KeyValue]:
            known = found.get((action, kind))
            if known is None:
                known = found[action, kind] = self._given(asked, own, _facts(action), kind)
            return known

        return given

    def _given(
        self, asked: Asked, own: Mapping[str, KeyValue], facts: _Facts, kind: str
    ) -> Mapping[str, KeyValue]:
        keys: dict[str, KeyValue] = {}
        if facts.takes_tags and self._tags is not None:
            keys |= request_tags.keys(self._tags(asked.members, kind), facts.words)
        keys |= own
        withheld = facts.withheld.get(kind)
        if not withheld:
            return keys
        return {key: value for key, value in keys.items() if not f"{key}\0".startswith(withheld)}


class _Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What the reference says of an action's condition keys."""

    takes_tags: bool
    words: tuple[str, ...]
    """How the keys begin that the service has for the tags of a request beside `aws:RequestTag`."""
    withheld: Mapping[str, tuple[str, ...]]
    """By kind of resource, the keys that the action has for other kinds only: their beginnings, in lower
    case, and those of whole keys with a NUL at the end."""


@cache
def _facts(action: str) -> _Facts:
    found = catalog.action(action)
    if found is None:
        return _Facts(takes_tags=True, words=(), withheld={})
    tags = any(key.startswith(("aws:RequestTag", "aws:TagKeys")) for key in found.condition_keys)
    return _Facts(takes_tags=tags, words=words_of_request(action), withheld=_withheld(found))


def _withheld(action: Action) -> Mapping[str, tuple[str, ...]]:
    every = {key for resource in action.resources for key in resource.condition_keys}
    others = {resource.type: every - set(resource.condition_keys) for resource in action.resources}
    return {kind: tuple(sorted(map(_beginning, keys))) for kind, keys in others.items() if keys}


def _beginning(key: str) -> str:
    """`aws:RequestTag/${TagKey}` as it begins."""
    for mark in ("${", "<"):
        if mark in key:
            return key[: key.index(mark)].lower()
    return key.lower() + "\0"
