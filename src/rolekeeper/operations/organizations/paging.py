"""Pages of AWS Organizations: `MaxResults` and `NextToken`, the same for every list.

A token is the key of the last one that was shown, so that what is made or deleted meanwhile neither repeats
nor hides the rest.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from rolekeeper.errors import InvalidInputException, ValidationError
from rolekeeper.operations import paging

_MOST = 20

T = TypeVar("T")


def page(
    name: str,
    items: Iterable[T],
    view: Callable[[T], Any],
    *,
    key: Callable[[T], str],
    next_token: str | None,
    max_results: int | None = None,
) -> dict[str, Any]:
    """One page, in the order of the keys, as the answer's members; InvalidInputException."""
    after = _after(next_token)
    rest = sorted((item for item in items if after is None or key(item) > after), key=key)
    shown = rest[: max_results or _MOST]
    answer: dict[str, Any] = {name: [view(item) for item in shown]}
    if len(rest) > len(shown):
        answer["NextToken"] = paging.marker_of(key(shown[-1]))
    return answer


def _after(token: str | None) -> str | None:
    try:
        return paging.key_of(token)
    except ValidationError:
        raise InvalidInputException("INVALID_PAGINATION_TOKEN", "You specified an invalid token.") from None
