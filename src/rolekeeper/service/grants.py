"""From a workload to what it may have: which role, by which service, in which name.

The names of sessions and what a service says that it acts for (`aws:SourceArn`) are AWS's. An instance's role
is found anew whenever somebody asks, by its association, the profile and the profile's role, so that what is
changed there shows at once.
Sources: "IAM roles for Amazon EC2" and "ec2:SourceInstanceArn" in the EC2 User Guide; "Amazon ECS task IAM
role" in the ECS Developer Guide; "Lambda execution role" in the Lambda Developer Guide; "AWS global condition
context keys" in the IAM User Guide (Ec2InstanceSourceVpc, Ec2InstanceSourcePrivateIPv4).
"""

from __future__ import annotations

from typing import Literal

import msgspec

from rolekeeper.arn import Arn
from rolekeeper.iam.entities import InstanceProfile, Role
from rolekeeper.iam.workloads import (
    AGENT,
    ASSOCIATED,
    Function,
    Instance,
    ProfileAssociation,
    ServiceRole,
    Task,
    Workload,
)
from rolekeeper.service.delivery import SIX_HOURS, TWELVE_HOURS, Grant
from rolekeeper.store.contract import Transaction
from rolekeeper.wire.model import partition_of

Version = Literal["1.0", "2.0"]
"""Of the instance metadata service: the condition key ec2:RoleDelivery."""

ONE_HOUR = 3600


class Profile(msgspec.Struct, frozen=True, kw_only=True):
    """The instance profile that an instance has, with its role where it holds one."""

    association: ProfileAssociation
    profile: InstanceProfile
    role: Role | None


def grant_for(tx: Transaction, workload: Workload, part: str = "", version: Version = "2.0") -> Grant | None:
    """What a workload, or a part of it, may have; None where it has no role. Pods are granted theirs by the
    tokens of their service accounts, and not here."""
    return tx.derived(_grant, workload.account, type(workload), workload.key, part, version)


def profile_of(tx: Transaction, instance: Instance) -> Profile | None:
    """The instance profile of an instance; None where it has none, or the profile is gone."""
    return tx.derived(_profile, instance.account, instance.id)


def _profile(tx: Transaction, account: str, instance_id: str) -> Profile | None:
    state = tx.account(account)
    found = state.links.targets(ASSOCIATED, instance_id)
    association = state.collection(ProfileAssociation).find(found[0]) if found else None
    profile = tx.by_unique_id(association.profile_id) if association is not None else None
    if association is None or not isinstance(profile, InstanceProfile):
        return None
    roles = state.links.targets("profile-role", profile.key)
    role = state.roles.find(roles[0]) if roles else None
    return Profile(association=association, profile=profile, role=role)


def _grant(
    tx: Transaction, account: str, kind: type[Workload], key: str, part: str, version: Version
) -> Grant | None:
    workload = tx.account(account).collection(kind).find(key)
    if isinstance(workload, Instance):
        return _of_instance(tx, workload, version)
    if isinstance(workload, Task):
        return _of_task(workload, part)
    if isinstance(workload, Function):
        return _of(workload, workload.role, workload.name, TWELVE_HOURS)
    if isinstance(workload, ServiceRole):
        return _of_service(workload)
    return None


def _of_instance(tx: Transaction, instance: Instance, version: Version) -> Grant | None:
    found = _profile(tx, instance.account, instance.id)
    if found is None or found.role is None:
        return None
    partition = partition_of(instance.region)
    arn = instance.arn(partition)
    keys = [("ec2:roledelivery", version), ("ec2:sourceinstancearn", arn)]
    keys.append(("aws:ec2instancesourceprivateipv4", instance.private_ip))
    if instance.vpc_id is not None:
        keys.append(("aws:ec2instancesourcevpc", instance.vpc_id))
    return Grant(
        account=instance.account,
        role_arn=found.role.arn(partition),
        service=instance.service,
        session_name=instance.id,
        source_arn=arn,
        region=instance.region,
        duration=SIX_HOURS,
        basis=found.association.id,
        keys=tuple(keys),
    )


def _of_task(task: Task, part: str) -> Grant | None:
    role = task.execution_role if part == AGENT else task.task_role
    return None if role is None else _of(task, role, task.id, SIX_HOURS, part)


def _of_service(resource: ServiceRole) -> Grant:
    name = SESSION_NAMES.get(resource.principal) or Arn.parse(resource.resource).name[-64:]
    grant = _of(resource, resource.role, name, ONE_HOUR)
    return msgspec.structs.replace(grant, service=resource.principal)


def _of(workload: Workload, role: str, name: str, duration: int, part: str = "") -> Grant:
    return Grant(
        account=workload.account,
        role_arn=role,
        service=workload.service,
        session_name=name,
        source_arn=workload.arn(partition_of(workload.region)),
        region=workload.region,
        duration=duration,
        basis=f"{workload.key}/{part}",
    )


SESSION_NAMES = {
    "cloudformation.amazonaws.com": "AWSCloudFormation",
    "glue.amazonaws.com": "GlueJobRunnerSession",
    "monitoring.rds.amazonaws.com": "RDSEnhancedMonitoring",
}
"""What services call their sessions that do not name them after the resource."""
