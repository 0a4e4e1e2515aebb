from __future__ import annotations

import json
from typing import Any

import pytest

from rolekeeper import errors
from tests.gateway.asking import ACCOUNT, OTHER, found, keys, pairs, policy, tags, wanted

ARN = f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function:thumbs"
UUID = "14e0db71-5d35-4eb5-b481-8945cf9d10c2"
LAYER = f"arn:aws:lambda:eu-west-1:{ACCOUNT}:layer:libs"


@pytest.mark.parametrize("name", ["thumbs", ARN, f"{ACCOUNT}:function:thumbs"])
def test_a_function_is_called_by_name_or_arn_or_a_part_of_it(name: str) -> None:
    assert pairs("lambda", "Invoke", FunctionName=name) == [("lambda:InvokeFunction", "function:thumbs")]
    assert pairs("lambda", "GetFunction", FunctionName=name) == [("lambda:GetFunction", "function:thumbs")]


@pytest.mark.parametrize(
    "members",
    [
        {"FunctionName": "thumbs:live"},
        {"FunctionName": ARN + ":live"},
        {"FunctionName": "thumbs", "Qualifier": "live"},
        {"FunctionName": f"{ACCOUNT}:function:thumbs:live", "Qualifier": "live"},
    ],
)
def test_a_version_or_an_alias_is_a_resource_of_its_own(members: Any) -> None:
    assert pairs("lambda", "Invoke", **members) == [("lambda:InvokeFunction", "function:thumbs:live")]


def test_another_function_and_another_accounts_are_others() -> None:
    assert pairs("lambda", "Invoke", FunctionName="thumbs2") == [
        ("lambda:InvokeFunction", "function:thumbs2")
    ]
    theirs = ARN.replace(ACCOUNT, OTHER)
    for name in (theirs, f"{OTHER}:function:thumbs"):
        assert pairs("lambda", "Invoke", FunctionName=name) == [("lambda:InvokeFunction", theirs)]
    assert pairs("lambda", "Invoke", FunctionName="thumbs", Qualifier="$LATEST") == [
        ("lambda:InvokeFunction", "function:thumbs:$LATEST")
    ]


@pytest.mark.parametrize(
    "members",
    [
        {},
        {"FunctionName": "a/b"},
        {"FunctionName": "*"},
        {"FunctionName": "thumbs:a:b"},
        {"FunctionName": "thumbs:live", "Qualifier": "test"},
        {"FunctionName": "thumbs", "Qualifier": "a:b"},
        {"FunctionName": ARN.replace("eu-west-1", "us-east-1")},
        {"FunctionName": ARN.replace("arn:aws:", "arn:aws-cn:")},
        {"FunctionName": LAYER},
        {"FunctionName": "function:thumbs:x:y"},
    ],
)
def test_what_names_no_function_of_the_region_is_refused(members: Any) -> None:
    with pytest.raises(errors.ValidationError):
        pairs("lambda", "Invoke", **members)


@pytest.mark.parametrize(
    "operation", ["UpdateFunctionCode", "PublishVersion", "PutFunctionConcurrency", "GetAlias"]
)
def test_what_is_done_to_a_function_is_not_done_to_a_version(operation: str) -> None:
    with pytest.raises(errors.ValidationError):
        pairs("lambda", operation, FunctionName="thumbs:live")
    with pytest.raises(errors.ValidationError):
        pairs("lambda", "TagResource", Resource=ARN + ":live")


def test_a_function_is_made_with_its_tags_layers_and_code() -> None:
    members = {
        "FunctionName": "thumbs",
        "Tags": {"a": "b"},
        "Layers": [LAYER + ":1"],
        "Code": {"S3Bucket": "code", "S3Key": "thumbs.zip"},
    }
    assert pairs("lambda", "CreateFunction", **members) == [
        ("lambda:CreateFunction", "function:thumbs"),
        ("lambda:TagResource", "function:thumbs"),
        ("lambda:GetLayerVersion", "layer:libs:1"),
        ("s3:GetObject", "arn:aws:s3:::code/thumbs.zip"),
    ]
    for wrong in ({"FunctionName": "thumbs:live"}, {"Layers": [LAYER]}, {"Code": {"S3Bucket": "code"}}):
        with pytest.raises(errors.ValidationError):
            pairs("lambda", "CreateFunction", **members | wrong)


def test_new_code_is_read_as_the_caller() -> None:
    assert pairs(
        "lambda", "UpdateFunctionCode", FunctionName="f", S3Bucket="code", S3Key="k", S3ObjectVersion="1"
    ) == [
        ("lambda:UpdateFunctionCode", "function:f"),
        ("s3:GetObjectVersion", "arn:aws:s3:::code/k"),
    ]
    assert pairs("lambda", "UpdateFunctionConfiguration", FunctionName="f", Layers=[LAYER + ":2"]) == [
        ("lambda:UpdateFunctionConfiguration", "function:f"),
        ("lambda:GetLayerVersion", "layer:libs:2"),
    ]


def test_layers_are_called_by_name_or_arn_and_version() -> None:
    for name in ("libs", LAYER):
        assert pairs("lambda", "GetLayerVersion", LayerName=name, VersionNumber=2) == [
            ("lambda:GetLayerVersion", "layer:libs:2")
        ]
    assert pairs("lambda", "GetLayerVersionByArn", Arn=LAYER + ":2") == [
        ("lambda:GetLayerVersion", "layer:libs:2")
    ]
    assert pairs("lambda", "PublishLayerVersion", LayerName="libs", Content={}) == [
        ("lambda:PublishLayerVersion", "layer:libs")
    ]
    for name in (LAYER + ":1", "a:b", "*"):
        with pytest.raises(errors.ValidationError):
            pairs("lambda", "GetLayerVersion", LayerName=name, VersionNumber=2)


def test_a_mapping_is_asked_with_the_function_that_it_has_and_gets() -> None:
    answers = {"GetEventSourceMapping": {"FunctionArn": ARN}}
    assert pairs("lambda", "DeleteEventSourceMapping", UUID=UUID) == [
        ("lambda:DeleteEventSourceMapping", f"event-source-mapping:{UUID}")
    ]
    assert found("lambda", "lambda:functionarn", answers, "DeleteEventSourceMapping", UUID=UUID) == [ARN]
    now, then = wanted("lambda", "UpdateEventSourceMapping", UUID=UUID, FunctionName="other")
    assert now.resource == then.resource
    assert "lambda:functionarn" not in now.keys
    assert then.keys["lambda:functionarn"] == ARN.replace("thumbs", "other")


def test_a_new_mapping_is_asked_on_anything_with_its_function() -> None:
    assert pairs("lambda", "CreateEventSourceMapping", FunctionName="thumbs") == [
        ("lambda:CreateEventSourceMapping", "*")
    ]
    told = keys("lambda", "CreateEventSourceMapping", FunctionName="thumbs:live")
    assert told["lambda:functionarn"] == ARN + ":live"


def test_a_mapping_is_to_a_function_of_its_own_account() -> None:
    """A backend is known that takes the function of that name in the account of the mapping."""
    for operation, more in (("CreateEventSourceMapping", {}), ("UpdateEventSourceMapping", {"UUID": UUID})):
        for name in (ARN.replace(ACCOUNT, OTHER), f"{OTHER}:function:thumbs"):
            with pytest.raises(errors.ValidationError, match="account"):
                keys("lambda", operation, FunctionName=name, **more)
                pairs("lambda", operation, FunctionName=name, **more)


def test_tags_are_of_functions_and_mappings() -> None:
    mapping = f"arn:aws:lambda:eu-west-1:{ACCOUNT}:event-source-mapping:{UUID}"
    for arn, kind in ((ARN, "function"), (mapping, "eventSourceMapping")):
        (one,) = wanted("lambda", "TagResource", Resource=arn)
        assert (one.resource, one.type) == (arn, kind)
    with pytest.raises(errors.ValidationError):
        wanted("lambda", "TagResource", Resource="thumbs")


@pytest.mark.parametrize(
    ("operation", "members", "key", "value"),
    [
        ("CreateFunction", {"Layers": [LAYER + ":1"]}, "layer", (LAYER + ":1",)),
        ("CreateFunction", {"VpcConfig": {"SubnetIds": ["subnet-1"]}}, "subnetids", ("subnet-1",)),
        ("CreateFunction", {"VpcConfig": {"SecurityGroupIds": ["sg-1"]}}, "securitygroupids", ("sg-1",)),
        ("CreateFunction", {"CodeSigningConfigArn": "arn:x"}, "codesigningconfigarn", "arn:x"),
        ("AddPermission", {"Principal": "s3.amazonaws.com"}, "principal", "s3.amazonaws.com"),
        ("CreateFunctionUrlConfig", {"AuthType": "NONE"}, "functionurlauthtype", "NONE"),
        ("CreateFunctionUrlConfig", {"AuthType": "NONE"}, "functionarn", ARN),
    ],
)
def test_condition_keys_are_what_the_request_says(operation: str, members: Any, key: str, value: Any) -> None:
    assert keys("lambda", operation, FunctionName="thumbs", **members)[f"lambda:{key}"] == value


def test_what_a_subnet_and_a_url_are_the_backend_says() -> None:
    answers = {
        "DescribeSubnets": {"Subnets": [{"VpcId": "vpc-1"}, {"VpcId": "vpc-1"}]},
        "GetFunctionUrlConfig": {"AuthType": "AWS_IAM"},
    }
    network = {"VpcConfig": {"SubnetIds": ["subnet-1"]}}
    assert found("lambda", "lambda:vpcids", answers, "CreateFunction", FunctionName="f", **network) == [
        ("vpc-1",)
    ]
    assert found("lambda", "lambda:vpcids", {}, "CreateFunction", FunctionName="f", **network) == [None]
    assert found(
        "lambda", "lambda:functionurlauthtype", answers, "DeleteFunctionUrlConfig", FunctionName="f"
    ) == ["AWS_IAM"]


def test_tags_and_policy_are_read() -> None:
    answers = {
        "ListTags": lambda members: {"Tags": {"of": members["Resource"]}},
        "GetPolicy": lambda members: {"Policy": "/".join(members.values())},
        "GetLayerVersionPolicy": lambda members: {
            "Policy": f"{members['LayerName']} {members['VersionNumber'] + 1}"
        },
    }
    assert tags("lambda", "function", ARN + ":live", answers) == {"of": ARN}
    assert policy("lambda", "function", ARN, answers) == "thumbs"
    assert policy("lambda", "function", ARN + ":live", answers) == "thumbs/live"
    assert policy("lambda", "layerVersion", LAYER + ":1", answers) == "libs 2"
    assert policy("lambda", "function", ARN, {}) is None


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("*", "*"),
        (OTHER, {"AWS": OTHER}),
        ("s3.amazonaws.com", {"Service": "s3.amazonaws.com"}),
        ({"AWS": OTHER}, {"AWS": OTHER}),
    ],
)
def test_a_principal_is_shown_as_aws_shows_it(said: Any, shown: Any) -> None:
    answers = {"GetPolicy": {"Policy": json.dumps({"Statement": [{"Principal": said}]})}}
    told = json.loads(policy("lambda", "function", ARN, answers) or "")
    assert told["Statement"] == [{"Principal": shown}]
