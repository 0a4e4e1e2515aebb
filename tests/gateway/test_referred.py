"""Roles in what a request refers to: launch templates, task definitions, instances."""

from __future__ import annotations

from typing import Any

import pytest

from rolekeeper.gateway import passing
from rolekeeper.gateway.referred import NOTHING, Referred, referred
from tests.client import ACCOUNT
from tests.gateway.behind import Behind, asked, wait

TEMPLATE, PROFILE = "lt-1", f"arn:aws:iam::{ACCOUNT}:instance-profile/web"
TASK, EXECUTION, OTHER = (f"arn:aws:iam::{ACCOUNT}:role/{name}" for name in ("task", "execution", "other"))


class Roles:
    def in_profile(self, given: str) -> str | None:
        return f"arn:aws:iam::{ACCOUNT}:role/web" if given == PROFILE else None

    def named(self, name: str) -> str | None:
        return None


class OneInstance:
    """Lookups of an instance by one ID, which is in a list."""

    def __init__(self, behind: Behind) -> None:
        self._behind = behind

    async def ask(self, asked: Any, service: str, operation: str, **members: Any) -> Any:
        (id,) = members["InstanceIds"]
        return await self._behind.ask(asked, service, operation, id=id)


@pytest.fixture
def behind() -> Behind:
    found = Behind()
    data = {"IamInstanceProfile": {"Arn": PROFILE}}
    found.answers[ACCOUNT, "DescribeLaunchTemplateVersions", TEMPLATE] = {
        "LaunchTemplateVersions": [{"VersionNumber": 1, "LaunchTemplateData": data}]
    }
    found.answers[ACCOUNT, "DescribeTaskDefinition", "web:3"] = {
        "taskDefinition": {
            "family": "web",
            "revision": 3,
            "taskRoleArn": TASK,
            "executionRoleArn": EXECUTION,
        }
    }
    return found


@pytest.mark.parametrize(
    ("service", "operation", "members"),
    [
        ("ec2", "RunInstances", {"LaunchTemplate": {"LaunchTemplateId": TEMPLATE}}),
        (
            "ec2",
            "CreateFleet",
            {"LaunchTemplateConfigs": [{"LaunchTemplateSpecification": {"LaunchTemplateId": TEMPLATE}}]},
        ),
        ("autoscaling", "CreateAutoScalingGroup", {"LaunchTemplate": {"LaunchTemplateId": TEMPLATE}}),
        (
            "autoscaling",
            "UpdateAutoScalingGroup",
            {
                "MixedInstancesPolicy": {
                    "LaunchTemplate": {
                        "LaunchTemplateSpecification": {"LaunchTemplateId": TEMPLATE},
                        "Overrides": [{"LaunchTemplateSpecification": {"LaunchTemplateId": TEMPLATE}}],
                    }
                }
            },
        ),
    ],
)
def test_who_launches_by_a_template_hands_its_role_over(
    behind: Behind, service: str, operation: str, members: dict[str, Any]
) -> None:
    request = asked(service, operation, **members)
    found = wait(referred(behind, request))
    assert found.profiles == (PROFILE,)
    (wanted,) = passing.passed(request, Roles(), found)
    assert wanted.resource == f"arn:aws:iam::{ACCOUNT}:role/web"
    assert wanted.keys["iam:passedtoservice"] == "ec2.amazonaws.com"


def test_a_profile_of_the_request_takes_the_place_of_the_templates(behind: Behind) -> None:
    request = asked(
        "ec2",
        "RunInstances",
        LaunchTemplate={"LaunchTemplateId": TEMPLATE},
        IamInstanceProfile={"Name": "batch"},
    )
    assert wait(referred(behind, request)).profiles == ()


def test_a_template_that_is_named_twice_over_counts_as_both(behind: Behind) -> None:
    data = {"IamInstanceProfile": {"Name": "batch"}, "UserData": "eA=="}
    behind.answers[ACCOUNT, "DescribeLaunchTemplateVersions", "other"] = {
        "LaunchTemplateVersions": [{"LaunchTemplateData": data}]
    }
    both = {"LaunchTemplateId": TEMPLATE, "LaunchTemplateName": "other"}
    found = wait(referred(behind, asked("ec2", "RunInstances", LaunchTemplate=both)))
    assert found.profiles == (PROFILE, "batch")
    alone = asked("ec2", "RunInstances", LaunchTemplate={"LaunchTemplateName": "other"})
    assert wait(referred(behind, alone)) == Referred(profiles=("batch",), launch=data)


def test_a_group_after_an_instance_has_its_profile(behind: Behind) -> None:
    told = {"Instances": [{"InstanceId": "i-1", "IamInstanceProfile": {"Arn": PROFILE}}]}
    behind.answers[ACCOUNT, "DescribeInstances", "i-1"] = {"Reservations": [told]}
    for operation in ("CreateAutoScalingGroup", "CreateLaunchConfiguration"):
        request = asked("autoscaling", operation, InstanceId="i-1")
        assert wait(referred(OneInstance(behind), request)).profiles == (PROFILE,)


def test_who_runs_a_task_hands_its_roles_over(behind: Behind) -> None:
    request = asked("ecs", "RunTask", taskDefinition="web:3")
    found = wait(referred(behind, request))
    assert found == Referred(task_role=TASK, execution_role=EXECUTION, family="web", revision=3)
    wanted = passing.passed(request, Roles(), found)
    assert {each.resource for each in wanted} == {TASK, EXECUTION}
    about = {each.keys["iam:associatedresourcearn"] for each in wanted}
    assert about == {f"arn:aws:ecs:us-east-1:{ACCOUNT}:task-definition/web:3"}


def test_a_role_that_overrides_the_definitions_is_handed_over_in_its_place(behind: Behind) -> None:
    request = asked("ecs", "RunTask", taskDefinition="web:3", overrides={"taskRoleArn": OTHER})
    found = wait(referred(behind, request))
    handed = {each.resource for each in passing.passed(request, Roles(), found)}
    assert handed == {OTHER, EXECUTION}


def test_nothing_is_asked_for_other_requests(behind: Behind) -> None:
    for service, operation in (
        ("s3", "PutObject"),
        ("ec2", "CreateLaunchTemplate"),
        ("ecs", "CreateService"),
    ):
        assert wait(referred(behind, asked(service, operation, taskDefinition="web:3"))) == NOTHING
    assert behind.asked == []


def test_what_is_not_there_has_no_roles(behind: Behind) -> None:
    assert wait(referred(behind, asked("ecs", "RunTask", taskDefinition="gone"))) == NOTHING
    gone = {"LaunchTemplateId": "lt-gone"}
    assert wait(referred(behind, asked("ec2", "RunInstances", LaunchTemplate=gone))) == NOTHING
