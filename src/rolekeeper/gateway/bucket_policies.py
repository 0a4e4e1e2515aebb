"""The policy of a bucket when it is put: held to S3's rules, its principals bound, and shown again.

Beside the grammar, S3 wants its own actions, resources of this very bucket, and that each action can be asked
on one of its statement's resources. Users and roles are kept by their unique IDs, accounts by their ARNs in
place of canonical IDs.
Source: "Bucket policies for Amazon S3" and "Bucket policy or IAM user policies" in the Amazon S3 User Guide;
the texts are AWS's as observed.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import Final

from rolekeeper.errors import MalformedPolicyDocument
from rolekeeper.errors.buckets import MalformedPolicy, PolicyTooLarge
from rolekeeper.gateway import policy_principals
from rolekeeper.gateway.canonical_ids import accounts_by_id
from rolekeeper.operations import principals
from rolekeeper.policy import catalog
from rolekeeper.policy.canonical_users import name_accounts
from rolekeeper.policy.document import PolicyDocument, PolicySyntaxError
from rolekeeper.policy.overlap import common_text
from rolekeeper.policy.patterns import matcher
from rolekeeper.policy.validate import PolicyKind, validate
from rolekeeper.store.contract import Transaction

MAX_SIZE: Final = 20_480
"""Bytes of a bucket's policy."""

_VARIABLE = re.compile(r"\$\{[^}]*\}")


def bind(tx: Transaction, partition: str, account: str, bucket: str, text: str) -> str:
    """The policy as a bucket of that account keeps it; MalformedPolicy, in S3's words, PolicyTooLarge."""
    if len(text.encode()) > MAX_SIZE:
        raise PolicyTooLarge
    if not text.startswith("{"):
        raise MalformedPolicy("Policies must be valid JSON and the first byte must be '{'")
    try:
        _check(validate(text, PolicyKind.RESOURCE), partition, bucket)
        named = name_accounts(text, accounts_by_id(tx), partition=partition)
        return policy_principals.bound(tx, partition, account, named)
    except PolicySyntaxError as error:
        raise MalformedPolicy(error.named) from None
    except MalformedPolicyDocument as error:
        wrong = error.message.startswith("Invalid principal")
        raise MalformedPolicy("Invalid principal in policy" if wrong else error.message) from None


def show(tx: Transaction, partition: str, text: str) -> str:
    """A kept policy as it is read: the IDs of living principals are ARNs."""
    return principals.show(tx, partition, text)


def _check(document: PolicyDocument, partition: str, bucket: str) -> None:
    for statement in document.statements:
        patterns = statement.actions or statement.not_actions or ()
        asked = [found for each in patterns if (found := _kinds_of_action(each.lower())) is not None]
        if len(asked) < len(patterns):
            raise MalformedPolicy("Policy has invalid action")
        named = statement.resources or statement.not_resources or ()
        kinds = [_kinds_of_resource(each, f"arn:{partition}:s3:::{bucket}") for each in named]
        if not named or not all(kinds):
            raise MalformedPolicy("Policy has invalid resource")
        there = frozenset[str]().union(*kinds)
        if statement.actions is not None and any(found.isdisjoint(there) for found in asked):
            raise MalformedPolicy("Action does not apply to any resource(s) in statement")


def _kinds_of_resource(pattern: str, arn: str) -> frozenset[str]:
    """What of the bucket a pattern names: the bucket itself, objects in it; nothing where another one is
    meant."""
    text = _VARIABLE.sub("*", pattern)
    named = (("bucket", arn), ("object", f"{arn}/*"))
    return frozenset(kind for kind, whole in named if common_text(text, whole) is not None)


@lru_cache(maxsize=1024)
def _kinds_of_action(pattern: str) -> frozenset[str] | None:
    """On what the actions of a pattern can be asked; None where S3 has no such action."""
    if pattern == "*":
        return frozenset({"bucket", "object"})
    matches = matcher(pattern)
    found = [kinds for name, kinds in _actions().items() if matches(name)]
    return frozenset[str]().union(*found) if found else None


@cache
def _actions() -> dict[str, frozenset[str]]:
    """S3's actions, lower-case, with the kinds of resource that each can be asked on."""
    named = ((f"s3:{name.lower()}", catalog.action(f"s3:{name}")) for name in catalog.actions("s3"))
    return {
        name: frozenset(each.type for each in found.resources) for name, found in named if found is not None
    }
