"""Members of inputs: which are meant by a placeholder, and what is read of them."""

from __future__ import annotations

from typing import Any

import pytest

from rolekeeper.gateway import members
from rolekeeper.wire import model
from rolekeeper.wire.model import OperationModel
from tests.gateway.asking import asked


def operation(service: str, name: str) -> OperationModel:
    return model.service(service).operations[name]


def read(service: str, name: str, path: str, **given: Any) -> tuple[str, ...] | None:
    values = members.at(path, operation(service, name).input)
    return None if values is None else tuple(values(asked(service, name, **given)))


# -- by name ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("service", "name", "placeholder", "kind"),
    [
        ("lambda", "CreateAlias", "FunctionName", "function"),  # `Name` is the alias's
        ("sns", "Subscribe", "SubscriptionId", "subscription"),
        ("kms", "CreateAlias", "KeyId", "alias"),
        ("ecs", "UpdateService", "ServiceName", "task"),
    ],
)
def test_a_member_of_another_name_is_not_meant(service: str, name: str, placeholder: str, kind: str) -> None:
    found = members.named(placeholder, kind, operation(service, name), last=True)
    assert "Name" not in found
    assert "desiredCount" not in found


def test_a_member_is_meant_by_its_name() -> None:
    def named(service: str, name: str, placeholder: str, kind: str, *, last: bool = True) -> tuple[str, ...]:
        return members.named(placeholder, kind, operation(service, name), last=last)

    assert named("dynamodb", "GetItem", "TableName", "table") == ("TableName",)
    assert named("ecs", "DescribeClusters", "ClusterName", "cluster") == ("clusters",)
    assert named("sns", "CreateTopic", "TopicName", "topic") == ("Name",)
    assert named("sns", "CreateTopic", "TopicName", "topic", last=False) == ()
    assert named("ec2", "TerminateInstances", "InstanceId", "instance") == ("InstanceIds",)


def test_the_only_text_of_a_request_is_what_the_only_kind_is_called() -> None:
    found = operation("cloudfront", "GetDistributionConfig")
    assert members.named("DistributionId", "distribution", found, last=True, alone=True) == ("Id",)
    assert members.named("DistributionId", "distribution", found, last=True) == ()
    assert members.named("DistributionName", "distribution", found, last=True, alone=True) == ()


def test_arns_are_told_by_their_names() -> None:
    assert members.arns_of("StreamName", "stream", operation("kinesis", "PutRecord")) == ("StreamARN",)
    assert "resourceArn" in members.any_arns(operation("ecs", "TagResource"))
    assert members.is_any_resource("ResourceARN")
    assert members.is_any_resource("Resources")
    assert not members.is_any_resource("RoleArn")


# -- reading ----------------------------------------------------------------------------------------


def test_a_path_that_leads_nowhere_is_told() -> None:
    for path in ("Nothing", "Key.Nothing.More", "TableName.Inside", ""):
        assert members.at(path, operation("dynamodb", "PutItem").input) is None, path
    assert members.at("Anything", None) is None


def test_what_is_empty_or_not_there_is_nothing() -> None:
    for given in ({}, {"TableName": ""}, {"TableName": None}):
        assert read("dynamodb", "GetItem", "TableName", **given) == ()


def test_lists_and_maps_are_read_through() -> None:
    assert read("ec2", "TerminateInstances", "InstanceIds", InstanceIds=["i-1", "", None, "i-2"]) == (
        "i-1",
        "i-2",
    )
    entries = [{"EventBusName": "a"}, {}, {"EventBusName": "b"}]
    assert read("events", "PutEvents", "Entries.EventBusName", Entries=entries) == ("a", "b")
    items = {"orders": {"Keys": []}, "": {}}
    assert read("dynamodb", "BatchGetItem", "RequestItems", RequestItems=items) == ("orders",)


def test_numbers_are_texts() -> None:
    assert read("lambda", "GetLayerVersion", "VersionNumber", VersionNumber=3) == ("3",)
