"""EKS clusters: one that is made behind has an issuer here, so that its pods can have roles.

Sources: "CreateCluster" and "DeleteCluster" in the EKS API Reference; "EKS Pod Identity" in its User Guide.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rolekeeper.gateway.asked import Asked
from rolekeeper.gateway.registering.contract import Registry, names_something, tags_of
from rolekeeper.iam import clusters
from rolekeeper.iam.clusters import Cluster
from rolekeeper.iam.workloads import PodAssociation
from rolekeeper.operations.eks.places import MEMBERS
from rolekeeper.operations.eks.pod_identity_associations import forget


def after(registry: Registry, asked: Asked, answer: Mapping[str, Any]) -> None:
    """Bring the clusters of an account to what an answer says."""
    name = names_something(asked, "name")
    if name is None:
        return
    state, kept = registry.state, registry.state.collection(Cluster)
    found = kept.find(f"{asked.region}/{name}")
    if asked.operation.name == "DeleteCluster" and found is not None:
        for id in state.links.targets(MEMBERS, found.key):
            forget(state, state.collection(PodAssociation).get(id))
        state.secrets.delete(Cluster.kind, found.key)
        kept.delete(found)
    elif asked.operation.name == "CreateCluster" and found is None:
        tags = tags_of(asked.members.get("tags"))
        made, private = clusters.make(state.id, asked.region, name, registry.now, tags)
        kept.add(made)
        state.secrets.put(Cluster.kind, made.key, private)
