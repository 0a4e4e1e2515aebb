from __future__ import annotations

import json
from typing import Any

import pytest

from rolekeeper import errors
from tests.gateway.asking import ACCOUNT, OTHER, completed, found, keys, pairs, policy, tags, wanted

BUS = f"arn:aws:events:eu-west-1:{ACCOUNT}:event-bus/orders"


@pytest.mark.parametrize("operation", ["PutRule", "DescribeRule", "DeleteRule", "EnableRule", "DisableRule"])
def test_a_rule_is_of_its_bus_or_of_the_default_one(operation: str) -> None:
    default = f"arn:aws:events:eu-west-1:{ACCOUNT}:event-bus/default"
    for members in ({}, {"EventBusName": "default"}, {"EventBusName": default}):
        (one,) = wanted("events", operation, Name="nightly", **members)
        assert one.resource.endswith(f"{ACCOUNT}:rule/nightly")
        assert (one.action, one.type) == (f"events:{operation}", "rule-on-default-event-bus")
    for bus in ("orders", BUS):
        (one,) = wanted("events", operation, Name="nightly", EventBusName=bus)
        assert one.resource.endswith(f"{ACCOUNT}:rule/orders/nightly")
        assert one.type == "rule-on-custom-event-bus"


@pytest.mark.parametrize("operation", ["PutTargets", "RemoveTargets", "ListTargetsByRule"])
def test_targets_are_asked_on_their_rule(operation: str) -> None:
    assert pairs("events", operation, Rule="nightly") == [(f"events:{operation}", "rule/nightly")]


def test_a_rule_of_another_accounts_bus_is_that_accounts() -> None:
    theirs = BUS.replace(ACCOUNT, OTHER)
    assert pairs("events", "PutRule", Name="nightly", EventBusName=theirs) == [
        ("events:PutRule", f"arn:aws:events:eu-west-1:{OTHER}:rule/orders/nightly")
    ]


@pytest.mark.parametrize(
    "members",
    [
        {},
        {"Name": "orders/nightly"},
        {"Name": "*"},
        {"Name": "a", "EventBusName": BUS.replace("eu-west-1", "us-east-1")},
        {"Name": "a", "EventBusName": "a:b"},
        {"Name": "a", "EventBusName": BUS.replace("event-bus", "rule")},
    ],
)
def test_what_names_no_rule_of_the_region_is_refused(members: Any) -> None:
    with pytest.raises(errors.ValidationError):
        pairs("events", "PutRule", **members)


def test_a_bus_with_slashes_is_asked_as_its_last_part_too() -> None:
    """What stands behind may take `aws.partner/x/default` for the default bus."""
    assert pairs("events", "PutRule", Name="a", EventBusName="aws.partner/x/default") == [
        ("events:PutRule", "rule/aws.partner/x/default/a"),
        ("events:PutRule", "rule/a"),
    ]


def test_events_are_asked_on_each_of_their_buses() -> None:
    entries = [
        {"Source": "shop", "DetailType": "paid"},
        {"Source": "shop", "DetailType": "sent", "EventBusName": BUS},
        {"Source": "bank", "DetailType": "sent", "EventBusName": "orders"},
    ]
    first, second = wanted("events", "PutEvents", Entries=entries)
    assert [one.resource.partition(":event-bus/")[2] for one in (first, second)] == ["default", "orders"]
    assert first.keys["events:source"] == ("shop",)
    assert second.keys["events:source"] == ("shop", "bank")
    assert second.keys["events:detail-type"] == ("sent",)
    with pytest.raises(errors.ValidationError):
        pairs("events", "PutEvents", Entries=[])


def test_a_bus_is_called_by_its_name_or_arn() -> None:
    assert pairs("events", "DescribeEventBus") == [("events:DescribeEventBus", "event-bus/default")]
    assert pairs("events", "DescribeEventBus", Name=BUS) == [("events:DescribeEventBus", "event-bus/orders")]
    assert pairs("events", "CreateEventBus", Name="orders") == [("events:CreateEventBus", "event-bus/orders")]


def test_archives_and_replays_are_asked_on_their_buses_and_keys() -> None:
    key = f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/1"
    assert pairs("events", "CreateArchive", ArchiveName="a", EventSourceArn=BUS, KmsKeyIdentifier=key) == [
        ("events:CreateArchive", "archive/a"),
        ("events:CreateArchive", "event-bus/orders"),
        ("events:CreateArchive", "key/1"),
    ]
    assert pairs("events", "UpdateArchive", ArchiveName="a", KmsKeyIdentifier="alias/x") == [
        ("events:UpdateArchive", "archive/a"),
        ("events:UpdateArchive", "alias/x"),
    ]
    archive = f"arn:aws:events:eu-west-1:{ACCOUNT}:archive/a"
    assert pairs(
        "events", "StartReplay", ReplayName="r", EventSourceArn=archive, Destination={"Arn": BUS}
    ) == [
        ("events:StartReplay", "replay/r"),
        ("events:StartReplay", "archive/a"),
        ("events:StartReplay", "event-bus/orders"),
    ]


def test_a_destination_is_asked_with_its_connection() -> None:
    connection = f"arn:aws:events:eu-west-1:{ACCOUNT}:connection/c/00000000-0000-0000-0000-000000000000"
    assert pairs("events", "CreateApiDestination", Name="d", ConnectionArn=connection) == [
        ("events:CreateApiDestination", "api-destination/d"),
        ("events:CreateApiDestination", "connection/c/00000000-0000-0000-0000-000000000000"),
    ]
    answers = {"DescribeApiDestination": {"ConnectionArn": connection}}
    assert completed("events", answers, "DescribeApiDestination", Name="d")[1] == connection
    assert completed("events", {}, "DescribeApiDestination", Name="d")[1] is None


def test_a_partners_source_is_of_no_account() -> None:
    assert pairs("events", "DescribeEventSource", Name="aws.partner/x/y") == [
        ("events:DescribeEventSource", "arn:aws:events:eu-west-1::event-source/aws.partner/x/y")
    ]
    with pytest.raises(errors.ValidationError):
        pairs("events", "DescribeEventSource", Name="*")


def test_tags_are_of_buses_and_rules() -> None:
    start = f"arn:aws:events:eu-west-1:{ACCOUNT}:"
    for resource, kind in (
        ("event-bus/orders", "event-bus"),
        ("rule/a", "rule-on-default-event-bus"),
        ("rule/orders/a", "rule-on-custom-event-bus"),
    ):
        (one,) = wanted("events", "TagResource", ResourceARN=start + resource)
        assert (one.resource, one.type) == (start + resource, kind)
    with pytest.raises(errors.ValidationError):
        wanted("events", "TagResource", ResourceARN=start + "planet/a")


def test_a_rule_made_with_tags_needs_what_tagging_needs() -> None:
    assert pairs("events", "PutRule", Name="a", Tags=[{"Key": "a", "Value": "b"}]) == [
        ("events:PutRule", "rule/a"),
        ("events:TagResource", "rule/a"),
    ]


def test_a_pattern_says_what_it_lets_through() -> None:
    pattern = {"source": ["aws.ec2", {"prefix": "x"}], "detail-type": ["t"], "detail": {"service": ["EC2"]}}
    told = keys("events", "PutRule", Name="a", EventPattern=json.dumps(pattern))
    assert told["events:source"] == ("aws.ec2", '{"prefix": "x"}')
    assert told["events:detail-type"] == ("t",)
    assert told["events:detail.service"] == "EC2"
    for broken in ("", "[]", "{", "[" * 100_000):
        if broken:
            with pytest.raises(errors.ValidationError):
                keys("events", "PutRule", Name="a", EventPattern=broken)


def test_targets_are_told() -> None:
    told = keys("events", "PutTargets", Rule="a", Targets=[{"Id": "1", "Arn": "arn:x"}])
    assert told["events:targetarn"] == ("arn:x",)


def test_who_has_made_a_rule_the_backend_says() -> None:
    asked_for = []

    def described(members: Any) -> Any:
        asked_for.append(members)
        return {"CreatedBy": ACCOUNT}

    answers = {"DescribeRule": described}
    assert found(
        "events", "events:creatoraccount", answers, "DeleteRule", Name="a", EventBusName="orders"
    ) == [ACCOUNT]
    assert found("events", "events:managedby", answers, "DeleteRule", Name="a") == [None]
    assert asked_for == [{"Name": "a", "EventBusName": "orders"}, {"Name": "a", "EventBusName": "default"}]


def test_tags_and_policy_are_read() -> None:
    answers = {
        "ListTagsForResource": {"Tags": [{"Key": "a", "Value": "b"}]},
        "DescribeEventBus": lambda members: {"Policy": members["Name"]},
    }
    assert tags("events", "event-bus", BUS, answers) == {"a": "b"}
    assert policy("events", "event-bus", BUS, answers) == "orders"
    assert policy("events", "event-bus", BUS, {}) is None
