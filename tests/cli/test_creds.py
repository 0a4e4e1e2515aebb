"""`rolekeeper creds`: a role's credentials in the hands of clients, of a shell, and of who reads them."""

from __future__ import annotations

import json
import subprocess
from datetime import UTC, datetime, timedelta

import pytest

from tests.cli.places import ACCOUNT, python

SESSION = f"arn:aws:sts::{ACCOUNT}:assumed-role/reader/rolekeeper"
WHO = "import boto3; print(boto3.client('sts').get_caller_identity()['Arn'])"

requirement = pytest.mark.requirement


@pytest.mark.parametrize("command", ["process", "export", "shell"])
def test_without_a_role_or_a_right_there_is_nothing(place, bob, reader, command):
    assert place.rolekeeper("creds", command, **bob).returncode == 2
    done = place.rolekeeper("creds", command, "--role", "nobody", given="exit 0\n", **bob)
    assert (done.returncode, done.stdout) == (1, "")
    assert "not authorized to perform: sts:AssumeRole" in done.stderr
    stranger = {"AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE", "AWS_SECRET_ACCESS_KEY": "wrong"}
    done = place.rolekeeper("creds", command, "--role", reader, **stranger)
    assert (done.returncode, done.stdout) == (3, "")


def test_a_profile_without_keys_is_said(place, reader, tmp_path):
    (tmp_path / "config").write_text("[profile bob]\nregion = us-east-1\n")
    given = ["--role", reader, "--source-profile", "bob"]
    done = place.rolekeeper("creds", "process", *given, AWS_CONFIG_FILE=str(tmp_path / "config"))
    assert (done.returncode, done.stdout) == (3, "")
    (tmp_path / "config").write_text("no file of that kind")
    done = place.rolekeeper("creds", "process", *given, AWS_CONFIG_FILE=str(tmp_path / "config"))
    assert "config cannot be read" in " ".join(done.stderr.split())


def test_a_process_prints_what_clients_expect(place, bob, reader):
    done = place.rolekeeper("creds", "process", "--role", reader, "--duration", "900", **bob)
    told = json.loads(done.stdout)
    assert sorted(told) == [
        "AccessKeyId",
        "AccountId",
        "Expiration",
        "SecretAccessKey",
        "SessionToken",
        "Version",
    ]
    assert (told["Version"], told["AccountId"]) == (1, ACCOUNT)
    left = datetime.fromisoformat(told["Expiration"]) - datetime.now(UTC)
    assert timedelta(minutes=10) < left <= timedelta(minutes=15)


@requirement("SR-027", "SR-068")
@pytest.mark.parametrize("where", ["credentials", "config"])
def test_a_client_gets_them_by_a_profile(place, bob, reader, tmp_path, where):
    files = {
        "AWS_CONFIG_FILE": str(tmp_path / "config"),
        "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "credentials"),
    }
    keys = "".join(f"{name.lower()} = {value}\n" for name, value in bob.items())
    title = "bob" if where == "credentials" else "profile bob"
    (tmp_path / where).write_text(f"[{title}]\n{keys}")
    own = f"region = us-east-1\nendpoint_url = {place.endpoint}\n"
    command = f"rolekeeper creds process --role {reader} --source-profile bob"
    with (tmp_path / "config").open("a") as config:
        config.write(f"[profile reader]\n{own}credential_process = {command}\n")
    done = subprocess.run(
        python(WHO),
        env=place.environment(AWS_PROFILE="reader", **files),
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert (done.stdout, done.stderr) == (f"{SESSION}\n", "")


def test_a_shell_becomes_the_role_by_the_lines(place, bob, reader):
    ask = f'{python(WHO)[0]} -c "{WHO}"'
    script = f'eval "$(rolekeeper creds export --role {reader})"; {ask}; echo "${{AWS_PROFILE-none}}"'
    done = subprocess.run(
        ["sh", "-c", script],
        env=place.environment(AWS_PROFILE="real", **bob),
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.stdout == f"{SESSION}\nnone\n"


def test_json_has_the_same_as_the_lines(place, bob, reader):
    told = json.loads(place.rolekeeper("creds", "export", "--role", reader, "--json", **bob).stdout)
    assert told["AWS_ENDPOINT_URL"] == place.endpoint
    assert told["AWS_PROFILE"] is None
    assert told["AWS_ACCESS_KEY_ID"].startswith("ASIA") and told["AWS_SESSION_TOKEN"]
    fish = place.rolekeeper("creds", "export", "--role", reader, "--shell", "fish", **bob).stdout
    assert {line.split()[2] for line in fish.splitlines()} == set(told)


@pytest.mark.parametrize("shell", ["bash", "sh"])
def test_a_shell_is_the_role_whatever_its_start_files_say(place, bob, reader, shell):
    startup = place.home.path / ".bashrc"
    startup.write_text("export AWS_PROFILE=real AWS_ACCESS_KEY_ID=AKIAREAL AWS_ODD=1; mine=yes\n")
    lines = ['echo "$PS1" $mine', "env | grep -c '^AWS_'", f'{python(WHO)[0]} -c "{WHO}"', "exit 5"]
    own = {"ENV": str(startup)} if shell == "sh" else {}
    given = ["--role", reader, "--shell", shell]
    done = place.rolekeeper("creds", "shell", *given, given="\n".join([*lines, ""]), **bob, **own)
    prompt, count, arn = done.stdout.splitlines()
    assert done.returncode == 5
    assert prompt.startswith("(reader) ") and prompt.endswith(" yes")
    assert (count, arn) == ("9", SESSION)
    assert "AKIAREAL" not in done.stdout


def test_a_shell_that_is_not_there_is_said(place, bob, reader):
    done = place.rolekeeper("creds", "shell", "--role", reader, "--shell", "/no/shell", **bob)
    assert done.returncode == 3
    assert "/no/shell cannot be started" in done.stderr
