"""The accounts of an organization: read, listed, moved.

Source: "DescribeAccount", "ListAccounts", "ListAccountsForParent" and "MoveAccount" in the Organizations API
Reference.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from rolekeeper.errors import (
    DestinationParentNotFoundException,
    DuplicateAccountException,
    SourceParentNotFoundException,
)
from rolekeeper.iam.organizations import OrganizationAccount
from rolekeeper.operations.organizations import membership, names, standing, tree, views
from rolekeeper.operations.organizations.paging import page
from rolekeeper.operations.organizations.standing import Standing, every
from rolekeeper.service.call import Access, Call
from rolekeeper.service.registry import operation


def _both_places(
    call: Call, *, source_parent_id: str, destination_parent_id: str, **_: Any
) -> Iterable[Access]:
    """Moving must be allowed on where the account comes from and on where it goes, too."""
    for place in (source_parent_id, destination_parent_id):
        yield Access(action="organizations:MoveAccount", resource=names.place(call, place))


@operation(resource=names.account)
def describe_account(call: Call, *, account_id: str) -> dict[str, Any]:
    """Read an account."""
    of = standing.administered(call)
    return {"Account": views.account(call, of, membership.member(of, account_id))}


@operation(resource=names.everything)
def list_accounts(
    call: Call, *, next_token: str | None = None, max_results: int | None = None
) -> dict[str, Any]:
    """List all accounts."""
    of = standing.administered(call)
    return _page(call, of, every(of.state.collection(OrganizationAccount)), next_token, max_results)


@operation(resource=names.parent)
def list_accounts_for_parent(
    call: Call, *, parent_id: str, next_token: str | None = None, max_results: int | None = None
) -> dict[str, Any]:
    """List the accounts just below a place."""
    of = standing.administered(call)
    tree.refuse_unless_place(of, parent_id)
    return _page(call, of, tree.accounts_in(of, parent_id), next_token, max_results)


@operation(resource=names.account, also=_both_places, writes=True)
def move_account(call: Call, *, account_id: str, source_parent_id: str, destination_parent_id: str) -> None:
    """Move an account, with what is attached to it; from the next call on it is held by its new place."""
    of = standing.administered(call)
    member = membership.member(of, account_id)
    if member.parent != source_parent_id:
        raise SourceParentNotFoundException
    if not tree.is_place(of, destination_parent_id):
        raise DestinationParentNotFoundException
    if destination_parent_id == source_parent_id:
        raise DuplicateAccountException
    moved = msgspec.structs.replace(member, parent=destination_parent_id)
    of.state.collection(OrganizationAccount).put(moved)


def _page(
    call: Call,
    of: Standing,
    found: Iterable[OrganizationAccount],
    next_token: str | None,
    max_results: int | None,
) -> dict[str, Any]:
    return page(
        "Accounts",
        found,
        lambda one: views.account(call, of, one),
        key=lambda one: one.id,
        next_token=next_token,
        max_results=max_results,
    )
