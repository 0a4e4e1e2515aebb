"""From a cluster's name to the cluster, and to the ARNs that policies must allow.

What does not exist has the ARN that it would have, and no tags.
Source: "Actions, resources, and condition keys for Amazon Elastic Kubernetes Service" in the Service
Authorization Reference.
"""

from __future__ import annotations

from typing import Any

from rolekeeper.errors import ResourceNotFoundException
from rolekeeper.iam.clusters import Cluster
from rolekeeper.iam.workloads import PodAssociation
from rolekeeper.service.call import Call, Resource

MEMBERS = "cluster-pod-association"
"""The link from a cluster to its pod identity associations."""


def found_cluster(call: Call, name: str) -> Cluster | None:
    """The cluster of that name in the call's region, if there is one."""
    return call.tx.collection(Cluster).find(f"{call.region}/{name}")


def get_cluster(call: Call, name: str) -> Cluster:
    """The cluster of that name in the call's region; ResourceNotFoundException."""
    cluster = found_cluster(call, name)
    if cluster is None:
        raise ResourceNotFoundException(f"No cluster found for name: {name}.")
    return cluster


def cluster(call: Call, *, cluster_name: str, **_: Any) -> Resource:
    """The cluster of `cluster_name`."""
    found = found_cluster(call, cluster_name)
    arn = f"arn:{call.partition}:eks:{call.region}:{call.account}:cluster/{cluster_name}"
    return Resource(arn=arn, account=call.account, tags={} if found is None else found.tags)


def association(call: Call, *, cluster_name: str, association_id: str, **_: Any) -> Resource:
    """The pod identity association of `association_id`."""
    found = found_association(call, cluster_name, association_id)
    start = f"arn:{call.partition}:eks:{call.region}:{call.account}"
    return Resource(
        arn=f"{start}:podidentityassociation/{cluster_name}/{association_id}",
        account=call.account,
        tags={} if found is None else found.tags,
    )


def new_association(call: Call, *, cluster_name: str, **_: Any) -> Resource:
    """A pod identity association that is to be made, whose ID nobody knows yet."""
    return association(call, cluster_name=cluster_name, association_id="*")


def found_association(call: Call, cluster_name: str, association_id: str) -> PodAssociation | None:
    """The association of that ID in that cluster and in the call's region, if there is one."""
    found = call.tx.collection(PodAssociation).find(association_id)
    if found is None or (found.region, found.cluster) != (call.region, cluster_name):
        return None
    return found
