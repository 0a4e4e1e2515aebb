"""What IAM Roles Anywhere is made of: trust anchors, profiles, revocation lists, and who has come by them.

All of it is of one region, which is why the path of such an entity is its region. A name is only a name; an
alias is unique among those of its kind in a region, and a link in the store. A subject's ID follows from its
account, region and name, so that a subject that comes again is found in one look.
Source: the data types in the IAM Roles Anywhere API Reference.
"""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import ClassVar

import msgspec

from rolekeeper.iam.entities import Entity, Tags

SERVICE = "rolesanywhere.amazonaws.com"
"""The principal that a role's trust policy lets in."""

TAGS = 200
"""As many as a resource may have."""


class RegionalResource(Entity, frozen=True, kw_only=True, omit_defaults=True):
    """What all kinds have in common."""

    folds = False
    resource_type: ClassVar[str]

    id: str
    region: str
    enabled: bool
    created: datetime
    updated: datetime
    tags: Tags = {}

    @property
    def key(self) -> str:
        return self.id

    @property
    def path(self) -> str:
        return f"/{self.region}/"

    def arn(self, partition: str) -> str:
        """The ARN as a caller in that partition sees it."""
        return arn_of(partition, self.region, self.account, self.resource_type, self.id)


class NamedResource(RegionalResource, frozen=True, kw_only=True, omit_defaults=True):
    """A kind that somebody makes and names."""

    name: str
    alias: str | None = None

    def alias_arn(self, partition: str) -> str | None:
        """The ARN of its alias, where it has one."""
        if self.alias is None:
            return None
        return arn_of(partition, self.region, self.account, f"alias/{self.resource_type}", self.alias)


class Notification(msgspec.Struct, frozen=True, kw_only=True):
    """A setting of somebody's own of when to tell of certificates that end."""

    event: str
    enabled: bool
    threshold: int | None = None
    channel: str = "ALL"


class TrustAnchor(NamedResource, frozen=True, kw_only=True, omit_defaults=True):
    """A certificate authority that an account trusts: one or two certificates in PEM."""

    kind = "trust-anchor"
    noun = "trust anchor"
    resource_type = "trust-anchor"

    bundle: str
    notifications: tuple[Notification, ...] = ()


class AnywhereProfile(NamedResource, frozen=True, kw_only=True, omit_defaults=True):
    """Which roles a machine may become, for how long, and what of its certificate becomes a tag."""

    kind = "anywhere-profile"
    noun = "profile"
    resource_type = "profile"

    role_arns: tuple[str, ...] = ()
    managed_policy_arns: tuple[str, ...] = ()
    session_policy: str | None = None
    duration: int = 3600
    require_instance_properties: bool = False
    accept_role_session_name: bool = False
    mappings: dict[str, tuple[str, ...]] = {}
    """The specifiers of each field of the certificate that has any."""


class RevocationList(NamedResource, frozen=True, kw_only=True, omit_defaults=True):
    """A certificate revocation list, in PEM, for a trust anchor."""

    kind = "crl"
    noun = "certificate revocation list"
    resource_type = "crl"

    data: bytes
    trust_anchor: str
    """Its ID."""


class SeenCertificate(msgspec.Struct, frozen=True, kw_only=True):
    """A certificate with which a subject has come."""

    serial: str
    issuer: str
    pem: str
    seen: datetime


class SeenProperties(msgspec.Struct, frozen=True, kw_only=True):
    """What a subject has said of its machine."""

    properties: dict[str, str]
    seen: datetime


class AnywhereSubject(RegionalResource, frozen=True, kw_only=True, omit_defaults=True):
    """Who has come with a certificate: its subject, with the last certificates."""

    kind = "anywhere-subject"
    noun = "subject"
    resource_type = "subject"

    x509_subject: str
    last_seen: datetime
    certificates: tuple[SeenCertificate, ...] = ()
    properties: tuple[SeenProperties, ...] = ()


def arn_of(partition: str, region: str, account: str, resource_type: str, name: str) -> str:
    """The ARN of a resource of IAM Roles Anywhere."""
    return f"arn:{partition}:rolesanywhere:{region}:{account}:{resource_type}/{name}"


def subject_id(account: str, region: str, subject: str) -> str:
    """The ID of a subject."""
    return str(uuid.uuid5(_SUBJECTS, f"{account}/{region}/{subject}"))


_SUBJECTS = uuid.UUID("5d0a3c44-6a6c-5e8e-9a4e-6f7b1c2d3e4f")
