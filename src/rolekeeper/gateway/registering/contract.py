"""What registering has to do with: the account's state, inside one write."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import msgspec

from rolekeeper.gateway.asked import Asked
from rolekeeper.gateway.referred import Referred
from rolekeeper.iam.entities import Tags
from rolekeeper.service.doors import Doors
from rolekeeper.store.contract import AccountState


class Registry(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """One account, in which workloads are written down."""

    state: AccountState
    doors: Doors
    now: datetime
    referred: Referred

    @property
    def moment(self) -> datetime:
        """Now, as workloads have it."""
        return self.now.replace(microsecond=0)


def tags_of(found: Any) -> Tags:
    """Tags in any of the forms of AWS's: a list of keys and values in either case, or a map."""
    if isinstance(found, Mapping):
        return {str(key): str(value) for key, value in found.items()}
    tags: Tags = {}
    for each in found or ():
        key = each.get("Key", each.get("key"))
        if key is not None:
            tags[key] = each.get("Value", each.get("value")) or ""
    return tags


def keys_of(found: Iterable[Any]) -> list[str]:
    """The keys of such a list."""
    return [key for each in found if (key := each.get("Key", each.get("key"))) is not None]


def names_something(asked: Asked, *names: str) -> str | None:
    """The first of some members that is given as a text."""
    found = (asked.members.get(name) for name in names)
    return next((each for each in found if isinstance(each, str) and each), None)
