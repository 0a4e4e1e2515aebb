"""The organization around an account, and what its policies say of a call, level by level.

An organization is read from its management account and remembered under that account's revision: any change
in it makes it be read anew. The levels of an account are the root, each unit on the way, and the account.
Where what belongs to an organization is not all there, the call fails: a guard must not open by being lost.
Policies do not reach the management account or the service-linked roles. An organization without all
features, or whose root has a type switched off, has no policies of that type.
Source: "SCP evaluation" and "RCP evaluation" in the Organizations User Guide.
"""

from __future__ import annotations

import msgspec

from rolekeeper.iam.organizations import (
    ATTACHED,
    Membership,
    Organization,
    OrganizationAccount,
    OrganizationalUnit,
    OrganizationPolicy,
)
from rolekeeper.store.contract import AccountState, Transaction

SCP, RCP = "SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY"

_ALL = '"Action":"*","Resource":"*"'
FULL_ACCESS = {
    SCP: ("p-FullAWSAccess", f'{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow",{_ALL}}}]}}'),
    RCP: (
        "p-RCPFullAWSAccess",
        f'{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":"*",{_ALL}}}]}}',
    ),
}
"""AWS's own policy of each type: its ID and its text."""

_OWN = frozenset(id for id, _ in FULL_ACCESS.values())

Level = tuple[str, ...]
"""The texts of the policies of one level."""

Stamp = tuple[str, int]
"""What an organization was read at: its management account, and that account's revision."""


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """Where an account is in its organization. `revision` is the management account's, as it was read at."""

    organization: str
    management: str
    revision: int
    path: str
    """`o-.../r-.../ou-.../`: the condition key aws:PrincipalOrgPaths of whoever is in the account."""
    scp: tuple[Level, ...] | None
    rcp: tuple[Level, ...] | None

    @property
    def stamp(self) -> Stamp:
        """What it was read at."""
        return self.management, self.revision


class Organizations:
    """Finds the places of accounts, and remembers them."""

    def __init__(self) -> None:
        self._managements: dict[str, tuple[int, str | None]] = {}
        self._places: dict[str, Place] = {}

    def management(self, store: Transaction, account: str) -> str | None:
        """The management account of the organization that an account is in; None where it is in none."""
        try:
            state = store.account(account)
        except LookupError:
            return None
        revision = state.revision
        known = self._managements.get(account)
        if known is None or known[0] != revision:
            found = state.collection(Membership).find("membership")
            known = self._managements[account] = (revision, found.management if found is not None else None)
        return known[1]

    def place(self, store: Transaction, account: str) -> Place | None:
        """Where an account is; None where it is in no organization."""
        management = self.management(store, account)
        if management is None:
            return None
        state = store.account(management)
        kept = self._places.get(account)
        if kept is not None and (kept.management, kept.revision) == (management, state.revision):
            return kept
        place = self._places[account] = _read(state, management, account)
        return place


def _read(state: AccountState, management: str, account: str) -> Place:
    revision = state.revision
    organization = state.collection(Organization).find("organization")
    member = state.collection(OrganizationAccount).find(account)
    if organization is None or member is None:
        raise LookupError(
            f"account {account} is a member of {management}'s organization, which does not know it"
        )
    units = _way(state, organization, member)
    targets = [organization.root_id, *units, account]
    exempt = account == management
    return Place(
        organization=organization.id,
        management=management,
        revision=revision,
        path="/".join([organization.id, organization.root_id, *units, ""]),
        scp=None if exempt else _levels(state, organization, SCP, targets),
        rcp=None if exempt else _levels(state, organization, RCP, targets),
    )


def _way(state: AccountState, organization: Organization, member: OrganizationAccount) -> list[str]:
    """The units from the root down to an account."""
    units: list[str] = []
    parent = member.parent
    while parent != organization.root_id:
        units.append(parent)
        unit = state.collection(OrganizationalUnit).find(parent)
        if unit is None:
            raise LookupError(f"account {member.id} is in the unit {parent}, which is not there")
        parent = unit.parent
    return units[::-1]


def _levels(
    state: AccountState, organization: Organization, kind: str, targets: list[str]
) -> tuple[Level, ...] | None:
    if organization.feature_set != "ALL" or kind not in organization.policy_types:
        return None
    policies = state.collection(OrganizationPolicy)
    own, text = FULL_ACCESS[kind]
    levels = []
    for target in targets:
        attached = state.links.targets(ATTACHED, target)
        texts = [text for each in attached if each == own]
        found = (_policy(policies.find(each), each, target) for each in attached if each not in _OWN)
        texts += [policy.content for policy in found if policy.type == kind]
        levels.append(tuple(texts))
    return tuple(levels)


def _policy(found: OrganizationPolicy | None, id: str, target: str) -> OrganizationPolicy:
    if found is None:
        raise LookupError(f"policy {id} is attached to {target} and not there")
    return found
