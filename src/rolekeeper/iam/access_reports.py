"""What a report on last access keeps: how things were when it was asked for, from which it is read later.

The services that it lists follow from the policies, and are not kept. Whom it names may be renamed or gone
when it is read, so that it keeps unique IDs.
Source: "GenerateServiceLastAccessedDetails" and "GenerateOrganizationsAccessReport" in the IAM API Reference.
"""

from __future__ import annotations

from datetime import datetime

import msgspec

from rolekeeper.iam.entities import Entity


class LastAccess(msgspec.Struct, frozen=True, array_like=True):
    """When and in which region somebody last tried to do something."""

    time: datetime
    region: str


class Accessor(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A user or a role that has the policies, with its last access to services and to their actions."""

    id: str
    arn: str
    services: dict[str, LastAccess] = {}
    actions: dict[str, dict[str, LastAccess]] = {}
    """By service and name; only where the report is of actions."""


class AccessReport(Entity, frozen=True, kw_only=True, omit_defaults=True):
    """One job of GenerateServiceLastAccessedDetails, done when it is made. Its `owner` may read it."""

    kind = "access-report"
    noun = "job"
    folds = False
    missing = "Job {name} does not exist."

    id: str
    """It begins with the time at which it was made, so that the oldest come first."""
    owner: str
    created: datetime
    of_actions: bool = False
    policies: tuple[str, ...] = ()
    accessors: tuple[Accessor, ...] = ()

    @property
    def key(self) -> str:
        return self.id


class ServiceAccess(msgspec.Struct, frozen=True, omit_defaults=True):
    """A service that an entity of an organization may reach, and the last access from one of its accounts."""

    service: str
    time: datetime | None = None
    region: str | None = None
    path: str | None = None
    """Of the account that tried it last."""
    accounts: int = 0
    """How many accounts tried it."""


class OrganizationsAccessReport(Entity, frozen=True, kw_only=True, omit_defaults=True):
    """One job of GenerateOrganizationsAccessReport, done when it is made; any principal of its account that
    may read reports may read it."""

    kind = "organizations-access-report"
    noun = "job"
    folds = False
    missing = "Job {name} does not exist."

    id: str
    created: datetime
    services: tuple[ServiceAccess, ...] = ()
    """By prefix."""

    @property
    def key(self) -> str:
        return self.id
