"""One call in a process of its own, by boto3 or by the AWS command line."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

from botocore import xform_name

from tests.journeys.conftest import Running

_BOTO3 = """
import json, sys, boto3, botocore
service, operation, members = sys.argv[1], sys.argv[2], json.loads(sys.argv[3])
if "Body" in members:
    members["Body"] = members["Body"].encode()
try:
    found = getattr(boto3.client(service), operation)(**members)
except botocore.exceptions.ClientError as error:
    sys.exit(f"An error occurred ({error.response['Error']['Code']}): {error.response['Error']['Message']}")
if operation == "get_object":
    found["Body"] = found["Body"].read().decode()
print(json.dumps(found, default=str))
"""
_REFUSED = re.compile(r"An error occurred \((\w+)\)(.*)", re.DOTALL)


class Refused(Exception):
    """A call was refused: its code, and its text."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(f"{code}: {text}")
        self.code, self.text = code, text


class Client(Protocol):
    """What makes calls."""

    def command(
        self, endpoint: str, service: str, operation: str, members: Mapping[str, Any], folder: Path
    ) -> list[str]:
        """The program that makes this one."""
        ...

    def answer(self, printed: str, folder: Path) -> Any:
        """What it was told."""
        ...


class Boto3:
    """boto3, with an interpreter for each call."""

    def command(
        self, endpoint: str, service: str, operation: str, members: Mapping[str, Any], folder: Path
    ) -> list[str]:
        return [sys.executable, "-c", _BOTO3, service, xform_name(operation), json.dumps(members)]

    def answer(self, printed: str, folder: Path) -> Any:
        return json.loads(printed)


class CommandLine:
    """The `aws` that is first on PATH. Bodies of objects are files to it."""

    def command(
        self, endpoint: str, service: str, operation: str, members: Mapping[str, Any], folder: Path
    ) -> list[str]:
        own = "s3api" if service == "s3" else service
        words = ["aws", own, xform_name(operation, "-"), "--output", "json"]
        if service == "sqs":  # the command line of version 1 looks for the endpoint of SQS nowhere else
            words += ["--endpoint-url", endpoint]
        for name, value in members.items():
            words += self._option(name, value, folder)
        return [*words, str(folder / "body")] if operation == "GetObject" else words

    def answer(self, printed: str, folder: Path) -> Any:
        found = json.loads(printed or "{}")
        body = folder / "body"
        return found | {"Body": body.read_text()} if body.exists() else found

    def _option(self, name: str, value: Any, folder: Path) -> list[str]:
        option = f"--{xform_name(name, '-')}"
        if name == "Body":
            (folder / "sent").write_text(value)
            value = str(folder / "sent")
        if isinstance(value, bool):
            return [option]
        return [option, json.dumps(value) if isinstance(value, dict | list) else str(value)]


class Somebody:
    """Who makes calls: with a key, or as what runs behind the words before a command."""

    def __init__(self, server: Running, client: Client, credentials: Mapping[str, str], *before: str) -> None:
        self._server, self._client, self._credentials, self._before = server, client, credentials, before

    def __call__(self, service: str, operation: str, **members: Any) -> Any:
        """The answer. Refused."""
        with tempfile.TemporaryDirectory() as made:
            folder = Path(made)
            command = self._client.command(self._server.endpoint, service, operation, members, folder)
            run = subprocess.run(
                [*self._before, *command],
                env={**self._server.environment, **self._place(), **self._credentials},
                cwd=folder,
                capture_output=True,
                text=True,
                timeout=120,
            )
            if run.returncode != 0:
                found = _REFUSED.search(run.stderr)
                assert found, f"{service} {operation}: {run.stderr}"
                raise Refused(found[1], found[2])
            return self._client.answer(run.stdout, folder)

    def as_role(self, arn: str) -> Somebody:
        """The same client with a session of a role."""
        made = self("sts", "AssumeRole", RoleArn=arn, RoleSessionName="journey")
        return Somebody(self._server, self._client, variables(made["Credentials"]))

    def inside(self, *before: str) -> Somebody:
        """What these words start, such as `rolekeeper run --instance ID --`."""
        return Somebody(self._server, self._client, self._credentials, *before)

    def _place(self) -> dict[str, str]:
        return {"AWS_ENDPOINT_URL": self._server.endpoint, "AWS_DEFAULT_REGION": "us-east-1"}


def variables(keys: Mapping[str, str]) -> dict[str, str]:
    """The environment of who holds an `AccessKey` or `Credentials` structure."""
    found = {"AWS_ACCESS_KEY_ID": keys["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": keys["SecretAccessKey"]}
    return found | ({"AWS_SESSION_TOKEN": keys["SessionToken"]} if "SessionToken" in keys else {})
