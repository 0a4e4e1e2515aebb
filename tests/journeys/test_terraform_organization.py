"""Terraform and its AWS provider make an organization with a unit, an account and an SCP, and take it away.

Both must be on the machine already: nothing is downloaded. Run with `make journeys`.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from tests.journeys.conftest import Running
from tests.journeys.terraforming import Terraform, needed

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
  depends_on = [aws_organizations_organization.all]
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


pytestmark = needed


def test_terraform_makes_an_organization_finds_nothing_to_change_and_destroys(
    server: Running, tmp_path: Path
) -> None:
    (tmp_path / "main.tf").write_text(PLAN % {"endpoint": server.endpoint})
    keys = {"AWS_ACCESS_KEY_ID": server.access_key_id, "AWS_SECRET_ACCESS_KEY": server.secret_access_key}
    terraform = Terraform(tmp_path, {**server.environment, **keys})
    organizations = server.client("organizations")
    terraform.apply()
    assert sorted(one["Name"] for one in organizations.list_accounts()["Accounts"]) == ["rolekeeper", "shop"]
    assert not terraform.differs()
    terraform.run("destroy", "-auto-approve")
    with pytest.raises(ClientError, match="not a member of an organization"):
        organizations.describe_organization()
