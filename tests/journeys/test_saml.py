"""From a provider's metadata to a role with the AWS CLI, against a real server."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

from tests import saml, saml_idp
from tests.journeys.conftest import Running
from tests.people import allow, policy, trusting
from tests.saml_idp import AWS, key, signed

ACCOUNT = "123456789012"
PROVIDER = f"arn:aws:iam::{ACCOUNT}:saml-provider/corporate"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/app"


def aws(server: Running, *arguments: str, **credentials: str) -> subprocess.CompletedProcess[str]:
    environment = dict(server.environment) | {
        "AWS_ENDPOINT_URL": server.endpoint,
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    command = ["aws", *arguments, "--output", "json"]
    return subprocess.run(command, env=environment | credentials, capture_output=True, text=True, check=False)


def done(result: subprocess.CompletedProcess[str]) -> Any:
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout or "null")


def test_somebody_of_the_company_becomes_a_role(server: Running, tmp_path: Path) -> None:
    root = {"AWS_ACCESS_KEY_ID": server.access_key_id, "AWS_SECRET_ACCESS_KEY": server.secret_access_key}
    texts = {
        "metadata.xml": saml.metadata(keys=key().descriptor),
        "trust.json": policy(trusting({"Federated": PROVIDER}, "sts:AssumeRoleWithSAML")),
        "own.json": policy(allow("iam:GetRole")),
        "response.b64": saml_idp.encode(
            signed(values={f"{AWS}Role": [f"{ROLE},{PROVIDER}"], f"{AWS}RoleSessionName": ["alice"]})
        ),
        "forged.b64": saml_idp.encode(signed(by=key("second"))),
    }
    for name, text in texts.items():
        (tmp_path / name).write_text(text)
    at = {name: f"file://{tmp_path / name}" for name in texts}

    metadata = at["metadata.xml"]
    done(
        aws(
            server,
            "iam",
            "create-saml-provider",
            "--name",
            "corporate",
            "--saml-metadata-document",
            metadata,
            **root,
        )
    )
    done(
        aws(
            server,
            "iam",
            "create-role",
            "--role-name",
            "app",
            "--assume-role-policy-document",
            at["trust.json"],
            **root,
        )
    )
    own = ("--policy-name", "own", "--policy-document", at["own.json"])
    done(aws(server, "iam", "put-role-policy", "--role-name", "app", *own, **root))

    assume = (
        "sts",
        "assume-role-with-saml",
        "--role-arn",
        ROLE,
        "--principal-arn",
        PROVIDER,
        "--saml-assertion",
    )
    refused = aws(server, *assume, at["forged.b64"])
    assert "(InvalidIdentityToken)" in refused.stderr and "Response signature invalid" in refused.stderr
    answer = done(aws(server, *assume, at["response.b64"]))
    assert answer["Subject"] == "alice@example.com"
    session = {
        "AWS_ACCESS_KEY_ID": answer["Credentials"]["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": answer["Credentials"]["SecretAccessKey"],
        "AWS_SESSION_TOKEN": answer["Credentials"]["SessionToken"],
    }
    arn = done(aws(server, "sts", "get-caller-identity", **session))["Arn"]
    assert arn == f"arn:aws:sts::{ACCOUNT}:assumed-role/app/alice"
    done(aws(server, "iam", "get-role", "--role-name", "app", **session))
    assert "(AccessDenied)" in aws(server, "iam", "list-users", **session).stderr
