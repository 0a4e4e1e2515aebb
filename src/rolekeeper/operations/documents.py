"""Policy documents on their way in: their size without white space, and their grammar."""

from __future__ import annotations

import re

from rolekeeper.errors import LimitExceeded
from rolekeeper.operations import principals
from rolekeeper.policy.validate import PolicyKind, validate
from rolekeeper.service.call import Call

_SPACE = re.compile(r"[ \t\r\n]+")


def size(text: str) -> int:
    """The characters that count against a quota: IAM does not count white space."""
    return len(_SPACE.sub("", text))


def trust_policy(call: Call, text: str) -> str:
    """A trust policy as it is kept; LimitExceeded or MalformedPolicyDocument."""
    if size(text) > call.limits.trust_policy_size:
        raise LimitExceeded(f"Cannot exceed quota for ACLSizePerRole: {call.limits.trust_policy_size}")
    validate(text, PolicyKind.TRUST)
    return principals.bind(call.store, call.partition, call.account, text, strangers=call.strangers)


def managed_policy(call: Call, text: str) -> str:
    """A managed policy as it is kept; LimitExceeded or MalformedPolicyDocument."""
    if size(text) > call.limits.policy_size:
        raise LimitExceeded(f"Cannot exceed quota for PolicySize: {call.limits.policy_size}")
    validate(text, PolicyKind.MANAGED)
    return text


def inline_policy(text: str) -> str:
    """An inline policy as it is kept; MalformedPolicyDocument."""
    validate(text, PolicyKind.IDENTITY)
    return text
