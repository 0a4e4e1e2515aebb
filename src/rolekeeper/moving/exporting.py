"""Writes an account as pages of `aws iam get-account-authorization-details`, which an import can read.

What AWS's form has no place for stands in it all the same, under the names that it has elsewhere: a role's
`Description` and `MaxSessionDuration`, a policy's `Tags`. Documents are objects, as the AWS CLI shows them.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import unquote

import msgspec

from rolekeeper.errors import AwsError, ConfigurationError
from rolekeeper.iam import aws_policies
from rolekeeper.moving.hand import EXPORT, Hand, operator
from rolekeeper.operations import views
from rolekeeper.service.dispatch import Service

MAX_ITEMS = 1000
"""As many as may be asked for. The operation itself knows how many are enough for a page."""

_AWS = f"::{aws_policies.OWNER}:"
_DOCUMENTS = ("AssumeRolePolicyDocument", "PolicyDocument", "Document")


def page(service: Service, account: str, partition: str, marker: str | None) -> Mapping[str, Any]:
    """One page, as JSON can have it, with `Marker` where there are more; ConfigurationError."""
    with service.store.read() as tx:
        hand = Hand(service, tx, operator(tx, account, partition), partition, agent=EXPORT)
        try:
            found = hand.do("GetAccountAuthorizationDetails", MaxItems=MAX_ITEMS, Marker=marker or None)
        except AwsError as error:
            raise ConfigurationError(error.message) from None
        for role in found["RoleDetailList"]:
            here = hand.tx.roles.get(role["RoleName"])
            role["MaxSessionDuration"] = here.max_session_duration
            if here.description is not None:
                role["Description"] = here.description
        for policy in found["Policies"]:
            own = None if _AWS in policy["Arn"] else hand.tx.policies.find(policy["PolicyName"])
            if own is not None and own.tags:
                policy["Tags"] = views.tag_list(own.tags)
        answer: Mapping[str, Any] = _with_objects(found)
        return answer


def _with_objects(value: Any) -> Any:
    """Members with their documents as objects and their times as the AWS CLI writes them."""
    if isinstance(value, Mapping):
        return {
            name: _document(member) if name in _DOCUMENTS else _with_objects(member)
            for name, member in value.items()
        }
    if isinstance(value, datetime):
        return value.isoformat()
    return [_with_objects(member) for member in value] if isinstance(value, list) else value


def _document(encoded: str) -> msgspec.Raw:
    return msgspec.Raw(unquote(encoded).encode())
