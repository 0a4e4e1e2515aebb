"""Whatever else a service runs with a role: stacks, jobs, clusters, rules.

What a request hands over to make or to change such a thing is what the thing has from then on. A resource is
known by its place (service, region, name), also to whoever deletes it by name alone.
Source: the pages of the operations in the services' API references.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any, NamedTuple

from rolekeeper.errors import AwsError
from rolekeeper.gateway import passing
from rolekeeper.gateway.asked import Asked, Unclassified
from rolekeeper.gateway.registering.contract import Registry, names_something, tags_of
from rolekeeper.iam.workloads import WORKLOADS, ServiceRole

_ROWS = """
cloudformation cloudformation stack/{} StackName CreateStack,UpdateStack,CreateChangeSet DeleteStack StackId
codebuild codebuild project/{} name CreateProject,UpdateProject DeleteProject arn
events events rule/{} Rule,Name PutTargets,PutRule DeleteRule RuleArn
firehose firehose deliverystream/{} DeliveryStreamName CreateDeliveryStream,UpdateDestination DeleteDeliveryStream DeliveryStreamARN
glue glue crawler/{} Name CreateCrawler,UpdateCrawler DeleteCrawler -
glue glue job/{} Name,JobName CreateJob,UpdateJob DeleteJob -
pipes pipes pipe/{} Name CreatePipe,UpdatePipe DeletePipe Arn
rds rds cluster:{} DBClusterIdentifier CreateDBCluster,ModifyDBCluster,AddRoleToDBCluster,RemoveRoleFromDBCluster DeleteDBCluster DBClusterArn
rds rds db:{} DBInstanceIdentifier CreateDBInstance,ModifyDBInstance,AddRoleToDBInstance,RemoveRoleFromDBInstance DeleteDBInstance DBInstanceArn
redshift redshift cluster:{} ClusterIdentifier CreateCluster,ModifyClusterIamRoles DeleteCluster -
s3 s3 {} Bucket PutBucketReplication DeleteBucketReplication -
sagemaker sagemaker notebook-instance/{} NotebookInstanceName CreateNotebookInstance,UpdateNotebookInstance DeleteNotebookInstance NotebookInstanceArn
scheduler scheduler schedule/{GroupName}/{} Name CreateSchedule,UpdateSchedule DeleteSchedule ScheduleArn
stepfunctions states stateMachine:{} name,stateMachineArn CreateStateMachine,UpdateStateMachine DeleteStateMachine stateMachineArn
"""  # noqa: E501
"""The service in botocore and in ARNs, the resource, the members that name it, what makes or changes and what
deletes it, and where an answer has its ARN."""

_PLACE = "service-role-place"
"""The link from a place to what runs there."""
_ELSEWHERE = frozenset(kind.service for kind in WORKLOADS if kind.service)


class Kind(NamedTuple):
    """A kind of resource that a service runs with a role."""

    prefix: str
    resource: str
    members: tuple[str, ...]
    deleting: bool
    answered: str


def _read() -> dict[tuple[str, str], Kind]:
    found: dict[tuple[str, str], Kind] = {}
    for row in _ROWS.strip().splitlines():
        service, prefix, resource, members, making, deleting, told = row.split()
        for name in (*making.split(","), deleting):
            kind = Kind(prefix, resource, tuple(members.split(",")), name == deleting, told)
            found[service, name] = kind
    return found


_KINDS = _read()


def concerns(service: str, operation: str) -> bool:
    """Whether an operation makes, changes or deletes such a thing."""
    return (service, operation) in _KINDS


def after(registry: Registry, asked: Asked, answer: Mapping[str, Any]) -> None:
    """Bring what services run with roles in an account to what an answer says."""
    kind = _KINDS.get((asked.service.name, asked.operation.name))
    given = names_something(asked, *kind.members) if kind is not None else None
    if kind is None or given is None:
        return
    start, _, _ = kind.resource.partition("{")
    place = f"{kind.prefix}/{asked.region}/{start}{_short(given)}"
    if kind.deleting:
        _forget(registry, place)
        return
    for role in _taken_away(asked):
        _forget(registry, place, role)
    roles = _roles(registry, asked)
    if roles:
        arn = _text(answer.get(kind.answered)) or _arn(asked, kind.prefix, kind.resource, given)
        _replace(registry, asked, place, arn, roles)


def _taken_away(asked: Asked) -> list[str]:
    """The roles that a request takes from what it changes."""
    if asked.operation.name.startswith("RemoveRoleFrom"):
        return [str(asked.members.get("RoleArn"))]
    found: list[str] = asked.members.get("RemoveIamRoles") or []
    return found


def _roles(registry: Registry, asked: Asked) -> list[tuple[str, str]]:
    """The principals and roles that a request hands over, without those of workloads of other kinds."""
    known = passing.HeldRoles(registry.state, asked.partition)
    try:
        handed = passing.passed(asked, known)
    except (AwsError, Unclassified):  # nobody was allowed that, whatever has let the request through
        return []
    return [
        (str(each.keys["iam:passedtoservice"]), each.resource)
        for each in handed
        if each.keys["iam:passedtoservice"] not in _ELSEWHERE
    ]


def _replace(registry: Registry, asked: Asked, place: str, arn: str, roles: list[tuple[str, str]]) -> None:
    """Have just those roles there; one that was there already keeps its secrets."""
    kept = registry.state.collection(ServiceRole)
    adds = asked.operation.name.startswith(("AddRole", "ModifyClusterIamRoles", "PutTargets"))
    ids = {_id(place, principal, role): (principal, role) for principal, role in roles}
    principals = {principal for principal, _ in roles}
    for id in registry.state.links.targets(_PLACE, place):
        found = kept.find(id)
        if found is not None and id not in ids and found.principal in principals and not adds:
            _let_go(registry, place, found)
    for id, (principal, role) in ids.items():
        if kept.find(id) is None:
            made = ServiceRole(
                account=asked.account,
                region=asked.region,
                created=registry.moment,
                id=id,
                principal=principal,
                resource=arn,
                role=role,
                tags=tags_of(asked.members.get("Tags") or asked.members.get("tags")),
            )
            kept.add(made)
            registry.state.links.add(_PLACE, place, id)


def _forget(registry: Registry, place: str, role: str | None = None) -> None:
    """Let go what runs there, or only what does with a role."""
    kept = registry.state.collection(ServiceRole)
    for id in registry.state.links.targets(_PLACE, place):
        found = kept.find(id)
        if found is None:
            registry.state.links.remove(_PLACE, place, id)
        elif role in (None, found.role):
            _let_go(registry, place, found)


def _let_go(registry: Registry, place: str, found: ServiceRole) -> None:
    registry.state.links.remove(_PLACE, place, found.id)
    registry.doors.close(registry.state, found)
    registry.state.collection(ServiceRole).delete(found)


def _id(place: str, principal: str, role: str) -> str:
    """The ID of a service's role at a place: the same one whenever it is told."""
    told = "\n".join((place, principal, role)).encode()
    return "sr-" + hashlib.blake2b(told, digest_size=9).hexdigest()[:17]


def _short(given: str) -> str:
    """A resource's name, from its name or its ARN: a stack's has its ID behind it."""
    if not given.startswith("arn:"):
        return given
    resource = given.split(":", 5)[-1]
    parts = resource.replace(":", "/").split("/")
    return parts[1] if len(parts) > 1 else resource


def _arn(asked: Asked, prefix: str, resource: str, given: str) -> str:
    if given.startswith("arn:"):
        return given
    group = names_something(asked, "GroupName") or "default"
    named = resource.replace("{GroupName}", group).replace("{}", given)
    if prefix == "s3":
        return f"arn:{asked.partition}:s3:::{named}"
    return f"arn:{asked.partition}:{prefix}:{asked.region}:{asked.account}:{named}"


def _text(found: Any) -> str:
    return found if isinstance(found, str) and found.startswith("arn:") else ""
