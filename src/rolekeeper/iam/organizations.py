"""An organization: the accounts that belong together, the tree they hang in, and the policies on it.

Everything of an organization is kept in its management account, so that one revision stands for all of it. A
member's own account only says which management account that is (`Membership`). A policy is attached by a link
"organization-policy" from its target's ID (a root, a unit or an account) to the policy's ID.
Source: "Organization", "Account", "OrganizationalUnit" and "Policy" in the Organizations API Reference.
"""

from __future__ import annotations

from datetime import datetime

from rolekeeper.iam.entities import Entity, Tags

ATTACHED = "organization-policy"
"""The kind of the links from targets to policies."""


class Organization(Entity, frozen=True, kw_only=True, omit_defaults=True):
    """The organization of a management account, which has one at most."""

    kind = "organization"
    noun = "organization"
    missing = "Your account is not a member of an organization."
    taken = "The AWS account is already a member of an organization."

    id: str
    root_id: str
    created: datetime
    email: str
    feature_set: str = "ALL"
    policy_types: tuple[str, ...] = ()
    """The types of policy that are enabled in the root."""
    services: dict[str, datetime] = {}
    """The services that have trusted access, and since when."""
    root_features: tuple[str, ...] = ()
    """What of central root access is on: RootCredentialsManagement, RootSessions."""
    tags: Tags = {}
    """Of the root."""

    @property
    def key(self) -> str:
        return "organization"


class OrganizationalUnit(Entity, frozen=True, kw_only=True, omit_defaults=True):
    """A branch of the tree. `parent` is the root's ID or another unit's."""

    kind = "organizational-unit"
    noun = "organizational unit"
    missing = "You specified an organizational unit that doesn't exist."
    taken = "An OU with the same name already exists."

    id: str
    name: str
    parent: str
    created: datetime
    tags: Tags = {}

    @property
    def key(self) -> str:
        return self.id


class OrganizationAccount(Entity, frozen=True, kw_only=True, omit_defaults=True):
    """An account of the organization, the management account included; `parent` is where it hangs."""

    kind = "organization-account"
    noun = "account"
    missing = "You specified an account that doesn't exist."
    taken = "The account is already a member of the organization."

    id: str
    name: str
    email: str
    parent: str
    joined: datetime
    joined_method: str = "CREATED"
    status: str = "ACTIVE"
    delegated: dict[str, datetime] = {}
    """The services that it is a delegated administrator of, and since when."""
    tags: Tags = {}

    @property
    def key(self) -> str:
        return self.id


class OrganizationPolicy(Entity, frozen=True, kw_only=True, omit_defaults=True):
    """A service control policy or a resource control policy that somebody has made."""

    kind = "organization-policy"
    noun = "policy"
    missing = "You specified a policy that doesn't exist."
    taken = "A policy with the same name already exists."

    id: str
    name: str
    type: str
    content: str
    description: str = ""
    tags: Tags = {}

    @property
    def key(self) -> str:
        return self.id


class Membership(Entity, frozen=True, kw_only=True, omit_defaults=True):
    """Kept in an account: the management account of the organization that it is in."""

    kind = "membership"
    noun = "membership"
    missing = "Your account is not a member of an organization."
    taken = "The account is already a member of an organization."

    management: str

    @property
    def key(self) -> str:
        return "membership"


class OrganizationResourcePolicy(Entity, frozen=True, kw_only=True, omit_defaults=True):
    """The policy of the organization itself: what member accounts may do in its management."""

    kind = "organization-resource-policy"
    noun = "resource policy"
    missing = "You specified a resource policy that doesn't exist."
    taken = "The organization has a resource policy."

    id: str
    content: str
    tags: Tags = {}

    @property
    def key(self) -> str:
        return "resource-policy"
