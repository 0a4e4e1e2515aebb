"""What an account is made of: small frozen values, one class a kind.

An entity holds only what is its own. What connects two of them (an attachment, a membership, a boundary)
is a link in the store; secrets are in the keyring; ARNs are made when they are shown, because their
partition is the caller's. `key` is what is unique in an account: names without regard to case.
Source: the entities' data types in the IAM API Reference.
"""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

import msgspec

from rolekeeper import arn

Tags = dict[str, str]
"""Tag key to value. The keys keep their case and are compared without regard to it."""


class Entity(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What all entities share: a kind, a key that is unique in the account, and an account."""

    kind: ClassVar[str]
    noun: ClassVar[str]
    folds: ClassVar[bool] = True
    """Keys are compared without regard to case."""
    missing: ClassVar[str] = "The {noun} with name {name} cannot be found."
    taken: ClassVar[str] = "{Noun} with name {name} already exists."
    """AWS's words for one that is not there, and for one that is there already."""

    account: str

    @property
    def key(self) -> str:
        """What is unique among the entities of this kind in the account."""
        raise NotImplementedError

    @property
    def path(self) -> str:
        """The path for listing by prefix; `/` for kinds that have none."""
        return "/"

    @property
    def unique_id(self) -> str | None:
        """An ID that is unique everywhere and never used again, where the kind has one."""
        return None


class Named(Entity, frozen=True, kw_only=True, omit_defaults=True):
    """An entity with a name, a path and an ID of its own."""

    resource_type: ClassVar[str]

    name: str
    id: str
    name_path: str = "/"
    created: datetime

    @property
    def key(self) -> str:
        return self.name.lower()

    @property
    def path(self) -> str:
        return self.name_path

    @property
    def unique_id(self) -> str | None:
        return self.id

    def arn(self, partition: str) -> str:
        """The entity's ARN as a caller in that partition sees it."""
        return arn.iam_arn(partition, self.account, self.resource_type, self.name_path, self.name)


class Account(Entity, frozen=True, kw_only=True, omit_defaults=True):
    """An AWS account. Its root user is the account itself: its ID is the account's number."""

    kind = "account"
    noun = "account"
    missing = "The account with number {name} cannot be found."
    taken = "Account with number {name} already exists."

    name: str
    created: datetime
    canonical_id: str
    address: str | None = None
    """The e-mail address of its root user, where somebody has given one."""
    closed: datetime | None = None
    """Since when it is closed: from then on nobody of it can sign, and nobody becomes one of its roles."""

    @property
    def key(self) -> str:
        return self.account

    @property
    def email(self) -> str:
        """The e-mail address of its root user; one of a domain that nobody can have, where none was given."""
        return self.address or f"root@{self.account}.invalid"


class TemplateSource(msgspec.Struct, frozen=True, kw_only=True):
    """The template that a role was made from, and with which values."""

    template: str
    minor: int
    values: dict[str, str]


class Role(Named, frozen=True, kw_only=True, omit_defaults=True):
    """A role. In `trust`, its trust policy, principals are unique IDs (see `operations.principals`)."""

    kind = "role"
    noun = "role"
    resource_type = "role"

    trust: str
    description: str | None = None
    max_session_duration: int = 3600
    boundary: str | None = None
    tags: Tags = {}
    inline: dict[str, str] = {}
    source: TemplateSource | None = None


class User(Named, frozen=True, kw_only=True, omit_defaults=True):
    """A user: one person or program, for long."""

    kind = "user"
    noun = "user"
    resource_type = "user"

    boundary: str | None = None
    tags: Tags = {}
    inline: dict[str, str] = {}


class Group(Named, frozen=True, kw_only=True, omit_defaults=True):
    """A group of users: a way to give policies, never a principal."""

    kind = "group"
    noun = "group"
    resource_type = "group"

    inline: dict[str, str] = {}


class PolicyVersion(msgspec.Struct, frozen=True, kw_only=True):
    """One version of a managed policy; `id` is `v1`, `v2` ..."""

    id: str
    document: str
    created: datetime


class ManagedPolicy(Named, frozen=True, kw_only=True, omit_defaults=True):
    """A customer managed policy with its versions, oldest first."""

    kind = "policy"
    noun = "policy"
    resource_type = "policy"
    missing = "Policy {name} was not found."
    taken = "A policy called {name} already exists. Duplicate names are not allowed."

    description: str | None = None
    default_version: str = "v1"
    next_version: int = 2
    versions: tuple[PolicyVersion, ...] = ()
    updated: datetime
    tags: Tags = {}

    @property
    def document(self) -> str:
        """The text of the default version."""
        return self.version(self.default_version).document

    def version(self, version_id: str) -> PolicyVersion:
        """One version; KeyError when the policy has none of that ID."""
        for version in self.versions:
            if version.id == version_id:
                return version
        raise KeyError(version_id)


class InstanceProfile(Named, frozen=True, kw_only=True, omit_defaults=True):
    """A container for one role, which EC2 is given in place of the role."""

    kind = "instance-profile"
    noun = "instance profile"
    resource_type = "instance-profile"
    missing = "Instance Profile {name} cannot be found."
    taken = "Instance Profile {name} already exists."

    tags: Tags = {}


class AccessKey(Entity, frozen=True, kw_only=True, omit_defaults=True):
    """A long-lived key of a user, or of the root user where `user` is None. Its secret is in the keyring."""

    kind = "access-key"
    noun = "access key"
    folds = False
    missing = "The Access Key with id {name} cannot be found"
    taken = "Access Key with id {name} already exists."

    id: str
    user: str | None
    active: bool = True
    created: datetime

    @property
    def key(self) -> str:
        return self.id

    @property
    def unique_id(self) -> str | None:
        return self.id
