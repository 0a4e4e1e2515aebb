"""`rolekeeper workload`, against a server that runs."""

from __future__ import annotations

import io
import json
import sys

import pytest
from typer.main import get_command

from rolekeeper.cli.credentials import root_key
from rolekeeper.cli.iam_calls import IamCalls
from rolekeeper.cli.running import the_running
from rolekeeper.cli.workload.commands import workload

ACCOUNT = "123456789012"
SERVICES = {
    "web": "ec2",
    "batch": "ec2",
    "app": "ecs-tasks",
    "worker": "lambda",
    "deployer": "cloudformation",
}
STACK = f"arn:aws:cloudformation:us-east-1:{ACCOUNT}:stack/web/1"
UNKNOWN = "i-0123456789abcdef0"


@pytest.fixture(scope="module")
def roles(running, shared_home):
    """Roles of the server, those for EC2 in profiles."""
    server = the_running(shared_home.environment)
    iam = IamCalls(server, root_key(server, shared_home.environment))
    for name, service in SERVICES.items():
        statement = {
            "Effect": "Allow",
            "Principal": {"Service": f"{service}.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
        document = json.dumps({"Version": "2012-10-17", "Statement": statement})
        iam.call("CreateRole", RoleName=name, AssumeRolePolicyDocument=document)
        if service == "ec2":
            iam.call("CreateInstanceProfile", InstanceProfileName=name)
            iam.call("AddRoleToInstanceProfile", InstanceProfileName=name, RoleName=name)
    yield iam
    for name, service in SERVICES.items():
        if service == "ec2":
            iam.call("RemoveRoleFromInstanceProfile", InstanceProfileName=name, RoleName=name)
            iam.call("DeleteInstanceProfile", InstanceProfileName=name)
        iam.call("DeleteRole", RoleName=name)


@pytest.fixture
def ask(command, shared_home, roles):
    """The answer of a command as JSON, a list where it has many lines."""

    def asking(*words):
        result = command("workload", *words, "--json", home=shared_home)
        assert (result.status, result.err) == (0, ""), result.err
        return [json.loads(line) for line in result.out.splitlines()]

    return asking


def leaves(group, words=()):
    for name, member in group.commands.items():
        if hasattr(member, "commands"):
            yield from leaves(member, (*words, name))
        else:
            yield (*words, name)


ALL = list(leaves(get_command(workload)))


@pytest.mark.parametrize("words", ALL, ids=" ".join)
def test_every_command_has_an_example_and_json(command, home, words):
    result = command("workload", *words, "--help", home=home)
    assert "--json" in result.out
    assert f"Example: rolekeeper workload {' '.join(words)}" in " ".join(result.out.split())


def test_what_is_refused_is_a_no(command, shared_home, roles):
    for words in (
        ("instance", "deregister", UNKNOWN),
        ("instance", "disassociate", UNKNOWN),
        ("instance", "register", "--profile", "none"),
        ("function", "register", "mine", "--role", "web"),
        ("secret", "instance", UNKNOWN),
    ):
        result = command("workload", *words, home=shared_home)
        assert (result.status, result.out) == (1, ""), words
        assert result.err.startswith("rolekeeper: ")


def test_a_tag_without_a_value_is_a_wrong_use(command, shared_home, roles):
    result = command("workload", "instance", "register", "--tag", "blue", home=shared_home)
    assert result.status == 2
    assert "KEY=VALUE" in result.err


def test_who_is_not_allowed_is_told_so(command, shared_home, roles):
    roles.call("CreateUser", UserName="bob")
    made = roles.call("CreateAccessKey", UserName="bob")
    key = made.findtext(".//AccessKeyId"), made.findtext(".//SecretAccessKey")
    keys = dict(zip(("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"), key, strict=True))
    result = command("workload", "instance", "register", home=shared_home, **keys)
    assert result.status == 1
    assert "is not authorized to perform: ec2:RunInstances" in result.err
    roles.call("DeleteAccessKey", UserName="bob", AccessKeyId=key[0])
    roles.call("DeleteUser", UserName="bob")


def test_the_life_of_an_instance(ask):
    (made,) = ask("instance", "register", "--address", "10.0.0.9", "--tag", "team=blue")
    id = made["Instance"]["InstanceId"]
    assert made["Secret"]
    ask("instance", "associate", id, "--profile", "web")
    (replaced,) = ask("instance", "replace", id, "--profile", "batch")
    arn = f"arn:aws:iam::{ACCOUNT}:instance-profile/batch"
    assert replaced["IamInstanceProfileAssociation"]["IamInstanceProfile"]["Arn"] == arn
    (listed,) = ask("instance", "list")
    assert (listed["InstanceId"], listed["IamInstanceProfile"]["Arn"]) == (id, arn)
    assert ask("list")[0]["RoleArns"] == [f"arn:aws:iam::{ACCOUNT}:role/batch"]
    ask("instance", "disassociate", id)
    ask("instance", "deregister", id)
    assert ask("instance", "list") == []


def test_the_life_of_a_task(ask):
    (made,) = ask("task", "register", "web", "--task-role", "app", "--execution-role", "app")
    assert made["Task"]["TaskRoleArn"] == f"arn:aws:iam::{ACCOUNT}:role/app"
    assert made["Secret"] != made["AgentSecret"]
    id = made["Task"]["TaskId"]
    (more,) = ask("secret", "task", id, "--agent")
    assert more["Secret"] not in made.values()
    assert [each["TaskId"] for each in ask("task", "list", "--cluster", "default")] == [id]
    ask("task", "deregister", id)
    assert ask("task", "list") == []


def test_the_life_of_a_function_and_of_a_service_role(ask):
    arn = f"arn:aws:iam::{ACCOUNT}:role/worker"
    (made,) = ask("function", "register", "mine", "--role", arn)
    assert made["Function"]["Role"] == arn
    ask("function", "set-role", "mine", "--role", "worker")
    assert [each["FunctionName"] for each in ask("function", "list")] == ["mine"]
    ask("function", "deregister", "mine")
    (stack,) = ask("service-role", "register", "cloudformation.amazonaws.com", STACK, "--role", "deployer")
    assert [each["ResourceArn"] for each in ask("service-role", "list")] == [STACK]
    ask("service-role", "deregister", stack["ServiceRole"]["ServiceRoleId"])
    assert ask("list") == []


def test_a_person_is_told_in_lines(command, shared_home, roles, monkeypatch):
    def said(*words):
        return command("workload", *words, home=shared_home).out.splitlines()

    first, secret, warning = said("instance", "register", "--profile", "web", "--region", "eu-west-1")
    id = first.split()[1]
    assert first == f"instance {id} is registered"
    assert secret.startswith("secret: ")
    assert "not shown again" in warning
    (line,) = said("instance", "list", "--region", "eu-west-1")
    assert line.startswith(id)
    assert line.endswith("instance-profile/web")
    (more,) = said("secret", "instance", id, "--region", "eu-west-1")
    monkeypatch.setattr(sys, "stdin", io.StringIO(more + "\n"))
    assert said("forget-secret", "--region", "eu-west-1") == ["the secret opens nothing"]
    assert said("instance", "deregister", id, "--region", "eu-west-1") == [f"instance {id} is gone"]
