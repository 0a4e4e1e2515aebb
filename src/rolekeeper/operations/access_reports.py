"""Reports on last access: made of what policies let somebody reach and of what was tried last.

A report lists what the policies reach, whether it was tried or not, and of what was tried nothing that they
do not reach. Every attempt counts, also one that was refused, for 400 days. Actions are told of the services
that answer here: nobody else says what was tried.
Source: "Refine permissions in AWS using last accessed information" in the IAM User Guide.
"""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from rolekeeper.iam.access_reports import Accessor, AccessReport, LastAccess, OrganizationsAccessReport
from rolekeeper.iam.credentials import UserSession
from rolekeeper.iam.entities import Group, ManagedPolicy, Role, User
from rolekeeper.operations import views
from rolekeeper.operations.reported import IDENTITIES, Identity
from rolekeeper.policy import catalog
from rolekeeper.policy.reach import Reach
from rolekeeper.service.authorizer import document, identity_documents
from rolekeeper.service.call import Call, Caller
from rolekeeper.store.contract import LastUse
from rolekeeper.wire import model

TRACKED = timedelta(days=400)
"""How long an attempt is remembered."""

KEPT = timedelta(days=7)
"""How long a report can be read."""

_FORGOTTEN = 10  # reports at most that go when one is made

_ANSWERING = ("iam", "sts")


def make(call: Call, subject: Identity | ManagedPolicy, *, of_actions: bool) -> AccessReport:
    """Make a report on what a user, group, role or policy gives, and forget some that are past their time."""
    report = AccessReport(
        account=call.account,
        id=job_id(call.now),
        owner=owner(call.caller),
        created=call.now,
        of_actions=of_actions,
        policies=tuple(_policies(call, subject)),
        accessors=tuple(_accessor(call, entity, of_actions) for entity in _bearers(call, subject)),
    )
    keep(call, report)
    return report


def keep(call: Call, report: AccessReport | OrganizationsAccessReport) -> None:
    """Keep a report, and forget some that are past their time."""
    reports: Any = call.tx.collection(type(report))
    for old in reports.page(limit=_FORGOTTEN)[0]:
        if old.created < call.now - KEPT:
            reports.delete(old)
    reports.add(report)


def job_id(now: datetime) -> str:
    """A UUID of version 7: the time in milliseconds, and what nobody can guess."""
    bits = int(now.timestamp() * 1000) << 80 | 7 << 76 | secrets.randbits(76)
    return str(uuid.UUID(int=bits & ~(3 << 62) | 2 << 62))


def owner(caller: Caller) -> str:
    """Who may read a report: the same user with any of its keys, and a role in the same session only."""
    if caller.session is not None and not isinstance(caller.session, UserSession):
        return caller.access_key_id
    return caller.user.id if caller.user is not None else caller.account


def services(call: Call, report: AccessReport, after: str) -> Iterator[dict[str, Any]]:
    """The services behind one, in their order, each with its last access."""
    reach = _reach(call, report)
    for service in reach.services(after):
        accesses = [(one, one.services[service]) for one in report.accessors if service in one.services]
        view = {
            "ServiceName": catalog.service_name(service),
            "ServiceNamespace": service,
            "TotalAuthenticatedEntities": len(accesses),
        }
        if accesses:
            accessor, last = max(accesses, key=lambda one: one[1].time)
            view["LastAuthenticated"] = last.time
            view["LastAuthenticatedEntity"] = accessor.arn
            view["LastAuthenticatedRegion"] = last.region
        if report.of_actions and (actions := [*_actions(report, reach, service)]):
            view["TrackedActionsLastAccessed"] = actions
        yield view


def entities(call: Call, report: AccessReport, service: str) -> list[dict[str, Any]]:
    """Who could have reached a service, as they are called now, the last access first; nobody who is gone."""
    if not _reach(call, report).service(service):
        return []
    found = [(call.store.by_unique_id(one.id), one.services.get(service)) for one in report.accessors]
    there = [(entity, access) for entity, access in found if isinstance(entity, User | Role)]
    there.sort(key=lambda one: (one[0].kind != User.kind, one[0].key))
    there.sort(key=lambda one: one[1].time.timestamp() if one[1] is not None else 0, reverse=True)
    return [_entity(call, entity, access) for entity, access in there]


# -- making -----------------------------------------------------------------------------------------


def _policies(call: Call, subject: Identity | ManagedPolicy) -> Iterable[str]:
    if isinstance(subject, ManagedPolicy):
        return (subject.document,)
    return dict.fromkeys(found.source for found in identity_documents(subject, call.tx, call.store))


def _bearers(call: Call, subject: Identity | ManagedPolicy) -> Collection[User | Role]:
    """The users and roles that have the policies: by themselves, by a group, by an attachment."""
    if isinstance(subject, User | Role):
        return (subject,)
    if isinstance(subject, Group):
        members = (call.tx.users.find(key) for key in call.tx.links.sources("member", subject.key))
        return [user for user in members if user is not None]
    found: dict[str, User | Role] = {}
    for source in call.tx.links.sources("attachment", views.policy_reference(subject)):
        kind, _, key = source.partition("/")
        bearer: Identity | None = call.tx.collection(IDENTITIES[kind]).find(key)
        if bearer is not None:
            found |= {entity.id: entity for entity in _bearers(call, bearer)}
    return found.values()


def _accessor(call: Call, entity: User | Role, of_actions: bool) -> Accessor:
    usage, since = call.tx.usage, call.now - TRACKED
    used = _recent(usage.services(entity), since)
    return Accessor(
        id=entity.id,
        arn=entity.arn(call.partition),
        services=used,
        actions={one: _recent(usage.actions(entity, one), since) for one in used} if of_actions else {},
    )


def _recent(uses: Mapping[str, LastUse], since: datetime) -> dict[str, LastAccess]:
    return {name: LastAccess(use.time, use.region) for name, use in uses.items() if use.time > since}


# -- reading ----------------------------------------------------------------------------------------


def _reach(call: Call, report: AccessReport) -> Reach:
    return Reach(map(document, report.policies), call.partition)


def _actions(report: AccessReport, reach: Reach, service: str) -> Iterator[dict[str, Any]]:
    """The tracked actions of a service, by name: operations of its API, of which iam:PassRole is none."""
    tracked = model.service(service).operations if service in _ANSWERING else {}
    last: dict[str, tuple[Accessor, LastAccess]] = {}
    for accessor in report.accessors:
        for name, access in accessor.actions.get(service, {}).items():
            if name not in last or last[name][1].time < access.time:
                last[name] = accessor, access
    for name in sorted(tracked.keys() & set(reach.actions(service))) if tracked else ():
        view: dict[str, Any] = {"ActionName": name}
        if name in last:
            accessor, access = last[name]
            view["LastAccessedEntity"] = accessor.arn
            view["LastAccessedTime"] = access.time
            view["LastAccessedRegion"] = access.region
        yield view


def _entity(call: Call, entity: User | Role, access: LastAccess | None) -> dict[str, Any]:
    view: dict[str, Any] = {
        "EntityInfo": {
            "Arn": entity.arn(call.partition),
            "Name": entity.name,
            "Type": entity.kind.upper(),
            "Id": entity.id,
            "Path": entity.path,
        }
    }
    if access is not None:
        view["LastAuthenticated"] = access.time
    return view
