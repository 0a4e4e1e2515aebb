"""The AWS command line, as it is, against a server on a port: row SR-135."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.journeys.conftest import Running, serving
from tests.people import allow, policy, trusting

requirement = pytest.mark.requirement
ACCOUNT = "123456789012"
READER = f"arn:aws:iam::{ACCOUNT}:role/reader"


class Shell:
    """A machine on which alice has a profile, and others that lead from it to roles."""

    def __init__(self, server: Running, home: Path) -> None:
        self.server = server
        self.config = home / "config"
        self.environment = dict(server.environment) | {
            "AWS_ENDPOINT_URL": server.endpoint,
            "AWS_CONFIG_FILE": str(self.config),
        }
        iam = server.client("iam")
        iam.create_user(UserName="alice")
        key = iam.create_access_key(UserName="alice")["AccessKey"]
        self.profile(
            "alice", aws_access_key_id=key["AccessKeyId"], aws_secret_access_key=key["SecretAccessKey"]
        )
        self.profile(
            "root", aws_access_key_id=server.access_key_id, aws_secret_access_key=server.secret_access_key
        )

    def profile(self, name: str, **settings: str) -> None:
        lines = [f"[profile {name}]", "region = us-east-1"]
        lines += [f"{key} = {value}" for key, value in settings.items()]
        with self.config.open("a") as file:
            file.write("\n".join([*lines, ""]))

    def run(self, profile: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["aws", "--profile", profile, *arguments, "--output", "json"],
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=120,
        )

    def told(self, profile: str, *arguments: str) -> Any:
        """What it answers."""
        run = self.run(profile, *arguments)
        assert run.returncode == 0, run.stderr
        return json.loads(run.stdout or "null")

    def refused(self, text: str, profile: str, *arguments: str) -> None:
        """It is refused, for this reason."""
        run = self.run(profile, *arguments)
        assert run.returncode != 0, run.stdout
        assert text in run.stderr


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[Shell]:
    with serving(tmp_path) as server:
        yield Shell(server, tmp_path)


@requirement("SR-135")
def test_sr_135_the_command_line_makes_a_role_and_becomes_it_by_a_profile(
    shell: Shell, tmp_path: Path
) -> None:
    asked = {"StringEquals": {"sts:ExternalId": "unload-7"}}
    (tmp_path / "trust.json").write_text(
        policy(trusting(f"arn:aws:iam::{ACCOUNT}:user/alice", Condition=asked))
    )
    (tmp_path / "own.json").write_text(policy(allow("iam:ListRoles")))
    named = ("--role-name", "reader")
    trust = ("--assume-role-policy-document", f"file://{tmp_path}/trust.json")
    shell.refused("(AccessDenied)", "alice", "iam", "create-role", *named, *trust)
    assert shell.told("root", "iam", "create-role", *named, *trust)["Role"]["Arn"] == READER
    own = ("--policy-name", "own", "--policy-document", f"file://{tmp_path}/own.json")
    shell.told("root", "iam", "put-role-policy", *named, *own)
    shell.profile("reader", source_profile="alice", role_arn=READER, external_id="unload-7")
    shell.profile("lost", source_profile="alice", role_arn=READER)
    whoami = ("sts", "get-caller-identity")
    shell.refused("(AccessDenied) when calling the AssumeRole operation", "lost", *whoami)
    assert shell.told("reader", *whoami)["Arn"].startswith(f"arn:aws:sts::{ACCOUNT}:assumed-role/reader/")
    assert [one["RoleName"] for one in shell.told("reader", "iam", "list-roles")["Roles"]] == ["reader"]
    no = "because no identity-based policy allows the iam:ListUsers action"
    shell.refused(no, "reader", "iam", "list-users")
    shell.refused("(AccessDenied) when calling the ListRoles operation", "alice", "iam", "list-roles")


@requirement("SR-135")
def test_sr_135_the_command_line_is_told_of_a_wrong_key(shell: Shell) -> None:
    whoami = ("sts", "get-caller-identity")
    shell.profile("wrong", aws_access_key_id=shell.server.access_key_id, aws_secret_access_key="wrong")
    shell.refused("(SignatureDoesNotMatch)", "wrong", *whoami)
    shell.profile("unknown", aws_access_key_id="AKIAAAAAAAAAAAAAAAAA", aws_secret_access_key="x")
    shell.refused("(InvalidClientTokenId)", "unknown", *whoami)
