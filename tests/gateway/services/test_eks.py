"""What requests to EKS ask for that are not answered here."""

from __future__ import annotations

from typing import Any

import pytest

from tests.gateway.asking import ACCOUNT, REGION, tags
from tests.gateway.services.classified import accesses, inexact, on, refused, said, whole

EKS = f"arn:aws:eks:{REGION}:{ACCOUNT}"
NODES = f"{EKS}:nodegroup/prod/web/1a-2b"
TAGS = {"Team": "a"}


@pytest.mark.parametrize("name", ["", "a/b", "prod*", "*", "-a", f"{EKS}:nodegroup/prod/web/1a"])
def test_what_is_no_cluster_is_refused(name: str) -> None:
    refused("eks", "UpdateClusterConfig", name=name)
    refused("eks", "DeleteNodegroup", clusterName=name, nodegroupName="web")


def test_what_is_no_part_of_a_cluster_is_refused() -> None:
    refused("eks", "DeleteNodegroup", clusterName="prod", nodegroupName="web/x")
    refused("eks", "DeleteNodegroup", nodegroupName="web")
    refused("eks", "TagResource", resourceArn="arn:aws:s3:::x", tags=TAGS)


@pytest.mark.parametrize(
    ("operation", "members", "resources"),
    [
        ("UpdateClusterConfig", {"name": "prod"}, ["cluster/prod"]),
        ("CreateNodegroup", {"clusterName": "prod", "nodegroupName": "web"}, ["cluster/prod"]),
        ("DeleteNodegroup", {"clusterName": "prod", "nodegroupName": "web"}, ["nodegroup/prod/web/*"]),
        ("ListNodegroups", {"clusterName": "prod"}, ["cluster/prod"]),
        ("TagResource", {"resourceArn": NODES, "tags": TAGS}, ["nodegroup/prod/web/1a-2b"]),
        ("ListClusters", {}, ["*"]),
        ("CreateCluster", {"name": "prod"}, ["*"]),
    ],
)
def test_an_operation_is_asked_on_what_it_names(
    operation: str, members: dict[str, Any], resources: list[str]
) -> None:
    assert on("eks", operation, **members) == resources


def test_what_is_in_a_cluster_is_found() -> None:
    answers = {
        "DescribeNodegroup": {"nodegroup": {"nodegroupArn": NODES}},
        "DescribeFargateProfile": {
            "fargateProfile": {"fargateProfileArn": f"{EKS}:fargateprofile/prod/f/3c"}
        },
    }
    nodes = {"clusterName": "prod", "nodegroupName": "web"}
    assert whole("eks", answers, "UpdateNodegroupConfig", **nodes) == ["nodegroup/prod/web/1a-2b"]
    profile = {"clusterName": "prod", "fargateProfileName": "f"}
    assert whole("eks", answers, "DeleteFargateProfile", **profile) == ["fargateprofile/prod/f/3c"]


@pytest.mark.parametrize(
    ("operation", "members", "tagged"),
    [
        ("CreateCluster", {"name": "prod"}, "cluster/prod"),
        ("CreateNodegroup", {"clusterName": "prod", "nodegroupName": "web"}, "nodegroup/prod/web/*"),
    ],
)
def test_tags_of_what_is_made_are_asked_as_tagging(
    operation: str, members: dict[str, Any], tagged: str
) -> None:
    access = accesses("eks", operation, **members, tags=TAGS)[1]
    assert (access.action, access.resource) == ("eks:TagResource", f"{EKS}:{tagged}")
    assert access.keys["aws:requesttag/team"] == "a"


def test_a_request_says_what_a_cluster_is_like() -> None:
    setup = [{"types": ["api"], "enabled": True}]
    found = said(
        "eks",
        "cluster",
        "UpdateClusterConfig",
        name="prod",
        resourcesVpcConfig={"endpointPublicAccess": False},
        logging={"clusterLogging": setup},
    )
    assert found["eks:endpointpublicaccess"] == "false"
    assert found["eks:loggingtype/api"] == "true"


def test_tags_are_read_from_what_stands_behind() -> None:
    assert tags("eks", "nodegroup", NODES, {"ListTagsForResource": {"tags": TAGS}}) == TAGS
    assert tags("eks", "nodegroup", f"{EKS}:nodegroup/prod/web/*", {}) == {}


def test_every_operation_that_the_embedded_backend_has_is_exact_or_on_nothing_in_particular() -> None:
    assert inexact("eks") == {"CreateCluster": "*", "ListClusters": "*"}
