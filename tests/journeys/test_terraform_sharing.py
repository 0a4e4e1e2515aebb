"""Terraform makes an application's role, and what another account may; boto3 and the AWS command line try it.
Run with `make journeys`.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.journeys.asking import Boto3, CommandLine, Somebody, variables
from tests.journeys.conftest import ROOT, Running, bare_environment, up
from tests.journeys.terraforming import Terraform, needed
from tests.journeys.test_gateway_roles import SEED, order, refused

CONFIGURATION = ROOT / "tests/journeys/terraform/sharing"
BUCKET = "shared-data"

pytestmark = needed


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Running]:
    (tmp_path / "seed.toml").write_text(SEED)
    with up(bare_environment(tmp_path), "--ephemeral", "--seed", str(tmp_path / "seed.toml")) as running:
        yield running


@pytest.fixture
def terraform(server: Running, tmp_path: Path) -> Terraform:
    shutil.copytree(CONFIGURATION, tmp_path / "sharing")
    found = Terraform(tmp_path / "sharing", {**server.environment, "AWS_ENDPOINT_URL": server.endpoint})
    found.variables["here"] = json.dumps({"id": server.access_key_id, "secret": server.secret_access_key})
    found.variables["there"] = json.dumps({"id": "there_root", "secret": "there_secret"})
    return found


@pytest.mark.requirement("SR-072", "SR-106", "SR-108")
def test_what_terraform_makes_is_what_they_may(server: Running, terraform: Terraform) -> None:
    terraform.apply()
    assert not terraform.differs()
    roles, queues, keys = (terraform.output(name) for name in ("roles", "queues", "keys"))
    server.client("sqs").send_message(QueueUrl=queues["jobs"], MessageBody="a job")
    for client in (Boto3(), CommandLine()):
        runner, bob, eve = (
            Somebody(server, client, variables(keys[name])) for name in ("runner", "bob", "eve")
        )
        refused(bob, "AccessDenied", "sts", "AssumeRole", RoleArn=roles["app"], RoleSessionName="session")
        is_confined(runner.as_role(roles["app"]), queues)
        is_shared(bob, bob.as_role(roles["reader"]), eve)
        server.client("dynamodb").delete_item(TableName="orders", Key=order("acme"))
    terraform.run("destroy", "-auto-approve")
    iam = server.client("iam")
    assert (iam.list_roles()["Roles"], iam.list_users()["Users"]) == ([], [])
    assert server.client("s3").list_buckets()["Buckets"] == []


def is_confined(app: Somebody, queues: Any) -> None:
    """The application does what its role says, and nothing else."""
    assert app("s3", "GetObject", Bucket=BUCKET, Key="in/a")["Body"] == "in/a"
    assert len(app("s3", "ListObjectsV2", Bucket=BUCKET, Prefix="in/")["Contents"]) == 1
    app("dynamodb", "PutItem", TableName="orders", Item=order("acme"))
    app("sqs", "ReceiveMessage", QueueUrl=queues["jobs"])
    refused(app, "AccessDenied", "s3", "GetObject", Bucket=BUCKET, Key="secret/a")
    refused(app, "AccessDenied", "s3", "ListObjectsV2", Bucket=BUCKET)
    refused(app, "AccessDenied", "s3", "PutObject", Bucket=BUCKET, Key="in/a", Body="x")
    refused(app, "AccessDeniedException", "dynamodb", "PutItem", TableName="orders", Item=order("other"))
    refused(app, "AccessDenied", "sqs", "ReceiveMessage", QueueUrl=queues["other"])
    refused(app, "AccessDenied", "sqs", "SendMessage", QueueUrl=queues["jobs"], MessageBody="x")


def is_shared(bob: Somebody, reader: Somebody, eve: Somebody) -> None:
    """bob reads by the role alone, and eve by the bucket's policy alone."""
    refused(bob, "AccessDenied", "s3", "GetObject", Bucket=BUCKET, Key="in/a")
    assert reader("s3", "GetObject", Bucket=BUCKET, Key="secret/a")["Body"] == "secret/a"
    refused(reader, "AccessDenied", "s3", "PutObject", Bucket=BUCKET, Key="in/a", Body="x")
    assert eve("s3", "GetObject", Bucket=BUCKET, Key="in/a")["Body"] == "in/a"
    refused(eve, "AccessDenied", "s3", "GetObject", Bucket=BUCKET, Key="secret/a")
    refused(eve, "AccessDenied", "s3", "PutObject", Bucket=BUCKET, Key="in/a", Body="x")
