"""What an imported thing keeps of what it was: its unique ID, and its path.

A unique ID is kept where nothing here has it, so that trust policies and conditions which name it still mean
the same. It is a new one where the dump is a second time in the same store, under another account, and where
a thing was here before the dump.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypeVar

import msgspec

from rolekeeper import ids
from rolekeeper.errors import InvalidInput
from rolekeeper.iam.entities import Group, InstanceProfile, ManagedPolicy, Named, Role, User
from rolekeeper.moving.hand import Hand, moment

N = TypeVar("N", bound=Named)

_BODY = re.compile(r"[A-Z0-9]{12,124}")
_PREFIXES: Mapping[type[Named], str] = {
    Role: ids.ROLE,
    User: ids.USER,
    Group: ids.GROUP,
    ManagedPolicy: ids.POLICY,
    InstanceProfile: ids.INSTANCE_PROFILE,
}


def make(hand: Hand, action: str, kind: type[N], unique_id: str, at: datetime, **members: Any) -> N:
    """Run an operation that makes something, at the dump's time; the entity, with the dump's ID."""

    def keep(result: Mapping[str, Any]) -> None:
        ((noun, shown),) = result.items()
        made = hand.tx.collection(kind).get(shown[f"{noun}Name"])
        if _can_have(hand, kind, unique_id):
            hand.tx.collection(kind).put(msgspec.structs.replace(made, id=unique_id))
            shown[f"{noun}Id"] = unique_id

    ((noun, shown),) = hand.do(action, moment(at), keep, **members).items()
    return hand.tx.collection(kind).get(shown[f"{noun}Name"])


def _can_have(hand: Hand, kind: type[Named], unique_id: str) -> bool:
    prefix = _PREFIXES[kind]
    fits = unique_id.startswith(prefix) and _BODY.fullmatch(unique_id[len(prefix) :])
    return bool(fits) and hand.store.by_unique_id(unique_id) is None


def refuse_another_path(here: Named, path: str) -> None:
    """InvalidInput where something of that name is here under another path, which cannot be changed."""
    if here.path != path:
        raise InvalidInput(f"it is here under the path {here.path}, and the dump has it under {path[:512]}")
