"""Pages: `MaxItems`, `Marker` and `IsTruncated`, the same for every list.

A marker is the key of the last entity that was shown, so that a page is one look-up and what is made or
deleted meanwhile neither repeats nor hides the rest.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from rolekeeper.errors import ValidationError
from rolekeeper.iam.entities import Entity
from rolekeeper.store.contract import Collection

DEFAULT_ITEMS = 100

E = TypeVar("E", bound=Entity)
T = TypeVar("T")


def of_collection(
    collection: Collection[E],
    name: str,
    view: Callable[[E], Any],
    *,
    path_prefix: str = "/",
    marker: str | None,
    max_items: int | None,
) -> dict[str, Any]:
    """One page of a collection as the answer's members: `name`, IsTruncated, Marker."""
    found, more = collection.page(
        path_prefix=path_prefix, after=key_of(marker), limit=max_items or DEFAULT_ITEMS
    )
    return _page(name, [view(entity) for entity in found], found[-1].key if more else None)


def of_list(
    items: Sequence[T],
    name: str,
    *,
    key: Callable[[T], str],
    view: Callable[[T], Any],
    marker: str | None,
    max_items: int | None,
) -> dict[str, Any]:
    """One page of a list that is whole in memory, in the order of its keys."""
    after = key_of(marker)
    rest = sorted((item for item in items if after is None or key(item) > after), key=key)
    limit = max_items or DEFAULT_ITEMS
    shown = rest[:limit]
    return _page(name, [view(item) for item in shown], key(shown[-1]) if len(rest) > limit else None)


def _page(name: str, views: list[Any], last: str | None) -> dict[str, Any]:
    if last is None:
        return {name: views, "IsTruncated": False}
    return {name: views, "IsTruncated": True, "Marker": marker_of(last)}


def marker_of(key: str) -> str:
    """A key as a marker."""
    return base64.urlsafe_b64encode(key.encode()).decode()


def key_of(marker: str | None) -> str | None:
    """The key that a marker holds; ValidationError where it holds none."""
    if marker is None:
        return None
    try:
        return base64.b64decode(marker, altchars=b"-_", validate=True).decode()
    except ValueError:
        raise ValidationError("Invalid Marker.") from None
