from __future__ import annotations

import json

import pytest

from rolekeeper.cli.credentials import root_key
from rolekeeper.cli.iam_calls import IamCalls
from rolekeeper.cli.running import the_running
from rolekeeper.cli.suites.live_role import LiveRoles
from rolekeeper.errors import ConfigurationError
from tests.cli.conftest import Home
from tests.cli.suites.conftest import ALLOW_READS

TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
    ],
}


def texts(level):
    return [json.loads(each.document.source) for each in level]


@pytest.fixture(scope="module")
def iam(tmp_path_factory):
    """A server of these tests' own, which change it."""
    home = Home(tmp_path_factory.mktemp("home"))
    with home.up("--ephemeral"):
        server = the_running(home.environment)
        yield IamCalls(server, root_key(server, home.environment))


@pytest.fixture(scope="module")
def app(iam):
    """A role with a path, a tag, inline policies, an attached one in its second version, and a boundary."""
    arns = {}
    for name in ("attached", "bounds"):
        made = iam.call("CreatePolicy", PolicyName=name, PolicyDocument=json.dumps(ALLOW_READS))
        arns[name] = made.findtext(".//Arn")
    second = json.dumps(TRUST | {"Statement": [{"Effect": "Deny", "Action": "s3:*", "Resource": "*"}]})
    iam.call("CreatePolicyVersion", PolicyArn=arns["attached"], PolicyDocument=second, SetAsDefault="true")
    role = {"RoleName": "app", "Path": "/team/", "AssumeRolePolicyDocument": json.dumps(TRUST)}
    tags = {"Tags.member.1.Key": "team", "Tags.member.1.Value": "é + r=d"}
    iam.call("CreateRole", PermissionsBoundary=arns["bounds"], **role, **tags)
    for name in ("one", "two"):
        iam.call("PutRolePolicy", RoleName="app", PolicyName=name, PolicyDocument=json.dumps(ALLOW_READS))
    iam.call("AttachRolePolicy", RoleName="app", PolicyArn=arns["attached"])
    return "arn:aws:iam::123456789012:role/team/app"


@pytest.fixture
def roles(iam):
    return LiveRoles(lambda: iam)


def test_a_role_that_is_not_there_cannot_be_read(roles):
    with pytest.raises(ConfigurationError, match=r"the role gone cannot be read from the server: .*gone"):
        roles.role("gone")


def test_an_arn_has_to_be_the_roles_own(app, roles):
    with pytest.raises(ConfigurationError, match=f"its role app is {app}"):
        roles.role("arn:aws:iam::444455556666:role/app")


def test_nobody_to_ask_is_an_error_and_asked_when_needed_only():
    def nobody():
        raise ConfigurationError("no server is running")

    roles = LiveRoles(nobody)
    with pytest.raises(ConfigurationError, match="no server is running"):
        roles.role("app")


def test_a_role_comes_with_all_its_policies(app, roles):
    role = roles.role("app")
    assert role.arn == app
    assert texts([role.trust]) == [TRUST]
    assert [each.title for each in role.identity] == [
        "role app, inline policy one",
        "role app, inline policy two",
        "role app, attached policy arn:aws:iam::123456789012:policy/attached",
    ]
    assert texts(role.identity)[:2] == [ALLOW_READS, ALLOW_READS]
    assert texts(role.identity)[2]["Statement"][0]["Effect"] == "Deny"
    assert texts(role.boundary) == [ALLOW_READS]
    assert role.context == {"aws:PrincipalTag/team": "é + r=d"}


def test_a_role_is_fetched_once_by_name_and_found_by_arn(app, roles):
    assert roles.role("app") is roles.role("app")
    assert roles.role(app).arn == app


def test_a_role_without_a_boundary_has_none(iam, roles):
    iam.call("CreateRole", RoleName="free", AssumeRolePolicyDocument=json.dumps(TRUST))
    assert roles.role("free").boundary is None
