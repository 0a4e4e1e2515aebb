"""Roles that somebody tries to hand over where nobody looks: they are refused, or the role gets nowhere."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from tests.client import Person
from tests.gateway.served import ServedWorld
from tests.people import role, user

ROLE = "smuggled"


@pytest.fixture(scope="module")
def bob(served: ServedWorld) -> Iterator[Person]:
    """Who may do everything but hand a role over."""
    principals = [
        f"{name}.amazonaws.com" for name in ("ec2", "lambda", "ecs-tasks", "cloudformation", "glue")
    ]
    role(served.root, ROLE, {"Service": principals})
    served.root.iam.create_instance_profile(InstanceProfileName=ROLE)
    served.root.iam.add_role_to_instance_profile(InstanceProfileName=ROLE, RoleName=ROLE)
    yield user(served.root, "bob", {"Effect": "Allow", "NotAction": "iam:PassRole", "Resource": "*"})


def send(
    person: Person, service: str, body: str, path: str = "/", method: str = "POST", **headers: str
) -> int:
    """Send a request as it stands, signed; the status of its answer."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    request = AWSRequest(method=method, url=f"{person.world.url}{path}", data=body.encode(), headers=named)
    SigV4Auth(Credentials(*person._keys), service, "us-east-1").add_auth(request)
    sent = request.prepare()
    asked = urllib.request.Request(sent.url, data=sent.body, headers=dict(sent.headers), method=method)
    try:
        with urllib.request.urlopen(asked) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code


def nothing_came_through(served: ServedWorld) -> bool:
    """Whether no workload has the role, and nothing behind does."""
    found = served.root.workloads.list_workloads()["Workloads"]
    behind = [
        served.root.client("ec2").describe_instances(),
        served.root.client("lambda").list_functions(),
        served.root.client("glue").get_jobs(),
        served.root.client("cloudformation").describe_stacks(),
    ]
    definitions = served.root.client("ecs").list_task_definitions()["taskDefinitionArns"]
    behind += [
        served.root.client("ecs").describe_task_definition(taskDefinition=each) for each in definitions
    ]
    shown = json.dumps([found, behind], default=str)
    return f"role/{ROLE}" not in shown and f"instance-profile/{ROLE}" not in shown


FORM = "Action=RunInstances&Version=2016-11-15&ImageId=ami-12c6146b&MinCount=1&MaxCount=1"
STACK = "Action=CreateStack&Version=2010-05-15&TemplateBody=%7B%22Resources%22%3A%7B%7D%7D"
ARN = "arn%3Aaws%3Aiam%3A%3A111111111111%3Arole%2Fsmuggled"


@pytest.mark.parametrize(
    ("service", "body"),
    [
        ("ec2", f"{FORM}&IamInstanceProfile.Name={ROLE}"),
        ("ec2", f"{FORM}&IamInstanceProfile.Name=other&IamInstanceProfile.Name={ROLE}"),
        ("ec2", f"{FORM}&iamInstanceProfile.name={ROLE}"),
        ("ec2", f"{FORM}&IamInstanceProfile.name={ROLE}"),
        ("ec2", f"{FORM}&IamInstanceProfile.1.Name={ROLE}"),
        ("ec2", f"{FORM}&IamInstanceProfile={ROLE}"),
        ("ec2", f"{FORM}&%49amInstanceProfile.Name={ROLE}"),
        ("ec2", f"{FORM}&IamInstanceProfile.Name=+{ROLE}"),
        ("ec2", f"{FORM}&IamInstanceProfile.Name={ROLE}%00"),
        ("ec2", f"{FORM};IamInstanceProfile.Name={ROLE}"),
        ("ec2", f"{FORM}&IamInstanceProfile.Name={ROLE.upper()}"),
        ("ec2", f"{FORM}&IamInstanceProfile.Arn=x/{ROLE}"),
        ("cloudformation", f"{STACK}&StackName=a&RoleARN={ARN}"),
        ("cloudformation", f"{STACK}&StackName=b&RoleArn={ARN}"),
        ("cloudformation", f"{STACK}&StackName=c&RoleARN=&RoleARN={ARN}"),
        ("cloudformation", f"{STACK}&StackName=d&RoleARN=+{ARN}"),
        ("cloudformation", f"{STACK}&StackName=e&RoleARN={ARN.replace('role', 'Role', 1)}"),
    ],
)
def test_in_a_form(served: ServedWorld, bob: Person, service: str, body: str) -> None:
    send(bob, service, body, content_type="application/x-www-form-urlencoded")
    assert nothing_came_through(served)


def test_in_the_query_beside_a_form(served: ServedWorld, bob: Person) -> None:
    path = f"/?IamInstanceProfile.Name={ROLE}"
    send(bob, "ec2", FORM, path, content_type="application/x-www-form-urlencoded")
    assert nothing_came_through(served)


TEXT = "arn:aws:iam::111111111111:role/smuggled"
DEFINITION = '"family": "f", "containerDefinitions": [{"name": "a", "image": "a", "memory": 64}]'
JOB = '"Name": "j", "Command": {"Name": "glueetl", "ScriptLocation": "s3://b/s"}'


@pytest.mark.parametrize(
    ("service", "target", "body"),
    [
        ("ecs", "RegisterTaskDefinition", f'{{{DEFINITION}, "taskRoleArn": "{TEXT}"}}'),
        ("ecs", "RegisterTaskDefinition", f'{{{DEFINITION}, "taskRoleArn": "", "taskRoleArn": "{TEXT}"}}'),
        ("ecs", "RegisterTaskDefinition", f'{{{DEFINITION}, "TaskRoleArn": "{TEXT}"}}'),
        ("ecs", "RegisterTaskDefinition", f'{{{DEFINITION}, "taskRole\\u0041rn": "{TEXT}"}}'),
        ("ecs", "RegisterTaskDefinition", f'{{{DEFINITION}, "taskRoleArn": " {TEXT}"}}'),
        ("ecs", "RegisterTaskDefinition", f'{{{DEFINITION}, "taskRoleArn": ["{TEXT}"]}}'),
        ("ecs", "RegisterTaskDefinition", f'{{{DEFINITION}, "taskRoleArn": "smuggled"}}'),
        ("glue", "CreateJob", f'{{{JOB}, "Role": "{TEXT}"}}'),
        ("glue", "CreateJob", f'{{{JOB}, "Role": "other", "Role": "{TEXT}"}}'),
        ("glue", "CreateJob", f'{{{JOB}, "Role": "\\u0061rn:aws:iam::111111111111:role/smuggled"}}'),
        ("glue", "CreateJob", f'{{{JOB}, "role": "{TEXT}"}}'),
    ],
)
def test_in_json(served: ServedWorld, bob: Person, service: str, target: str, body: str) -> None:
    prefix = {"ecs": "AmazonEC2ContainerServiceV20141113", "glue": "AWSGlue"}[service]
    send(bob, service, body, content_type="application/x-amz-json-1.1", x_amz_target=f"{prefix}.{target}")
    assert nothing_came_through(served)


CODE: dict[str, Any] = {"Runtime": "python3.11", "Handler": "i.h", "Code": {"S3Bucket": "b", "S3Key": "k"}}


@pytest.mark.parametrize(
    "more",
    [
        f'"Role": "{TEXT}"',
        f'"Role": "x", "Role": "{TEXT}"',
        f'"role": "{TEXT}"',
        f'"Role": "{TEXT}/"',
        f'"Role": "{TEXT}\\n"',
        f'"Role": {{"Arn": "{TEXT}"}}',
    ],
)
@pytest.mark.parametrize(
    "path", ["/2015-03-31/functions", "/2015-03-31/functions/", "/2015-03-31//functions"]
)
def test_in_a_rest_body(served: ServedWorld, bob: Person, path: str, more: str) -> None:
    body = json.dumps({"FunctionName": "f", **CODE})[:-1] + f", {more}}}"
    send(bob, "lambda", body, path, content_type="application/json")
    assert nothing_came_through(served)


def test_for_who_may_it_comes_through(served: ServedWorld, bob: Person) -> None:
    """What the tests above look at is where it would show. It is the last one: it leaves something behind."""
    form = {"content_type": "application/x-www-form-urlencoded"}
    assert nothing_came_through(served)
    assert send(served.root, "ec2", f"{FORM}&IamInstanceProfile.Name={ROLE}", **form) == 200
    assert not nothing_came_through(served)
    assert send(served.root, "cloudformation", f"{STACK}&StackName=f&RoleARN={ARN}", **form) == 200
    json_1_1 = {"content_type": "application/x-amz-json-1.1", "x_amz_target": "AWSGlue.CreateJob"}
    assert send(served.root, "glue", f'{{{JOB}, "Role": "{TEXT}"}}', **json_1_1) == 200
    told = {each["Service"] for each in served.root.workloads.list_workloads()["Workloads"]}
    assert told == {"ec2.amazonaws.com", "cloudformation.amazonaws.com", "glue.amazonaws.com"}
