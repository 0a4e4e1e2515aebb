"""Handing roles to services that stand behind: rows SR-077 to SR-084."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import pytest

from tests.client import Person
from tests.people import Statement, allow, managed, policy, refused, role, user
from tests.requirements.test_gateway_instances import IMAGE, in_profile, launch
from tests.served import Served

requirement = pytest.mark.requirement

LAMBDA, TASKS = {"Service": "lambda.amazonaws.com"}, {"Service": "ecs-tasks.amazonaws.com"}


def function(person: Person, name: str, role_arn: str) -> None:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("index.py", "def handler(event, context): return event")
    person.client("lambda").create_function(
        FunctionName=name,
        Role=role_arn,
        Runtime="python3.11",
        Handler="index.handler",
        Code={"ZipFile": held.getvalue()},
    )


def definition(person: Person, **roles: str) -> Any:
    containers = [{"name": "app", "image": "app", "memory": 64}]
    return person.client("ecs").register_task_definition(
        family="web", containerDefinitions=containers, **roles
    )


def maker(root: Person, name: str, *statements: Statement) -> Person:
    making = allow("lambda:CreateFunction", "ecs:RegisterTaskDefinition", "ec2:RunInstances", "ecs:RunTask")
    return user(root, name, making, *statements)


@requirement("SR-077")
def test_sr_077_each_service_needs_the_permission_for_the_role_it_is_given(ours: Person) -> None:
    work, task = role(ours, "work", LAMBDA), role(ours, "task", TASKS)
    in_profile(ours, "web")
    without, with_it = maker(ours, "without"), maker(ours, "with", allow("iam:PassRole"))
    with refused("AccessDeniedException", 403, f"iam:PassRole on resource: {work}"):
        function(without, "f", work)
    with refused("AccessDeniedException", 400, f"iam:PassRole on resource: {task}"):
        definition(without, taskRoleArn=task)
    with refused("UnauthorizedOperation", 403):
        launch(without, "web")
    assert ours.client("lambda").list_functions()["Functions"] == []
    assert ours.client("ecs").list_task_definitions()["taskDefinitionArns"] == []
    function(with_it, "f", work)
    definition(with_it, taskRoleArn=task)
    launch(with_it, "web")
    assert len(ours.workloads.list_workloads()["Workloads"]) == 2  # a definition does not run yet


@requirement("SR-077")
def test_sr_077_also_where_a_template_names_the_role(ours: Person) -> None:
    arn = in_profile(ours, "web")
    ours.client("ec2").create_launch_template(
        LaunchTemplateName="t",
        LaunchTemplateData={"ImageId": IMAGE, "IamInstanceProfile": {"Name": "web"}},
    )
    asked = {"LaunchTemplate": {"LaunchTemplateName": "t"}}
    with refused("UnauthorizedOperation", 403):
        launch(maker(ours, "without"), **asked)
    launch(maker(ours, "with", allow("iam:PassRole", on=arn)), **asked)


@requirement("SR-078")
def test_sr_078_it_is_given_for_single_roles(ours: Person) -> None:
    work, admin = role(ours, "work", LAMBDA), role(ours, "admin", LAMBDA)
    bob = maker(ours, "bob", allow("iam:PassRole", on=work))
    with refused("AccessDeniedException", 403, f"iam:PassRole on resource: {admin}"):
        function(bob, "f", admin)
    function(bob, "f", work)


@requirement("SR-079")
def test_sr_079_and_for_single_services(ours: Person) -> None:
    both = {"Service": ["lambda.amazonaws.com", "ecs-tasks.amazonaws.com"]}
    work = role(ours, "work", both)
    tied = {"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}}
    bob = maker(ours, "bob", allow("iam:PassRole", on=work, Condition=tied))
    with refused("AccessDeniedException", 403, "iam:PassRole"):
        function(bob, "f", work)
    definition(bob, taskRoleArn=work)


@requirement("SR-079")
def test_sr_079_and_for_what_the_service_will_use_it_for(ours: Person) -> None:
    work = role(ours, "work", LAMBDA)
    own = f"arn:aws:lambda:us-east-1:{ours.account}:function:own-*"
    tied = {"ArnLike": {"iam:AssociatedResourceArn": own}}
    bob = maker(ours, "bob", allow("iam:PassRole", on=work, Condition=tied))
    with refused("AccessDeniedException", 403, "iam:PassRole"):
        function(bob, "other", work)
    function(bob, "own-f", work)


@requirement("SR-080")
def test_sr_080_power_users_do_not_have_it(ours: Person) -> None:
    work = role(ours, "work", LAMBDA)
    bob = user(ours, "bob")
    ours.iam.attach_user_policy(UserName="bob", PolicyArn="arn:aws:iam::aws:policy/PowerUserAccess")
    with refused("AccessDeniedException", 403, "no identity-based policy allows the iam:PassRole action"):
        function(bob, "f", work)
    bob.client("sqs").create_queue(QueueName="q")  # all else they may


@requirement("SR-081")
def test_sr_081_nobody_gains_by_passing(behind: Served, ours: Person) -> None:
    in_profile(ours, "admin", allow("*"))
    weak = in_profile(ours, "weak")
    limit = managed(ours, "limit", allow("*"), {**allow("iam:PassRole"), "Effect": "Deny"})
    bounded = user(ours, "bounded", allow("*"), PermissionsBoundary=limit)
    bob = maker(ours, "bob", allow("iam:PassRole", on=weak))
    for launcher in (bounded, bob):
        with refused("UnauthorizedOperation", 403):
            launch(launcher, "admin")
    application = behind.on_instance(ours, launch(bob, "weak"))
    with refused("AccessDenied", 403):
        application.iam.list_users()


@requirement("SR-082", "SR-052")
def test_sr_082_a_role_of_another_account_is_not_passed(ours: Person, theirs: Person) -> None:
    work = role(theirs, "work", LAMBDA)
    bob = maker(ours, "bob", allow("iam:PassRole"))
    for person in (bob, ours):
        with refused("AccessDeniedException", 403, "Cross-account pass role is not allowed."):
            function(person, "f", work)
    in_profile(theirs, "web")
    arn = f"arn:aws:iam::{theirs.account}:instance-profile/web"
    with refused("UnauthorizedOperation", 403):
        ours.client("ec2").run_instances(
            ImageId=IMAGE, MinCount=1, MaxCount=1, IamInstanceProfile={"Arn": arn}
        )
    assert ours.workloads.list_workloads()["Workloads"] == []


@requirement("SR-083")
def test_sr_083_passing_leaves_no_event_of_its_own(behind: Served, ours: Person) -> None:
    work = role(ours, "work", LAMBDA)
    bob = maker(ours, "bob", allow("iam:PassRole", on=work))
    function(bob, "f", work)
    own = behind.told(ours.account)
    assert any(name.startswith("CreateFunction") for name in own)
    assert "PassRole" not in own
    with refused("AccessDeniedException", 403, "iam:PassRole"):
        function(maker(ours, "carol"), "g", work)
    own = behind.told(ours.account)
    assert sum(name.startswith("CreateFunction") for name in own) == 2
    assert "PassRole" not in own


@requirement("SR-084")
def test_sr_084_the_default_service_linked_role_is_passed_by_nobody(ours: Person) -> None:
    linked = "autoscaling.amazonaws.com"
    arn = f"arn:aws:iam::{ours.account}:role/aws-service-role/{linked}/AWSServiceRoleForAutoScaling"
    making = allow("autoscaling:CreateAutoScalingGroup", "ec2:RunInstances")
    first = allow("iam:CreateServiceLinkedRole", Condition={"StringEquals": {"iam:AWSServiceName": linked}})
    ours.client("autoscaling").create_launch_configuration(
        LaunchConfigurationName="c", ImageId=IMAGE, InstanceType="m5.large"
    )

    def group(person: Person, name: str, **more: str) -> None:
        person.client("autoscaling").create_auto_scaling_group(
            AutoScalingGroupName=name,
            LaunchConfigurationName="c",
            MinSize=0,
            MaxSize=0,
            AvailabilityZones=["us-east-1a"],
            **more,
        )

    with refused("AccessDenied", 403, "iam:CreateServiceLinkedRole"):
        group(user(ours, "carol", making), "default")
    bob = user(ours, "bob", making, first)
    group(bob, "default")
    assert ours.iam.get_role(RoleName="AWSServiceRoleForAutoScaling")["Role"]["Arn"] == arn
    with refused("AccessDenied", 403, f"iam:PassRole on resource: {arn}"):
        group(bob, "named", ServiceLinkedRoleARN=arn)
    ours.iam.put_user_policy(
        UserName="bob", PolicyName="more", PolicyDocument=policy(allow("iam:PassRole", on=arn))
    )
    group(bob, "named", ServiceLinkedRoleARN=arn)


@requirement("SR-077", "SR-090")
def test_sr_077_who_runs_a_task_passes_the_roles_of_its_definition(behind: Served, ours: Person) -> None:
    task = role(ours, "task", TASKS)
    execution = role(ours, "execution", TASKS)
    definition(ours, taskRoleArn=task, executionRoleArn=execution)
    ours.client("ecs").create_cluster(clusterName="main")
    asked: dict[str, Any] = {"cluster": "main", "taskDefinition": "web", "launchType": "FARGATE", "count": 1}
    subnet = ours.client("ec2").describe_subnets()["Subnets"][0]["SubnetId"]
    asked["networkConfiguration"] = {"awsvpcConfiguration": {"subnets": [subnet]}}
    half = maker(ours, "half", allow("iam:PassRole", on=task))
    with refused("AccessDeniedException", 400, f"iam:PassRole on resource: {execution}"):
        half.client("ecs").run_task(**asked)
    whole = maker(ours, "whole", allow("iam:PassRole", on=[task, execution]))
    told = whole.client("ecs").run_task(**asked)["tasks"][0]
    (found,) = ours.workloads.list_tasks()["Tasks"]
    assert (found["TaskArn"], found["TaskRoleArn"], found["ExecutionRoleArn"]) == (
        told["taskArn"],
        task,
        execution,
    )
    application = behind.in_workload(ours, "task", found["TaskId"])
    assert f"assumed-role/task/{found['TaskId']}" in application.arn
