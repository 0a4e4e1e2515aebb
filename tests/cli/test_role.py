"""`rolekeeper role trust`, against a server that runs."""

from __future__ import annotations

import json

import pytest

from rolekeeper.cli.credentials import AccessPair, root_key
from rolekeeper.cli.iam_calls import IamCalls
from rolekeeper.cli.role import _show
from rolekeeper.cli.running import the_running
from rolekeeper.iam.secret import Secret
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


# -- with other credentials, and in other accounts -------------------------------------------------

OTHER = "222222222222"
THEIRS = f"arn:aws:iam::{OTHER}:role/theirs"
SEED = """
[[accounts]]
id = "222222222222"
name = "other"
root_access_key_id = "other_root"
root_secret_access_key = "other_secret"
"""
OTHERS = {"AWS_ACCESS_KEY_ID": "other_root", "AWS_SECRET_ACCESS_KEY": "other_secret"}


def made(iam: IamCalls, name: str, **more: str) -> dict[str, str]:
    """A new user's keys, as the environment has them."""
    iam.call("CreateUser", UserName=name)
    key = iam.call("CreateAccessKey", UserName=name)
    for policy in more.values():
        iam.call("PutUserPolicy", UserName=name, PolicyName="own", PolicyDocument=policy)
    return {
        "AWS_ACCESS_KEY_ID": key.findtext(".//AccessKeyId", ""),
        "AWS_SECRET_ACCESS_KEY": key.findtext(".//SecretAccessKey", ""),
    }


def may(on: str) -> str:
    statement = {"Effect": "Allow", "Action": "iam:GetRole", "Resource": on}
    return json.dumps({"Version": "2012-10-17", "Statement": statement})


@pytest.fixture(params=["--ephemeral", "--data"])
def two_accounts(request, home):
    """A server with a second account, which has a role."""
    seed = home.path / "seed.toml"
    seed.write_text(SEED)
    kept = ["--data", home.path / "data"] if request.param == "--data" else ["--ephemeral"]
    with home.up(*kept, "--seed", seed):
        server = the_running(home.environment)
        other = AccessPair(access_key_id="other_root", secret=Secret("other_secret"))
        document = json.dumps(TRUST)
        IamCalls(server, other).call("CreateRole", RoleName="theirs", AssumeRolePolicyDocument=document)
        yield server


def test_keys_must_be_allowed_to_read_the_role(command, shared_home, roles):
    for name, allowed in (("none", None), ("other", may(f"{ARN}-2"))):
        keys = made(roles, name, **({"policy": allowed} if allowed else {}))
        result = command("role", "trust", "deploy", home=shared_home, **keys)
        assert (result.status, result.out) == (3, "")
        assert f"not authorized to perform: iam:GetRole on resource: {ARN}" in " ".join(result.err.split())
    keys = made(roles, "reader", policy=may(ARN))
    for role in ("deploy", ARN):
        result = command("role", "trust", role, home=shared_home, **keys)
        assert (result.status, result.out.splitlines()[0]) == (0, ARN)


def test_keys_that_the_server_has_not_read_nothing(command, shared_home, roles):
    stranger = {"AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE", "AWS_SECRET_ACCESS_KEY": "wrong"}
    result = command("role", "trust", ARN, home=shared_home, **stranger)
    assert (result.status, result.out) == (3, "")
    assert "the keys in the environment are none of the server's" in " ".join(result.err.split())
    assert command("role", "trust", "deploy", home=shared_home, **stranger).status == 3
    half = {"AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE"}
    assert command("role", "trust", "deploy", home=shared_home, **half).status == 2


@pytest.mark.parametrize("role", ["arn:aws:iam::1:user/x", "arn:x", "arn:aws:s3:::role/x"])
def test_what_is_no_role_is_not_asked_for(command, shared_home, roles, role):
    result = command("role", "trust", role, home=shared_home)
    assert result.status == 2
    assert "ROLE is a role's name or ARN" in " ".join(result.err.split())
    nowhere = f"arn:aws-mars:iam::{ACCOUNT}:role/team/deploy"
    assert command("role", "trust", nowhere, home=shared_home).status == 2


def test_a_role_is_read_in_the_partition_of_its_arn(command, shared_home, roles):
    arn = ARN.replace("arn:aws:", "arn:aws-cn:")
    result = command("role", "trust", arn, home=shared_home)
    assert (result.status, result.out.splitlines()[0]) == (0, arn)


def test_a_role_of_another_account(command, home, two_accounts):
    mine = root_key(two_accounts, home.environment)
    wrong = {"AWS_ACCESS_KEY_ID": mine.access_key_id, "AWS_SECRET_ACCESS_KEY": mine.secret.reveal()}
    result = command("role", "trust", THEIRS, home=home, **wrong)
    assert (result.status, result.out) == (3, "")
    assert "they are of account 123456789012" in " ".join(result.err.split())
    for role in ("theirs", THEIRS):
        result = command("role", "trust", role, home=home, **OTHERS)
        assert (result.status, result.out.splitlines()[0]) == (0, THEIRS)
    nobody = "arn:aws:iam::333333333333:role/x"
    assert command("role", "trust", nobody, home=home).status == 3
    result = command("role", "trust", THEIRS, home=home)
    if two_accounts.data is not None:
        assert (result.status, result.out.splitlines()[0]) == (0, THEIRS)
    else:  # an ephemeral server says its own account's key only
        assert result.status == 3
        assert "put keys of that account into the environment" in " ".join(result.err.split())


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
