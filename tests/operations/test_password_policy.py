"""The account's password policy: kept as given, and held against every new password."""

from __future__ import annotations

from typing import Any

import pytest

from tests.client import Person
from tests.people import allow, refused, user

ACTIONS = ["get", "update", "delete"]


@pytest.mark.parametrize("operation", ACTIONS)
def test_each_needs_its_permission(root: Person, operation: str) -> None:
    others = [f"iam:{one.title()}AccountPasswordPolicy" for one in ACTIONS if one != operation]
    bob = user(root, "bob", allow(*others))
    with refused("AccessDenied", 403, f"iam:{operation.title()}AccountPasswordPolicy on resource: *"):
        getattr(bob.iam, f"{operation}_account_password_policy")()


def test_there_is_none_at_first(root: Person) -> None:
    with refused(
        "NoSuchEntity", 404, f"The Password Policy with domain name {root.account} cannot be found."
    ):
        root.iam.get_account_password_policy()
    with refused("NoSuchEntity", 404, "The account policy with name PasswordPolicy cannot be found."):
        root.iam.delete_account_password_policy()


@pytest.mark.parametrize(
    "wrong",
    [
        {"MinimumPasswordLength": 5},
        {"MinimumPasswordLength": 129},
        {"MaxPasswordAge": 0},
        {"MaxPasswordAge": 1096},
        {"PasswordReusePrevention": 0},
        {"PasswordReusePrevention": 25},
    ],
)
def test_what_is_out_of_range(root: Person, wrong: dict[str, int]) -> None:
    with refused("ValidationError", 400):
        root.iam.update_account_password_policy(**wrong)


def test_what_is_not_given_goes_back_to_its_default(root: Person) -> None:
    every: dict[str, Any] = {
        "MinimumPasswordLength": 12,
        "RequireSymbols": True,
        "RequireNumbers": True,
        "RequireUppercaseCharacters": True,
        "RequireLowercaseCharacters": True,
        "AllowUsersToChangePassword": True,
        "MaxPasswordAge": 90,
        "PasswordReusePrevention": 24,
        "HardExpiry": True,
    }
    root.iam.update_account_password_policy(**every)
    found = root.iam.get_account_password_policy()["PasswordPolicy"]
    assert found == {**every, "ExpirePasswords": True}
    root.iam.update_account_password_policy(RequireNumbers=True)
    found = root.iam.get_account_password_policy()["PasswordPolicy"]
    assert found == {
        "MinimumPasswordLength": 6,
        "RequireSymbols": False,
        "RequireNumbers": True,
        "RequireUppercaseCharacters": False,
        "RequireLowercaseCharacters": False,
        "AllowUsersToChangePassword": False,
        "ExpirePasswords": False,
    }
    root.iam.delete_account_password_policy()
    with refused("NoSuchEntity", 404):
        root.iam.get_account_password_policy()


@pytest.mark.parametrize(
    ("rule", "breaks", "keeps"),
    [
        ({"MinimumPasswordLength": 10}, "aB3!aB3!a", "aaaaaaaaaa"),
        ({"RequireSymbols": True}, "aB3aB3aB3", "aaaaa'"),
        ({"RequireNumbers": True}, "aB!aB!aB!", "aaaaa3"),
        ({"RequireUppercaseCharacters": True}, "a3!a3!a3!", "aaaaaB"),
        ({"RequireLowercaseCharacters": True}, "B3!B3!B3!", "BBBBBa"),
    ],
)
def test_each_rule_is_enforced(root: Person, rule: dict[str, Any], breaks: str, keeps: str) -> None:
    root.iam.create_user(UserName="bob")
    root.iam.update_account_password_policy(**rule)
    with refused("PasswordPolicyViolation", 400, "does not conform to the account password policy"):
        root.iam.create_login_profile(UserName="bob", Password=breaks)
    root.iam.create_login_profile(UserName="bob", Password=keeps)


def test_the_default_holds_where_there_is_no_policy(root: Person) -> None:
    root.iam.create_user(UserName="bob")
    for weak in ("aB3!aB3", "onlylowercase", "only2kinds"):
        with refused("PasswordPolicyViolation", 400):
            root.iam.create_login_profile(UserName="bob", Password=weak)
    root.iam.update_account_password_policy()
    root.iam.create_login_profile(UserName="bob", Password="simple")
    root.iam.delete_account_password_policy()
    with refused("PasswordPolicyViolation", 400):
        root.iam.update_login_profile(UserName="bob", Password="simple")


def test_passwords_are_remembered_before_a_policy_asks(root: Person) -> None:
    bob = user(root, "bob", allow("iam:ChangePassword"))
    root.iam.create_login_profile(UserName="bob", Password="Passw0rd-1")
    for number in (2, 3):
        bob.iam.change_password(OldPassword=f"Passw0rd-{number - 1}", NewPassword=f"Passw0rd-{number}")
    root.iam.update_account_password_policy(PasswordReusePrevention=2)
    for number in (2, 3):
        with refused("PasswordPolicyViolation", 400):
            bob.iam.change_password(OldPassword="Passw0rd-3", NewPassword=f"Passw0rd-{number}")
        with refused("PasswordPolicyViolation", 400):
            root.iam.update_login_profile(UserName="bob", Password=f"Passw0rd-{number}")
    bob.iam.change_password(OldPassword="Passw0rd-3", NewPassword="Passw0rd-1")


def test_each_account_has_its_own(root: Person, other: Person) -> None:
    root.iam.update_account_password_policy()
    with refused("NoSuchEntity", 404, other.account):
        other.iam.get_account_password_policy()
