"""What making something needs besides the permission to make it: tags given at once need that to tag.

Source: "Tags for IAM resources" in the IAM User Guide (permissions for tagging roles, users, policies ...).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from rolekeeper.service.call import Access, Call, Resource


def tagged(action: str, resource: Callable[..., Resource]) -> Callable[..., Iterable[Access]]:
    """The `also` of an operation that makes a resource: the tagging action, when the request has tags."""

    def accesses(call: Call, *, tags: Any = None, **arguments: Any) -> Iterator[Access]:
        if tags:
            yield Access(action=action, resource=resource(call, **arguments))

    return accesses
