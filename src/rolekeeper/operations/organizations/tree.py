"""The tree of an organization: the root, and who is whose parent.

Source: "ListRoots", "ListParents" and "ListChildren" in the Organizations API Reference.
"""

from __future__ import annotations

from typing import Any

from rolekeeper.errors import ChildNotFoundException, ParentNotFoundException
from rolekeeper.iam.organizations import OrganizationAccount, OrganizationalUnit
from rolekeeper.operations.organizations import names, standing, views
from rolekeeper.operations.organizations.paging import page
from rolekeeper.operations.organizations.standing import Standing, every
from rolekeeper.service.call import Call
from rolekeeper.service.registry import operation


def refuse_unless_place(of: Standing, parent: str) -> None:
    """ParentNotFoundException where there is no such root or unit."""
    if not is_place(of, parent):
        raise ParentNotFoundException


def is_place(of: Standing, parent: str) -> bool:
    """Whether that is the root or a unit."""
    return parent == of.organization.root_id or (
        of.state.collection(OrganizationalUnit).find(parent) is not None
    )


def units_in(of: Standing, parent: str) -> list[OrganizationalUnit]:
    """The units just below."""
    return [unit for unit in every(of.state.collection(OrganizationalUnit)) if unit.parent == parent]


def accounts_in(of: Standing, parent: str) -> list[OrganizationAccount]:
    """The accounts just below."""
    return [one for one in every(of.state.collection(OrganizationAccount)) if one.parent == parent]


@operation(resource=names.everything)
def list_roots(
    call: Call, *, next_token: str | None = None, max_results: int | None = None
) -> dict[str, Any]:
    """List the root, of which there is one."""
    of = standing.administered(call)
    return page(
        "Roots",
        [of],
        lambda one: views.root(call, one),
        key=lambda one: one.organization.root_id,
        next_token=next_token,
        max_results=max_results,
    )


@operation(resource=names.child)
def list_parents(
    call: Call, *, child_id: str, next_token: str | None = None, max_results: int | None = None
) -> dict[str, Any]:
    """List where a unit or an account hangs, which is one place."""
    of = standing.administered(call)
    child: OrganizationalUnit | OrganizationAccount | None
    if child_id.startswith("ou-"):
        child = of.state.collection(OrganizationalUnit).find(child_id)
    else:
        child = of.state.collection(OrganizationAccount).find(child_id)
    if child is None:
        raise ChildNotFoundException
    is_root = child.parent == of.organization.root_id
    return page(
        "Parents",
        [child.parent],
        lambda id: {"Id": id, "Type": "ROOT" if is_root else "ORGANIZATIONAL_UNIT"},
        key=str,
        next_token=next_token,
        max_results=max_results,
    )


@operation(resource=names.parent)
def list_children(
    call: Call,
    *,
    parent_id: str,
    child_type: str,
    next_token: str | None = None,
    max_results: int | None = None,
) -> dict[str, Any]:
    """List the units or the accounts just below a place."""
    of = standing.administered(call)
    refuse_unless_place(of, parent_id)
    below = units_in if child_type == "ORGANIZATIONAL_UNIT" else accounts_in
    return page(
        "Children",
        [child.id for child in below(of, parent_id)],
        lambda id: {"Id": id, "Type": child_type},
        key=str,
        next_token=next_token,
        max_results=max_results,
    )
