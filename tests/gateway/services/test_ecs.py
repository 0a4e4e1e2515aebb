"""What requests to ECS ask for."""

from __future__ import annotations

from typing import Any

import pytest

from tests.gateway.asking import ACCOUNT, OTHER, REGION, tags
from tests.gateway.services.classified import (
    accesses,
    asks,
    inexact,
    looked_up,
    on,
    refused,
    said,
    whole,
)

ECS = f"arn:aws:ecs:{REGION}:{ACCOUNT}"
TASK = "1a2b3c4d1a2b3c4d1a2b3c4d1a2b3c4d"
REVISION = f"{ECS}:task-definition/web:7"
KNOWN = {"DescribeTaskDefinition": {"taskDefinition": {"taskDefinitionArn": REVISION}}}
TAGS = [{"key": "Team", "value": "a"}]
SERVICE = {"cluster": "prod", "service": "api"}


@pytest.mark.parametrize(
    "members",
    [
        {"cluster": "dev", "service": f"{ECS}:service/prod/api"},
        {"service": f"{ECS}:service/prod/api"},
        {"cluster": f"{ECS}:cluster/dev", "service": f"{ECS}:service/prod/api"},
        {"cluster": "prod", "service": "prod/api"},
        {"cluster": "prod/x", "service": "api"},
        {"cluster": "prod", "service": f"{ECS}:task/prod/api"},
        {"cluster": "prod", "service": f"{ECS}:service/prod/*"},
        {"cluster": "prod", "service": "*"},
        {"cluster": "prod"},
    ],
)
def test_what_is_no_service_of_the_cluster_is_refused(members: dict[str, str]) -> None:
    refused("ecs", "DeleteService", **members)


def test_a_task_set_of_another_service_is_refused() -> None:
    other = f"{ECS}:task-set/prod/other/ecs-svc/1"
    refused("ecs", "DeleteTaskSet", **SERVICE, taskSet=other)
    refused("ecs", "DeleteTaskSet", cluster="prod", taskSet="ecs-svc/1")


def test_a_part_of_a_tasks_id_names_no_task() -> None:
    for id in (TASK[1:], f"{TASK}/{TASK}", f"{ECS}:task/prod/{TASK[1:]}", TASK.upper()):
        refused("ecs", "StopTask", cluster="prod", task=id)


def test_a_task_that_is_in_another_cluster_is_asked_there() -> None:
    answers = {"DescribeTasks": {"tasks": [{"taskArn": f"{ECS}:task/prod/{TASK}"}]}}
    assert whole("ecs", answers, "DescribeTasks", cluster="dev", tasks=[TASK]) == [f"task/prod/{TASK}"]
    own = f"{ECS}:task/dev/{TASK}"
    assert whole("ecs", answers, "DescribeTasks", cluster="dev", tasks=[own]) == [f"task/prod/{TASK}"]


def test_what_is_no_task_definition_is_refused() -> None:
    for definition in ("web:x", "a/b", f"{ECS}:task-definition/web", REVISION.replace(REGION, "us-east-1")):
        refused("ecs", "RunTask", taskDefinition=definition)
    refused("ecs", "TagResource", resourceArn="arn:aws:s3:::x", tags=TAGS)


@pytest.mark.parametrize(
    ("operation", "members", "resources"),
    [
        ("CreateCluster", {}, ["cluster/default"]),
        ("CreateCluster", {"clusterName": "prod"}, ["cluster/prod"]),
        ("DescribeClusters", {"clusters": ["a", f"{ECS}:cluster/b"]}, ["cluster/a", "cluster/b"]),
        ("DescribeClusters", {}, ["cluster/default"]),
        ("CreateService", {"cluster": "prod", "serviceName": "api"}, ["service/prod/api"]),
        ("UpdateService", {"service": "api"}, ["service/default/api"]),
        ("DeleteService", {"cluster": "prod", "service": f"{ECS}:service/prod/api"}, ["service/prod/api"]),
        ("DeleteService", {"cluster": "prod", "service": f"{ECS}:service/api"}, ["service/prod/api"]),
        ("DescribeServices", {"services": ["a", "b"]}, ["service/default/a", "service/default/b"]),
        ("StopTask", {"cluster": f"{ECS}:cluster/prod", "task": TASK}, [f"task/prod/{TASK}"]),
        ("RunTask", {"taskDefinition": "web:7"}, ["task-definition/web:7"]),
        ("RunTask", {"taskDefinition": "web"}, ["task-definition/web:*"]),
        ("RegisterTaskDefinition", {"family": "web"}, ["task-definition/web:*"]),
        (
            "DeleteTaskDefinitions",
            {"taskDefinitions": ["a:1", "b:2"]},
            ["task-definition/a:1", "task-definition/b:2"],
        ),
        ("CreateTaskSet", {**SERVICE, "taskDefinition": "web:7"}, ["task-set/prod/api/*"]),
        ("DeleteTaskSet", {**SERVICE, "taskSet": "ecs-svc/1"}, ["task-set/prod/api/ecs-svc/1"]),
        ("DescribeTaskSets", SERVICE, ["task-set/prod/api/*"]),
        ("ListTasks", {"cluster": "prod"}, ["container-instance/prod/*"]),
        (
            "PutAttributes",
            {"attributes": [{"name": "a", "targetId": "1a"}]},
            ["container-instance/default/1a"],
        ),
        ("DeregisterContainerInstance", {"cluster": "prod", "containerInstance": "1a"}, ["cluster/prod"]),
        ("TagResource", {"resourceArn": REVISION, "tags": TAGS}, ["task-definition/web:7"]),
        ("DescribeCapacityProviders", {}, ["capacity-provider/*"]),
        ("ListServices", {"cluster": "prod"}, ["*"]),
    ],
)
def test_an_operation_is_asked_on_what_it_names(
    operation: str, members: dict[str, Any], resources: list[str]
) -> None:
    assert on("ecs", operation, **members) == resources


def test_a_cluster_of_another_account_is_that_accounts() -> None:
    theirs = f"arn:aws:ecs:{REGION}:{OTHER}:cluster/prod"
    assert on("ecs", "DeleteCluster", cluster=theirs) == [theirs]


def test_the_latest_revision_of_a_family_is_found() -> None:
    assert whole("ecs", KNOWN, "RunTask", taskDefinition="web") == ["task-definition/web:7"]
    service = {**SERVICE, "taskDefinition": "web"}
    assert looked_up("ecs", "ecs:task-definition", "service", KNOWN, "UpdateService", **service) == REVISION


@pytest.mark.parametrize(
    ("operation", "members", "tagged"),
    [
        ("CreateCluster", {"clusterName": "prod"}, "cluster/prod"),
        ("CreateService", {"serviceName": "api"}, "service/default/api"),
        ("RegisterTaskDefinition", {"family": "web"}, "task-definition/web:*"),
        ("RunTask", {"cluster": "prod", "taskDefinition": "web:7"}, "task/prod/*"),
    ],
)
def test_tags_of_what_is_made_are_asked_as_tagging(
    operation: str, members: dict[str, Any], tagged: str
) -> None:
    assert len(asks("ecs", operation, **members)) == 1
    access = accesses("ecs", operation, **members, tags=TAGS)[1]
    assert (access.action, access.resource) == ("ecs:TagResource", f"{ECS}:{tagged}")
    assert access.keys["ecs:createaction"] == operation
    assert access.keys["aws:requesttag/team"] == "a"


def test_a_request_says_its_cluster_and_how_it_runs() -> None:
    found = said(
        "ecs", "task-definition", "RunTask", cluster="prod", taskDefinition="web:7", enableExecuteCommand=True
    )
    assert found["ecs:cluster"] == f"{ECS}:cluster/prod"
    assert found["ecs:enable-execute-command"] == "true"
    network = {"awsvpcConfiguration": {"subnets": ["s-1"], "assignPublicIp": "ENABLED"}}
    found = said(
        "ecs", "service", "UpdateService", **SERVICE, taskDefinition="web:7", networkConfiguration=network
    )
    assert found["ecs:subnet"] == ("s-1",)
    assert found["ecs:task-definition"] == REVISION
    assert found["ecs:service"] == f"{ECS}:service/prod/api"


def test_a_definition_says_what_it_may_take() -> None:
    containers = [{"name": "a"}, {"name": "b", "privileged": True}]
    found = said(
        "ecs",
        "task-definition",
        "RegisterTaskDefinition",
        family="web",
        cpu="256",
        containerDefinitions=containers,
    )
    assert (found["ecs:task-cpu"], found["ecs:privileged"]) == ("256", "true")


def test_tags_are_read_from_what_stands_behind() -> None:
    answers = {"ListTagsForResource": {"tags": [{"key": "a", "value": "b"}]}}
    assert tags("ecs", "cluster", f"{ECS}:cluster/prod", answers) == {"a": "b"}
    assert tags("ecs", "task", f"{ECS}:task/prod/*", answers) == {}


def test_every_operation_that_the_embedded_backend_has_is_exact_or_on_nothing_in_particular() -> None:
    assert inexact("ecs") == dict.fromkeys(
        (
            "DeleteAccountSetting",
            "DeregisterTaskDefinition",
            "DescribeTaskDefinition",
            "DiscoverPollEndpoint",
            "ListAccountSettings",
            "ListClusters",
            "ListServices",
            "ListTaskDefinitionFamilies",
            "ListTaskDefinitions",
            "PutAccountSetting",
        ),
        "*",
    )
