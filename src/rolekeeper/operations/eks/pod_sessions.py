"""AssumeRoleForPodIdentity: the agent of a node brings the token of a pod's service account.

The node signs, with its own role, and must be allowed it on the cluster; whose pod it is, the token says.
Source: "AssumeRoleForPodIdentity" in the EKS Auth API Reference; "EKS Pod Identity Agent setup" in the EKS
User Guide.
"""

from __future__ import annotations

from typing import Any

from rolekeeper.errors import InvalidParameterException
from rolekeeper.iam.clusters import PODS
from rolekeeper.operations.eks import places
from rolekeeper.service.call import Call
from rolekeeper.service.registry import operation


@operation(resource=places.cluster)
def assume_role_for_pod_identity(
    call: Call,
    *,
    cluster_name: str,
    token: str,
    eks_node_name: str | None = None,
    instance_id: str | None = None,
    zone: str | None = None,
) -> dict[str, Any]:
    """Give the pod whose token it is the session of its association's role."""
    if not token:
        raise InvalidParameterException("The token is empty")
    cluster = places.get_cluster(call, cluster_name)
    found = call.pods.session(token, cluster_arn=cluster.arn(call.partition))
    association = found.association
    return {
        "subject": {"namespace": association.namespace, "serviceAccount": association.service_account},
        "audience": PODS,
        "podIdentityAssociation": {
            "associationArn": association.arn(call.partition),
            "associationId": association.id,
        },
        "assumedRoleUser": {
            "arn": found.assumed_role,
            "assumeRoleId": f"{found.role_id}:{found.session_name}",
        },
        "credentials": {
            "accessKeyId": found.access_key_id,
            "secretAccessKey": found.secret.reveal(),
            "sessionToken": found.token.reveal(),
            "expiration": found.expiration,
        },
    }
