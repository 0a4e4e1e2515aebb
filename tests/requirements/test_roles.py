"""What a role is: rows SR-001 to SR-010."""

from __future__ import annotations

import pytest

from tests.client import Person, World
from tests.people import allow, assume, policy, refused, role, trusting, user

requirement = pytest.mark.requirement


@requirement("SR-001")
def test_sr_001_a_role_has_an_arn_and_a_unique_id_in_its_account(root: Person, other: Person) -> None:
    arn = role(root, "dev", root.account, Path="/team/")
    found = root.iam.get_role(RoleName="dev")["Role"]
    assert found["Arn"] == arn == f"arn:aws:iam::{root.account}:role/team/dev"
    assert found["RoleId"].startswith("AROA")
    with refused("NoSuchEntity", 404, "The role with name dev cannot be found."):
        other.iam.get_role(RoleName="dev")


@requirement("SR-001")
def test_sr_001_a_unique_id_is_never_used_again(root: Person) -> None:
    role(root, "dev", root.account)
    first = root.iam.get_role(RoleName="dev")["Role"]["RoleId"]
    root.iam.delete_role(RoleName="dev")
    with refused("NoSuchEntity", 404):
        root.iam.get_role(RoleName="dev")
    role(root, "dev", root.account)
    assert root.iam.get_role(RoleName="dev")["Role"]["RoleId"] != first


@requirement("SR-002")
def test_sr_002_a_new_account_has_no_roles(root: Person, other: Person) -> None:
    assert root.iam.list_roles()["Roles"] == []
    role(root, "dev", root.account)
    assert [one["RoleName"] for one in root.iam.list_roles()["Roles"]] == ["dev"]
    assert other.iam.list_roles()["Roles"] == []


@requirement("SR-003")
def test_sr_003_a_role_has_no_long_lived_credentials(root: Person, world: World) -> None:
    role(root, "dev", root.account)
    identifier = root.iam.get_role(RoleName="dev")["Role"]["RoleId"]
    with refused("NoSuchEntity", 404, "The user with name dev cannot be found."):
        root.iam.create_access_key(UserName="dev")
    somebody = world.person({"AccessKeyId": identifier, "SecretAccessKey": "x"})
    with refused("InvalidClientTokenId", 403):
        somebody.sts.get_caller_identity()


@requirement("SR-004", "SR-045")
def test_sr_004_a_role_carries_permission_policies_as_a_user_does(root: Person) -> None:
    bob = user(root, "bob", allow("sts:AssumeRole"))
    dev = assume(bob, role(root, "dev", root.account))
    for person in (bob, dev):
        with refused("AccessDenied", 403, "because no identity-based policy allows the iam:ListRoles action"):
            person.iam.list_roles()
    lists = policy(allow("iam:ListRoles"))
    root.iam.put_user_policy(UserName="bob", PolicyName="lists", PolicyDocument=lists)
    root.iam.put_role_policy(RoleName="dev", PolicyName="lists", PolicyDocument=lists)
    for person in (bob, dev):
        assert [one["RoleName"] for one in person.iam.list_roles()["Roles"]] == ["dev"]


@requirement("SR-005")
def test_sr_005_many_use_one_role_at_once(root: Person) -> None:
    arn = role(root, "dev", root.account, allow("iam:GetRole"))
    people = [user(root, name, allow("sts:AssumeRole", on=arn)) for name in ("ann", "ben", "cat")]
    sessions = [assume(person, arn, f"session{number}") for number, person in enumerate(people)]
    assert len({session.arn for session in sessions}) == 3
    for session in sessions:
        session.iam.get_role(RoleName="dev")
        with refused("AccessDenied", 403):
            session.iam.delete_role(RoleName="dev")


@requirement("SR-006", "SR-021")
def test_sr_006_a_user_lasts_and_a_role_is_for_a_while(root: Person, world: World) -> None:
    bob = user(root, "bob", allow("sts:AssumeRole"))
    dev = assume(bob, role(root, "dev", root.account))
    world.advance(10 * 365 * 24 * 3600)
    assert bob.arn.endswith(":user/bob")
    with refused("ExpiredToken", 403):
        dev.sts.get_caller_identity()


@requirement("SR-007")
def test_sr_007_own_permissions_are_given_up_meanwhile_and_there_after(root: Person) -> None:
    bob = user(root, "bob", allow("sts:AssumeRole", "iam:ListUsers"))
    dev = assume(bob, role(root, "dev", root.account, allow("iam:ListRoles")))
    with refused("AccessDenied", 403, "iam:ListUsers"):
        dev.iam.list_users()
    dev.iam.list_roles()
    bob.iam.list_users()
    with refused("AccessDenied", 403, "iam:ListRoles"):
        bob.iam.list_roles()


@requirement("SR-008")
@pytest.mark.parametrize("name", ["dev", "DEV", "Dev"])
def test_sr_008_a_name_is_unique_without_regard_to_case(root: Person, name: str) -> None:
    role(root, "dev", root.account)
    with refused("EntityAlreadyExists", 409, f"Role with name {name} already exists."):
        role(root, name, root.account)
    with refused("EntityAlreadyExists", 409):
        role(root, name, root.account, Path="/another/")
    assert root.iam.get_role(RoleName=name)["Role"]["RoleName"] == "dev"


@requirement("SR-008")
def test_sr_008_a_name_cannot_be_changed(root: Person) -> None:
    role(root, "dev", root.account)
    assert "NewRoleName" not in root.iam.meta.service_model.operation_model("UpdateRole").input_shape.members
    root.iam.update_role(RoleName="DEV", Description="still dev")
    assert root.iam.get_role(RoleName="dev")["Role"]["RoleName"] == "dev"
    with refused("NoSuchEntity", 404):
        root.iam.update_role(RoleName="prod", Description="none")


@requirement("SR-009")
def test_sr_009_a_name_has_64_characters_at_most(root: Person) -> None:
    role(root, "n" * 64, root.account)
    with refused("ValidationError", 400, "Member must have length less than or equal to 64"):
        role(root, "n" * 65, root.account)
    with refused("ValidationError", 400, "Value '' at 'roleName' failed to satisfy constraint"):
        role(root, "", root.account)


@requirement("SR-009")
def test_sr_009_a_path_has_512_characters_at_most(root: Person) -> None:
    longest = "/" + "p" * 510 + "/"
    assert role(root, "dev", root.account, Path=longest).endswith(f":role{longest}dev")
    with refused("ValidationError", 400, "Member must have length less than or equal to 512"):
        role(root, "dev2", root.account, Path="/" + "p" * 511 + "/")


@requirement("SR-009")
@pytest.mark.parametrize("name", ["a b", "a/b", "a:b", "a*", "é", "a\nb"])
def test_sr_009_a_name_of_other_characters_is_refused(root: Person, name: str) -> None:
    with refused("ValidationError", 400, "at 'roleName' failed to satisfy constraint"):
        role(root, name, root.account)
    role(root, "all_of+=,.@-these", root.account)


@requirement("SR-009")
@pytest.mark.parametrize("path", ["team/", "/team", "team", "/a b/", "", "/é/"])
def test_sr_009_a_path_starts_and_ends_with_a_slash(root: Person, path: str) -> None:
    with refused("ValidationError", 400, "at 'path' failed to satisfy constraint"):
        role(root, "dev", root.account, Path=path)


@requirement("SR-010")
def test_sr_010_a_user_reaches_by_a_role_what_it_does_not_usually_have(root: Person) -> None:
    arn = role(root, "admins", root.account, allow("iam:CreateUser"))
    bob = user(root, "bob", allow("sts:AssumeRole", on=arn))
    with refused("AccessDenied", 403, "because no identity-based policy allows the iam:CreateUser action"):
        bob.iam.create_user(UserName="eve")
    assume(bob, arn).iam.create_user(UserName="eve")
    assert root.iam.get_user(UserName="eve")["User"]["UserName"] == "eve"


@requirement("SR-010", "SR-034")
def test_sr_010_another_user_of_the_account_is_not_let_in(root: Person) -> None:
    bob, eve = (user(root, name, allow("sts:AssumeRole")) for name in ("bob", "eve"))
    arn = role(root, "admins", trusting(bob.arn))
    assume(bob, arn)
    with refused("AccessDenied", 403, f"on resource: {arn}"):
        assume(eve, arn)
