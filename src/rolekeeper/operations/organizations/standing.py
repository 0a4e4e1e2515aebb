"""In which organization a call stands, and who may ask what there.

The management account may do everything. A member account may ask about itself (`joined`). It may read all
(`Describe...`, `List...`) while it is a delegated administrator of any service, and do what has to do with
policies where the organization's resource policy lets it: that policy and its own must both allow, as for
any resource of another account. Everybody else is refused, whatever the policies say.
Source: "Delegated administrator for AWS Organizations" in its User Guide; "You can call this operation from"
in the page of each operation in the API Reference.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar

import msgspec

from rolekeeper.errors import AccessDenied, AWSOrganizationsNotInUseException
from rolekeeper.iam.entities import Entity
from rolekeeper.iam.organizations import Organization, OrganizationAccount, OrganizationResourcePolicy
from rolekeeper.service.call import Call
from rolekeeper.store.contract import AccountState, Collection, Transaction

NOT_YOURS = "You don't have permissions to access this resource."

_OF_POLICIES = frozenset(
    {
        "AttachPolicy", "CreatePolicy", "DeletePolicy", "DetachPolicy", "DisablePolicyType",
        "EnablePolicyType", "TagResource", "UntagResource", "UpdatePolicy",
    }
)  # fmt: skip
"""What changes something, and can be left to a member account by the resource policy."""

_OF_EVERYBODY = frozenset(
    {"DescribeEffectivePolicy", "DescribeHandshake", "DescribeOrganization", "ListHandshakesForAccount"}
)
"""What every account may ask about itself, so that nobody has to let it."""

_READING = ("Describe", "List")
_PAGE = 1000

E = TypeVar("E", bound=Entity)


class Standing(msgspec.Struct, frozen=True):
    """An organization, with the state of its management account, in which all of it is kept."""

    organization: Organization
    state: AccountState

    @property
    def management(self) -> str:
        """The management account."""
        return self.organization.account


def found(call: Call) -> Standing | None:
    """The organization of the caller's account, whoever the caller is; None where it is in none."""
    return of_account(call, call.account)


def of_account(call: Call, account: str) -> Standing | None:
    """The organization of an account; None where it is in none."""
    management = call.organizations.management(call.store, account)
    return managed_by(call.store, management) if management is not None else None


def managed_by(store: Transaction, management: str) -> Standing | None:
    """The organization of a management account."""
    state = store.account(management)
    organization = state.collection(Organization).find("organization")
    return Standing(organization, state) if organization is not None else None


def joined(call: Call) -> Standing:
    """The caller's organization, for what every account in it may ask; AWSOrganizationsNotInUseException."""
    standing = found(call)
    if standing is None:
        raise AWSOrganizationsNotInUseException
    return standing


def administered(call: Call) -> Standing:
    """The caller's organization, for who administers it. AccessDenied for all others."""
    standing = joined(call)
    by_policy = call.resource is not None and call.resource.policy is not None
    if not (call.account == standing.management or by_policy or _reads(call, standing)):
        raise AccessDenied(NOT_YOURS)
    return standing


def delegating_policy(call: Call, standing: Standing) -> str | None:
    """The organization's own policy, where it is what lets the caller's account do this operation."""
    if call.account == standing.management or _reads(call, standing) or not _can_be_delegated(call):
        return None
    kept = standing.state.collection(OrganizationResourcePolicy).find("resource-policy")
    return kept.content if kept is not None else None


def _can_be_delegated(call: Call) -> bool:
    name = call.operation.name
    return name in _OF_POLICIES or (name.startswith(_READING) and name not in _OF_EVERYBODY)


def _reads(call: Call, standing: Standing) -> bool:
    """Whether the caller's account is a service's delegated administrator, who reads."""
    if not call.operation.name.startswith(_READING):
        return False
    member = standing.state.collection(OrganizationAccount).find(call.account)
    return member is not None and bool(member.delegated)


def every(collection: Collection[E]) -> Iterator[E]:
    """All entities of a collection, by key."""
    after, more = None, True
    while more:
        page, more = collection.page(after=after, limit=_PAGE)
        yield from page
        after = page[-1].key if page else None
