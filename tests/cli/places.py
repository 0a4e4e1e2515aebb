"""A server that its tests may change, and commands and programs as its users give them."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.request
from pathlib import Path

import boto3

from rolekeeper.cli.credentials import root_key
from rolekeeper.cli.running import the_running
from rolekeeper.cli.workload.calls import WorkloadCalls

BIN = Path(sys.executable).parent
ACCOUNT = "123456789012"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/team/reader"


class Place:
    """A server, and commands as its users give them."""

    def __init__(self, home, ready):
        self.home = home
        self.endpoint = ready["endpoint"]
        self.root = {
            "AWS_ACCESS_KEY_ID": ready["root_access_key_id"],
            "AWS_SECRET_ACCESS_KEY": ready["root_secret_access_key"],
        }
        self.iam = self.client("iam")

    def client(self, service):
        """boto3's client of a service, as the root user."""
        return boto3.client(
            service,
            endpoint_url=self.endpoint,
            region_name="us-east-1",
            aws_access_key_id=self.root["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=self.root["AWS_SECRET_ACCESS_KEY"],
        )

    def own(self, operation, **members):
        """A call of the server's own service, as the root user."""
        server = the_running(self.environment())
        calls = WorkloadCalls(server, root_key(server, self.environment()), server.region)
        return calls.call(operation, **members)

    def user(self, name, *actions):
        """A new user's key, as variables; allowed all of STS and these."""
        self.iam.create_user(UserName=name)
        allowed = policy(["sts:*", *actions])
        self.iam.put_user_policy(UserName=name, PolicyName="own", PolicyDocument=allowed)
        key = self.iam.create_access_key(UserName=name)["AccessKey"]
        return {
            "AWS_ACCESS_KEY_ID": key["AccessKeyId"],
            "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"],
        }

    def role(self, name, principal=None, path="/", **more):
        """A new role that trusts the account, or a principal, and may list users; its ARN."""
        trust = policy("sts:*", Principal=principal or {"AWS": ACCOUNT}, **more)
        made = self.iam.create_role(RoleName=name, Path=path, AssumeRolePolicyDocument=trust)
        self.iam.put_role_policy(RoleName=name, PolicyName="own", PolicyDocument=policy("iam:ListUsers"))
        return made["Role"]["Arn"]

    def environment(self, **more):
        return self.home.environment | more

    def rolekeeper(self, *arguments, given=None, **variables):
        """A command to its end: what came of it."""
        return subprocess.run(
            [BIN / "rolekeeper", *arguments],
            env=self.environment(**variables),
            input=given,
            capture_output=True,
            text=True,
            timeout=120,
        )

    def start(self, *arguments, **variables):
        """A command that goes on."""
        return subprocess.Popen(
            [BIN / "rolekeeper", *arguments],
            env=self.environment(**variables),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def advance(self, seconds):
        order = json.dumps({"advance_seconds": seconds}).encode()
        urllib.request.urlopen(f"{self.endpoint}/_rolekeeper/clock", order).close()


def policy(action, **more):
    statement = {"Effect": "Allow", "Action": action, **more}
    return json.dumps(
        {"Version": "2012-10-17", "Statement": statement if more else statement | {"Resource": "*"}}
    )


def python(script):
    """The command that runs a script."""
    return [sys.executable, "-c", script]
