# A role for each kind of principal, each with a trust policy as its users write it.

data "aws_caller_identity" "current" {}

data "aws_caller_identity" "partner" {
  provider = aws.partner
}

locals {
  services = {
    ec2    = "ec2.amazonaws.com"
    lambda = "lambda.amazonaws.com"
    tasks  = "ecs-tasks.amazonaws.com"
  }
}

data "aws_iam_policy_document" "service_trust" {
  for_each = local.services

  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = [each.value]
    }

    dynamic "condition" {
      for_each = each.key == "tasks" ? [1] : []

      content {
        test     = "StringEquals"
        variable = "aws:SourceAccount"
        values   = [data.aws_caller_identity.current.account_id]
      }
    }
  }
}

resource "aws_iam_role" "service" {
  for_each = local.services

  name                  = each.key
  path                  = "/service/"
  description           = var.later ? "What ${each.key} may do" : null
  max_session_duration  = var.later ? 7200 : 3600
  assume_role_policy    = data.aws_iam_policy_document.service_trust[each.key].json
  permissions_boundary  = var.later ? aws_iam_policy.boundary.arn : null
  force_detach_policies = true
  tags                  = var.later ? { team = "green", cost = "7" } : { team = "blue" }
}

resource "aws_iam_instance_profile" "ec2" {
  name = "ec2"
  path = "/service/"
  role = var.later ? aws_iam_role.service["tasks"].name : aws_iam_role.service["ec2"].name
  tags = var.later ? {} : { team = "blue" }
}

# Another account, which has to say an external ID.
data "aws_iam_policy_document" "partner_trust" {
  statement {
    actions = ["sts:AssumeRole", "sts:TagSession"]

    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::${data.aws_caller_identity.partner.account_id}:root"]
    }

    condition {
      test     = "StringEquals"
      variable = "sts:ExternalId"
      values   = [var.later ? "second" : "first"]
    }
  }
}

resource "aws_iam_role" "partner" {
  name_prefix        = "partner-"
  assume_role_policy = data.aws_iam_policy_document.partner_trust.json
}

# A role there that trusts one here.
data "aws_iam_policy_document" "here" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "AWS"
      identifiers = [aws_iam_role.service["lambda"].arn]
    }
  }
}

resource "aws_iam_role" "there" {
  provider           = aws.partner
  name               = "there"
  assume_role_policy = data.aws_iam_policy_document.here.json
}

# Workloads and people who come with a token of their own provider.
data "aws_iam_policy_document" "ci_trust" {
  statement {
    actions = ["sts:AssumeRoleWithWebIdentity"]

    principals {
      type        = "Federated"
      identifiers = [aws_iam_openid_connect_provider.ci.arn]
    }

    condition {
      test     = "StringEquals"
      variable = "ci.example.com:aud"
      values   = ["sts.amazonaws.com"]
    }

    condition {
      test     = "StringLike"
      variable = "ci.example.com:sub"
      values   = var.later ? ["repo:team/app:*"] : ["repo:team/app:*", "repo:team/site:*"]
    }
  }
}

resource "aws_iam_role" "ci" {
  name               = "ci"
  assume_role_policy = data.aws_iam_policy_document.ci_trust.json
}

data "aws_iam_policy_document" "people_trust" {
  statement {
    actions = ["sts:AssumeRoleWithSAML"]

    principals {
      type        = "Federated"
      identifiers = [aws_iam_saml_provider.people.arn]
    }

    condition {
      test     = "StringEquals"
      variable = "SAML:aud"
      values   = ["https://signin.aws.amazon.com/saml"]
    }
  }
}

resource "aws_iam_role" "people" {
  name               = "people"
  assume_role_policy = data.aws_iam_policy_document.people_trust.json
}

resource "aws_iam_service_linked_role" "scaling" {
  aws_service_name = "autoscaling.amazonaws.com"
  custom_suffix    = "journey"
  description      = var.later ? "Scales the journey" : "Scales"
}
