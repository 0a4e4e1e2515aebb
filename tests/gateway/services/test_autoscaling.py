"""What requests to EC2 Auto Scaling ask for."""

from __future__ import annotations

import pytest

from tests.gateway.asking import ACCOUNT, REGION, tags
from tests.gateway.services.classified import accesses, asks, inexact, on, refused, said, whole

GROUP = f"arn:aws:autoscaling:{REGION}:{ACCOUNT}:autoScalingGroup:0a1b-2c:autoScalingGroupName/web"
UNKNOWN = "autoScalingGroup:*:autoScalingGroupName/web"
KNOWN = {"DescribeAutoScalingGroups": {"AutoScalingGroups": [{"AutoScalingGroupARN": GROUP}]}}
SIZES = {"AutoScalingGroupName": "web", "MinSize": 1, "MaxSize": 3}


@pytest.mark.parametrize(
    "name", ["", "web:autoScalingGroupName/other", "a\nb", GROUP.replace(REGION, "us-east-1")]
)
def test_what_is_no_name_is_refused(name: str) -> None:
    refused("autoscaling", "DeleteAutoScalingGroup", AutoScalingGroupName=name)


def test_an_operation_that_names_no_group_is_refused() -> None:
    refused("autoscaling", "DeleteTags", Tags=[])
    refused("autoscaling", "TerminateInstanceInAutoScalingGroup", ShouldDecrementDesiredCapacity=True)


def test_a_group_is_found_by_its_name() -> None:
    delete = {"AutoScalingGroupName": "web"}
    assert on("autoscaling", "DeleteAutoScalingGroup", **delete) == [UNKNOWN]
    found = whole("autoscaling", KNOWN, "DeleteAutoScalingGroup", **delete)
    assert found == [GROUP.split(":", 5)[5]]
    assert on("autoscaling", "DeleteAutoScalingGroup", AutoScalingGroupName=GROUP) == found
    assert whole("autoscaling", {}, "DeleteAutoScalingGroup", **delete) == [UNKNOWN]


def test_a_group_is_found_by_its_instance() -> None:
    instances = {"AutoScalingInstances": [{"AutoScalingGroupName": "web"}]}
    answers = {**KNOWN, "DescribeAutoScalingInstances": instances}
    unhealthy = {"InstanceId": "i-1", "HealthStatus": "Unhealthy"}
    assert whole("autoscaling", answers, "SetInstanceHealth", **unhealthy) == [GROUP.split(":", 5)[5]]
    assert on("autoscaling", "SetInstanceHealth", **unhealthy) == [
        "autoScalingGroup:*:autoScalingGroupName/*"
    ]


def test_an_instance_or_a_policy_of_another_group_is_asked_as_that_groups() -> None:
    other = GROUP.replace("/web", "/db")

    def groups(members: dict[str, list[str]]) -> dict[str, list[dict[str, str]]]:
        (name,) = members["AutoScalingGroupNames"]
        return {"AutoScalingGroups": [{"AutoScalingGroupARN": GROUP.replace("/web", f"/{name}")}]}

    answers = {
        "DescribeAutoScalingGroups": groups,
        "DescribeAutoScalingInstances": {"AutoScalingInstances": [{"AutoScalingGroupName": "db"}]},
        "DescribePolicies": {"ScalingPolicies": [{"AutoScalingGroupName": "db"}]},
    }
    own = {"AutoScalingGroupName": "web"}
    both = [GROUP.split(":", 5)[5], other.split(":", 5)[5]]
    end = {"InstanceId": "i-1", "ShouldDecrementDesiredCapacity": True}
    assert whole("autoscaling", answers, "TerminateInstanceInAutoScalingGroup", **own, **end) == both
    for operation in ("DeletePolicy", "ExecutePolicy"):
        assert whole("autoscaling", answers, operation, **own, PolicyName="up") == both
        arn = f"arn:aws:autoscaling:{REGION}:{ACCOUNT}:scalingPolicy:1a:autoScalingGroupName/db:policyName/up"
        assert whole("autoscaling", answers, operation, **own, PolicyName=arn) == both
        refused("autoscaling", operation, **own, PolicyName="arn:aws:autoscaling:x")


def test_tags_name_the_groups_that_they_are_of() -> None:
    given = [
        {"ResourceId": "web", "ResourceType": "auto-scaling-group", "Key": "a", "Value": "b"},
        {"ResourceId": "db", "ResourceType": "auto-scaling-group", "Key": "c", "Value": "d"},
    ]
    assert on("autoscaling", "CreateOrUpdateTags", Tags=given) == [UNKNOWN, UNKNOWN.replace("web", "db")]
    assert accesses("autoscaling", "CreateOrUpdateTags", Tags=given)[0].keys["aws:tagkeys"] == ("a", "c")


def test_what_is_made_has_no_id_yet() -> None:
    made = {"LaunchConfigurationName": "small", "ImageId": "ami-1"}
    assert on("autoscaling", "CreateLaunchConfiguration", **made) == [
        "launchConfiguration:*:launchConfigurationName/small"
    ]
    assert whole("autoscaling", KNOWN, "CreateAutoScalingGroup", **SIZES) == [UNKNOWN]


def test_tags_of_a_new_group_are_asked_as_tagging() -> None:
    tagged = [{"Key": "team", "Value": "a"}]
    assert asks("autoscaling", "CreateAutoScalingGroup", **SIZES) == [
        f"autoscaling:CreateAutoScalingGroup {UNKNOWN}"
    ]
    assert asks("autoscaling", "CreateAutoScalingGroup", **SIZES, Tags=tagged) == [
        f"autoscaling:CreateAutoScalingGroup {UNKNOWN}",
        f"autoscaling:CreateOrUpdateTags {UNKNOWN}",
    ]


@pytest.mark.parametrize("mixed", [True, False])
def test_a_launch_template_is_asked_as_a_launch(mixed: bool) -> None:
    template = {"LaunchTemplateId": "lt-1", "Version": "1"}
    policy = {"LaunchTemplate": {"LaunchTemplateSpecification": template}}
    given = {"MixedInstancesPolicy": policy} if mixed else {"LaunchTemplate": template}
    found = asks(
        "autoscaling", "UpdateAutoScalingGroup", **SIZES, **given, VPCZoneIdentifier="subnet-1, subnet-2"
    )
    assert found[0] == f"autoscaling:UpdateAutoScalingGroup {UNKNOWN}"
    assert "ec2:RunInstances launch-template/lt-1" in found
    assert "ec2:RunInstances subnet/subnet-1" in found
    assert "ec2:RunInstances subnet/subnet-2" in found
    assert "ec2:RunInstances instance/*" in found


def test_a_request_says_sizes_and_networks() -> None:
    found = said(
        "autoscaling", "autoScalingGroup", "CreateAutoScalingGroup", **SIZES, VPCZoneIdentifier="a,b"
    )
    assert found["autoscaling:maxsize"] == "3"
    assert found["autoscaling:vpczoneidentifiers"] == ("a", "b")
    template = {"LaunchTemplate": {"LaunchTemplateId": "lt-1"}}
    first = accesses("autoscaling", "CreateAutoScalingGroup", **SIZES, **template)[0]
    assert first.keys["autoscaling:launchtemplateversionspecified"] == "false"


def test_tags_are_read_from_what_stands_behind() -> None:
    answers = {"DescribeTags": {"Tags": [{"Key": "a", "Value": "b"}]}}
    assert tags("autoscaling", "autoScalingGroup", GROUP, answers) == {"a": "b"}


def test_only_descriptions_are_on_nothing_in_particular() -> None:
    found = inexact("autoscaling")
    assert set(found.values()) == {"*"}
    assert all(name.startswith("Describe") for name in found)


def test_an_override_has_a_template_of_its_own() -> None:
    override = {"LaunchTemplateSpecification": {"LaunchTemplateId": "lt-2"}}
    template = {"LaunchTemplateSpecification": {"LaunchTemplateId": "lt-1"}, "Overrides": [override]}
    found = asks(
        "autoscaling",
        "UpdateAutoScalingGroup",
        AutoScalingGroupName="a",
        MixedInstancesPolicy={"LaunchTemplate": template},
    )
    assert {f"ec2:RunInstances launch-template/lt-{number}" for number in "12"} <= set(found)
