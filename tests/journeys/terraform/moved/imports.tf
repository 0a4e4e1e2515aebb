# What was made by hand, or by another state, taken over by its ID.

locals {
  account = "arn:aws:iam::123456789012"
}

import {
  to = aws_iam_role.ci
  id = "ci"
}

import {
  to = aws_iam_instance_profile.ec2
  id = "ec2"
}

import {
  to = aws_iam_service_linked_role.scaling
  id = "${local.account}:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling_journey"
}

import {
  to = aws_iam_policy.read
  id = "${local.account}:policy/data/read"
}

import {
  to = aws_iam_role_policy.ec2
  id = "ec2:read"
}

import {
  to = aws_iam_role_policies_exclusive.ec2
  id = "ec2"
}

import {
  to = aws_iam_role_policy_attachment.lambda
  id = "lambda/arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
}

import {
  to = aws_iam_role_policy_attachments_exclusive.tasks
  id = "tasks"
}

import {
  to = aws_iam_user.bob
  id = "bob"
}

import {
  to = aws_iam_user_policy.ann
  id = "ann:read"
}

import {
  to = aws_iam_user_policy_attachment.ann
  id = "ann/${local.account}:policy/data/read"
}

import {
  to = aws_iam_user_group_membership.bob
  id = "bob/builders"
}

import {
  to = aws_iam_group.developers
  id = "builders"
}

import {
  to = aws_iam_group_policy_attachment.developers
  id = "builders/arn:aws:iam::aws:policy/ReadOnlyAccess"
}

import {
  to = aws_iam_virtual_mfa_device.bob
  id = "${local.account}:mfa/people/bob"
}

import {
  to = aws_iam_account_alias.name
  id = "journey-two"
}

import {
  to = aws_iam_account_password_policy.strict
  id = "iam-account-password-policy"
}

import {
  to = aws_iam_openid_connect_provider.ci
  id = "${local.account}:oidc-provider/ci.example.com"
}

import {
  to = aws_iam_saml_provider.people
  id = "${local.account}:saml-provider/people"
}
