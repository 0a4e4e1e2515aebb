"""What the access report of an organization says: services, and which accounts tried them last.

The services are those that the SCPs of an entity (the root, a unit, an account) allow together: an action has
to be allowed on every level from the root down. For one policy they are those that it allows by itself, and
then only the accounts count to which it comes from the entity or from below. The management account is held
by no SCP: it reaches everything, counts where it is the entity, and nowhere else. A path must be the whole
one of something that is there.
Source: "GenerateOrganizationsAccessReport" in the IAM API Reference.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from rolekeeper.errors import InvalidInput
from rolekeeper.iam.access_reports import OrganizationsAccessReport, ServiceAccess
from rolekeeper.iam.entities import Account
from rolekeeper.iam.organizations import ATTACHED, OrganizationAccount, OrganizationalUnit
from rolekeeper.operations import access_reports
from rolekeeper.operations.organizations import names, policies
from rolekeeper.operations.organizations.standing import Standing, every
from rolekeeper.policy import catalog
from rolekeeper.policy.reach import Reach
from rolekeeper.service.authorizer import document
from rolekeeper.service.call import Call
from rolekeeper.service.organization import SCP


class Entity(NamedTuple):
    """A root, a unit or an account, and the way to it."""

    targets: tuple[str, ...]
    """From the root down: their IDs, the entity's own last."""

    @property
    def id(self) -> str:
        return self.targets[-1]


def entity_of(of: Standing, path: str) -> Entity:
    """What an entity path leads to; InvalidInput where there is no such thing."""
    organization, *ids = path.rstrip("/").split("/")
    if organization != of.organization.id or not ids or tuple(ids) != _way(of, ids[-1]):
        raise InvalidInput(
            f"The entity path {path} is not valid: there is no such entity in the organization."
        )
    return Entity(tuple(ids))


def refuse_unless_scp(of: Standing, policy: str) -> None:
    """InvalidInput where there is no SCP of that ID."""
    if names.type_of_policy(of, policy) != SCP:
        raise InvalidInput(f"The policy {policy} is not a service control policy of the organization.")


def make(call: Call, of: Standing, entity: Entity, policy: str | None) -> OrganizationsAccessReport:
    """Make and keep a report on an entity, or on a policy as far as it is about an entity's accounts."""
    managing = entity.id == of.management
    if managing:
        allowed, accounts = sorted(catalog.services()), [entity.targets]
    else:
        levels = [[policy]] if policy is not None else [_scps(of, target) for target in entity.targets]
        allowed = list(_allowed(call, of, levels))
        accounts = [way for way in _accounts(of, entity) if policy is None or _bears(of, entity, way, policy)]
    report = OrganizationsAccessReport(
        account=call.account,
        id=access_reports.job_id(call.now),
        created=call.now,
        services=tuple(_accesses(call, of, allowed, accounts)),
    )
    access_reports.keep(call, report)
    return report


# -- the tree ---------------------------------------------------------------------------------------


def _way(of: Standing, id: str) -> tuple[str, ...]:
    """From the root down to an entity; nothing where there is none of that ID."""
    way, root = [id], of.organization.root_id
    while way[-1] != root:
        found: OrganizationAccount | OrganizationalUnit | None
        if way[-1].isdecimal():
            found = of.state.collection(OrganizationAccount).find(way[-1])
        else:
            found = of.state.collection(OrganizationalUnit).find(way[-1])
        if found is None:
            return ()
        way.append(found.parent)
    return tuple(way[::-1])


def _accounts(of: Standing, entity: Entity) -> Iterator[tuple[str, ...]]:
    """The ways to the accounts in an entity, but for the management account."""
    for account in every(of.state.collection(OrganizationAccount)):
        way = _way(of, account.id)
        if entity.id in way and account.id != of.management:
            yield way


def _scps(of: Standing, target: str) -> list[str]:
    return [id for id in of.state.links.targets(ATTACHED, target) if names.type_of_policy(of, id) == SCP]


def _bears(of: Standing, entity: Entity, way: tuple[str, ...], policy: str) -> bool:
    """Whether a policy is attached to an account of an entity, or above it up to the entity."""
    below = way[len(entity.targets) - 1 :]
    return any(of.state.links.has(ATTACHED, target, policy) for target in below)


# -- services and their last use --------------------------------------------------------------------


def _allowed(call: Call, of: Standing, levels: Iterable[list[str]]) -> Iterator[str]:
    """The services of which an action is allowed on every level, by prefix."""
    reaches = [
        Reach((document(policies.find(of, id).content) for id in level), call.partition) for level in levels
    ]
    for service in sorted(catalog.services()):
        limiting = [reach for reach in reaches if not reach.all_of(service)]
        if not all(reach.service(service) for reach in limiting):
            continue
        if len(limiting) < 2 or any(
            all(reach.action(service, name) for reach in limiting) for name in catalog.actions(service)
        ):
            yield service


def _accesses(
    call: Call, of: Standing, services: list[str], accounts: Iterable[tuple[str, ...]]
) -> Iterator[ServiceAccess]:
    since = call.now - access_reports.TRACKED
    found: dict[str, list[ServiceAccess]] = {}
    for way in accounts:
        path = "/".join([of.organization.id, *way])
        state = call.store.account(way[-1])
        for service, use in state.usage.services(state.collection(Account).get(way[-1])).items():
            if use.time > since:
                found.setdefault(service, []).append(ServiceAccess(service, use.time, use.region, path))
    for service in services:
        tried = found.get(service)
        if tried is None:
            yield ServiceAccess(service)
        else:
            last = max(tried, key=lambda one: one.time or since)
            yield ServiceAccess(service, last.time, last.region, last.path, len(tried))
