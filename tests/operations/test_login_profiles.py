"""Login profiles: given, changed by others and by oneself, and taken away."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.client import LocalWorld, Person
from tests.people import allow, assume, deny, managed, refused, role, user

GOOD, BETTER, BEST = "first-Passw0rd", "second-Passw0rd", "third-Passw0rd"
TOLD = "Password does not conform to the account password policy."


def _with_password(root: Person, name: str = "bob", *statements: dict[str, Any], **more: Any) -> Person:
    person = user(root, name, *statements)
    root.iam.create_login_profile(UserName=name, Password=GOOD, **more)
    return person


@pytest.mark.parametrize("operation", ["create", "get", "update", "delete"])
def test_each_needs_its_permission_on_the_user(root: Person, operation: str) -> None:
    user(root, "eve")
    others = {"create", "get", "update", "delete"} - {operation}
    bob = user(root, "bob", allow(*(f"iam:{one.title()}LoginProfile" for one in others)))
    action = f"iam:{operation.title()}LoginProfile"
    with refused("AccessDenied", 403, f"{action} on resource: arn:aws:iam::{root.account}:user/eve"):
        getattr(bob.iam, f"{operation}_login_profile")(UserName="eve")


@pytest.mark.parametrize("operation", ["get", "update", "delete"])
def test_what_is_not_there(root: Person, operation: str) -> None:
    call = getattr(root.iam, f"{operation}_login_profile")
    with refused("NoSuchEntity", 404, "The user with name bob cannot be found."):
        call(UserName="bob")
    root.iam.create_user(UserName="bob")
    with refused("NoSuchEntity", 404, "Login Profile for User bob cannot be found."):
        call(UserName="bob")


def test_a_password_is_given_once(root: Person) -> None:
    root.iam.create_user(UserName="bob")
    with refused("ValidationError", 400, "'password' failed to satisfy constraint: Member must not be null"):
        root.iam.create_login_profile(UserName="bob")
    made = root.iam.create_login_profile(UserName="bob", Password=GOOD, PasswordResetRequired=True)
    assert made["LoginProfile"] == root.iam.get_login_profile(UserName="BOB")["LoginProfile"]
    assert (made["LoginProfile"]["UserName"], made["LoginProfile"]["PasswordResetRequired"]) == ("bob", True)
    with refused("EntityAlreadyExists", 409, "Login Profile for user bob already exists."):
        root.iam.create_login_profile(UserName="bob", Password=BETTER)


def test_without_a_name_it_is_the_callers(root: Person) -> None:
    bob = user(root, "bob", allow("iam:*LoginProfile", on="arn:aws:iam::*:user/bob"))
    bob.iam.create_login_profile(Password=GOOD)
    assert bob.iam.get_login_profile()["LoginProfile"]["UserName"] == "bob"
    bob.iam.delete_login_profile()
    for call in (root.iam.get_login_profile, root.iam.delete_login_profile):
        with refused("ValidationError", 400, "Must specify userName"):
            call()


def test_an_update_changes_only_what_is_given(root: Person) -> None:
    bob = _with_password(root, "bob", allow("iam:ChangePassword"), PasswordResetRequired=True)
    root.iam.update_login_profile(UserName="bob", Password=BETTER)
    assert root.iam.get_login_profile(UserName="bob")["LoginProfile"]["PasswordResetRequired"]
    root.iam.update_login_profile(UserName="bob", PasswordResetRequired=False)
    assert not root.iam.get_login_profile(UserName="bob")["LoginProfile"]["PasswordResetRequired"]
    bob.iam.change_password(OldPassword=BETTER, NewPassword=BEST)


def test_a_password_that_does_not_conform_changes_nothing(root: Person) -> None:
    bob = user(root, "bob", allow("iam:ChangePassword"))
    with refused("PasswordPolicyViolation", 400, TOLD):
        root.iam.create_login_profile(UserName="bob", Password="simple")
    with refused("NoSuchEntity", 404):
        root.iam.get_login_profile(UserName="bob")
    root.iam.create_login_profile(UserName="bob", Password=GOOD)
    with refused("PasswordPolicyViolation", 400, TOLD):
        root.iam.update_login_profile(UserName="bob", Password="simple", PasswordResetRequired=True)
    with refused("PasswordPolicyViolation", 400, TOLD):
        bob.iam.change_password(OldPassword=GOOD, NewPassword="simple")
    assert not root.iam.get_login_profile(UserName="bob")["LoginProfile"]["PasswordResetRequired"]
    bob.iam.change_password(OldPassword=GOOD, NewPassword=BETTER)


# -- one's own password -----------------------------------------------------------------------------


def test_only_users_change_their_own_password(root: Person) -> None:
    arn = role(root, "dev", root.account, allow("iam:*"))
    dev = assume(user(root, "bob", allow("sts:AssumeRole")), arn)
    for person in (root, dev):
        with refused("InvalidUserType", 400, "Only IAM Users can change their own password"):
            person.iam.change_password(OldPassword=GOOD, NewPassword=BETTER)


def test_without_the_permission(root: Person) -> None:
    bob = _with_password(root)
    with refused(
        "AccessDenied", 403, "because no identity-based policy allows the iam:ChangePassword action"
    ):
        bob.iam.change_password(OldPassword=GOOD, NewPassword=BETTER)
    root.iam.update_account_password_policy(MinimumPasswordLength=8)
    with refused("AccessDenied", 403, "iam:ChangePassword"):
        bob.iam.change_password(OldPassword=GOOD, NewPassword=BETTER)


def test_who_does_not_know_the_old_password(root: Person) -> None:
    bob = user(root, "bob", allow("iam:ChangePassword"))
    with refused("NoSuchEntity", 404, "Login Profile for User bob cannot be found."):
        bob.iam.change_password(OldPassword=GOOD, NewPassword=BETTER)
    root.iam.create_login_profile(UserName="bob", Password=GOOD)
    for wrong in (BETTER, GOOD.lower(), GOOD + " "):
        with refused("AccessDenied", 403, "The old password was incorrect."):
            bob.iam.change_password(OldPassword=wrong, NewPassword=BEST)


def test_a_changed_password_needs_no_other_change(root: Person) -> None:
    bob = _with_password(root, "bob", allow("iam:ChangePassword"), PasswordResetRequired=True)
    made = root.iam.get_login_profile(UserName="bob")["LoginProfile"]["CreateDate"]
    root.world.advance(60)
    bob.iam.change_password(OldPassword=GOOD, NewPassword=BETTER)
    found = root.iam.get_login_profile(UserName="bob")["LoginProfile"]
    assert (found["PasswordResetRequired"], found["CreateDate"]) == (False, made)
    with refused("AccessDenied", 403, "incorrect"):
        bob.iam.change_password(OldPassword=GOOD, NewPassword=BEST)


def test_the_policy_may_let_every_user_change_its_own(root: Person) -> None:
    bob = _with_password(root)
    eve = _with_password(root, "eve", deny("iam:ChangePassword", "iam:GetAccountPasswordPolicy"))
    root.iam.update_account_password_policy(AllowUsersToChangePassword=True)
    bob.iam.change_password(OldPassword=GOOD, NewPassword=BETTER)
    assert bob.iam.get_account_password_policy()["PasswordPolicy"]["AllowUsersToChangePassword"]
    for call in (
        lambda: eve.iam.change_password(OldPassword=GOOD, NewPassword=BETTER),
        eve.iam.get_account_password_policy,
    ):
        with refused("AccessDenied", 403, "with an explicit deny in an identity-based policy"):
            call()
    # It is for that and for nothing else, and not for roles.
    with refused("AccessDenied", 403, "iam:UpdateLoginProfile"):
        bob.iam.update_login_profile(UserName="bob", Password=BEST)
    dev = assume(user(root, "ann", allow("sts:AssumeRole")), role(root, "dev", root.account))
    with refused("AccessDenied", 403, "iam:GetAccountPasswordPolicy"):
        dev.iam.get_account_password_policy()


# -- what a password lives with ---------------------------------------------------------------------


def test_a_renamed_user_keeps_its_password(root: Person) -> None:
    bob = _with_password(root, "bob", allow("iam:ChangePassword"))
    root.iam.update_user(UserName="bob", NewUserName="robert", NewPath="/staff/")
    assert root.iam.get_login_profile(UserName="robert")["LoginProfile"]["UserName"] == "robert"
    bob.iam.change_password(OldPassword=GOOD, NewPassword=BETTER)
    root.iam.create_user(UserName="bob")
    with refused("NoSuchEntity", 404):
        root.iam.get_login_profile(UserName="bob")


def test_a_user_with_a_password_is_not_deleted(root: Person) -> None:
    root.iam.create_user(UserName="bob")
    root.iam.create_login_profile(UserName="bob", Password=GOOD)
    with refused("DeleteConflict", 409, "Cannot delete entity, must delete login profile first."):
        root.iam.delete_user(UserName="bob")
    root.iam.delete_login_profile(UserName="bob")
    with refused("NoSuchEntity", 404, "Login Profile for User bob cannot be found."):
        root.iam.delete_login_profile(UserName="bob")
    root.iam.delete_user(UserName="bob")


def test_a_boundary_does_not_stop_what_the_account_gives(root: Person) -> None:
    boundary = managed(root, "narrow", allow("s3:*"))
    bob = _with_password(root)
    root.iam.put_user_permissions_boundary(UserName="bob", PermissionsBoundary=boundary)
    root.iam.update_account_password_policy(AllowUsersToChangePassword=True)
    bob.iam.change_password(OldPassword=GOOD, NewPassword=BETTER)


def test_no_password_is_seen_anywhere(local: LocalWorld) -> None:
    root = local.root
    bob = _with_password(root, "bob", allow("iam:ChangePassword"))
    root.iam.update_login_profile(UserName="bob", Password=BETTER)
    bob.iam.change_password(OldPassword=BETTER, NewPassword=BEST)
    too_odd = "secret-\N{SNOWMAN}-Passw0rd"
    with refused("ValidationError", 400, "at 'password'") as caught:
        root.iam.update_login_profile(UserName="bob", Password=too_odd)
    seen = json.dumps(local.events()) + str(caught.value.response)
    for secret in (GOOD, BETTER, BEST, "secret-", "argon2"):
        assert secret not in seen
    with local.server.store.read() as tx:
        profile = repr(tx.account(root.account).users.get("bob"))
    assert "argon2" not in profile
