"""A cluster, a role for its pods, and what its nodes and pods do, in a line each."""

from __future__ import annotations

import json
from typing import Any

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from rolekeeper.endpoints.pods import PodAgent
from rolekeeper.iam import clusters
from rolekeeper.wire.http import HttpRequest, HttpResponse
from tests.client import LocalWorld, Person, http_request
from tests.people import policy, role, trusting

PODS = clusters.PODS
POD_TRUST = trusting({"Service": PODS}, ["sts:AssumeRole", "sts:TagSession"])


def own(person: Person, operation: str, **members: Any) -> dict[str, Any]:
    """A call of the server's own API, as botocore signs it: its status, with the answer."""
    request = AWSRequest(
        method="POST",
        url="http://localhost/",
        data=json.dumps(members).encode(),
        headers={
            "content-type": "application/x-amz-json-1.1",
            "x-amz-target": f"RolekeeperWorkloads_20261122.{operation}",
        },
    )
    SigV4Auth(Credentials(*person._keys), "rolekeeper", "us-east-1").add_auth(request)
    assert isinstance(person.world, LocalWorld)
    answer = person.world.server.dispatch(http_request(request.prepare()))
    return {"status": answer.status, **json.loads(answer.body or b"{}")}


def cluster(person: Person, name: str = "prod") -> dict[str, Any]:
    """A new cluster."""
    made: dict[str, Any] = own(person, "RegisterCluster", ClusterName=name)["Cluster"]
    return made


def token(person: Person, who: str = "shop/cart", **more: Any) -> str:
    """A token of a service account."""
    namespace, name = who.split("/")
    asked = {"ClusterName": "prod", "Namespace": namespace, "ServiceAccount": name, **more}
    return str(own(person, "GetServiceAccountToken", **asked)["Token"])


def pod_role(root: Person, name: str = "cart", *statements: Any, **more: Any) -> str:
    """A role that EKS may assume for pods."""
    return role(root, name, POD_TRUST, *statements, **more)


def associate(eks: Any, role_arn: str, who: str = "shop/cart", **more: Any) -> dict[str, Any]:
    """The pods of a service account get a role."""
    namespace, name = who.split("/")
    made = eks.create_pod_identity_association(
        clusterName="prod", namespace=namespace, serviceAccount=name, roleArn=role_arn, **more
    )
    found: dict[str, Any] = made["association"]
    return found


def agent(world: LocalWorld, authorization: str | None) -> HttpResponse:
    """What the agent answers to a pod."""
    headers = [("host", "127.0.0.1:4566")]
    if authorization is not None:
        headers.append(("authorization", authorization))
    request = HttpRequest(method="GET", path="/v1/credentials", headers=headers)
    return PodAgent(world.server).answer(request, "127.0.0.1", 4566)


def pod(world: LocalWorld, authorization: str) -> Person:
    """Somebody with what the agent gives."""
    answer = agent(world, authorization)
    assert answer.status == 200, answer.body
    given = json.loads(answer.body)
    return world.person({**given, "SessionToken": given["Token"]})


def only(*statements: Any) -> str:
    """A policy document."""
    return policy(*statements)
