"""Clusters as the server plays them: a name, an issuer, and tokens for service accounts.

There is no Kubernetes behind them. Who may make a cluster with EKS registers one, and who may use a cluster's
Kubernetes API has tokens of its service accounts: whoever is that is all of its pods.
Sources: "TokenRequest" in the Kubernetes API reference; "Actions, resources, and condition keys for Amazon
Elastic Kubernetes Service" in the Service Authorization Reference.
"""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

from rolekeeper.errors import (
    InvalidParameterException,
    ResourceInUseException,
    ResourceLimitExceededException,
    ResourceNotFoundException,
    ValidationError,
)
from rolekeeper.iam import clusters, issuer_keys, tagging
from rolekeeper.iam.clusters import Cluster, ServiceAccount
from rolekeeper.iam.workloads import PodAssociation
from rolekeeper.operations import creation, paging, resources
from rolekeeper.operations.eks import places
from rolekeeper.operations.eks.pod_identity_associations import forget
from rolekeeper.service.call import Call
from rolekeeper.service.registry import operation

MAX_CLUSTERS = 100
"""In a region of an account: each has a key, which takes its time to make. Source: "View and manage Amazon
EKS and Fargate service quotas" in the EKS User Guide."""


@operation(
    resource=resources.everything,
    action="eks:CreateCluster",
    also=creation.tagged("eks:TagResource", places.cluster),
    writes=True,
)
def register_cluster(
    call: Call, *, cluster_name: str, tags: list[dict[str, str]] | None = None
) -> dict[str, Any]:
    """Make a cluster with an issuer and a key of its own."""
    if places.found_cluster(call, cluster_name) is not None:
        raise ResourceInUseException(f"Cluster already exists with name: {cluster_name}")
    if len(_behind(call, f"{call.region}/", MAX_CLUSTERS)[0]) >= MAX_CLUSTERS:
        raise ResourceLimitExceededException(f"Cluster limit exceeded: {MAX_CLUSTERS}")
    kept = tagging.merged({}, tags, limit=call.limits.tags)
    made, private = clusters.make(call.account, call.region, cluster_name, call.now, kept)
    call.tx.collection(Cluster).add(made)
    call.tx.secrets.put(Cluster.kind, made.key, private)
    return {"Cluster": _view(call, made)}


@operation(resource=places.cluster, action="eks:DeleteCluster", writes=True)
def deregister_cluster(call: Call, *, cluster_name: str) -> dict[str, Any]:
    """Let a cluster go, with its associations. Its tokens are worth nothing from then on."""
    found = places.get_cluster(call, cluster_name)
    for key in call.tx.links.targets(places.MEMBERS, found.key):
        forget(call.tx, call.tx.collection(PodAssociation).get(key))
    call.tx.secrets.delete(Cluster.kind, found.key)
    call.tx.collection(Cluster).delete(found)
    return {}


@operation(resource=resources.everything, action="eks:ListClusters")
def list_clusters(
    call: Call, *, max_results: int | None = None, next_token: str | None = None
) -> dict[str, Any]:
    """List the clusters of the call's region, with their issuers."""
    own, more = _behind(call, paging.key_of(next_token) or f"{call.region}/", max_results or 100)
    answer: dict[str, Any] = {"Clusters": [_view(call, one) for one in own]}
    if more:
        answer["NextToken"] = paging.marker_of(own[-1].key)
    return answer


def _behind(call: Call, key: str, most: int) -> tuple[list[Cluster], bool]:
    """The clusters of the call's region behind a key, and whether there are more of them."""
    found, more = call.tx.collection(Cluster).page(after=key, limit=most)
    own = [one for one in found if one.region == call.region]
    return own, more and len(own) == len(found)


@operation(resource=places.cluster, action="eks:AccessKubernetesApi")
def get_service_account_token(
    call: Call,
    *,
    cluster_name: str,
    namespace: str,
    service_account: str,
    audiences: list[str] | None = None,
    duration_seconds: int = clusters.USUAL_SECONDS,
    pod_name: str | None = None,
) -> dict[str, Any]:
    """Give a token of a service account, as Kubernetes projects it into one of its pods."""
    found = places.get_cluster(call, cluster_name)
    pod = pod_name or f"{service_account}-{uuid.uuid4().hex[:5]}"
    if not (clusters.is_name(namespace) and all(map(clusters.is_long_name, (service_account, pod)))):
        raise ValidationError("A namespace, service account or pod has a name of Kubernetes")
    private = call.tx.secrets.get(Cluster.kind, found.key)
    if private is None:
        raise ResourceNotFoundException(f"The cluster {cluster_name} has no key")
    if not clusters.MIN_SECONDS <= duration_seconds <= clusters.MAX_SECONDS:
        raise InvalidParameterException("A token lasts from ten minutes to a day")
    issuer = found.issuer_at(call.issuer_url)
    pod_id = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{issuer}/{namespace}/{pod}"))
    who = ServiceAccount(namespace=namespace, name=service_account, pod=pod, pod_id=pod_id)
    said = clusters.claims(issuer, who, audiences or [clusters.PODS], call.now, duration_seconds)
    return {
        "Token": issuer_keys.sign(said, found.signer, private),
        "Expiration": call.now + timedelta(seconds=duration_seconds),
    }


def _view(call: Call, cluster: Cluster) -> dict[str, Any]:
    return {
        "ClusterName": cluster.name,
        "ClusterArn": cluster.arn(call.partition),
        "Issuer": cluster.issuer_at(call.issuer_url),
        "CreatedAt": cluster.created,
        "Tags": [{"Key": key, "Value": value} for key, value in cluster.tags.items()],
    }
