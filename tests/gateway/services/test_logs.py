from __future__ import annotations

from typing import Any

import pytest

from rolekeeper import errors
from tests.gateway.asking import ACCOUNT, OTHER, keys, pairs, policy, tags, wanted

GROUP = f"arn:aws:logs:eu-west-1:{ACCOUNT}:log-group:/app/web"


@pytest.mark.parametrize(
    "operation", ["CreateLogGroup", "DescribeLogStreams", "PutRetentionPolicy", "PutMetricFilter"]
)
def test_a_group_is_asked_as_all_that_is_in_it(operation: str) -> None:
    assert pairs("logs", operation, logGroupName="/app/web") == [
        (f"logs:{operation}", "log-group:/app/web:log-stream:")
    ]


@pytest.mark.parametrize("operation", ["CreateLogStream", "PutLogEvents", "GetLogEvents", "DeleteLogStream"])
def test_a_stream_is_asked_in_its_group(operation: str) -> None:
    assert pairs("logs", operation, logGroupName="/app/web", logStreamName="a/1") == [
        (f"logs:{operation}", "log-group:/app/web:log-stream:a/1")
    ]


@pytest.mark.parametrize(
    "members",
    [
        {"logGroupName": "", "logStreamName": "a"},
        {"logGroupName": "a:b", "logStreamName": "a"},
        {"logGroupName": "*", "logStreamName": "a"},
        {"logGroupName": "a", "logStreamName": "a:b"},
        {"logGroupName": "a", "logStreamName": "*"},
        {"logGroupName": "a", "logStreamName": ""},
        {"logGroupName": "a", "logGroupIdentifier": "b", "logStreamName": "a"},
        {"logGroupIdentifier": GROUP + ":*", "logStreamName": "a"},
        {"logGroupIdentifier": GROUP.replace("eu-west-1", "us-east-1"), "logStreamName": "a"},
    ],
)
def test_what_names_no_stream_of_the_region_is_refused(members: Any) -> None:
    with pytest.raises(errors.ValidationError):
        pairs("logs", "GetLogEvents", **members)


def test_a_group_of_another_account_is_that_accounts() -> None:
    theirs = GROUP.replace(ACCOUNT, OTHER)
    assert pairs("logs", "FilterLogEvents", logGroupIdentifier=theirs) == [
        ("logs:FilterLogEvents", theirs + ":log-stream:")
    ]


def test_a_query_is_asked_on_each_of_its_groups() -> None:
    assert pairs("logs", "StartQuery", logGroupNames=["a", "b"], logGroupIdentifiers=[GROUP]) == [
        ("logs:StartQuery", "log-group:a:log-stream:"),
        ("logs:StartQuery", "log-group:b:log-stream:"),
        ("logs:StartQuery", "log-group:/app/web:log-stream:"),
    ]
    assert pairs("logs", "StartLiveTail", logGroupIdentifiers=[GROUP]) == [
        ("logs:StartLiveTail", "log-group:/app/web:log-stream:")
    ]


def test_what_is_about_no_group_in_particular_is_about_all() -> None:
    for operation in ("StartQuery", "GetQueryResults", "DescribeMetricFilters"):
        assert pairs("logs", operation) == [(f"logs:{operation}", "log-group::log-stream:")]


def test_a_group_made_with_tags_needs_what_tagging_needs() -> None:
    assert pairs("logs", "CreateLogGroup", logGroupName="a", tags={"x": "y"}) == [
        ("logs:CreateLogGroup", "log-group:a:log-stream:"),
        ("logs:TagResource", "log-group:a"),
    ]


@pytest.mark.parametrize(
    ("resource", "kind"),
    [
        ("log-group:/app/web", "log-group"),
        ("destination:out", "destination"),
        ("delivery:abc", "delivery"),
        ("delivery-source:web", "delivery-source"),
        ("delivery-destination:web", "delivery-destination"),
    ],
)
def test_tags_are_of_a_resource_by_its_arn(resource: str, kind: str) -> None:
    arn = f"arn:aws:logs:eu-west-1:{ACCOUNT}:{resource}"
    for operation in ("TagResource", "UntagResource", "ListTagsForResource"):
        (one,) = wanted("logs", operation, resourceArn=arn)
        assert (one.action, one.resource, one.type) == (f"logs:{operation}", arn, kind)


def test_tags_of_what_is_no_resource_are_refused() -> None:
    for arn in ("/app/web", GROUP + ":*", GROUP.replace("log-group", "planet")):
        with pytest.raises(errors.ValidationError):
            pairs("logs", "TagResource", resourceArn=arn)


def test_a_subscription_is_asked_on_the_group_and_on_its_destination() -> None:
    theirs = f"arn:aws:logs:eu-west-1:{OTHER}:destination:out"
    assert pairs("logs", "PutSubscriptionFilter", logGroupName="a", destinationArn=theirs) == [
        ("logs:PutSubscriptionFilter", "log-group:a:log-stream:"),
        ("logs:PutSubscriptionFilter", theirs),
    ]
    stream = f"arn:aws:kinesis:eu-west-1:{ACCOUNT}:stream/x"
    assert len(pairs("logs", "PutSubscriptionFilter", logGroupName="a", destinationArn=stream)) == 1


def test_a_delivery_is_asked_on_its_source_and_its_destination() -> None:
    target = f"arn:aws:logs:eu-west-1:{ACCOUNT}:delivery-destination:out"
    assert pairs("logs", "CreateDelivery", deliverySourceName="web", deliveryDestinationArn=target) == [
        ("logs:CreateDelivery", "delivery:*"),
        ("logs:CreateDelivery", "delivery-source:web"),
        ("logs:CreateDelivery", "delivery-destination:out"),
    ]


def test_condition_keys_are_what_the_request_says() -> None:
    told = keys("logs", "PutDeliverySource", name="web", resourceArn="arn:x")
    assert told == {"logs:loggeneratingresourcearns": ("arn:x",)}
    target = {"destinationResourceArn": "arn:y"}
    told = keys("logs", "PutDeliveryDestination", name="web", deliveryDestinationConfiguration=target)
    assert told == {"logs:deliverydestinationresourcearn": "arn:y"}


def test_tags_and_policy_are_read() -> None:
    listed: list[str] = []

    def answer(members: Any) -> Any:
        listed.append(members["resourceArn"])
        return {"tags": {"a": "b"}}

    assert tags("logs", "log-group", GROUP + ":log-stream:", {"ListTagsForResource": answer}) == {"a": "b"}
    assert tags("logs", "log-group", f"arn:aws:logs:eu-west-1:{ACCOUNT}:log-group::log-stream:", {}) == {}
    assert listed == [GROUP]
    answers = {
        "DescribeDestinations": {
            "destinations": [
                {"destinationName": "out2", "accessPolicy": "no"},
                {"destinationName": "out", "accessPolicy": "{}"},
            ]
        }
    }
    assert policy("logs", "destination", f"arn:aws:logs:eu-west-1:{ACCOUNT}:destination:out", answers) == "{}"
