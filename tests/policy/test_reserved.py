from __future__ import annotations

import pytest

from rolekeeper.policy.reserved import is_reserved

A = "123456789012"
AWS_POLICY = "arn:aws:iam::aws:policy/ReadOnlyAccess"
AWS_ROLE = f"arn:aws:iam::{A}:role/aws-reserved/sso.amazonaws.com/eu-west-1/AWSReservedSSO_admin_1"


@pytest.mark.fact(30)
@pytest.mark.parametrize(
    ("action", "resource"),
    [
        ("iam:DeletePolicy", AWS_POLICY),
        ("iam:CreatePolicyVersion", AWS_POLICY),
        ("iam:SetDefaultPolicyVersion", AWS_POLICY),
        ("iam:TagPolicy", AWS_POLICY),
        ("iam:DeletePolicy", "arn:aws-cn:iam::aws:policy/job-function/Billing"),
        ("iam:AttachRolePolicy", AWS_ROLE),
        ("iam:PutRolePolicy", AWS_ROLE),
        ("iam:UpdateAssumeRolePolicy", AWS_ROLE),
        ("iam:CreateRole", AWS_ROLE),
        ("IAM:deleterole", AWS_ROLE),
        ("iam:ActionOfTomorrow", AWS_ROLE),
    ],
)
def test_fact_030_what_is_of_aws_cannot_be_changed(action: str, resource: str) -> None:
    assert is_reserved(action, resource)


@pytest.mark.fact(30)
@pytest.mark.parametrize(
    ("action", "resource"),
    [
        ("iam:GetPolicy", AWS_POLICY),
        ("iam:ListEntitiesForPolicy", AWS_POLICY),
        ("iam:GetRole", AWS_ROLE),
        ("iam:PassRole", AWS_ROLE),
        ("sts:AssumeRole", AWS_ROLE),
        ("iam:DeletePolicy", f"arn:aws:iam::{A}:policy/aws"),
        ("iam:DeletePolicy", f"arn:aws:iam::{A}:policy/aws-reserved/p"),
        ("iam:DeleteRole", f"arn:aws:iam::{A}:role/aws-reserved"),
        ("iam:DeleteRole", f"arn:aws:iam::{A}:role/mine/aws-reserved/r"),
        ("iam:ListRoles", "*"),
    ],
)
def test_fact_030_reading_using_and_everything_else_is_for_the_policies(action: str, resource: str) -> None:
    assert not is_reserved(action, resource)


@pytest.mark.fact(29)
@pytest.mark.parametrize("action", ["kms:CreateAlias", "kms:UpdateAlias", "kms:DeleteAlias"])
def test_fact_029_aliases_of_aws_cannot_be_changed(action: str) -> None:
    assert is_reserved(action, f"arn:aws:kms:eu-west-1:{A}:alias/aws/s3")
    assert not is_reserved(action, f"arn:aws:kms:eu-west-1:{A}:alias/aws-s3")
    assert not is_reserved("kms:Encrypt", f"arn:aws:kms:eu-west-1:{A}:alias/aws/s3")
    assert not is_reserved(action, f"arn:aws:kms:eu-west-1:{A}:key/1")
