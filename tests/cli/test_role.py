"""`rolekeeper role trust`, against a server that runs."""

from __future__ import annotations

import json

import pytest

from rolekeeper.cli.credentials import root_key
from rolekeeper.cli.iam_calls import IamCalls
from rolekeeper.cli.role import _show
from rolekeeper.cli.running import the_running
from rolekeeper.policy.document import parse_document
from rolekeeper.policy.entrances import entrances, refusals

ACCOUNT, EC2 = "123456789012", "ec2.amazonaws.com"
ARN = f"arn:aws:iam::{ACCOUNT}:role/team/deploy"
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"AWS": ACCOUNT, "Service": EC2},
            "Action": ["sts:AssumeRole", "sts:TagSession"],
            "Condition": {
                "StringEquals": {"sts:ExternalId": "unload-7"},
                "Bool": {"aws:MultiFactorAuthPresent": "true"},
            },
        },
        {
            "Effect": "Deny",
            "Principal": "*",
            "Action": "sts:AssumeRole",
            "Condition": {"NotIpAddress": {"aws:SourceIp": "10.0.0.0/8"}},
        },
    ],
}
CLOSED = {
    "Version": "2012-10-17",
    "Statement": {"Effect": "Deny", "Principal": "*", "Action": "sts:AssumeRole"},
}


@pytest.fixture(scope="module")
def roles(running, shared_home):
    """Two roles of the server: one that lets in, one that lets in nobody."""
    server = the_running(shared_home.environment)
    iam = IamCalls(server, root_key(server, shared_home.environment))
    for name, trust in (("deploy", TRUST), ("closed", CLOSED)):
        document = json.dumps(trust)
        iam.call("CreateRole", RoleName=name, Path="/team/", AssumeRolePolicyDocument=document)
    yield iam
    for name in ("deploy", "closed"):
        iam.call("DeleteRole", RoleName=name)


@pytest.mark.parametrize("name", ["deploy", ARN])
def test_it_shows_who_and_what_they_need(command, shared_home, roles, name):
    result = command("role", "trust", name, home=shared_home)
    assert (result.status, result.err) == (0, "")
    assert result.out.splitlines() == [
        ARN,
        f"  account arn:aws:iam::{ACCOUNT}:root  through AssumeRole",
        "    needs a policy of their own that allows it",
        "    needs the external ID is unload-7",
        "    needs MFA",
        "    may bring session tags",
        f"  service {EC2}  through AssumeRole",
        "    needs the external ID is unload-7",
        "    needs MFA",
        "    may bring session tags",
        "  everyone *  is refused sts:AssumeRole",
        "    when their address is not in 10.0.0.0/8",
    ]


def test_it_tells_the_same_as_json(command, shared_home, roles):
    result = command("role", "trust", "deploy", "--json", home=shared_home)
    told = json.loads(result.out)
    assert told["role"] == ARN
    assert [(each["kind"], each["through"]) for each in told["entrances"]] == [
        ("account", "sts:AssumeRole"),
        ("service", "sts:AssumeRole"),
    ]
    assert told["entrances"][0]["conditions"][0] == {
        "operator": "StringEquals",
        "key": "sts:ExternalId",
        "values": ["unload-7"],
    }
    assert told["refusals"][0]["when"] == ["their address is not in 10.0.0.0/8"]


def test_nobody_is_a_no(command, shared_home, roles):
    result = command("role", "trust", "closed", home=shared_home)
    assert result.status == 1
    assert "nobody can assume it" in result.out
    assert "is refused sts:AssumeRole" in result.out


def test_a_role_that_is_not_there_cannot_be_told_of(command, shared_home, roles):
    result = command("role", "trust", "none", home=shared_home)
    assert (result.status, result.out) == (3, "")
    assert "the role none cannot be read from the server" in result.err
    result = command("role", "trust", f"arn:aws:iam::{ACCOUNT}:role/deploy", home=shared_home)
    assert result.status == 3
    assert f"its role deploy is {ARN}" in result.err


def test_without_a_server_nothing_is_told(command, home):
    result = command("role", "trust", "deploy", home=home)
    assert (result.status, result.out) == (3, "")


def test_on_a_terminal_it_is_a_table_and_steers_nothing(monkeypatch, capsys):
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "120")
    evil = json.loads(json.dumps(TRUST))
    evil["Statement"][0]["Condition"] = {"StringEquals": {"sts:ExternalId": "\u001b]0;own\u0007[red]"}}
    document = parse_document(json.dumps(evil))
    _show(ARN, entrances(document, ACCOUNT), refusals(document))
    shown = capsys.readouterr().out
    assert "what they need" in shown
    assert "\u001b]0;" not in shown
    assert "[red]" in shown
