"""The account's alias: one for an account, and one account for it."""

from __future__ import annotations

import pytest

from tests.client import Person
from tests.people import allow, refused, user


def _aliases(person: Person) -> list[str]:
    found: list[str] = person.iam.list_account_aliases()["AccountAliases"]
    return found


def test_each_needs_its_permission(root: Person) -> None:
    bob = user(root, "bob", allow("iam:GetAccountSummary"))
    for call, action in (
        (lambda: bob.iam.create_account_alias(AccountAlias="acme"), "iam:CreateAccountAlias"),
        (lambda: bob.iam.delete_account_alias(AccountAlias="acme"), "iam:DeleteAccountAlias"),
        (bob.iam.list_account_aliases, "iam:ListAccountAliases"),
    ):
        with refused("AccessDenied", 403, f"{action} on resource: *"):
            call()


@pytest.mark.parametrize("wrong", ["ab", "a" * 64, "Acme", "-acme", "acme-", "ac--me", "ac_me", "acmé"])
def test_what_is_no_alias(root: Person, wrong: str) -> None:
    with refused("ValidationError", 400, "accountAlias"):
        root.iam.create_account_alias(AccountAlias=wrong)


def test_an_alias_is_one_accounts_only(root: Person, other: Person) -> None:
    other.iam.create_account_alias(AccountAlias="acme")
    for person in (root, other):
        with refused("EntityAlreadyExists", 409, "The account alias acme already exists."):
            person.iam.create_account_alias(AccountAlias="acme")
    with refused("NoSuchEntity", 404, "The account alias acme cannot be found."):
        root.iam.delete_account_alias(AccountAlias="acme")
    other.iam.delete_account_alias(AccountAlias="acme")
    root.iam.create_account_alias(AccountAlias="acme")
    assert (_aliases(root), _aliases(other)) == (["acme"], [])


def test_another_alias_takes_the_place_of_the_first(root: Person, other: Person) -> None:
    root.iam.create_account_alias(AccountAlias="acme")
    other.iam.create_account_alias(AccountAlias="taken")
    with refused("EntityAlreadyExists", 409):
        root.iam.create_account_alias(AccountAlias="taken")
    assert _aliases(root) == ["acme"]
    root.iam.create_account_alias(AccountAlias="acme-2")
    assert _aliases(root) == ["acme-2"]
    other.iam.create_account_alias(AccountAlias="acme")


def test_the_alias_goes_only_by_its_name(root: Person) -> None:
    assert _aliases(root) == []
    root.iam.create_account_alias(AccountAlias="acme")
    with refused("NoSuchEntity", 404, "The account alias other cannot be found."):
        root.iam.delete_account_alias(AccountAlias="other")
    root.iam.delete_account_alias(AccountAlias="acme")
    answer = root.iam.list_account_aliases()
    assert (answer["AccountAliases"], answer["IsTruncated"]) == ([], False)
