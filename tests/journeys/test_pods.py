"""boto3 in a pod: nothing in its environment but what EKS puts there, and the server's endpoint.

The SDK finds the credentials by itself, they are renewed before they end, and it is refused after the
association is gone.
"""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.journeys.conftest import BIN, Running
from tests.journeys.javascript_sdk import OWN, sdk

WITHOUT_SDK = pytest.mark.skipif(sdk() is None, reason="the AWS SDK for JavaScript is not here")

TRUST = {
    "Version": "2012-10-17",
    "Statement": {
        "Effect": "Allow",
        "Principal": {"Service": "pods.eks.amazonaws.com"},
        "Action": ["sts:AssumeRole", "sts:TagSession"],
    },
}

PROGRAM = """
import sys, boto3, datetime
session = boto3.Session()
found = session.get_credentials()
print(found.method, flush=True)
sts = session.client("sts")
for line in sys.stdin:
    if line.strip() == "later":  # as if the time were nearly up: botocore looks at its own clock
        found._expiry_time = datetime.datetime.now(datetime.timezone.utc)
    try:
        print(sts.get_caller_identity()["Arn"], found.get_frozen_credentials().access_key, flush=True)
    except Exception as error:
        print(type(error).__name__, error, flush=True)
"""


class Program:
    """A program that asks who it is whenever it is told to."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM],
            env=dict(environment),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert self._process.stdout is not None
        self.method = self._process.stdout.readline().strip()

    def ask(self, word: str = "now") -> str:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(word + "\n")
        self._process.stdin.flush()
        return self._process.stdout.readline().strip()

    def end(self) -> None:
        self._process.communicate(timeout=120)


@pytest.fixture
def programs() -> Iterator[list[Program]]:
    started: list[Program] = []
    yield started
    for each in started:
        each.end()


def rolekeeper(server: Running, *words: str) -> str:
    done = subprocess.run(
        [str(BIN / "rolekeeper"), *words],
        env=dict(server.environment),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def environment(server: Running, **more: str) -> dict[str, str]:
    return {
        **server.environment,
        "AWS_ENDPOINT_URL": server.endpoint,
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
        **more,
    }


def pod(server: Running, file: Path) -> dict[str, str]:
    """What EKS sets in a pod."""
    return environment(
        server,
        AWS_CONTAINER_CREDENTIALS_FULL_URI=f"{server.endpoint}/_rolekeeper/pods/v1/credentials",
        AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE=str(file),
    )


def node(provider: str) -> list[str]:
    """The SDK for JavaScript with one provider of credentials."""
    return ["node", str(OWN / "identity.mjs"), str(sdk()), provider]


COMMAND_LINE = ["aws", "sts", "get-caller-identity", "--query", "Arn", "--output", "text"]


def says(command: list[str], variables: Mapping[str, str]) -> tuple[int, str]:
    """The exit status of a client, and what it prints."""
    done = subprocess.run(command, env=dict(variables), capture_output=True, text=True, timeout=120)
    return done.returncode, done.stdout.strip() or done.stderr


def advance(server: Running, seconds: int) -> None:
    body = json.dumps({"advance_seconds": seconds}).encode()
    urllib.request.urlopen(urllib.request.Request(f"{server.endpoint}/_rolekeeper/clock", body)).close()


def test_a_pod_gets_its_role_and_keeps_it_until_the_association_is_gone(
    server: Running, programs: list[Program], tmp_path: Path
) -> None:
    rolekeeper(server, "cluster", "add", "prod")
    iam, eks = server.client("iam"), server.client("eks")
    for name in ("cart", "checkout"):
        role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]["Arn"]
        made = eks.create_pod_identity_association(
            clusterName="prod", namespace="shop", serviceAccount=name, roleArn=role
        )["association"]
        rolekeeper(server, "cluster", "token", f"shop/{name}", "--out", str(tmp_path / name))
    first, other = (Program(pod(server, tmp_path / name)) for name in ("cart", "checkout"))
    programs += [first, other]
    assert first.method == other.method == "container-role"
    arn, key = first.ask().split()
    assert "assumed-role/cart/eks-prod-cart-" in arn
    assert "assumed-role/checkout/" in other.ask()
    advance(server, 6 * 3600 - 15 * 60)
    renewed_arn, renewed_key = first.ask("later").split()
    assert renewed_arn == arn
    assert renewed_key != key
    eks.delete_pod_identity_association(clusterName="prod", associationId=made["associationId"])
    assert "ResourceNotFoundException" in other.ask("later")
    assert "assumed-role/cart/" in first.ask("later")


def test_a_token_for_somebody_else_gets_nothing(
    server: Running, programs: list[Program], tmp_path: Path
) -> None:
    rolekeeper(server, "cluster", "add", "prod")
    file = tmp_path / "token"
    rolekeeper(server, "cluster", "token", "shop/cart", "--audience", "sts.amazonaws.com", "--out", str(file))
    done = subprocess.run(
        [sys.executable, "-c", "import boto3; boto3.client('sts').get_caller_identity()"],
        env=pod(server, file),
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode != 0
    assert "audience is not pods.eks.amazonaws.com" in done.stderr


def irsa(server: Running, file: Path) -> dict[str, str]:
    """What EKS sets in a pod whose service account has a role of its own, by the account's provider."""
    rolekeeper(server, "cluster", "add", "prod")
    issuer = json.loads(rolekeeper(server, "cluster", "list", "--json"))["Issuer"]
    iam, host = server.client("iam"), issuer.removeprefix("https://")
    provider = iam.create_open_id_connect_provider(Url=issuer, ClientIDList=["sts.amazonaws.com"])
    trust: dict[str, Any] = {
        "Version": "2012-10-17",
        "Statement": {
            "Effect": "Allow",
            "Principal": {"Federated": provider["OpenIDConnectProviderArn"]},
            "Action": "sts:AssumeRoleWithWebIdentity",
            "Condition": {"StringEquals": {f"{host}:sub": "system:serviceaccount:shop:cart"}},
        },
    }
    role = iam.create_role(RoleName="irsa", AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
    rolekeeper(server, "cluster", "token", "shop/cart", "--audience", "sts.amazonaws.com", "--out", str(file))
    return environment(
        server,
        AWS_ROLE_ARN=role,
        AWS_WEB_IDENTITY_TOKEN_FILE=str(file),
        AWS_ROLE_SESSION_NAME="cart",
    )


def test_a_web_identity_of_a_cluster(server: Running, programs: list[Program], tmp_path: Path) -> None:
    program = Program(irsa(server, tmp_path / "token"))
    programs.append(program)
    assert program.method == "assume-role-with-web-identity"
    assert program.ask().startswith("arn:aws:sts::123456789012:assumed-role/irsa/cart ")


@pytest.mark.parametrize(
    "command",
    [
        pytest.param(COMMAND_LINE, id="command line"),
        pytest.param(node("fromTokenFile"), id="javascript", marks=WITHOUT_SDK),
    ],
)
def test_other_clients_by_a_web_identity(server: Running, command: list[str], tmp_path: Path) -> None:
    file = tmp_path / "token"
    variables = irsa(server, file)
    assert says(command, variables) == (0, "arn:aws:sts::123456789012:assumed-role/irsa/cart")
    rolekeeper(
        server, "cluster", "token", "shop/other", "--audience", "sts.amazonaws.com", "--out", str(file)
    )
    status, said = says(command, variables)
    assert status != 0
    assert "sts:AssumeRoleWithWebIdentity" in said


@pytest.mark.parametrize(
    "command",
    [
        pytest.param(COMMAND_LINE, id="command line"),
        pytest.param(node("fromHttp"), id="javascript", marks=WITHOUT_SDK),
    ],
)
def test_other_clients_in_a_pod(server: Running, command: list[str], tmp_path: Path) -> None:
    rolekeeper(server, "cluster", "add", "prod")
    iam, eks, file = server.client("iam"), server.client("eks"), tmp_path / "token"
    role = iam.create_role(RoleName="cart", AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]["Arn"]
    made = eks.create_pod_identity_association(
        clusterName="prod", namespace="shop", serviceAccount="cart", roleArn=role
    )["association"]
    rolekeeper(server, "cluster", "token", "shop/cart", "--out", str(file))
    status, said = says(command, pod(server, file))
    assert status == 0, said
    assert said.startswith("arn:aws:sts::123456789012:assumed-role/cart/eks-prod-cart-")
    eks.delete_pod_identity_association(clusterName="prod", associationId=made["associationId"])
    assert says(command, pod(server, file))[0] != 0
