"""A pod of a cluster that was made through the gateway: it has the role of its service account."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.client import Person
from tests.people import allow, refused, role, trusting, user
from tests.requirements.test_gateway_instances import bucket
from tests.served import Served


@pytest.fixture
def behind() -> Iterator[Served]:
    found = Served()
    yield found
    found.close()


@pytest.fixture
def ours(behind: Served) -> Person:
    """The root user of an account that nobody has used."""
    return behind.account()


def test_a_pod_of_a_cluster_has_the_role_of_its_service_account(behind: Served, ours: Person) -> None:
    name = bucket(ours, "pods", pic=b"x")
    own = role(ours, "cluster", {"Service": "eks.amazonaws.com"})
    trust = trusting({"Service": "pods.eks.amazonaws.com"}, ["sts:AssumeRole", "sts:TagSession"])
    pods = role(ours, "pods", trust, allow("s3:GetObject", on=f"arn:aws:s3:::{name}/*"))
    subnets = [each["SubnetId"] for each in ours.client("ec2").describe_subnets()["Subnets"][:2]]
    made = {"name": "main", "roleArn": own, "resourcesVpcConfig": {"subnetIds": subnets}}
    making = allow("eks:CreateCluster", "eks:DescribeCluster", "iam:CreateServiceLinkedRole")
    with refused("AccessDeniedException", 403, f"iam:PassRole on resource: {own}"):
        user(ours, "bob", making).client("eks").create_cluster(**made)
    user(ours, "operator", making, allow("iam:PassRole", on=own)).client("eks").create_cluster(**made)
    given = {"clusterName": "main", "namespace": "default", "serviceAccount": "app"}
    ours.client("eks").create_pod_identity_association(**given, roleArn=pods)
    token = ours.workloads.get_service_account_token(
        ClusterName="main", Namespace="default", ServiceAccount="app"
    )["Token"]
    told = ours.client("eks-auth").assume_role_for_pod_identity(clusterName="main", token=token)[
        "credentials"
    ]
    app = Person(behind, told["accessKeyId"], told["secretAccessKey"], told["sessionToken"])
    assert app.client("s3").get_object(Bucket=name, Key="pic")["Body"].read() == b"x"
    with refused("AccessDenied", 403):
        app.client("s3").list_objects_v2(Bucket=name)
