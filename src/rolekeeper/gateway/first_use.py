"""Service-linked roles that a service makes when an account first uses it, and what uses them.

The service makes its role on behalf of whoever uses it first, who therefore must be allowed
iam:CreateServiceLinkedRole; the default role is handed over by nobody. Where a request names a role of its
own for the service, none is made. What was made with the role keeps it from being deleted.
Sources: "Create a service-linked role" in the IAM User Guide; the pages "Using service-linked roles" of the
services.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from rolekeeper.gateway.asked import Asked
from rolekeeper.iam.service_linked import SERVICES, is_service_linked
from rolekeeper.operations import service_linked_roles
from rolekeeper.service.call import Caller
from rolekeeper.service.service_calls import ServiceCalls
from rolekeeper.store.contract import AccountState, Store

_ROWS = """
access-analyzer accessanalyzer CreateAnalyzer
apidestinations.events events CreateConnection
autoscaling autoscaling CreateAutoScalingGroup -ServiceLinkedRoleARN
batch batch CreateComputeEnvironment -serviceRole
cks.kms kms CreateCustomKeyStore
eks eks CreateCluster
eks-fargate eks CreateFargateProfile
eks-nodegroup eks CreateNodegroup
ec2fleet ec2 CreateFleet
ecs ecs CreateCluster
ecs ecs CreateService -role
elasticache elasticache CreateCacheCluster
elasticache elasticache CreateReplicationGroup
elasticfilesystem efs CreateFileSystem
elasticloadbalancing elb CreateLoadBalancer
elasticloadbalancing elbv2 CreateLoadBalancer
fsx fsx CreateFileSystem
globalaccelerator globalaccelerator CreateAccelerator
guardduty guardduty CreateDetector
kafka kafka CreateCluster
memorydb memorydb CreateCluster
mq mq CreateBroker
mrk.kms kms CreateKey +MultiRegion
network-firewall network-firewall CreateFirewall
ops.apigateway apigateway CreateVpcLink
ops.apigateway apigatewayv2 CreateVpcLink
pullthroughcache.ecr ecr CreatePullThroughCacheRule -customRoleArn
rds rds CreateDBCluster
rds rds CreateDBInstance
redshift redshift CreateCluster
replication.dynamodb dynamodb CreateGlobalTable
replication.dynamodb dynamodb UpdateTable +ReplicaUpdates
replication.ecr ecr PutReplicationConfiguration
securityhub securityhub EnableSecurityHub
spot ec2 RequestSpotInstances
spotfleet ec2 RequestSpotFleet
transitgateway ec2 CreateTransitGateway
vpc-lattice vpc-lattice CreateServiceNetworkVpcAssociation
"""
"""The principal without `.amazonaws.com`, the service in botocore, the operation; and a parameter that has to
be given, or must not be."""

_SCALED = frozenset(
    {
        "appstream",
        "cassandra",
        "comprehend",
        "custom-resource",
        "dynamodb",
        "ec2",
        "ecs",
        "elasticache",
        "kafka",
        "lambda",
        "neptune",
        "rds",
        "sagemaker",
    }
)
"""What Application Auto Scaling scales, by namespace: it has a role for each."""

_USES: Mapping[str, tuple[str, str]] = {
    "autoscaling.AutoScalingGroup": (
        "autoscaling",
        "autoscaling:{}:autoScalingGroup:*:autoScalingGroupName/{AutoScalingGroupName}",
    ),
    "ecs.Cluster": ("ecs", "ecs:{}:cluster/{cluster|clusterName}"),
    "eks.Cluster": ("eks", "eks:{}:cluster/{name}"),
    "elb.LoadBalancer": ("elasticloadbalancing", "elasticloadbalancing:{}:loadbalancer/{LoadBalancerName}"),
    "elbv2.LoadBalancer": ("elasticloadbalancing", "{LoadBalancerArn}"),
    "rds.DBCluster": ("rds", "rds:{}:cluster:{DBClusterIdentifier}"),
    "rds.DBInstance": ("rds", "rds:{}:db:{DBInstanceIdentifier}"),
    "redshift.Cluster": ("redshift", "redshift:{}:cluster:{ClusterIdentifier}"),
}
"""What uses a role, by what is created and deleted: the principal, and the ARN."""

_SUFFIX = ".amazonaws.com"


def _read() -> Mapping[tuple[str, str], list[tuple[str, str]]]:
    found: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for row in _ROWS.strip().splitlines():
        principal, service, operation, *condition = row.split()
        found.setdefault((service, operation), []).append((principal + _SUFFIX, "".join(condition)))
    return found


_FIRST = _read()


def principals(asked: Asked) -> tuple[str, ...]:
    """The services whose roles a request needs."""
    if (asked.service.name, asked.operation.name) == ("application-autoscaling", "RegisterScalableTarget"):
        scaled = asked.members.get("ServiceNamespace")
        return (f"{scaled}.application-autoscaling{_SUFFIX}",) if scaled in _SCALED else ()
    rows = _FIRST.get((asked.service.name, asked.operation.name))
    if rows is None:
        return ()
    return tuple(principal for principal, condition in rows if _holds(condition, asked.members))


@cache
def _may_need(service: str, operation: str) -> bool:
    return (service, operation) in _FIRST or service == "application-autoscaling"


def _holds(condition: str, members: Mapping[str, Any]) -> bool:
    return not condition or bool(members.get(condition[1:])) == (condition[0] == "+")


def missing(store: Store, asked: Asked) -> tuple[str, ...]:
    """Those of them whose role is not there. It reads the store only for requests that need one."""
    if not _may_need(asked.service.name, asked.operation.name):
        return ()
    needed = [each for each in principals(asked) if each in SERVICES]
    if not needed:
        return ()
    with store.read() as tx:
        roles = tx.account(asked.account).roles
        return tuple(each for each in needed if roles.find(SERVICES[each].name(None)) is None)


def make(calls: ServiceCalls, caller: Caller, asked: Asked, principal: str) -> None:
    """Let a service make its role for a caller who has just called it, with an event of its own; before the
    request goes on, and after all that the caller asked for himself is allowed.

    It writes, so that it belongs into the lane. AccessDenied where the caller may not make the role.
    """
    calls.for_caller(
        caller, (principal,), "iam", "CreateServiceLinkedRole", region=asked.region, AWSServiceName=principal
    )


def concerns(service: str, operation: str) -> bool:
    """Whether an operation makes or deletes what uses such a role."""
    return _use(service, operation) is not None


def _use(service: str, operation: str) -> tuple[str, str] | None:
    if operation[:6] not in ("Create", "Delete"):
        return None
    return _USES.get(f"{service}.{operation[6:]}")


def keep_in_use(state: AccountState, asked: Asked, answer: Mapping[str, Any]) -> None:
    """Say of what was created that it uses its service's role, and of what was deleted that it does not."""
    use = _use(asked.service.name, asked.operation.name)
    if use is None:
        return
    principal, template = use[0] + _SUFFIX, use[1]
    resource = _arn(template, asked, answer)
    role = state.roles.find(SERVICES[principal].name(None))
    if resource is None or role is None or not is_service_linked(role):
        return
    if asked.operation.name.startswith("Delete"):
        service_linked_roles.end_use(state, role, resource)
    elif not any(asked.members.get(name) for name in ("ServiceLinkedRoleARN", "role")):
        service_linked_roles.begin_use(state, role, resource)


def _arn(template: str, asked: Asked, answer: Mapping[str, Any]) -> str | None:
    start, _, rest = template.rpartition("{")
    names = rest.rstrip("}").split("|")
    told = next((asked.members[name] for name in names if asked.members.get(name)), None)
    if told is None:
        told = next((found for name in names for found in _find(answer, name)), None)
    if not isinstance(told, str):
        return None
    if told.startswith("arn:"):
        return told
    place = f"{asked.region}:{asked.account}"
    return f"arn:{asked.partition}:{start.replace('{}', place)}{told}" if start else None


def _find(found: Any, name: str) -> list[str]:
    if isinstance(found, Mapping):
        own = [found[name]] if isinstance(found.get(name), str) else []
        return own + [each for value in found.values() for each in _find(value, name)]
    if isinstance(found, list):
        return [each for value in found for each in _find(value, name)]
    return []
