"""Organizational units: made, renamed, read, deleted. They nest five deep.

Source: "Managing organizational units" and "Quotas for AWS Organizations" in the Organizations User Guide.
"""

from __future__ import annotations

from typing import Any

import msgspec

from rolekeeper import ids
from rolekeeper.errors import (
    ConstraintViolationException,
    DuplicateOrganizationalUnitException,
    OrganizationalUnitNotEmptyException,
    OrganizationalUnitNotFoundException,
)
from rolekeeper.iam.organizations import ATTACHED, OrganizationalUnit
from rolekeeper.operations.organizations import keys, membership, names, standing, tree, views
from rolekeeper.operations.organizations.paging import page
from rolekeeper.operations.organizations.standing import Standing
from rolekeeper.operations.organizations.tagging import with_tags
from rolekeeper.service.call import Call
from rolekeeper.service.registry import operation


def _unit(of: Standing, id: str) -> OrganizationalUnit:
    kept = of.state.collection(OrganizationalUnit).find(id)
    if kept is None:
        raise OrganizationalUnitNotFoundException
    return kept


def _refuse_name(of: Standing, parent: str, name: str, *, but: str | None = None) -> None:
    if any(unit.name == name and unit.id != but for unit in tree.units_in(of, parent)):
        raise DuplicateOrganizationalUnitException


@operation(resource=names.parent, also=keys.tagging(names.parent), writes=True)
def create_organizational_unit(
    call: Call, *, parent_id: str, name: str, tags: list[dict[str, str]] | None = None
) -> dict[str, Any]:
    """Make a unit in the root or in another."""
    of = standing.administered(call)
    tree.refuse_unless_place(of, parent_id)
    units = of.state.collection(OrganizationalUnit)
    if units.count() >= call.limits.organizational_units:
        raise ConstraintViolationException(
            "OU_NUMBER_LIMIT_EXCEEDED", "You have exceeded the allowed number of OUs in the organization."
        )
    if views.path(of, parent_id).count("/ou-") >= call.limits.unit_depth:
        raise ConstraintViolationException(
            "OU_DEPTH_LIMIT_EXCEEDED", "You have exceeded the allowed depth of OUs in the organization."
        )
    _refuse_name(of, parent_id, name)
    made = OrganizationalUnit(
        account=of.management,
        id=ids.organizations_id(f"ou-{of.organization.root_id.removeprefix('r-')}-", 8),
        name=name,
        parent=parent_id,
        created=call.now,
        tags=with_tags(call, {}, tags),
    )
    units.add(made)
    membership.attach_full_access(of, made.id)
    return {"OrganizationalUnit": views.unit(call, of, made)}


@operation(resource=names.unit)
def describe_organizational_unit(call: Call, *, organizational_unit_id: str) -> dict[str, Any]:
    """Read a unit."""
    of = standing.administered(call)
    return {"OrganizationalUnit": views.unit(call, of, _unit(of, organizational_unit_id))}


@operation(resource=names.unit, writes=True)
def update_organizational_unit(
    call: Call, *, organizational_unit_id: str, name: str | None = None
) -> dict[str, Any]:
    """Rename a unit. What is in it and on it stays."""
    of = standing.administered(call)
    kept = _unit(of, organizational_unit_id)
    if name is not None:
        _refuse_name(of, kept.parent, name, but=kept.id)
        kept = msgspec.structs.replace(kept, name=name)
        of.state.collection(OrganizationalUnit).put(kept)
    return {"OrganizationalUnit": views.unit(call, of, kept)}


@operation(resource=names.unit, writes=True)
def delete_organizational_unit(call: Call, *, organizational_unit_id: str) -> None:
    """Delete a unit that has neither units nor accounts."""
    of = standing.administered(call)
    kept = _unit(of, organizational_unit_id)
    if tree.units_in(of, kept.id) or tree.accounts_in(of, kept.id):
        raise OrganizationalUnitNotEmptyException
    for policy in of.state.links.targets(ATTACHED, kept.id):
        of.state.links.remove(ATTACHED, kept.id, policy)
    of.state.collection(OrganizationalUnit).delete(kept)


@operation(resource=names.parent)
def list_organizational_units_for_parent(
    call: Call, *, parent_id: str, next_token: str | None = None, max_results: int | None = None
) -> dict[str, Any]:
    """List the units just below a place."""
    of = standing.administered(call)
    tree.refuse_unless_place(of, parent_id)
    return page(
        "OrganizationalUnits",
        tree.units_in(of, parent_id),
        lambda unit: views.unit(call, of, unit),
        key=lambda unit: unit.id,
        next_token=next_token,
        max_results=max_results,
    )
