"""An alias among the account's settings."""

from __future__ import annotations

from rolekeeper import ids
from rolekeeper.iam.account_settings import AccountAlias


def test_an_alias_is_no_ones_id() -> None:
    alias = AccountAlias(account="1" * 12, name="acme")
    assert alias.key == "acme"
    assert alias.unique_id is not None
    assert not alias.unique_id.isalnum()
    assert alias.unique_id != ids.unique_id(ids.USER, alias.account)
