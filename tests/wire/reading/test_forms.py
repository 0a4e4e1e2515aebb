"""Forms: what is ambiguous or of another type is refused, and what is read is written in one form."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl

import pytest

from rolekeeper.errors import MalformedInput, MalformedQueryString
from rolekeeper.wire.reading.forms import LONGEST_NAME
from tests.wire.reading.asking import asking, form, read

RUN = "Action=RunInstances&Version=2016-11-15&"
SEND = (
    "Action=SendMessage&QueueUrl=u&MessageAttribute.1.Name=n&MessageAttribute.1.Value.StringValue=v"
    "&MessageAttribute.1.Value.DataType=String"
)
CREATE = (
    "Action=CreateQueue&QueueName=q&Attribute.1.Name=DelaySeconds&Attribute.1.Value=3"
    "&Tag.1.Key=k&Tag.1.Value=v"
)
PUBLISH = "Action=Publish&Version=2010-03-31&"


@pytest.mark.parametrize(
    ("service", "body"),
    [
        ("ec2", RUN + "MinCount=one"),
        ("ec2", RUN + "MinCount=1.0"),
        ("ec2", RUN + "MinCount="),
        ("ec2", RUN + "MinCount=99999999999999999999"),
        ("ec2", RUN + "DryRun=perhaps"),
        ("ec2", RUN + "SecurityGroupId=sg-1"),
        ("ec2", RUN + "SecurityGroupId.1.Name=sg-1"),
        ("ec2", RUN + "SecurityGroupId.x=sg-1"),
        ("ec2", RUN + "SecurityGroupId.01=sg-1"),
        ("ec2", RUN + "SecurityGroupId.-1=sg-1"),
        ("ec2", RUN + "SecurityGroupId.99999999999=sg-1"),
        ("ec2", "Action=CreateFleet&Version=2016-11-15&ValidFrom=yesterday"),
        ("ec2", "Action=ImportKeyPair&Version=2016-11-15&PublicKeyMaterial=!"),
        ("ec2", RUN + "x" * (LONGEST_NAME + 1) + "=1"),
        ("sns", PUBLISH + "MessageAttributes.entry.1.Name=a"),
        ("sns", PUBLISH + "MessageAttributes.entry.1.Value.DataType=String"),
        ("sns", PUBLISH + "MessageAttributes.entry.1.Name.x=a"),
        ("sns", PUBLISH + "MessageAttributes.1.Name=a&MessageAttributes.1.Value.DataType=String"),
        (
            "sns",
            PUBLISH
            + "MessageAttributes.entry.1.Name=a&MessageAttributes.entry.1.Value.DataType=String&"
            + "MessageAttributes.entry.2.Name=a&MessageAttributes.entry.2.Value.DataType=Number",
        ),
        ("monitoring", "Action=PutMetricData&Version=2010-08-01&MetricData.member.1.Value=1e999"),
        ("monitoring", "Action=PutMetricData&Version=2010-08-01&MetricData=x"),
        ("rds", "Action=DescribeDBInstances&Filters.Filter.1.Name=a&Filters.member.2.Name=b"),
    ],
)
def test_what_is_not_of_its_type_is_refused(service: str, body: str) -> None:
    with pytest.raises(MalformedInput):
        read(form(service, body))


@pytest.mark.parametrize("body", [RUN + "ImageId=a&ImageId=b", RUN + "ImageId=%zz", RUN + "ImageId=%00"])
def test_what_is_no_form_is_refused(body: str) -> None:
    with pytest.raises(MalformedQueryString):
        read(form("ec2", body))


@pytest.mark.parametrize(
    ("service", "body", "members"),
    [
        ("ec2", RUN + "MinCount=%2B1&Unknown=2", {"MinCount": 1}),
        ("ec2", RUN + "InstanceType=a.b&securitygroupid.1=x", {"InstanceType": "a.b"}),
        ("ec2", RUN + "SecurityGroupId.7=b&SecurityGroupId.2=a", {"SecurityGroupIds": ["a", "b"]}),
        (
            "ec2",
            "Action=DescribeInstances&Version=2016-11-15&Filter.1.Name=n&Filter.1.Value.1=v",
            {"Filters": [{"Name": "n", "Values": ["v"]}]},
        ),
        ("sns", "Action=TagResource&Version=2010-03-31&Tags=", {"Tags": []}),
        (
            "rds",
            "Action=DescribeDBInstances&Version=2014-10-31&Filters.member.1.Name=a",
            {"Filters": [{"Name": "a"}]},
        ),
        (
            "sqs",
            SEND,
            {"QueueUrl": "u", "MessageAttributes": {"n": {"StringValue": "v", "DataType": "String"}}},
        ),
        (
            "sqs",
            "Action=SendMessageBatch&SendMessageBatchRequestEntry.1.Id=i",
            {"Entries": [{"Id": "i"}]},
        ),
        (
            "sqs",
            CREATE,
            {"QueueName": "q", "Attributes": {"DelaySeconds": "3"}, "tags": {"k": "v"}},
        ),
        ("sqs", "Action=UntagQueue&TagKey.1=k", {"TagKeys": ["k"]}),
        (
            "sqs",
            "Action=AddPermission&AWSAccountId.1=1&ActionName.1=SendMessage",
            {"AWSAccountIds": ["1"], "Actions": ["SendMessage"]},
        ),
        ("sqs", "Action=GetQueueAttributes&AttributeName.1=All", {"AttributeNames": ["All"]}),
    ],
)
def test_a_form_is_read(service: str, body: str, members: dict[str, Any]) -> None:
    assert read(form(service, body)).members == members


def test_what_was_read_is_written_in_the_body_of_a_post() -> None:
    found = read(asking("GET", "/", "TopicArn=a%20b&Action=Publish&Version=2010-03-31&Other=x", signed="sns"))
    assert (found.written.method, found.written.path, found.written.query) == ("POST", "/", "")
    assert found.written.body == b"Action=Publish&Version=2010-03-31&TopicArn=a+b"
    assert dict(found.written.headers)["content-type"].startswith("application/x-www-form-urlencoded")


def test_parameters_of_the_query_string_and_of_the_body_are_read_together() -> None:
    found = read(form("sns", "TopicArn=a&Message=m", query="Action=Publish&X-Amz-Date=x"))
    assert found.members == {"TopicArn": "a", "Message": "m"}


def test_names_of_the_signature_are_not_passed_on() -> None:
    body = RUN + "ImageId=a&AWSAccessKeyId=x&Signature=y&X-Amz-Security-Token=z"
    written = read(form("ec2", body)).written
    assert written.body is not None
    assert [name for name, _ in parse_qsl(written.body.decode())] == ["Action", "Version", "ImageId"]
