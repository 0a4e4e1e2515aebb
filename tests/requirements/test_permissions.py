"""What a role may do: rows SR-043 to SR-048."""

from __future__ import annotations

from typing import Any

import pytest

from tests.client import Person, World
from tests.people import allow, assume, deny, managed, policy, refused, role, user

requirement = pytest.mark.requirement


@pytest.fixture
def bob(root: Person) -> Person:
    """A user who may assume whatever trusts the account."""
    return user(root, "bob", allow("sts:AssumeRole"))


def put(root: Person, name: str, *statements: Any, policy_name: str = "own") -> None:
    root.iam.put_role_policy(RoleName=name, PolicyName=policy_name, PolicyDocument=policy(*statements))


@requirement("SR-043")
def test_sr_043_a_session_may_do_what_the_policy_says_and_nothing_else(root: Person, bob: Person) -> None:
    arn = role(root, "dev", root.account)
    put(root, "dev", allow("iam:GetRole", on=arn))
    dev = assume(bob, arn)
    dev.iam.get_role(RoleName="dev")
    role(root, "prod", root.account)
    for call, arguments in (
        (dev.iam.get_role, {"RoleName": "prod"}),
        (dev.iam.list_roles, {}),
        (dev.iam.delete_role, {"RoleName": "dev"}),
        (dev.sts.get_access_key_info, {"AccessKeyId": dev.key_id}),
    ):
        with refused("AccessDenied", 403, "because no identity-based policy allows the "):
            call(**arguments)


@requirement("SR-043")
def test_sr_043_the_refusal_names_who_what_and_where(root: Person, bob: Person) -> None:
    arn = role(root, "dev", root.account, Path="/team/")
    dev = assume(bob, arn, "monday")
    told = (
        f"User: arn:aws:sts::{root.account}:assumed-role/dev/monday is not authorized to perform: "
        f"iam:GetRole on resource: {arn} because no identity-based policy allows the iam:GetRole action"
    )
    with refused("AccessDenied", 403, told):
        dev.iam.get_role(RoleName="dev")


@requirement("SR-043")
@pytest.mark.parametrize("action", ["iam:getrole", "IAM:GetRole", "iam:Get*", "iam:GetRol?", "iam:*", "*"])
def test_sr_043_an_action_ignores_case_and_takes_wildcards(root: Person, bob: Person, action: str) -> None:
    arn = role(root, "dev", root.account, allow(action))
    assume(bob, arn).iam.get_role(RoleName="dev")
    with refused("AccessDenied", 403):
        assume(bob, role(root, "none", root.account)).iam.get_role(RoleName="dev")


@requirement("SR-044", "SR-040")
def test_sr_044_a_deny_wins(root: Person, bob: Person) -> None:
    arn = role(root, "dev", root.account, allow("iam:*"), deny("iam:ListUsers"))
    dev = assume(bob, arn)
    dev.iam.list_roles()
    with refused("AccessDenied", 403, "with an explicit deny in an identity-based policy"):
        dev.iam.list_users()


@requirement("SR-044")
@pytest.mark.parametrize("first", ["inline", "managed"])
def test_sr_044_a_deny_wins_in_whatever_policy_it_stands(root: Person, bob: Person, first: str) -> None:
    arn = role(root, "dev", root.account)
    denies, allows = deny("iam:ListUsers"), allow("iam:*")
    inline, attached = (denies, allows) if first == "inline" else (allows, denies)
    put(root, "dev", inline)
    root.iam.attach_role_policy(RoleName="dev", PolicyArn=managed(root, "p", attached))
    dev = assume(bob, arn)
    dev.iam.list_roles()
    with refused("AccessDenied", 403, "with an explicit deny in an identity-based policy"):
        dev.iam.list_users()


@requirement("SR-045")
def test_sr_045_a_role_with_no_policy_may_do_nothing(root: Person, bob: Person) -> None:
    dev = assume(bob, role(root, "dev", root.account))
    for refuse in (dev.iam.list_roles, dev.iam.list_users, dev.iam.list_policies, dev.iam.list_groups):
        with refused("AccessDenied", 403, "because no identity-based policy allows the iam:List"):
            refuse()
    assert dev.arn.endswith("assumed-role/dev/session")


@requirement("SR-046")
def test_sr_046_inline_and_managed_policies_add_up(root: Person, bob: Person) -> None:
    arn = role(root, "dev", root.account)
    dev = assume(bob, arn)
    with refused("AccessDenied", 403):
        dev.iam.list_roles()
    put(root, "dev", allow("iam:ListRoles"), policy_name="one")
    put(root, "dev", allow("iam:ListUsers"), policy_name="two")
    root.iam.attach_role_policy(RoleName="dev", PolicyArn=managed(root, "p", allow("iam:ListGroups")))
    for allowed in (dev.iam.list_roles, dev.iam.list_users, dev.iam.list_groups):
        allowed()
    with refused("AccessDenied", 403):
        dev.iam.list_policies()


@requirement("SR-046")
def test_sr_046_the_default_version_is_in_force(root: Person, bob: Person) -> None:
    arn = role(root, "dev", root.account)
    attached = managed(root, "p", allow("iam:ListRoles"))
    root.iam.attach_role_policy(RoleName="dev", PolicyArn=attached)
    dev = assume(bob, arn)
    root.iam.create_policy_version(PolicyArn=attached, PolicyDocument=policy(allow("iam:ListUsers")))
    dev.iam.list_roles()
    with refused("AccessDenied", 403):
        dev.iam.list_users()
    root.iam.set_default_policy_version(PolicyArn=attached, VersionId="v2")
    dev.iam.list_users()
    with refused("AccessDenied", 403):
        dev.iam.list_roles()


@requirement("SR-047")
def test_sr_047_a_change_reaches_every_holder_by_itself(root: Person, bob: Person) -> None:
    arn = role(root, "dev", root.account)
    sessions = [assume(bob, arn, f"session{number}") for number in range(3)]
    attached = managed(root, "p", allow("iam:ListGroups"))
    changes: list[tuple[Any, Any]] = [
        (
            lambda: put(root, "dev", allow("iam:ListGroups")),
            lambda: root.iam.delete_role_policy(RoleName="dev", PolicyName="own"),
        ),
        (
            lambda: root.iam.attach_role_policy(RoleName="dev", PolicyArn=attached),
            lambda: root.iam.detach_role_policy(RoleName="dev", PolicyArn=attached),
        ),
    ]
    for give, take in changes:
        give()
        for session in sessions:
            session.iam.list_groups()
        take()
        for session in sessions:
            with refused("AccessDenied", 403):
                session.iam.list_groups()


@requirement("SR-048")
def test_sr_048_a_boundary_limits_a_role_and_does_not_grant(root: Person, bob: Person) -> None:
    arn = role(root, "dev", root.account, PermissionsBoundary=managed(root, "reads", allow("iam:List*")))
    dev = assume(bob, arn)
    with refused("AccessDenied", 403, "because no identity-based policy allows the iam:ListRoles action"):
        dev.iam.list_roles()
    put(root, "dev", allow("iam:*"))
    dev.iam.list_roles()
    with refused("AccessDenied", 403, "because no permissions boundary allows the iam:CreateUser action"):
        dev.iam.create_user(UserName="eve")


@requirement("SR-048")
def test_sr_048_a_deny_in_the_boundary_says_so(root: Person, bob: Person) -> None:
    boundary = managed(root, "reads", allow("*"), deny("iam:CreateUser"))
    dev = assume(bob, role(root, "dev", root.account, allow("*"), PermissionsBoundary=boundary))
    dev.iam.list_roles()
    with refused("AccessDenied", 403, "with an explicit deny in a permissions boundary"):
        dev.iam.create_user(UserName="eve")


@requirement("SR-048")
def test_sr_048_a_boundary_is_set_and_taken_at_any_time(root: Person, bob: Person) -> None:
    boundary = managed(root, "reads", allow("iam:List*"))
    dev = assume(bob, role(root, "dev", root.account, allow("iam:*")))
    dev.iam.create_user(UserName="eve")
    root.iam.put_role_permissions_boundary(RoleName="dev", PermissionsBoundary=boundary)
    with refused("AccessDenied", 403, "because no permissions boundary allows the iam:DeleteUser action"):
        dev.iam.delete_user(UserName="eve")
    root.iam.delete_role_permissions_boundary(RoleName="dev")
    dev.iam.delete_user(UserName="eve")


@requirement("SR-048")
def test_sr_048_a_boundary_that_does_not_exist_is_an_error(root: Person) -> None:
    none = f"arn:aws:iam::{root.account}:policy/none"
    told = f"Policy {none} does not exist or is not attachable."
    with refused("NoSuchEntity", 404, told):
        role(root, "dev", root.account, PermissionsBoundary=none)
    with refused("NoSuchEntity", 404, "cannot be found"):
        root.iam.get_role(RoleName="dev")
    role(root, "dev", root.account)
    with refused("NoSuchEntity", 404, told):
        root.iam.put_role_permissions_boundary(RoleName="dev", PermissionsBoundary=none)


@requirement("SR-043")
def test_sr_043_a_policy_may_wait_for_a_time(root: Person, bob: Person, world: World) -> None:
    later = root.iam.create_user(UserName="the-time")["User"]["CreateDate"].timestamp() + 600
    condition = {"NumericGreaterThan": {"aws:EpochTime": str(int(later))}}
    dev = assume(bob, role(root, "dev", root.account, allow("iam:ListRoles", Condition=condition)))
    with refused("AccessDenied", 403):
        dev.iam.list_roles()
    world.advance(700)
    dev.iam.list_roles()
