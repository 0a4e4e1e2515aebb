"""The second step to a target role: EKS assumes it as the session of an association's own role.

It is AssumeRole itself, decided by the policies of both roles, with its event.
Source: "Access AWS resources using EKS Pod Identity Target IAM Roles" in the EKS User Guide.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rolekeeper.iam.clusters import PODS, Cluster
from rolekeeper.service.acting import STS, perform
from rolekeeper.service.call import Caller
from rolekeeper.service.delivery import Delivered
from rolekeeper.service.dispatch import Service
from rolekeeper.service.registry import Operation
from rolekeeper.store.contract import Transaction
from rolekeeper.wire.http import HttpRequest
from rolekeeper.wire.model import partition_of


def become(
    service: Service, first: Delivered, cluster: Cluster, parameters: Mapping[str, str]
) -> Mapping[str, Any]:
    """What AssumeRole answers to the first role's session; AwsError."""
    partition, own = partition_of(cluster.region), first.credentials

    def who(operation: Operation, arguments: Mapping[str, Any], tx: Transaction) -> Caller:
        return service.sessions.opened(own.access_key_id, own.secret, own.token.reveal(), tx, partition)

    request = HttpRequest(
        method="POST", path="/", headers=[("user-agent", PODS)], source_ip=PODS, secure=True
    )
    return perform(service, request, (STS, "AssumeRole"), parameters, who, region=cluster.region)
