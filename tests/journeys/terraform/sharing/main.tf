# What an application may, and what another account may: two accounts, in each of which Terraform makes its half.
# The endpoint comes from the environment, and a key for each account from variables.

terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

variable "here" {
  description = "The key of the account that has the bucket, the table and the queue."
  type        = object({ id = string, secret = string })
  sensitive   = true
}

variable "there" {
  description = "The key of the other account."
  type        = object({ id = string, secret = string })
  sensitive   = true
}

provider "aws" {
  region            = "us-east-1"
  s3_use_path_style = true
  access_key        = var.here.id
  secret_key        = var.here.secret
}

provider "aws" {
  alias             = "there"
  region            = "us-east-1"
  s3_use_path_style = true
  access_key        = var.there.id
  secret_key        = var.there.secret
}

data "aws_caller_identity" "there" {
  provider = aws.there
}

resource "aws_s3_bucket" "data" {
  bucket        = "shared-data"
  force_destroy = true
}

resource "aws_s3_object" "data" {
  for_each = toset(["in/a", "secret/a"])
  bucket   = aws_s3_bucket.data.id
  key      = each.key
  content  = each.key
}

resource "aws_dynamodb_table" "orders" {
  name         = "orders"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "customer"
  attribute {
    name = "customer"
    type = "S"
  }
}

resource "aws_sqs_queue" "jobs" {
  for_each = toset(["jobs", "other"])
  name     = each.key
}

# The application: a role of its own, and the user who becomes it.

resource "aws_iam_user" "runner" {
  name = "runner"
}

resource "aws_iam_access_key" "runner" {
  user = aws_iam_user.runner.name
}

resource "aws_iam_role" "app" {
  name = "app"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { AWS = aws_iam_user.runner.arn } }]
  })
}

data "aws_iam_policy_document" "app" {
  statement {
    actions   = ["s3:ListBucket"]
    resources = [aws_s3_bucket.data.arn]
    condition {
      test     = "StringLike"
      variable = "s3:prefix"
      values   = ["in/*"]
    }
  }
  statement {
    actions   = ["s3:GetObject"]
    resources = ["${aws_s3_bucket.data.arn}/in/*"]
  }
  statement {
    actions   = ["dynamodb:PutItem"]
    resources = [aws_dynamodb_table.orders.arn]
    condition {
      test     = "ForAllValues:StringEquals"
      variable = "dynamodb:LeadingKeys"
      values   = ["acme"]
    }
  }
  statement {
    actions   = ["sqs:ReceiveMessage"]
    resources = [aws_sqs_queue.jobs["jobs"].arn]
  }
}

resource "aws_iam_role_policy" "app" {
  role   = aws_iam_role.app.name
  policy = data.aws_iam_policy_document.app.json
}

# The other account: bob may become a role here, and the bucket's policy lets eve in.

resource "aws_iam_role" "reader" {
  name = "reader"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { AWS = "arn:aws:iam::${data.aws_caller_identity.there.account_id}:root" }
    }]
  })
}

resource "aws_iam_role_policy" "reader" {
  role = aws_iam_role.reader.name
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "s3:GetObject", Resource = "${aws_s3_bucket.data.arn}/*" }]
  })
}

resource "aws_iam_user" "there" {
  provider = aws.there
  for_each = toset(["bob", "eve"])
  name     = each.key
}

resource "aws_iam_access_key" "there" {
  provider = aws.there
  for_each = aws_iam_user.there
  user     = each.value.name
}

resource "aws_iam_user_policy" "bob" {
  provider = aws.there
  user     = aws_iam_user.there["bob"].name
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Resource = aws_iam_role.reader.arn }]
  })
}

resource "aws_iam_user_policy" "eve" {
  provider = aws.there
  user     = aws_iam_user.there["eve"].name
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "s3:*", Resource = "*" }]
  })
}

resource "aws_s3_bucket_policy" "data" {
  bucket = aws_s3_bucket.data.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "s3:GetObject"
      Principal = { AWS = aws_iam_user.there["eve"].arn }
      Resource  = "${aws_s3_bucket.data.arn}/in/*"
    }]
  })
}

output "queues" {
  value = { for name, queue in aws_sqs_queue.jobs : name => queue.url }
}

output "roles" {
  value = { app = aws_iam_role.app.arn, reader = aws_iam_role.reader.arn }
}

output "keys" {
  sensitive = true
  value = {
    for name, key in merge(aws_iam_access_key.there, { runner = aws_iam_access_key.runner }) :
    name => { AccessKeyId = key.id, SecretAccessKey = key.secret }
  }
}
