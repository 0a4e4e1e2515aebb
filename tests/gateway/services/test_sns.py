from __future__ import annotations

from typing import Any

import pytest

from rolekeeper import errors
from tests.gateway.asking import ACCOUNT, OTHER, keys, pairs, policy, tags, wanted

TOPIC = f"arn:aws:sns:eu-west-1:{ACCOUNT}:news"
DEVICE = f"arn:aws:sns:eu-west-1:{ACCOUNT}:endpoint/GCM/app/5e3e9847-3183-3f18-a7e8-671c3a57d4b3"


@pytest.mark.parametrize(
    "operation", ["GetTopicAttributes", "SetTopicAttributes", "Subscribe", "DeleteTopic", "AddPermission"]
)
def test_a_topic_is_called_by_its_arn(operation: str) -> None:
    assert pairs("sns", operation, TopicArn=TOPIC) == [(f"sns:{operation}", "news")]
    assert pairs("sns", operation, TopicArn=TOPIC + "2") == [(f"sns:{operation}", "news2")]


def test_a_topic_of_another_account_is_that_accounts() -> None:
    theirs = TOPIC.replace(ACCOUNT, OTHER)
    assert pairs("sns", "Publish", TopicArn=theirs) == [("sns:Publish", theirs)]


@pytest.mark.parametrize(
    "arn",
    [
        "",
        "news",
        TOPIC.replace("eu-west-1", "us-east-1"),
        TOPIC + ":x",
        TOPIC + "/x",
        TOPIC.replace("sns", "sqs"),
    ],
)
def test_what_names_no_topic_of_the_region_is_refused(arn: str) -> None:
    for operation in ("Publish", "Subscribe", "PublishBatch"):
        with pytest.raises(errors.ValidationError):
            pairs("sns", operation, TopicArn=arn)


def test_several_messages_are_published_as_one() -> None:
    assert pairs("sns", "PublishBatch", TopicArn=TOPIC) == [("sns:Publish", "news")]


def test_a_device_is_its_endpoint_and_a_telephone_is_anything() -> None:
    assert [one.resource for one in wanted("sns", "Publish", TargetArn=DEVICE)] == [DEVICE]
    assert pairs("sns", "Publish", TargetArn=TOPIC) == [("sns:Publish", "news")]
    assert pairs("sns", "Publish", PhoneNumber="+41310000000") == [("sns:Publish", "*")]


@pytest.mark.parametrize(
    "members",
    [
        {},
        {"TopicArn": TOPIC, "TargetArn": TOPIC + "2"},
        {"TopicArn": TOPIC, "PhoneNumber": "+41310000000"},
        {"TargetArn": DEVICE, "PhoneNumber": "+41310000000"},
    ],
)
def test_a_message_for_none_or_for_two_is_refused(members: Any) -> None:
    with pytest.raises(errors.ValidationError):
        pairs("sns", "Publish", **members)


@pytest.mark.parametrize(
    "operation", ["GetSubscriptionAttributes", "SetSubscriptionAttributes", "Unsubscribe"]
)
def test_a_subscription_is_asked_on_its_topic(operation: str) -> None:
    assert pairs("sns", operation, SubscriptionArn=f"{TOPIC}:8a21d249-4329-4871") == [
        (f"sns:{operation}", "news")
    ]
    for arn in (TOPIC, "PendingConfirmation", f"{TOPIC}:a:b"):
        with pytest.raises(errors.ValidationError):
            pairs("sns", operation, SubscriptionArn=arn)


def test_a_topic_is_made_by_its_name_and_tagged_if_it_has_tags() -> None:
    assert pairs("sns", "CreateTopic", Name="news.fifo", Tags=[{"Key": "a", "Value": "b"}]) == [
        ("sns:CreateTopic", "news.fifo"),
        ("sns:TagResource", "news.fifo"),
    ]
    with pytest.raises(errors.ValidationError):
        pairs("sns", "CreateTopic", Name="news:x")


def test_who_subscribes_says_protocol_and_endpoint() -> None:
    told = keys("sns", "Subscribe", TopicArn=TOPIC, Protocol="email", Endpoint="ann@example.com")
    assert told == {"sns:protocol": "email", "sns:endpoint": "ann@example.com"}
    assert keys("sns", "Publish", TopicArn=TOPIC) == {}


def test_tags_and_policy_are_read() -> None:
    answers = {
        "ListTagsForResource": {"Tags": [{"Key": "team", "Value": "red"}]},
        "GetTopicAttributes": {"Attributes": {"Policy": "{}"}},
    }
    assert tags("sns", "topic", TOPIC, answers) == {"team": "red"}
    assert policy("sns", "topic", TOPIC, answers) == "{}"
    assert policy("sns", "topic", TOPIC, {}) is None
