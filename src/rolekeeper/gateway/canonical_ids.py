"""Canonical user IDs: what S3 calls accounts. Each account has one, which never changes.

Source: "Finding the canonical user ID for your AWS account" in the AWS Account Management Reference.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from rolekeeper.store.contract import Transaction

NOBODY = "65a011a29cdf8ec533ec3d1ccaae921c"
"""The owner of what somebody without credentials has written."""


def accounts_by_id(tx: Transaction) -> Mapping[str, str]:
    """The numbers of all accounts, by canonical ID."""
    return tx.derived(_accounts_by_id)


def id_of(tx: Transaction, account: str) -> str:
    """The canonical ID of an account; of none: that of who has no credentials."""
    return tx.derived(_ids_by_account).get(account, NOBODY)


def by_email(tx: Transaction, address: str) -> str | None:
    """The canonical ID of the account whose root user has the address."""
    return next((each.canonical_id for each in tx.accounts() if each.email == address), None)


def _accounts_by_id(tx: Transaction) -> Mapping[str, str]:
    return MappingProxyType({each.canonical_id: each.account for each in tx.accounts()})


def _ids_by_account(tx: Transaction) -> Mapping[str, str]:
    return MappingProxyType({each.account: each.canonical_id for each in tx.accounts()})
