"""Pages of workloads: `MaxResults` and `NextToken`, and of one region, as their services tell them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from rolekeeper.iam.entities import Entity
from rolekeeper.operations import paging
from rolekeeper.service.call import Call

E = TypeVar("E", bound=Entity)

DEFAULT_RESULTS = 100
_READ = 500  # entities that are read at once


def page(
    call: Call,
    kind: type[E],
    name: str,
    view: Callable[[E], Any],
    *,
    wanted: Callable[[E], bool],
    next_token: str | None,
    max_results: int | None,
) -> dict[str, Any]:
    """One page of the entities of a kind that are wanted, in the order of their keys."""
    limit = max_results or DEFAULT_RESULTS
    shown: list[E] = []
    for entity in every(call, kind, paging.key_of(next_token)):
        if not wanted(entity):
            continue
        if len(shown) == limit:
            marker = paging.marker_of(shown[-1].key)
            return {name: [view(each) for each in shown], "NextToken": marker}
        shown.append(entity)
    return {name: [view(each) for each in shown]}


def every(call: Call, kind: type[E], after: str | None = None) -> Iterator[E]:
    """All entities of a kind behind a key, read as they are needed."""
    more = True
    while more:
        found, more = call.tx.collection(kind).page(after=after, limit=_READ)
        yield from found
        after = found[-1].key if found else None
