"""Workloads as their services show them. No secret is in any of these."""

from __future__ import annotations

from typing import Any

from rolekeeper.arn import iam_arn
from rolekeeper.iam.entities import InstanceProfile, Tags
from rolekeeper.iam.workloads import (
    ASSOCIATED,
    Function,
    Instance,
    ProfileAssociation,
    ServiceRole,
    Task,
)
from rolekeeper.service.call import Call


def tags(found: Tags) -> list[dict[str, str]]:
    """Tags as a list."""
    return [{"Key": key, "Value": value} for key, value in found.items()]


def instance(call: Call, found: Instance) -> dict[str, Any]:
    """An instance, with its instance profile where it has one."""
    shown = {
        "InstanceId": found.id,
        "InstanceArn": found.arn(call.partition),
        "InstanceType": found.instance_type,
        "ImageId": found.image_id,
        "Architecture": found.architecture,
        "AvailabilityZone": found.availability_zone,
        "PrivateIpAddress": found.private_ip,
        "PublicIpAddress": found.public_ip,
        "VpcId": found.vpc_id,
        "SubnetId": found.subnet_id,
        "LaunchTime": found.created,
        "MetadataOptions": metadata_options(found),
        "Tags": tags(found.tags),
    }
    association = association_of(call, found.id)
    if association is not None:
        shown["IamInstanceProfile"] = profile(call, association)
    return shown


def metadata_options(found: Instance) -> dict[str, Any]:
    """How an instance's metadata are given."""
    return {
        "HttpTokens": found.http_tokens,
        "HttpPutResponseHopLimit": found.hop_limit,
        "HttpEndpoint": found.http_endpoint,
        "InstanceMetadataTags": found.metadata_tags,
    }


def association_of(call: Call, instance_id: str) -> ProfileAssociation | None:
    """The association of an instance with an instance profile, if there is one."""
    found = call.tx.links.targets(ASSOCIATED, instance_id)
    return call.tx.collection(ProfileAssociation).find(found[0]) if found else None


def profile(call: Call, association: ProfileAssociation) -> dict[str, str]:
    """The instance profile of an association, also when it is gone."""
    path, _, name = association.profile_name.rpartition("/")
    arn = iam_arn(call.partition, call.account, InstanceProfile.resource_type, f"{path}/", name)
    return {"Arn": arn, "Id": association.profile_id}


def association(call: Call, found: ProfileAssociation, state: str = "associated") -> dict[str, Any]:
    """An association. What is done at once is called by its beginning in the answer that does it, as EC2
    does."""
    return {
        "AssociationId": found.id,
        "InstanceId": found.instance,
        "IamInstanceProfile": profile(call, found),
        "State": state,
        "Timestamp": found.created,
    }


def task(call: Call, found: Task) -> dict[str, Any]:
    """A task with both its roles."""
    return {
        "TaskId": found.id,
        "TaskArn": found.arn(call.partition),
        "Cluster": found.cluster,
        "Family": found.family,
        "Revision": found.revision,
        "TaskRoleArn": found.task_role,
        "ExecutionRoleArn": found.execution_role,
        "StartedAt": found.created,
        "Tags": tags(found.tags),
    }


def function(call: Call, found: Function) -> dict[str, Any]:
    """A function with its execution role."""
    return {
        "FunctionName": found.name,
        "FunctionArn": found.arn(call.partition),
        "Role": found.role,
        "CreatedAt": found.created,
        "Tags": tags(found.tags),
    }


def service_role(found: ServiceRole) -> dict[str, Any]:
    """What a service runs, with its role."""
    return {
        "ServiceRoleId": found.id,
        "ServicePrincipal": found.principal,
        "ResourceArn": found.resource,
        "RoleArn": found.role,
        "CreatedAt": found.created,
        "Tags": tags(found.tags),
    }
