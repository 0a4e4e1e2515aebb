"""`rolekeeper run --role`, with programs that are clients as their makers wrote them."""

from __future__ import annotations

import http.client
import json
import os
import signal
import urllib.request
from datetime import UTC, datetime
from urllib.parse import urlsplit

import pytest

from tests.authenticator import device
from tests.cli.places import ACCOUNT, python

PATIENT = """
import os
os.environ.update(AWS_METADATA_SERVICE_TIMEOUT="30", AWS_METADATA_SERVICE_NUM_ATTEMPTS="3")
"""
"""botocore asks the metadata of an instance once, and waits for a second: a machine at work takes longer."""
WHO = f"{PATIENT}import boto3; print(boto3.client('sts').get_caller_identity()['Arn'])"
ENVIRONMENT = "import json, os; print(json.dumps(dict(os.environ)))"
ASKS = f"""{PATIENT}
import sys, boto3, botocore.exceptions
session = boto3.Session()
for line in sys.stdin:
    try:
        client = session.client(*line.split()[:1])
        client.list_users()
        print(session.get_credentials().access_key, flush=True)
    except botocore.exceptions.BotoCoreError as error:
        print(type(error).__name__, flush=True)
    except botocore.exceptions.ClientError as error:
        print(error.response["Error"]["Code"], flush=True)
"""
"""For each line: the key that a call was made with, or why none was."""

requirement = pytest.mark.requirement


def ask(process):
    process.stdin.write("iam\n")
    process.stdin.flush()
    return process.stdout.readline().strip()


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ([], "say what to run"),
        (["true"], "--role"),
        (["--role", "x", "--token-code", "1", "true"], "go together"),
        (["--role", "x", "--duration", "long", "true"], "--duration"),
        (["--rôle", "x", "true"], "No such option"),
    ],
)
def test_a_wrong_use_runs_nothing(place, bob, arguments, complaint):
    done = place.rolekeeper("run", *arguments, **bob)
    assert (done.returncode, done.stdout) == (2, "")
    assert complaint in done.stderr


def test_without_a_server_nothing_runs(place, bob, tmp_path):
    gone = {"XDG_RUNTIME_DIR": str(tmp_path)}
    done = place.rolekeeper("run", "--role", "reader", "--", "echo", "ran", **bob | gone)
    assert (done.returncode, done.stdout) == (3, "")


def test_who_may_not_assume_the_role_runs_nothing(place, bob, reader):
    place.role("closed", {"Service": "ec2.amazonaws.com"})
    done = place.rolekeeper("run", "--role", "closed", "--", "echo", "ran", **bob)
    assert (done.returncode, done.stdout) == (1, "")
    assert "not authorized to perform: sts:AssumeRole" in done.stderr


def test_the_root_user_is_told_that_it_assumes_no_role(place, reader):
    for who in ({}, place.root):
        done = place.rolekeeper("run", "--role", reader, "--", "echo", "ran", **who)
        assert (done.returncode, done.stdout) == (1, "")
        assert "put a user's keys into the environment" in done.stderr


def test_a_profile_is_not_guessed_at(place, reader):
    done = place.rolekeeper("run", "--role", reader, "--", "echo", "ran", AWS_PROFILE="work")
    assert (done.returncode, done.stdout) == (2, "")


def test_a_program_that_is_not_there_is_said(place, bob, reader):
    done = place.rolekeeper("run", "--role", reader, "--", "no-such-program", **bob)
    assert (done.returncode, done.stdout) == (3, "")
    assert "no-such-program cannot be started" in done.stderr


@requirement("SR-027", "SR-068")
def test_nothing_of_the_users_settings_reaches_the_program(place, bob, reader, tmp_path):
    (tmp_path / "config").write_text(
        "[default]\nregion = eu-west-3\n[profile real]\naws_access_key_id = AKIAREAL\n"
    )
    ambient = {
        "AWS_CONFIG_FILE": str(tmp_path / "config"),
        "AWS_SESSION_TOKEN": "",
        "AWS_ENDPOINT_URL_STS": "https://sts.example",
        "AWS_WEB_IDENTITY_TOKEN_FILE": "/token",
        "AWS_REGION": "eu-west-3",
        "ROLEKEEPER_KEY": "c2VjcmV0",
        "EC2_SECRET_KEY": "real",
    }
    done = place.rolekeeper("run", "--role", reader, "--", *python(ENVIRONMENT), **ambient | bob)
    told = json.loads(done.stdout)
    assert bob["AWS_SECRET_ACCESS_KEY"] not in done.stdout
    assert {name for name in told if name.startswith(("AWS_", "ROLEKEEPER_", "EC2_"))} == {
        "AWS_ENDPOINT_URL",
        "AWS_REGION",
        "AWS_DEFAULT_REGION",
        "AWS_CONFIG_FILE",
        "AWS_SHARED_CREDENTIALS_FILE",
        "AWS_DISABLE_HOST_PREFIX_INJECTION",
        "AWS_EC2_METADATA_DISABLED",
        "AWS_CONTAINER_CREDENTIALS_FULL_URI",
        "AWS_CONTAINER_AUTHORIZATION_TOKEN",
    }
    assert told["AWS_REGION"] == "us-east-1"
    assert told["AWS_CONFIG_FILE"] == told["AWS_SHARED_CREDENTIALS_FILE"] == os.devnull


@requirement("SR-027", "SR-068")
def test_a_program_is_the_role_without_any_setting_of_its_own(place, bob, reader):
    done = place.rolekeeper("run", "--role", reader, "--", *python(WHO), **bob)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"arn:aws:sts::{ACCOUNT}:assumed-role/reader/rolekeeper\n"


def test_a_role_can_be_named_and_the_dashes_left_out(place, bob, reader):
    named = place.rolekeeper("run", "--role", "team/reader", "--session-name", "s1", *python(WHO), **bob)
    assert named.stdout == f"arn:aws:sts::{ACCOUNT}:assumed-role/reader/s1\n"


def test_what_the_roles_owner_asks_for_is_brought(place, bob):
    wanted = {
        "StringEquals": {
            "sts:ExternalId": "first",
            "aws:RequestTag/team": "blue",
            "sts:SourceIdentity": "ana",
        }
    }
    place.role("asking", Condition=wanted)
    given = ["--external-id", "first", "--tag", "team=blue", "--source-identity", "ana", "--duration", "15m"]
    done = place.rolekeeper("run", "--role", "asking", *given, "--", *python(WHO), **bob)
    assert done.stdout == f"arn:aws:sts::{ACCOUNT}:assumed-role/asking/rolekeeper\n"
    for missing in (0, 2, 4):
        less = given[:missing] + given[missing + 2 :]
        assert place.rolekeeper("run", "--role", "asking", *less, "--", "true", **bob).returncode == 1


def test_a_stranger_without_the_token_gets_nothing(place, bob, reader):
    process = place.start("run", "--role", reader, "--", *python(f"{ENVIRONMENT}; input()"), **bob)
    told = json.loads(_line(process))
    url = urlsplit(told["AWS_CONTAINER_CREDENTIALS_FULL_URI"])
    token = told["AWS_CONTAINER_AUTHORIZATION_TOKEN"]
    for headers in ({}, {"Authorization": "x"}, {"Authorization": token, "Host": "evil.example"}):
        assert _get(url, headers)[0] == 403
    status, body = _get(url, {"Authorization": token})
    assert (status, json.loads(body)["AccessKeyId"][:4]) == (200, "ASIA")
    process.communicate("\n", timeout=60)
    with pytest.raises(ConnectionRefusedError):
        _get(url, {"Authorization": token})


def _line(process):
    return process.stdout.readline()


def _get(url, headers):
    connection = http.client.HTTPConnection(url.hostname, url.port, timeout=60)
    connection.request("GET", url.path, headers=headers)
    answer = connection.getresponse()
    return answer.status, answer.read()


@requirement("SR-133")
def test_credentials_are_renewed_while_it_runs_and_refused_after_the_role_is_gone(place, bob):
    place.role("turning")
    # Of 15 minutes: boto3 asks for others at every call, and gets them when half of the time is over.
    given = ["--role", "turning", "--duration", "900"]
    process = place.start("run", *given, "--", *python(ASKS), **bob)
    first = ask(process)
    assert first.startswith("ASIA")
    assert ask(process) == first
    place.advance(600)
    second = ask(process)
    assert second.startswith("ASIA") and second != first
    place.advance(3600)
    third = ask(process)
    assert third.startswith("ASIA") and third != second
    place.iam.delete_role_policy(RoleName="turning", PolicyName="own")
    assert ask(process) == "AccessDenied"
    place.iam.delete_role(RoleName="turning")
    assert ask(process) in ("InvalidClientTokenId", "AccessDenied")
    place.advance(3600)
    assert not ask(process).startswith("ASIA")
    process.communicate(timeout=60)


@requirement("SR-133")
def test_sessions_that_are_revoked_are_refused_until_the_next(place, bob):
    place.role("revoked")
    process = place.start("run", "--role", "revoked", "--duration", "900", "--", *python(ASKS), **bob)
    first = ask(process)
    assert first.startswith("ASIA")
    place.advance(60)
    now = json.loads(_health(place))["time"]
    deny = {
        "Version": "2012-10-17",
        "Statement": {
            "Effect": "Deny",
            "Action": "*",
            "Resource": "*",
            "Condition": {"DateLessThan": {"aws:TokenIssueTime": now}},
        },
    }
    place.iam.put_role_policy(
        RoleName="revoked", PolicyName="AWSRevokeOlderSessions", PolicyDocument=json.dumps(deny)
    )
    assert ask(process) == "AccessDenied"
    place.advance(600)
    assert ask(process).startswith("ASIA")
    process.communicate(timeout=60)


def _health(place):
    with urllib.request.urlopen(f"{place.endpoint}/_rolekeeper/health") as answer:
        return answer.read()


@requirement("SR-027")
def test_keys_are_in_the_environment_only_when_that_is_asked(place, bob, reader):
    done = place.rolekeeper("run", "--role", reader, "--static", "--", *python(ENVIRONMENT), **bob)
    told = json.loads(done.stdout)
    assert told["AWS_ACCESS_KEY_ID"].startswith("ASIA")
    assert not [name for name in told if name.startswith("AWS_CONTAINER_")]
    done = place.rolekeeper("run", "--role", reader, "--static", "--", *python(WHO), **bob)
    assert done.stdout == f"arn:aws:sts::{ACCOUNT}:assumed-role/reader/rolekeeper\n"


def test_mfa_opens_a_session_that_lasts(place):
    carol, phone = place.user("carol"), device(place, "carol")
    phone.ahead = round((_time(place) - datetime.now(UTC)).total_seconds())
    place.iam.enable_mfa_device(UserName="carol", SerialNumber=phone.serial, **phone.pair())
    place.role("guarded", Condition={"Bool": {"aws:MultiFactorAuthPresent": "true"}})
    assert place.rolekeeper("run", "--role", "guarded", "--", "true", **carol).returncode == 1
    given = ["--role", "guarded", "--duration", "900", "--serial-number", phone.serial]
    process = place.start("run", *given, "--token-code", phone.code(1), "--", *python(ASKS), **carol)
    first = ask(process)
    assert first.startswith("ASIA")
    place.advance(7200)
    second = ask(process)
    assert second.startswith("ASIA") and second != first
    process.communicate(timeout=60)


def _time(place):
    return datetime.fromisoformat(json.loads(_health(place))["time"])


def test_signals_and_the_exit_status_are_the_programs(place, bob, reader):
    assert place.rolekeeper("run", "--role", reader, "--", "sh", "-c", "exit 7", **bob).returncode == 7
    script = "trap 'exit 9' TERM; echo ready; while :; do sleep 0.05; done"
    process = place.start("run", "--role", reader, "--", "sh", "-c", script, **bob)
    assert _line(process) == "ready\n"
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=60)
    assert process.returncode == 9
