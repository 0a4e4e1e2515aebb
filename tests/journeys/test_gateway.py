"""The AWS command line with services behind: bob launches an instance, and what runs there reads a bucket.

It is the walkthrough "Get-pics" of the IAM User Guide, on a server as `rolekeeper up` starts it.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.journeys.conftest import Running
from tests.people import allow, policy, trusting

ACCOUNT, IMAGE, PHOTOS = "123456789012", "ami-12c6146b", "photos"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/Get-pics"
LAUNCH = ("aws", "ec2", "run-instances", "--image-id", IMAGE, "--iam-instance-profile", "Name=Get-pics")


class Shell:
    """Somebody's shell."""

    def __init__(self, environment: Mapping[str, str], folder: Path) -> None:
        self._environment, self._folder = environment, folder

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command, env=self._environment, cwd=self._folder, capture_output=True, text=True, timeout=120
        )

    def told(self, *command: str) -> str:
        run = self.run(*command)
        assert run.returncode == 0, run.stderr
        return run.stdout.strip()

    def refused(self, code: str, *command: str) -> None:
        run = self.run(*command)
        assert run.returncode != 0, run.stdout
        assert code in run.stderr


def of(server: Running, folder: Path, key_id: str, secret: str) -> Shell:
    place = {"AWS_ENDPOINT_URL": server.endpoint, "AWS_DEFAULT_REGION": "us-east-1"}
    keys = {"AWS_ACCESS_KEY_ID": key_id, "AWS_SECRET_ACCESS_KEY": secret}
    return Shell({**server.environment, **place, **keys}, folder)


@pytest.fixture
def root(server: Running, tmp_path: Path) -> Shell:
    """The administrator, who has made the bucket and the role."""
    found = of(server, tmp_path, server.access_key_id, server.secret_access_key)
    (tmp_path / "pic").write_bytes(b"a picture")
    found.told("aws", "s3", "mb", f"s3://{PHOTOS}")
    found.told("aws", "s3", "cp", "pic", f"s3://{PHOTOS}/pic")
    iam = server.client("iam")
    trust = policy(trusting({"Service": "ec2.amazonaws.com"}))
    iam.create_role(RoleName="Get-pics", AssumeRolePolicyDocument=trust)
    reading = policy(
        allow("s3:ListBucket", on=f"arn:aws:s3:::{PHOTOS}"),
        allow("s3:GetObject", on=f"arn:aws:s3:::{PHOTOS}/*"),
    )
    iam.put_role_policy(RoleName="Get-pics", PolicyName="own", PolicyDocument=reading)
    iam.create_instance_profile(InstanceProfileName="Get-pics")
    iam.add_role_to_instance_profile(InstanceProfileName="Get-pics", RoleName="Get-pics")
    return found


@pytest.mark.requirement("SR-071")
def test_get_pics(server: Running, root: Shell, tmp_path: Path) -> None:
    iam = server.client("iam")
    iam.create_user(UserName="bob")
    key = iam.create_access_key(UserName="bob")["AccessKey"]
    bob = of(server, tmp_path, key["AccessKeyId"], key["SecretAccessKey"])
    launching = allow("ec2:RunInstances", "rolekeeper:*")

    def grant(*statements: dict[str, object]) -> None:
        iam.put_user_policy(UserName="bob", PolicyName="own", PolicyDocument=policy(*statements))

    grant(launching)
    bob.refused("UnauthorizedOperation", *LAUNCH)
    assert json.loads(root.told("aws", "ec2", "describe-instances"))["Reservations"] == []
    grant(launching, allow("iam:PassRole", on=ROLE))
    id = json.loads(bob.told(*LAUNCH))["Instances"][0]["InstanceId"]
    bob.refused("403", "aws", "s3", "cp", f"s3://{PHOTOS}/pic", "copy")
    inside = ("rolekeeper", "run", "--instance", id, "--")
    who = json.loads(bob.told(*inside, "aws", "sts", "get-caller-identity"))["Arn"]
    assert who == f"arn:aws:sts::{ACCOUNT}:assumed-role/Get-pics/{id}"
    bob.told(*inside, "aws", "s3", "cp", f"s3://{PHOTOS}/pic", "copy")
    assert (tmp_path / "copy").read_bytes() == b"a picture"
    bob.refused("AccessDenied", *inside, "aws", "s3", "cp", "pic", f"s3://{PHOTOS}/pic")
    bob.refused("AccessDenied", *inside, "aws", "s3", "ls")
    root.told("aws", "ec2", "terminate-instances", "--instance-ids", id)
    bob.refused("There is no instance", *inside, "true")
