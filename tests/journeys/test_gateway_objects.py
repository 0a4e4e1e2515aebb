"""The walkthrough of S3 on objects that the bucket's owner does not own, by the AWS command line.

Account A has a bucket, B uploads into it with full control for A, and Dave of C reads that by a role of A.
Source: "Example 4: Bucket owner granting cross-account permission to objects it does not own" in the Amazon
S3 User Guide.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.journeys.conftest import Running, bare_environment, up
from tests.people import allow, policy

A, B, C = "111111111111", "222222222222", "333333333333"
BUCKET, KEY = "examplebucket", "HappyFace.jpg"
ROLE = f"arn:aws:iam::{A}:role/examplerole"


class Profiles:
    """The AWS command line with a profile for each administrator and user of the page."""

    def __init__(self, server: Running, folder: Path) -> None:
        self.folder, self.credentials = folder, folder / "credentials"
        place = {"AWS_ENDPOINT_URL": server.endpoint, "AWS_DEFAULT_REGION": "us-east-1"}
        files = {"AWS_SHARED_CREDENTIALS_FILE": str(self.credentials)}
        self.environment = {**server.environment, **place, **files}

    def add(self, name: str, key_id: str, secret: str, token: str = "") -> None:
        lines = [f"[{name}]", f"aws_access_key_id = {key_id}", f"aws_secret_access_key = {secret}"]
        with self.credentials.open("a") as file:
            file.write("\n".join([*lines, *([f"aws_session_token = {token}"] if token else []), ""]))

    def run(self, profile: str, *command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["aws", *command, "--profile", profile, "--output", "json"],
            env=self.environment,
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=120,
        )

    def told(self, profile: str, *command: str) -> Any:
        run = self.run(profile, *command)
        assert run.returncode == 0, run.stderr
        return json.loads(run.stdout or "null")

    def refused(self, profile: str, *command: str) -> None:
        run = self.run(profile, *command)
        assert run.returncode != 0, run.stdout
        assert "(AccessDenied)" in run.stderr


@pytest.fixture
def profiles(tmp_path: Path) -> Iterator[Profiles]:
    """Three accounts with an administrator each, and the page's pictures."""
    seed = "".join(
        f'[[accounts]]\nid = "{id}"\nname = "n{id}"\nroot_access_key_id = "k{id}"\n'
        f'root_secret_access_key = "s{id}"\n'
        for id in (A, B, C)
    )
    (tmp_path / "seed.toml").write_text(seed)
    (tmp_path / KEY).write_bytes(b"a happy face")
    with up(bare_environment(tmp_path), "--ephemeral", "--seed", str(tmp_path / "seed.toml")) as server:
        found = Profiles(server, tmp_path)
        for name, id in (("AccountAadmin", A), ("AccountBadmin", B), ("AccountCadmin", C)):
            iam = server.client("iam", f"k{id}", f"s{id}")
            iam.create_user(UserName=name)
            administrator = "arn:aws:iam::aws:policy/AdministratorAccess"
            iam.attach_user_policy(UserName=name, PolicyArn=administrator)
            key = iam.create_access_key(UserName=name)["AccessKey"]
            found.add(name, key["AccessKeyId"], key["SecretAccessKey"])
        yield found


def step_one(aws: Profiles) -> str:
    """Account A: the bucket with B's right to upload, and the role for C; A's canonical user ID."""
    admin = "AccountAadmin"
    ownership = ("--object-ownership", "ObjectWriter")
    aws.told(admin, "s3api", "create-bucket", "--bucket", BUCKET, *ownership)
    owner: str = aws.told(admin, "s3api", "list-buckets")["Owner"]["ID"]
    into = {
        "Principal": {"AWS": f"arn:aws:iam::{B}:user/AccountBadmin"},
        "Action": ["s3:PutObject"],
        "Resource": [f"arn:aws:s3:::{BUCKET}/*"],
    }
    full = {"StringNotEquals": {"s3:x-amz-grant-full-control": f"id={owner}"}}
    statements = [
        {"Sid": "111", "Effect": "Allow", **into},
        {"Sid": "112", "Effect": "Deny", **into, "Condition": full},
    ]
    document = json.dumps({"Version": "2012-10-17", "Statement": statements})
    aws.told(admin, "s3api", "put-bucket-policy", "--bucket", BUCKET, "--policy", document)
    trust = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{C}:root"}, "Action": "sts:AssumeRole"}
    trusting = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    reading = policy(allow("s3:GetObject", on=f"arn:aws:s3:::{BUCKET}/*"))
    named = ("--role-name", "examplerole")
    aws.told(admin, "iam", "create-role", *named, "--assume-role-policy-document", trusting)
    made = ("--policy-name", "access-accountA-bucket", "--policy-document", reading)
    arn = aws.told(admin, "iam", "create-policy", *made)["Policy"]["Arn"]
    aws.told(admin, "iam", "attach-role-policy", *named, "--policy-arn", arn)
    return owner


@pytest.mark.requirement("SR-109", "SR-111", "SR-112", "SR-113")
def test_dave_reads_what_b_uploaded_through_a_role_of_a(profiles: Profiles) -> None:
    aws = profiles
    owner = step_one(aws)
    # Step 2: account B uploads, and only with full control for A.
    at = ("--bucket", BUCKET, "--key", KEY)
    put = ("s3api", "put-object", *at, "--body", KEY)
    aws.refused("AccountBadmin", *put)
    aws.told("AccountBadmin", *put, "--grant-full-control", f"id={owner}")
    own = aws.told("AccountBadmin", "s3api", "list-buckets")["Owner"]["ID"]
    assert aws.told("AccountAadmin", "s3api", "get-object-acl", *at)["Owner"]["ID"] == own
    # Step 3: account C has Dave, who may become the role.
    aws.told("AccountCadmin", "iam", "create-user", "--user-name", "Dave")
    key = aws.told("AccountCadmin", "iam", "create-access-key", "--user-name", "Dave")["AccessKey"]
    aws.add("AccountCDave", key["AccessKeyId"], key["SecretAccessKey"])
    become = ("sts", "assume-role", "--role-arn", ROLE, "--role-session-name", "test")
    aws.refused("AccountCDave", *become)
    may = policy(allow("sts:AssumeRole", on=ROLE))
    inline = ("--user-name", "Dave", "--policy-name", "own", "--policy-document", may)
    aws.told("AccountCadmin", "iam", "put-user-policy", *inline)
    get = ("s3api", "get-object", *at, "SaveFileAs.jpg")
    aws.refused("AccountCDave", *get)
    given = aws.told("AccountCDave", *become)["Credentials"]
    aws.add("TempCred", given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"])
    aws.told("TempCred", *get)
    assert (aws.folder / "SaveFileAs.jpg").read_bytes() == b"a happy face"
    aws.refused("TempCred", *put)
