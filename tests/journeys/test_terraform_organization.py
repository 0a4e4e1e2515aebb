"""Terraform and its AWS provider make an organization with a unit, an account and an SCP, and take it away.

Both must be on the machine already: nothing is downloaded. Run with `make journeys`.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from tests.journeys.conftest import Running
from tests.journeys.test_terraform import _mirror, _terraform

PLAN = """
terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}
provider "aws" {
  region = "us-east-1"
  endpoints {
    iam           = "%(endpoint)s"
    organizations = "%(endpoint)s"
    sts           = "%(endpoint)s"
  }
}
resource "aws_organizations_organization" "all" {
  aws_service_access_principals = ["iam.amazonaws.com"]
  enabled_policy_types          = ["SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY"]
  feature_set                   = "ALL"
}
resource "aws_organizations_organizational_unit" "workload" {
  name      = "workload"
  parent_id = aws_organizations_organization.all.roots[0].id
  tags      = { team = "blue" }
}
resource "aws_organizations_account" "shop" {
  name      = "shop"
  email     = "shop@example.com"
  parent_id = aws_organizations_organizational_unit.workload.id
  tags      = { team = "blue" }
}
resource "aws_organizations_policy" "no_users" {
  name = "no-users"
  content = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Deny", Action = "iam:CreateUser", Resource = "*" }]
  })
}
resource "aws_organizations_policy_attachment" "no_users" {
  policy_id = aws_organizations_policy.no_users.id
  target_id = aws_organizations_organizational_unit.workload.id
}
resource "aws_organizations_delegated_administrator" "iam" {
  account_id        = aws_organizations_account.shop.id
  service_principal = "iam.amazonaws.com"
  depends_on        = [aws_organizations_organization.all]
}
"""


@pytest.mark.skipif("JOURNEYS" not in os.environ, reason="takes its time: make journeys")
@pytest.mark.skipif(shutil.which("terraform") is None, reason="TERRAFORM IS NOT HERE: nothing was tried")
@pytest.mark.skipif(_mirror() is None, reason="THE AWS PROVIDER OF TERRAFORM IS NOT HERE: nothing was tried")
def test_terraform_makes_an_organization_finds_nothing_to_change_and_destroys(
    server: Running, tmp_path: Path
) -> None:
    (tmp_path / "main.tf").write_text(PLAN % {"endpoint": server.endpoint})
    environment = dict(server.environment) | {
        "AWS_ACCESS_KEY_ID": server.access_key_id,
        "AWS_SECRET_ACCESS_KEY": server.secret_access_key,
        "CHECKPOINT_DISABLE": "1",
    }
    environment.pop("TF_CLI_CONFIG_FILE", None)
    assert _terraform(tmp_path, environment, "init", "-no-color", f"-plugin-dir={_mirror()}") == 0
    assert _terraform(tmp_path, environment, "apply", "-no-color", "-auto-approve") == 0
    assert sorted(one["Name"] for one in _api(server).list_accounts()["Accounts"]) == ["rolekeeper", "shop"]
    assert _terraform(tmp_path, environment, "plan", "-no-color", "-detailed-exitcode") == 0, (
        "changes are left"
    )
    assert _terraform(tmp_path, environment, "destroy", "-no-color", "-auto-approve") == 0
    with pytest.raises(ClientError, match="not a member of an organization"):
        _api(server).describe_organization()


def _api(server: Running) -> Any:
    return boto3.client(
        "organizations",
        endpoint_url=server.endpoint,
        region_name="us-east-1",
        aws_access_key_id=server.access_key_id,
        aws_secret_access_key=server.secret_access_key,
    )
