"""Pod identity associations: refused without the permission, for each rule, and then as EKS has them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.client import LocalWorld
from tests.operations.eks.world import POD_TRUST, associate, cluster, own, pod_role
from tests.people import allow, deny, policy, refused, role, user

ROLE = "arn:aws:iam::111111111111:role/cart"
PASSING = {"Condition": {"StringEquals": {"iam:PassedToService": "pods.eks.amazonaws.com"}}}


@pytest.fixture
def world() -> Iterator[LocalWorld]:
    made = LocalWorld()
    cluster(made.root)
    yield made
    made.close()


@pytest.fixture
def eks(world: LocalWorld) -> Any:
    pod_role(world.root)
    return world.root._client("eks")


def test_it_needs_the_permission_on_the_cluster(world: LocalWorld) -> None:
    pod_role(world.root)
    elsewhere = "arn:aws:eks:us-east-1:111111111111:cluster/other"
    ana = user(world.root, "ana", allow("iam:PassRole"), allow("eks:*", on=elsewhere))
    with refused("AccessDeniedException", 403, "eks:CreatePodIdentityAssociation"):
        associate(ana._client("eks"), ROLE)


def test_it_needs_to_pass_the_role_to_eks(world: LocalWorld) -> None:
    pod_role(world.root)
    for name, statements in (
        ("nobody", []),
        (
            "other",
            [allow("iam:PassRole", Condition={"StringEquals": {"iam:PassedToService": "x.amazonaws.com"}})],
        ),
        ("denied", [allow("iam:PassRole"), deny("iam:PassRole", on=ROLE)]),
    ):
        ana = user(world.root, name, allow("eks:*"), *statements)
        with refused("AccessDeniedException", 403, "iam:PassRole"):
            associate(ana._client("eks"), ROLE)
    ben = user(world.root, "ben", allow("eks:*"), allow("iam:PassRole", on=ROLE, **PASSING))
    assert associate(ben._client("eks"), ROLE)["roleArn"] == ROLE


def test_a_role_of_another_account_cannot_be_passed(world: LocalWorld) -> None:
    far = pod_role(world.other, "far")
    with refused("AccessDeniedException", 403, "Cross-account"):
        associate(world.root._client("eks"), far)


def test_tags_need_the_permission_to_tag(world: LocalWorld) -> None:
    pod_role(world.root)
    ana = user(world.root, "ana", allow("iam:PassRole"), allow("eks:CreatePodIdentityAssociation"))
    with refused("AccessDeniedException", 403, "eks:TagResource"):
        associate(ana._client("eks"), ROLE, tags={"team": "shop"})
    team = {"Condition": {"StringEquals": {"aws:RequestTag/team": "shop"}}}
    ben = user(world.root, "ben", allow("iam:PassRole"), allow("eks:*", **team))
    assert associate(ben._client("eks"), ROLE, tags={"team": "shop"})["tags"] == {"team": "shop"}


@pytest.mark.parametrize(
    ("asked", "code", "status"),
    [
        ({"clusterName": "none"}, "ResourceNotFoundException", 404),
        ({"namespace": "Shop"}, "InvalidParameterException", 400),
        ({"serviceAccount": "a/b"}, "InvalidParameterException", 400),
        ({"roleArn": "cart"}, "InvalidParameterException", 400),
        ({"roleArn": "arn:aws:iam::111111111111:role/gone"}, "InvalidParameterException", 400),
        ({"targetRoleArn": "arn:aws:s3:::bucket"}, "InvalidParameterException", 400),
        ({"policy": policy(allow("s3:*"))}, "InvalidParameterException", 400),
        ({"policy": "{", "disableSessionTags": True}, "InvalidParameterException", 400),
        (
            {"policy": policy(*[allow("s3:*")] * 40), "disableSessionTags": True},
            "InvalidParameterException",
            400,
        ),
        ({"tags": {"aws:x": "y"}}, "InvalidParameterException", 400),
    ],
)
def test_what_cannot_be(eks: Any, asked: dict[str, Any], code: str, status: int) -> None:
    good = {"clusterName": "prod", "namespace": "shop", "serviceAccount": "cart", "roleArn": ROLE}
    with refused(code, status):
        eks.create_pod_identity_association(**{**good, **asked})


def test_a_service_account_has_one_association(eks: Any) -> None:
    first = associate(eks, ROLE)
    with refused("ResourceInUseException", 409, first["associationId"]):
        associate(eks, ROLE)
    associate(eks, ROLE, "shop/other")


def test_the_same_request_again_makes_nothing_new(eks: Any) -> None:
    first = associate(eks, ROLE, clientRequestToken="a")
    assert associate(eks, ROLE, clientRequestToken="a") == first
    for other in ({"clientRequestToken": "b"}, {"clientRequestToken": "a", "disableSessionTags": True}):
        with refused("ResourceInUseException", 409):
            associate(eks, ROLE, **other)
    eks.delete_pod_identity_association(clusterName="prod", associationId=first["associationId"])
    assert associate(eks, ROLE, clientRequestToken="a")["associationId"] != first["associationId"]


def test_an_association_of_another_cluster_or_region_is_not_found(world: LocalWorld, eks: Any) -> None:
    made = associate(eks, ROLE)
    cluster(world.root, "other")
    with refused("ResourceNotFoundException", 404):
        eks.describe_pod_identity_association(clusterName="other", associationId=made["associationId"])
    far = world.root.in_region("eu-west-1")._client("eks")
    with refused("ResourceNotFoundException", 404):
        far.describe_pod_identity_association(clusterName="prod", associationId=made["associationId"])


def test_an_update_that_changes_nothing_is_refused(eks: Any) -> None:
    made = associate(eks, ROLE)
    with refused("InvalidParameterException", 400, "nothing"):
        eks.update_pod_identity_association(clusterName="prod", associationId=made["associationId"])


def test_an_update_passes_the_new_role(world: LocalWorld, eks: Any) -> None:
    made, other = associate(eks, ROLE), pod_role(world.root, "other")
    ana = user(world.root, "ana", allow("eks:*"), allow("iam:PassRole", on=ROLE))._client("eks")
    with refused("AccessDeniedException", 403, "iam:PassRole"):
        ana.update_pod_identity_association(
            clusterName="prod", associationId=made["associationId"], roleArn=other
        )


def test_the_life_of_an_association(world: LocalWorld, eks: Any) -> None:
    made = associate(eks, ROLE, tags={"team": "shop"})
    place = {"clusterName": "prod", "associationId": made["associationId"]}
    arn = f"arn:aws:eks:us-east-1:111111111111:podidentityassociation/prod/{made['associationId']}"
    assert made["associationArn"] == arn
    assert eks.describe_pod_identity_association(**place)["association"] == made
    target = "arn:aws:iam::222222222222:role/far"
    changed = eks.update_pod_identity_association(**place, targetRoleArn=target)["association"]
    assert changed["targetRoleArn"] == target
    assert changed["externalId"]
    cleared = eks.update_pod_identity_association(**place, targetRoleArn="")["association"]
    assert "targetRoleArn" not in cleared
    assert "externalId" not in cleared
    assert (
        eks.delete_pod_identity_association(**place)["association"]["associationId"] == place["associationId"]
    )
    with refused("ResourceNotFoundException", 404):
        eks.describe_pod_identity_association(**place)
    associate(eks, ROLE)


def test_a_list_has_pages_and_filters_and_leaves_out(eks: Any) -> None:
    for who in ("shop/a", "shop/b", "bank/a"):
        associate(eks, ROLE, who)
    pages = eks.get_paginator("list_pod_identity_associations").paginate(clusterName="prod", maxResults=1)
    found = [one for page in pages for one in page["associations"]]
    assert sorted(f"{one['namespace']}/{one['serviceAccount']}" for one in found) == [
        "bank/a",
        "shop/a",
        "shop/b",
    ]
    assert not {"roleArn", "createdAt", "modifiedAt", "tags"} & set(found[0])
    shop = eks.list_pod_identity_associations(clusterName="prod", namespace="shop", serviceAccount="a")
    assert len(shop["associations"]) == 1
    with refused("InvalidParameterException", 400):
        eks.list_pod_identity_associations(clusterName="prod", nextToken="!")


def test_an_association_is_told_by_its_tags(world: LocalWorld, eks: Any) -> None:
    made = associate(eks, ROLE, tags={"team": "shop"})
    place = {"clusterName": "prod", "associationId": made["associationId"]}
    mine = {"Condition": {"StringEquals": {"aws:ResourceTag/team": "${aws:PrincipalTag/team}"}}}
    for team, allowed in (("bank", False), ("shop", True)):
        tags = [{"Key": "team", "Value": team}]
        ana = user(world.root, team, allow("eks:Describe*", **mine), Tags=tags)._client("eks")
        if allowed:
            assert ana.describe_pod_identity_association(**place)["association"] == made
        else:
            with refused("AccessDeniedException", 403):
                ana.describe_pod_identity_association(**place)


def test_what_is_not_here_says_so(eks: Any) -> None:
    with refused("NotImplemented", 501, "eks:ListNodegroups"):
        eks.list_nodegroups(clusterName="prod")


def test_a_cluster_takes_its_associations_along(world: LocalWorld, eks: Any) -> None:
    associate(eks, ROLE)
    assert own(world.root, "DeregisterCluster", ClusterName="prod")["status"] == 200
    with refused("ResourceNotFoundException", 404):
        eks.list_pod_identity_associations(clusterName="prod")
    cluster(world.root)
    assert eks.list_pod_identity_associations(clusterName="prod")["associations"] == []


def test_the_trail_tells_of_it(world: LocalWorld, eks: Any) -> None:
    made = associate(eks, ROLE)
    event = next(each for each in world.events() if each["eventName"] == "CreatePodIdentityAssociation")
    assert event["eventSource"] == "eks.amazonaws.com"
    assert event["requestParameters"]["serviceAccount"] == "cart"
    assert made["associationId"] in json.dumps(event["responseElements"])


def test_a_role_that_trusts_nobody_is_taken_and_shows_when_a_pod_asks(world: LocalWorld) -> None:
    assert POD_TRUST["Effect"] == "Allow"
    unfit = role(world.root, "unfit", world.root.arn)
    assert associate(world.root._client("eks"), unfit)["roleArn"] == unfit
