"""The event of the service that becomes a role for a machine: a call of its own to STS, as AWS has it.

It stands in the trail beside that of CreateSession, in the same transaction.
Source: "Logging IAM and AWS STS API calls with AWS CloudTrail" in the IAM User Guide (calls by a service).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rolekeeper import ids
from rolekeeper.audit import cloudtrail
from rolekeeper.audit.event import AuditRecord
from rolekeeper.iam.roles_anywhere import SERVICE
from rolekeeper.operations.role_sessions import Terms
from rolekeeper.service.call import Call


def assumed(call: Call, role_arn: str, name: str, terms: Terms, began: Mapping[str, Any]) -> None:
    """Tell that the service has become the role, under that name and on those terms."""
    event_id = ids.request_id()
    parameters: dict[str, Any] = {
        "RoleArn": role_arn,
        "RoleSessionName": name,
        "DurationSeconds": terms.duration,
        "Tags": [{"Key": key, "Value": value} for key, value in terms.tags.items()],
    }
    if terms.source_identity is not None:
        parameters["SourceIdentity"] = terms.source_identity
    told = ("Credentials", "AssumedRoleUser", "SourceIdentity", "PackedPolicySize")
    document = cloudtrail.record(
        event_id=event_id,
        time=call.now,
        service="sts",
        name="AssumeRole",
        region=call.region,
        identity=cloudtrail.service(SERVICE),
        account=call.account,
        source_ip=SERVICE,
        user_agent=SERVICE,
        request_id=ids.request_id(),
        read_only=True,
        parameters=cloudtrail.elements(parameters),
        response=cloudtrail.elements({part: began[part] for part in told if part in began}),
        resources=cloudtrail.role(role_arn, call.account),
    )
    call.store.append_event(
        AuditRecord(event_id=event_id, time=call.now, account=call.account, document=document)
    )
