"""Workloads in a line each: what is registered, and who it becomes."""

from __future__ import annotations

from typing import Any

from rolekeeper.service.delivery import Delivered
from rolekeeper.service.grants import grant_for
from tests.client import LocalWorld, Person

EC2 = {"Service": "ec2.amazonaws.com"}
ECS = {"Service": "ecs-tasks.amazonaws.com"}
LAMBDA = {"Service": "lambda.amazonaws.com"}


def profile(root: Person, name: str, *roles: str) -> str:
    """A new instance profile with a role in it, or none; its ARN."""
    made = root.iam.create_instance_profile(InstanceProfileName=name)["InstanceProfile"]
    for each in roles:
        root.iam.add_role_to_instance_profile(InstanceProfileName=name, RoleName=each)
    arn: str = made["Arn"]
    return arn


def instance(person: Person, profile_name: str | None = None, **more: Any) -> tuple[str, str]:
    """A new instance, with a profile or without: its ID and its secret."""
    if profile_name is not None:
        more["IamInstanceProfile"] = {"Name": profile_name}
    made = person.workloads.register_instance(**more)
    return made["Instance"]["InstanceId"], made["Secret"]


def delivered(local: LocalWorld, secret: str) -> Delivered | None:
    """What a workload with that secret is given; None where it has no role."""
    opened = local.server.attest(secret)
    assert opened is not None
    with local.server.store.read() as tx:
        grant = grant_for(tx, opened.workload, opened.part)
    return None if grant is None else local.server.deliveries.credentials(grant)


def become(local: LocalWorld, secret: str) -> Person:
    """An application of the workload with that secret."""
    found = delivered(local, secret)
    assert found is not None
    return local.person(found.credentials.view())


def association(person: Person, instance_id: str) -> dict[str, Any]:
    """The one association of an instance."""
    found = person.workloads.list_instance_profile_associations(InstanceIds=[instance_id])
    (only,) = found["IamInstanceProfileAssociations"]
    shown: dict[str, Any] = only
    return shown
