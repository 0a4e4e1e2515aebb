"""Terraform makes an application with the services behind: applied, unchanged, destroyed, and refused where
a role is not its to hand over. Run with `make journeys`.
"""

from __future__ import annotations

import shutil
import zipfile
from pathlib import Path

import boto3
import pytest

from tests.journeys.conftest import ROOT, Running
from tests.journeys.instances import fetch, workloads
from tests.journeys.terraforming import Terraform, needed
from tests.people import Statement, allow, policy

CONFIGURATION = ROOT / "tests/journeys/terraform/gateway"
ACCOUNT = "123456789012"

pytestmark = needed


def deployer() -> list[Statement]:
    """Terraform may make everything, and hand over the application's roles, each to its service."""
    services = ["ec2.amazonaws.com", "lambda.amazonaws.com", "ecs-tasks.amazonaws.com"]
    tied = {"StringEquals": {"iam:PassedToService": services}}
    own = f"arn:aws:iam::{ACCOUNT}:role/app-*"
    return [
        {"Effect": "Allow", "NotAction": "iam:PassRole", "Resource": "*"},
        allow("iam:PassRole", on=own, Condition=tied),
    ]


@pytest.fixture
def terraform(server: Running, tmp_path: Path) -> Terraform:
    iam = server.client("iam")
    iam.create_user(UserName="terraform")
    iam.put_user_policy(UserName="terraform", PolicyName="own", PolicyDocument=policy(*deployer()))
    key = iam.create_access_key(UserName="terraform")["AccessKey"]
    shutil.copytree(CONFIGURATION, tmp_path / "gateway")
    with zipfile.ZipFile(tmp_path / "code.zip", "w") as code:
        code.writestr("index.py", "def handler(event, context): return event")
    found = Terraform(
        tmp_path / "gateway",
        {
            **server.environment,
            "AWS_ENDPOINT_URL": server.endpoint,
            "AWS_ACCESS_KEY_ID": key["AccessKeyId"],
            "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"],
        },
    )
    found.variables["code"] = str(tmp_path / "code.zip")
    return found


def test_an_application_is_made_and_works(server: Running, terraform: Terraform) -> None:
    terraform.variables["function_role"] = "admin"
    with pytest.raises(AssertionError, match=r"iam:PassRole on resource: .*role/admin"):
        terraform.apply()
    terraform.variables["function_role"] = "app-function"
    terraform.apply()
    assert not terraform.differs()
    found = {each["Kind"]: each for each in workloads(server).list_workloads()["Workloads"]}
    assert set(found) == {"instance", "function"}
    assert found["function"]["RoleArns"] == [f"arn:aws:iam::{ACCOUNT}:role/app-function"]
    bucket, instance = terraform.output("bucket"), terraform.output("instance")
    assert found["instance"]["Id"] == instance
    secret = workloads(server).create_workload_secret(Kind="instance", Id=instance)["Secret"]
    told = fetch(f"{server.endpoint}/_rolekeeper/imds/{secret}")
    s3 = boto3.client(
        "s3",
        endpoint_url=server.endpoint,
        region_name="us-east-1",
        aws_access_key_id=told["access_key"],
        aws_secret_access_key=told["secret_key"],
        aws_session_token=told["token"],
    )
    assert s3.get_object(Bucket=bucket, Key="in/picture")["Body"].read() == b"a picture"
    with pytest.raises(s3.exceptions.ClientError, match="AccessDenied"):
        s3.list_objects_v2(Bucket=bucket)
    terraform.run("destroy", "-auto-approve")
    assert workloads(server).list_workloads()["Workloads"] == []
