"""What requests to CloudFormation ask for."""

from __future__ import annotations

from typing import Any

import pytest

from tests.gateway.asking import ACCOUNT, OTHER, REGION, tags
from tests.gateway.services.classified import accesses, asks, inexact, on, refused, said, whole

CFN = f"arn:aws:cloudformation:{REGION}:{ACCOUNT}"
DEV, PROD = f"{CFN}:stack/dev/1a", f"{CFN}:stack/prod/2b"
CHANGE = f"{CFN}:changeSet/mine/3c"
TAGS = [{"Key": "Team", "Value": "a"}]


def named(*stacks: str) -> dict[str, Any]:
    return {
        "DescribeStacks": {"Stacks": [{"StackId": DEV, "Tags": TAGS}]},
        "DescribeChangeSet": {"StackId": PROD},
        "ListChangeSets": {"Summaries": [{"ChangeSetName": "mine", "StackId": stack} for stack in stacks]},
    }


@pytest.mark.parametrize(
    "name", ["", "1a", "a/b", "dev*", "*", "a:b", f"{CFN}:stack/dev", DEV.replace(REGION, "us-east-1")]
)
def test_what_is_no_stack_is_refused(name: str) -> None:
    refused("cloudformation", "DeleteStack", StackName=name)


def test_what_names_nothing_is_refused() -> None:
    refused("cloudformation", "DeleteStackSet")
    refused("cloudformation", "ExecuteChangeSet", ChangeSetName="mine")
    refused("cloudformation", "ExecuteChangeSet", ChangeSetName="mine#dev", StackName="dev")
    refused("cloudformation", "ExecuteChangeSet", ChangeSetName=DEV)


def test_a_change_set_of_another_stack_is_asked_as_that_stacks() -> None:
    execute = {"ChangeSetName": CHANGE, "StackName": "dev"}
    assert whole("cloudformation", named(), "ExecuteChangeSet", **execute) == [
        "stack/dev/1a",
        "stack/prod/2b",
    ]
    execute = {"ChangeSetName": "mine", "StackName": "dev"}
    assert whole("cloudformation", named(PROD), "ExecuteChangeSet", **execute) == [
        "stack/dev/1a",
        "stack/prod/2b",
    ]
    assert whole("cloudformation", named(DEV), "ExecuteChangeSet", **execute) == [
        "stack/dev/1a",
        "stack/dev/1a",
    ]


def test_a_name_that_change_sets_of_two_stacks_have_is_refused() -> None:
    with pytest.raises(Exception, match="say which by its ARN"):
        whole("cloudformation", named(DEV, PROD), "DeleteChangeSet", ChangeSetName="mine", StackName="dev")


@pytest.mark.parametrize(
    ("operation", "members", "resources"),
    [
        ("CreateStack", {"StackName": "dev"}, ["stack/dev/*"]),
        ("DeleteStack", {"StackName": "dev"}, ["stack/dev/*"]),
        ("DeleteStack", {"StackName": DEV}, ["stack/dev/1a"]),
        ("DescribeStacks", {}, ["stack/*/*"]),
        ("DescribeStacks", {"StackName": DEV.replace(ACCOUNT, OTHER)}, [DEV.replace(ACCOUNT, OTHER)]),
        ("CreateChangeSet", {"StackName": "dev", "ChangeSetName": "mine"}, ["stack/dev/*"]),
        ("DescribeStackSet", {"StackSetName": "all"}, ["stackset/all:*"]),
        (
            "CreateStackInstances",
            {"StackSetName": "all", "Accounts": [OTHER], "Regions": [REGION]},
            ["stackset/all:*", f"stackset-target/{OTHER}"],
        ),
        ("ListStacks", {}, ["*"]),
        ("CreateStackSet", {"StackSetName": "all"}, ["*"]),
    ],
)
def test_an_operation_is_asked_on_what_it_names(
    operation: str, members: dict[str, Any], resources: list[str]
) -> None:
    assert on("cloudformation", operation, **members) == resources


def test_stacks_and_stack_sets_are_found() -> None:
    assert whole("cloudformation", named(), "DeleteStack", StackName="dev") == ["stack/dev/1a"]
    assert whole("cloudformation", named(), "CreateStack", StackName="dev") == ["stack/dev/*"]
    answers = {
        "DescribeStackSet": {"StackSet": {"StackSetARN": f"{CFN}:stackset/all:4d"}},
        "DescribeStackResources": {"StackResources": [{"StackId": PROD}, {"StackId": PROD}]},
    }
    assert whole("cloudformation", answers, "DeleteStackSet", StackSetName="all") == ["stackset/all:4d"]
    resource = {"PhysicalResourceId": "i-1"}
    assert whole("cloudformation", answers, "DescribeStackResources", **resource) == ["stack/prod/2b"]


def test_tags_of_what_is_made_are_asked_as_tagging() -> None:
    tagged = accesses("cloudformation", "CreateStack", StackName="dev", Tags=TAGS)[1]
    assert (tagged.action, tagged.resource) == ("cloudformation:TagResource", f"{CFN}:stack/dev/*")
    assert tagged.keys["cloudformation:createaction"] == "CreateStack"
    assert asks("cloudformation", "CreateStackSet", StackSetName="all", Tags=TAGS) == [
        "cloudformation:CreateStackSet *",
        "cloudformation:TagResource stackset/all:*",
    ]


def test_a_request_says_its_template_and_its_role() -> None:
    found = said(
        "cloudformation",
        "stack",
        "CreateStack",
        StackName="dev",
        TemplateURL="https://example.com/t",
        RoleARN="arn:aws:iam::111111111111:role/r",
        ResourceTypes=["AWS::S3::*"],
    )
    assert found["cloudformation:templateurl"] == "https://example.com/t"
    assert found["cloudformation:rolearn"].endswith("role/r")
    assert found["cloudformation:resourcetypes"] == ("AWS::S3::*",)


def test_tags_are_read_from_what_stands_behind() -> None:
    assert tags("cloudformation", "stack", DEV, named()) == {"Team": "a"}
    assert tags("cloudformation", "stack", f"{CFN}:stack/dev/*", named()) == {}


def test_every_operation_that_the_embedded_backend_has_is_exact_or_on_nothing_in_particular() -> None:
    assert inexact("cloudformation") == dict.fromkeys(
        ("CreateStackSet", "ListExports", "ListStackSets", "ListStacks", "ValidateTemplate"), "*"
    )
