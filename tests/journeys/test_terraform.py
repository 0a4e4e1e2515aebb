"""Terraform and its AWS provider make a role, an inline policy and an instance profile, and take them away.

Both must be on the machine already: nothing is downloaded. Run with `make journeys`.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import boto3
import pytest

from tests.journeys.conftest import Running

MIRRORS = (
    "/opt/tf-plugins",
    "~/.terraform.d/plugins",
    "/usr/local/share/terraform/plugins",
    "/usr/share/terraform/plugins",
)
PROVIDER = "registry.terraform.io/hashicorp/aws"

PLAN = """
terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}
provider "aws" {
  region = "us-east-1"
  endpoints {
    iam = "%(endpoint)s"
    sts = "%(endpoint)s"
  }
}
resource "aws_iam_role" "app" {
  name                 = "app"
  path                 = "/service/"
  description          = "What the application may do"
  max_session_duration = 7200
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "ec2.amazonaws.com" }
    }]
  })
  tags = { team = "blue" }
}
resource "aws_iam_role_policy" "read" {
  name = "read"
  role = aws_iam_role.app.id
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = ["s3:GetObject"], Resource = "arn:aws:s3:::data/*" }]
  })
}
resource "aws_iam_instance_profile" "app" {
  name = "app"
  role = aws_iam_role.app.name
}
"""


def _mirror() -> str | None:
    given = os.environ.get("TERRAFORM_MIRROR")
    places = [given] if given else [str(Path(place).expanduser()) for place in MIRRORS]
    return next((place for place in places if (Path(place) / PROVIDER).is_dir()), None)


@pytest.mark.skipif("JOURNEYS" not in os.environ, reason="takes its time: make journeys")
@pytest.mark.skipif(shutil.which("terraform") is None, reason="TERRAFORM IS NOT HERE: nothing was tried")
@pytest.mark.skipif(_mirror() is None, reason="THE AWS PROVIDER OF TERRAFORM IS NOT HERE: nothing was tried")
def test_terraform_applies_finds_nothing_to_change_and_destroys(server: Running, tmp_path: Path) -> None:
    folder = tmp_path / "plan"
    folder.mkdir()
    (folder / "main.tf").write_text(PLAN % {"endpoint": server.endpoint})
    environment = dict(server.environment)
    environment |= {
        "AWS_ACCESS_KEY_ID": server.access_key_id,
        "AWS_SECRET_ACCESS_KEY": server.secret_access_key,
    }
    environment["CHECKPOINT_DISABLE"] = "1"
    environment.pop("TF_CLI_CONFIG_FILE", None)
    assert _terraform(folder, environment, "init", "-no-color", f"-plugin-dir={_mirror()}") == 0
    assert _terraform(folder, environment, "apply", "-no-color", "-auto-approve") == 0
    assert _names(server) == ["app"]
    assert _terraform(folder, environment, "plan", "-no-color", "-detailed-exitcode") == 0, "changes are left"
    assert _terraform(folder, environment, "destroy", "-no-color", "-auto-approve") == 0
    assert _names(server) == []


def _terraform(folder: Path, environment: Mapping[str, str], *words: str) -> int:
    done = subprocess.run(
        ["terraform", *words], cwd=folder, env=environment, timeout=300, capture_output=True, text=True
    )
    print(done.stdout, done.stderr)
    return done.returncode


def _names(server: Running) -> list[str]:
    iam = boto3.client(
        "iam",
        endpoint_url=server.endpoint,
        region_name="us-east-1",
        aws_access_key_id=server.access_key_id,
        aws_secret_access_key=server.secret_access_key,
    )
    return [role["RoleName"] for role in iam.list_roles()["Roles"]]
