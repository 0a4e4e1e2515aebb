"""The principals that a resource's policy names: those of this server's accounts must exist.

An account that is not here may well be one of AWS's, such as those that deliver logs: it is kept as it is
written, and nobody of it ever asks.
Source: "IAM JSON policy elements: Principal" in the IAM User Guide.
"""

from __future__ import annotations

import re
from typing import Final

from rolekeeper.operations import principals
from rolekeeper.policy.principal import account_of_arn
from rolekeeper.store.contract import Transaction

_ID: Final = re.compile(r'"A(?:ROA|IDA)[A-Z0-9]{12,}"')


def has_ids(text: str) -> bool:
    """Whether a bound policy names users or roles."""
    return _ID.search(text) is not None


def bound(tx: Transaction, partition: str, account: str, text: str) -> str:
    """The policy with users and roles by their unique IDs; MalformedPolicyDocument where one is not there."""
    strangers: list[str] = []
    found = principals.bind(tx, partition, account, text, strangers=strangers)
    for each in strangers:
        owner = each if len(each) == 12 and each.isdigit() else account_of_arn(each)
        if owner is None or tx.has_account(owner):
            raise principals.invalid("AWS", each)
    return found
