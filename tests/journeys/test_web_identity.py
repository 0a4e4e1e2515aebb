"""Workloads that have nothing but a token: the SDK's and the command line's own web identity providers."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import boto3
import pytest

from tests.issuers import Issuer, SigningKey
from tests.journeys.conftest import Running, bare_environment, up
from tests.people import allow, policy, trusting

SUBJECT = "system:serviceaccount:shop:web"
BOTO3 = """
import boto3, json
session = boto3.Session()
print(json.dumps([session.client("sts").get_caller_identity()["Arn"], session.get_credentials().method]))
session.client("iam").get_role(RoleName="web")
"""


@pytest.fixture(scope="module")
def issuer() -> Iterator[Issuer]:
    with Issuer("oidc.cluster.example", "/id/1", keys=(SigningKey("k", "ES256"),)) as found:
        yield found


@pytest.fixture(params=["memory", "disk"])
def server(request: Any, tmp_path: Path, issuer: Issuer) -> Iterator[Running]:
    """A server that knows where the issuer is, with a role for the workload."""
    hosts = ",".join(f"{host}={place}" for host, place in issuer.hosts.items())
    environment = bare_environment(tmp_path) | {"ROLEKEEPER_FEDERATION_HOSTS": hosts}
    place = ["--ephemeral"] if request.param == "memory" else ["--data", str(tmp_path / "state")]
    with up(environment, *place) as running:
        _make(running, issuer)
        yield running


def _make(running: Running, issuer: Issuer) -> None:
    iam = boto3.client(
        "iam",
        region_name="us-east-1",
        endpoint_url=running.endpoint,
        aws_access_key_id=running.access_key_id,
        aws_secret_access_key=running.secret_access_key,
    )
    made = iam.create_open_id_connect_provider(
        Url=issuer.url, ClientIDList=["sts.amazonaws.com"], ThumbprintList=[issuer.thumbprint]
    )
    named = {"Federated": made["OpenIDConnectProviderArn"]}
    asked = {"StringEquals": {f"{issuer.name}:sub": SUBJECT}}
    trust = policy(trusting(named, "sts:AssumeRoleWithWebIdentity", Condition=asked))
    iam.create_role(RoleName="web", AssumeRolePolicyDocument=trust)
    iam.put_role_policy(RoleName="web", PolicyName="own", PolicyDocument=policy(allow("iam:GetRole")))


def workload(server: Running, folder: Path, token: str) -> Mapping[str, str]:
    """The environment of a pod: a role, and a file with a token."""
    file = folder / "token"
    file.write_text(token)
    account = server.environment.get("ROLEKEEPER_ACCOUNT", "123456789012")
    return {
        **server.environment,
        "AWS_ROLE_ARN": f"arn:aws:iam::{account}:role/web",
        "AWS_WEB_IDENTITY_TOKEN_FILE": str(file),
        "AWS_ROLE_SESSION_NAME": "pod",
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": server.endpoint,
    }


def run(environment: Mapping[str, str], *command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120)


@pytest.mark.requirement("SR-122", "SR-126")
def test_a_workload_with_a_token_becomes_its_role(server: Running, issuer: Issuer, tmp_path: Path) -> None:
    environment = workload(server, tmp_path, issuer.token(sub=SUBJECT))
    shown = run(environment, "aws", "sts", "get-caller-identity")
    assert shown.returncode == 0, shown.stderr
    assert json.loads(shown.stdout)["Arn"].endswith(":assumed-role/web/pod")
    told = run(environment, sys.executable, "-c", BOTO3)
    assert told.returncode == 0, told.stderr
    arn, method = json.loads(told.stdout)
    assert arn.endswith(":assumed-role/web/pod")
    assert method == "assume-role-with-web-identity"


@pytest.mark.requirement("SR-122")
def test_a_workload_with_anothers_token_does_not(server: Running, issuer: Issuer, tmp_path: Path) -> None:
    forged = SigningKey("k", "ES256").sign(issuer.claims(sub=SUBJECT))
    for token, code in (
        (issuer.token(sub="system:serviceaccount:shop:db"), "AccessDenied"),
        (forged, "InvalidIdentityToken"),
    ):
        refused = run(workload(server, tmp_path, token), "aws", "sts", "get-caller-identity")
        assert refused.returncode != 0
        assert f"({code})" in refused.stderr
        assert token not in refused.stderr
