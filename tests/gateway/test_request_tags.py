"""Tags in requests, in all the forms that AWS's services have for them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from rolekeeper.errors import ValidationError
from rolekeeper.gateway import request_tags
from rolekeeper.wire import model

TEAM = {"aws:requesttag/team": "a", "aws:tagkeys": ("Team",)}
KEY_ALONE = {"aws:tagkeys": ("Team",)}


def keys(service: str, operation: str, members: Mapping[str, Any], kind: str = "") -> dict[str, Any]:
    read = request_tags.reader(model.service(service).operations[operation])
    assert read is not None
    return dict(request_tags.keys(read(members, kind)))


def test_a_tag_that_is_given_twice_is_refused() -> None:
    for second in ("Team", "team", "TEAM"):
        tags = [{"Key": "Team", "Value": "a"}, {"Key": second, "Value": "b"}]
        with pytest.raises(ValidationError, match="twice"):
            keys("sns", "CreateTopic", {"Tags": tags})
    same = [{"Key": "Team", "Value": "a"}] * 2
    assert keys("sns", "CreateTopic", {"Tags": same}) == TEAM


def test_a_request_without_tags_has_no_keys() -> None:
    for members in ({}, {"Tags": None}, {"Tags": []}):
        assert keys("sns", "CreateTopic", members) == {}


def test_an_operation_without_tags_has_no_reader() -> None:
    assert request_tags.reader(model.service("sns").operations["Publish"]) is None


@pytest.mark.parametrize(
    ("service", "operation", "members"),
    [
        ("sns", "TagResource", {"Tags": [{"Key": "Team", "Value": "a"}]}),
        ("kms", "CreateKey", {"Tags": [{"TagKey": "Team", "TagValue": "a"}]}),
        ("ecs", "CreateCluster", {"tags": [{"key": "Team", "value": "a"}]}),
        ("lambda", "TagResource", {"Tags": {"Team": "a"}}),
        ("sqs", "CreateQueue", {"tags": {"Team": "a"}}),
        ("glue", "TagResource", {"TagsToAdd": {"Team": "a"}}),
        ("route53", "ChangeTagsForResource", {"AddTags": [{"Key": "Team", "Value": "a"}]}),
        ("cloudfront", "TagResource", {"Tags": {"Items": [{"Key": "Team", "Value": "a"}]}}),
        ("ec2", "CreateTags", {"Tags": [{"Key": "Team", "Value": "a"}]}),
        ("autoscaling", "CreateOrUpdateTags", {"Tags": [{"Key": "Team", "Value": "a", "ResourceId": "x"}]}),
    ],
)
def test_tags_of_all_forms(service: str, operation: str, members: Mapping[str, Any]) -> None:
    assert keys(service, operation, members) == TEAM


@pytest.mark.parametrize(
    ("service", "operation", "members"),
    [
        ("sns", "UntagResource", {"TagKeys": ["Team"]}),
        ("ecs", "UntagResource", {"tagKeys": ["Team"]}),
        ("glue", "UntagResource", {"TagsToRemove": ["Team"]}),
        ("logs", "UntagLogGroup", {"tags": ["Team"]}),
        ("elb", "RemoveTags", {"Tags": [{"Key": "Team"}]}),
        ("route53", "ChangeTagsForResource", {"RemoveTagKeys": ["Team"]}),
        ("ec2", "DeleteTags", {"Tags": [{"Key": "Team"}]}),
    ],
)
def test_keys_of_tags_alone(service: str, operation: str, members: Mapping[str, Any]) -> None:
    assert keys(service, operation, members) == KEY_ALONE


def test_ec2_says_which_kind_of_resource_its_tags_are_for() -> None:
    tags = [
        {"ResourceType": "instance", "Tags": [{"Key": "Team", "Value": "a"}]},
        {"ResourceType": "volume", "Tags": [{"Key": "Team", "Value": "b"}]},
    ]
    members = {"TagSpecifications": tags}
    assert keys("ec2", "RunInstances", members, "instance") == TEAM
    assert keys("ec2", "RunInstances", members, "volume")["aws:requesttag/team"] == "b"
    assert keys("ec2", "RunInstances", members, "network-interface") == {}


def test_a_tag_without_a_value_is_a_key() -> None:
    assert keys("sns", "CreateTopic", {"Tags": [{"Key": "Team"}]}) == KEY_ALONE
    assert keys("sns", "CreateTopic", {"Tags": [{"Key": "Team", "Value": ""}]})["aws:requesttag/team"] == ""
