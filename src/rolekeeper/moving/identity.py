"""What an imported thing keeps of what it was: its unique ID, and its path.

A unique ID is kept where nothing here has it, so that trust policies and conditions which name it still mean
the same. It is a new one where the dump is a second time in the same store, under another account, and where
a thing was here before the dump.
"""

from __future__ import annotations

import re
from typing import TypeVar

import msgspec

from rolekeeper.errors import InvalidInput
from rolekeeper.iam.entities import Named
from rolekeeper.moving.hand import Hand

N = TypeVar("N", bound=Named)

_BODY = re.compile(r"[A-Z0-9]{12,124}")


def keep_identity(hand: Hand, made: N, unique_id: str, prefix: str) -> N:
    """Give what was just made the ID of the dump."""
    fits = unique_id.startswith(prefix) and _BODY.fullmatch(unique_id[len(prefix) :])
    if not fits or hand.store.by_unique_id(unique_id) is not None:
        return made
    kept = msgspec.structs.replace(made, id=unique_id)
    hand.tx.collection(type(made)).put(kept)
    return kept


def refuse_another_path(here: Named, path: str) -> None:
    """InvalidInput where something of that name is here under another path, which cannot be changed."""
    if here.path != path:
        raise InvalidInput(f"it is here under the path {here.path}, and the dump has it under {path[:512]}")
