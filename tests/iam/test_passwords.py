"""How passwords are kept, and which ones conform."""

from __future__ import annotations

import pytest
from argon2 import PasswordHasher

from rolekeeper.iam.passwords import MOST_REMEMBERED, PasswordPolicy, Passwords, conforms
from rolekeeper.iam.secret import Secret

STRICT = PasswordPolicy(
    account="1" * 12, minimum_length=10, symbols=True, numbers=True, uppercase=True, lowercase=True
)


@pytest.mark.parametrize(
    "password",
    ["", "aB3!aB3", "alllowercase", "lowerUPPER", "lower12345", "lower!!!!!", "pässwört", "Company-Name1"],
)
def test_what_the_default_does_not_let_through(password: str) -> None:
    assert not conforms(password, None, "company-name1")


@pytest.mark.parametrize("password", ["lowerUPPER1", "lower!UPPER", "lower!1234", "UPPER!1234"])
def test_what_the_default_lets_through(password: str) -> None:
    assert conforms(password, None, "company")


@pytest.mark.parametrize(
    "password",
    [
        "aB3!aB3!a",
        "ab3!ab3!ab3!",
        "AB3!AB3!AB3!",
        "aBc!aBc!aBc!",
        "aB3 aB3;aB3,",
        "äÖ3!äÖ3!äÖ3!",
        "aB٣!aB٣!aB٣!",
    ],
)
def test_what_each_rule_of_a_policy_does_not_let_through(password: str) -> None:
    assert not conforms(password, STRICT, "company")


def test_what_a_policy_lets_through() -> None:
    assert conforms("aB3!aB3!aB", STRICT, "company")
    assert conforms("simple", PasswordPolicy(account="1" * 12), "company")


def _with(*passwords: str) -> Passwords:
    found = Passwords()
    for password in passwords:
        renewed = found.renewed(password, unlike=0)
        assert renewed is not None
        found = renewed
    return found


def test_nothing_is_current_where_there_is_none() -> None:
    assert not Passwords().is_current("")
    assert not Passwords.opened(None).is_current("old")


def test_only_the_newest_is_current() -> None:
    passwords = Passwords.opened(_with("first", "second").sealed())
    assert passwords.is_current("second")
    assert not passwords.is_current("first")
    assert not passwords.is_current("Second")


def test_so_many_are_not_used_again() -> None:
    passwords = _with("first", "second", "third")
    for password, unlike in (("third", 1), ("second", 2), ("first", 3), ("first", 24)):
        assert passwords.renewed(password, unlike=unlike) is None
    for password, unlike in (("third", 0), ("second", 1), ("first", 2)):
        assert passwords.renewed(password, unlike=unlike) is not None


def test_a_hash_of_other_costs_is_still_known() -> None:
    cheap = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash("old")
    passwords = Passwords((cheap,))
    assert passwords.is_current("old")
    assert not passwords.is_current("new")
    assert passwords.renewed("old", unlike=1) is None
    assert passwords.renewed("new", unlike=1) is not None


def test_no_more_are_kept_than_a_policy_can_ask_for() -> None:
    cheap = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash("old")
    renewed = Passwords((cheap,) * 40).renewed("new", unlike=0)
    assert renewed is not None
    assert renewed.sealed().reveal().count("$argon2id$") == MOST_REMEMBERED


def test_a_salt_is_one_users_own_and_no_text_shows_anything() -> None:
    one, two = _with("same").sealed(), _with("same").sealed()
    assert one != two
    assert isinstance(one, Secret)
    assert "same" not in one.reveal()
    assert "argon2" not in f"{one} {one!r} {_with('same')!r}"
