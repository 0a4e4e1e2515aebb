"""Canonical user IDs in a bucket's policy: each stands for an account, and is read as that account's ARN.

Only S3 knows these IDs. It names the account in their place when it takes a policy, so that the evaluators
never meet one; where a policy has one all the same, it is nobody's, and a role's trust is refused with it.
Source: "Principals" in the Amazon S3 User Guide; "IAM JSON policy elements: Principal" in the IAM User Guide.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from rolekeeper.arn import root_arn
from rolekeeper.policy.document import parse_document
from rolekeeper.policy.source import PolicySyntaxError


def name_accounts(text: str, accounts: Mapping[str, str], *, partition: str = "aws") -> str:
    """The policy with an account's ARN for each canonical user ID; `accounts` has the numbers by ID.

    A policy without such IDs comes back as it is. PolicySyntaxError for what is no policy, and, with S3's
    text and the place, for an ID of no account.
    """
    users = [
        named.canonical_user
        for statement in parse_document(text).statements
        for named in (statement.principals, statement.not_principals)
        if named is not None
    ]
    if not any(users):
        return text
    document: dict[str, Any] = json.loads(text, parse_float=str)
    listed = document["Statement"]
    for index, statement in enumerate([listed] if isinstance(listed, dict) else listed):
        for element in ("Principal", "NotPrincipal"):
            named = statement.get(element)
            if isinstance(named, dict) and "CanonicalUser" in named:
                path = f"$.Statement[{index}].{element}.CanonicalUser"
                arns = [
                    _account_arn(user, accounts, partition, path)
                    for user in _list(named.pop("CanonicalUser"))
                ]
                named["AWS"] = [*_list(named.get("AWS", [])), *arns]
    return json.dumps(document, separators=(",", ":"), ensure_ascii=False)


def _list(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


def _account_arn(user: str, accounts: Mapping[str, str], partition: str, path: str) -> str:
    account = accounts.get(user)
    if account is None:
        reason = f"{user!r} is the canonical ID of no account"
        raise PolicySyntaxError(path, reason, named="Invalid principal in policy")
    return root_arn(partition, account)
