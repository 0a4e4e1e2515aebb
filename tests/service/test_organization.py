"""Policies of an organization around real calls: who is held by them, who is not, and at once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import msgspec
import pytest

from rolekeeper.iam.organizations import (
    ATTACHED,
    Membership,
    Organization,
    OrganizationAccount,
    OrganizationalUnit,
    OrganizationPolicy,
)
from rolekeeper.service.organization import FULL_ACCESS, RCP, SCP
from rolekeeper.store.contract import AccountState
from tests.client import ACCOUNT, OTHER_ACCOUNT, LocalWorld
from tests.people import allow, assume, deny, policy, refused, role, trusting, user

NOW = datetime(2026, 1, 1, tzinfo=UTC)
UNIT = "ou-root-workload"
CREATE = {"RoleName": "made", "AssumeRolePolicyDocument": policy(trusting(ACCOUNT))}


@pytest.fixture
def there(local: LocalWorld) -> LocalWorld:
    """The first account manages an organization; the second is a member, in a unit below the root."""
    with state(local) as managed:
        managed.collection(Organization).add(
            Organization(
                account=ACCOUNT,
                id="o-example",
                root_id="r-root",
                created=NOW,
                email="a@b.example",
                policy_types=(SCP, RCP),
            )
        )
        managed.collection(OrganizationalUnit).add(
            OrganizationalUnit(account=ACCOUNT, id=UNIT, name="workload", parent="r-root", created=NOW)
        )
        for account, parent in ((ACCOUNT, "r-root"), (OTHER_ACCOUNT, UNIT)):
            managed.collection(OrganizationAccount).add(
                OrganizationAccount(
                    account=ACCOUNT, id=account, name=account, email="a@b.example", parent=parent, joined=NOW
                )
            )
        for target in ("r-root", UNIT, ACCOUNT, OTHER_ACCOUNT):
            for id, _ in FULL_ACCESS.values():
                managed.links.add(ATTACHED, target, id)
    for account in (ACCOUNT, OTHER_ACCOUNT):
        with local.server.store.write() as tx:
            tx.account(account).collection(Membership).add(Membership(account=account, management=ACCOUNT))
    return local


@contextmanager
def state(world: LocalWorld) -> Iterator[AccountState]:
    with world.server.store.write() as tx:
        yield tx.account(ACCOUNT)


def attach(world: LocalWorld, target: str, kind: str, text: str) -> None:
    with state(world) as managed:
        made = OrganizationPolicy(account=ACCOUNT, id=f"p-{target}", name=target, type=kind, content=text)
        managed.collection(OrganizationPolicy).add(made)
        managed.links.add(ATTACHED, target, made.id)


def test_nothing_is_held_without_policies(there: LocalWorld) -> None:
    there.other.iam.create_role(**CREATE)
    there.root.iam.create_role(**CREATE)


@pytest.mark.parametrize("target", ["r-root", UNIT, OTHER_ACCOUNT])
def test_an_scp_holds_everybody_in_a_member_account_its_root_user_too(there: LocalWorld, target: str) -> None:
    admin = user(there.other, "admin", allow("*"))
    admin.iam.list_roles()
    attach(there, target, SCP, policy(deny("iam:CreateRole")))
    for person in (there.other, admin):
        with refused("AccessDenied", 403, "with an explicit deny in a service control policy"):
            person.iam.create_role(**CREATE)
        person.iam.list_roles()


def test_the_management_account_is_not_held(there: LocalWorld) -> None:
    attach(there, "r-root", SCP, policy(deny("*")))
    there.root.iam.create_role(**CREATE)
    with refused("AccessDenied", 403):
        there.other.iam.create_role(**CREATE)


@pytest.mark.parametrize("target", ["r-root", UNIT, OTHER_ACCOUNT])
def test_without_full_access_at_one_level_nothing_is_allowed(there: LocalWorld, target: str) -> None:
    there.other.iam.list_roles()
    with state(there) as managed:
        managed.links.remove(ATTACHED, target, FULL_ACCESS[SCP][0])
    with refused("AccessDenied", 403, "no service control policy allows"):
        there.other.iam.list_roles()


def test_what_was_allowed_is_asked_anew_when_the_organization_changes(there: LocalWorld) -> None:
    for _ in range(3):
        there.other.iam.list_users()
    attach(there, UNIT, SCP, policy(deny("iam:ListUsers")))
    with refused("AccessDenied", 403):
        there.other.iam.list_users()
    with state(there) as managed:
        found = managed.collection(OrganizationAccount).get(OTHER_ACCOUNT)
        managed.collection(OrganizationAccount).put(msgspec.structs.replace(found, parent="r-root"))
    there.other.iam.list_users()


def test_a_type_that_is_switched_off_holds_nobody(there: LocalWorld) -> None:
    attach(there, "r-root", SCP, policy(deny("*")))
    with state(there) as managed:
        kept = managed.collection(Organization)
        kept.put(msgspec.structs.replace(kept.get("organization"), policy_types=(RCP,)))
    there.other.iam.list_users()


def test_an_rcp_holds_whoever_comes_to_a_resource_of_a_member(there: LocalWorld) -> None:
    arn = role(there.other, "shared", ACCOUNT)
    caller = user(there.root, "caller", allow("sts:AssumeRole"))
    assume(caller, arn)
    attach(there, OTHER_ACCOUNT, RCP, policy({**deny("sts:AssumeRole"), "Principal": "*"}))
    with refused("AccessDenied", 403, "sts:AssumeRole"):
        assume(caller, arn)
    own = role(there.root, "own", ACCOUNT)
    assume(caller, own)


def test_the_keys_of_the_organization(there: LocalWorld) -> None:
    wanted = {"aws:PrincipalOrgID": "o-example", "aws:ResourceOrgID": "o-example"}
    paths = {"aws:PrincipalOrgPaths": "o-example/r-root/ou-*/"}
    condition = {"StringEquals": wanted, "ForAnyValue:StringLike": paths}
    member = user(there.other, "member", allow("iam:ListRoles", Condition=condition))
    member.iam.list_roles()
    manager = user(there.root, "manager", allow("iam:ListRoles", Condition=condition))
    with refused("AccessDenied", 403):  # its account is in no unit
        manager.iam.list_roles()


def test_rcps_of_one_account_are_not_those_of_another_whose_role_has_the_same_trust(
    there: LocalWorld,
) -> None:
    open_account = there.root.organizations.create_account(AccountName="open", Email="open@b.example")
    caller = user(there.root, "caller", allow("sts:AssumeRole"))
    door = (
        f"arn:aws:iam::{open_account['CreateAccountStatus']['AccountId']}:role/OrganizationAccountAccessRole"
    )
    inside = assume(caller, door)
    free, held = role(inside, "shared", ACCOUNT), role(there.other, "shared", ACCOUNT)
    attach(there, OTHER_ACCOUNT, RCP, policy({**deny("sts:AssumeRole"), "Principal": "*"}))
    for _ in range(2):
        assume(caller, free)
        with refused("AccessDenied", 403, "sts:AssumeRole"):
            assume(caller, held)


@pytest.mark.parametrize("lost", ["organization", "account", "unit", "policy"])
def test_an_organization_of_which_something_is_lost_lets_nobody_in(there: LocalWorld, lost: str) -> None:
    attach(there, OTHER_ACCOUNT, SCP, policy(deny("iam:CreateRole")))
    there.other.iam.list_roles()
    with state(there) as managed:
        if lost == "organization":
            managed.collection(Organization).delete(managed.collection(Organization).get("organization"))
        elif lost == "account":
            kept = managed.collection(OrganizationAccount)
            kept.delete(kept.get(OTHER_ACCOUNT))
        elif lost == "unit":
            units = managed.collection(OrganizationalUnit)
            units.delete(units.get(UNIT))
        else:
            policies = managed.collection(OrganizationPolicy)
            policies.delete(policies.get(f"p-{OTHER_ACCOUNT}"))
    for call in (there.other.iam.list_roles, lambda: there.other.iam.create_role(**CREATE)):
        with refused("ServiceFailure", 500):
            call()
    assert there.other.sts.get_caller_identity()["Account"] == OTHER_ACCOUNT
