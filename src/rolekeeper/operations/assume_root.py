"""AssumeRoot: an organization's management account acts as the root user of a member, for one task.

So may the account that is the delegated administrator for IAM. Root sessions must be switched on in the
organization. The member's root user trusts them then as a role trusts: their own policies must allow it too,
and service control policies hold the session as they hold the member's root user. A task policy denies
whatever is not its task.
Sources: "AssumeRoot" in the STS API Reference; "Perform a privileged task on an AWS Organizations member
account" in the IAM User Guide; "Actions, resources, and condition keys for AWS STS" in the Service
Authorization Reference.
"""

from __future__ import annotations

import re
from typing import Any

import msgspec

from rolekeeper import ids
from rolekeeper.arn import root_arn
from rolekeeper.errors import AccessDenied, ValidationError
from rolekeeper.iam import aws_policies
from rolekeeper.iam.credentials import RootSession
from rolekeeper.iam.organizations import Organization, OrganizationAccount
from rolekeeper.operations import regional_endpoints
from rolekeeper.service.authorizer import managed_policy_by_arn
from rolekeeper.service.call import Call, Resource
from rolekeeper.service.registry import Keys, operation

LONGEST = 900

_IAM = "iam.amazonaws.com"
_FEATURE = "RootSessions"
_TASKS = "/root-task/"
_TARGET = re.compile(r"(?P<number>[0-9]{12})|arn:(?P<partition>[a-z-]+):iam::(?P<account>[0-9]{12}):root")


def _root_of_member(call: Call, *, target_principal: str, **_: Any) -> Resource:
    """The member's root user, which trusts who administers the organization."""
    regional_endpoints.refuse_global(call)
    if call.caller.is_root:
        raise AccessDenied("AssumeRoot may not be called by root accounts.")
    account = _account(call, target_principal)
    return Resource(
        arn=root_arn(call.partition, account),
        account=account,
        policy=_trust(call) if _administers(call, account) else None,
        policy_kind="trust",
        hidden=True,
    )


def _account(call: Call, target: str) -> str:
    """The account of a number or of a root user's ARN; ValidationError where it is neither."""
    found = _TARGET.fullmatch(target)
    if found is not None and found["partition"] in (None, call.partition):
        return found["number"] or found["account"]
    raise ValidationError(f"{target[:256]} is not an account number or the ARN of an account's root user")


def _administers(call: Call, account: str) -> bool:
    """Whether the caller's account may act as the root user of another account."""
    management = call.organizations.management(call.store, call.account)
    if management is None or account == management or not call.store.has_account(account):
        return False
    state = call.store.account(management)
    organization = state.collection(Organization).find("organization")
    if organization is None or not _sessions_are_on(organization):
        return False
    members = state.collection(OrganizationAccount)
    member, own = members.find(account), members.find(call.account)
    if member is None or member.status != "ACTIVE" or own is None:
        return False
    return call.account == management or _IAM in own.delegated


def _sessions_are_on(organization: Organization) -> bool:
    return (
        organization.feature_set == "ALL"
        and _IAM in organization.services
        and _FEATURE in organization.root_features
    )


def _trust(call: Call) -> str:
    """What lets the caller's account in, and leaves it to the caller's own policies."""
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": root_arn(call.partition, call.account)},
        "Action": call.operation.action,
        "Resource": "*",
    }
    return msgspec.json.encode({"Version": "2012-10-17", "Statement": [statement]}).decode()


def _keys(call: Call, *, task_policy_arn: dict[str, str], **_: Any) -> Keys:
    arn = task_policy_arn.get("arn")
    return {} if arn is None else {"sts:taskpolicyarn": arn}


@operation(resource=_root_of_member, keys=_keys)
def assume_root(
    call: Call,
    *,
    target_principal: str,
    task_policy_arn: dict[str, str],
    duration_seconds: int = LONGEST,
    minimum_session_token_size: int = 0,
) -> dict[str, Any]:
    """Act as the root user of a member account, for one task."""
    own = call.caller.role_session
    issued = int(call.now.timestamp())
    account = _account(call, target_principal)
    session = RootSession(
        access_key_id=ids.access_key_id(ids.TEMPORARY_KEY, account),
        account=account,
        issued=issued,
        expires=issued + duration_seconds,
        task=_task(call, task_policy_arn.get("arn", "")),
        source_identity=own.source_identity if own is not None else None,
    )
    issue = call.sessions.issue
    answer: dict[str, Any] = {
        "Credentials": issue(session, minimum_token_size=minimum_session_token_size).view()
    }
    if session.source_identity is not None:
        answer["SourceIdentity"] = session.source_identity
    return answer


def _task(call: Call, arn: str) -> str:
    """The ARN of a task policy; ValidationError where it is none of AWS's."""
    policy = managed_policy_by_arn(arn, call.store)
    if policy is None or policy.account != aws_policies.OWNER or policy.path != _TASKS:
        raise ValidationError(f"{arn[:256] or 'TaskPolicyArn'} is not one of the task policies of AWS")
    return arn
