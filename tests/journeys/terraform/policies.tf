# Managed, inline and AWS's own policies, attached one by one and as the only ones.

data "aws_iam_policy_document" "read" {
  statement {
    sid       = "Read"
    actions   = var.later ? ["s3:GetObject", "s3:GetObjectVersion"] : ["s3:GetObject"]
    resources = ["arn:aws:s3:::data/$${aws:username}/*"]
  }
}

data "aws_iam_policy_document" "write" {
  source_policy_documents = [data.aws_iam_policy_document.read.json]

  statement {
    sid           = "Write"
    effect        = "Deny"
    not_actions   = ["s3:*", "iam:Get*"]
    not_resources = ["arn:aws:s3:::other", "arn:aws:s3:::other/*"]

    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["false"]
    }
  }
}

resource "aws_iam_policy" "read" {
  name        = "read"
  path        = "/data/"
  description = "Reads data"
  policy      = data.aws_iam_policy_document.read.json
  tags        = var.later ? { team = "green" } : { team = "blue", level = "one" }
}

resource "aws_iam_policy" "write" {
  name_prefix = "write-"
  policy      = data.aws_iam_policy_document.write.json
}

resource "aws_iam_policy" "boundary" {
  name   = "boundary"
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "*", Resource = "*" }] })
}

data "aws_iam_policy" "aws" {
  name = "ReadOnlyAccess"
}

# One by one: the attachment of each, and the one of a policy to all at once.
resource "aws_iam_role_policy_attachment" "lambda" {
  role       = aws_iam_role.service["lambda"].name
  policy_arn = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
}

resource "aws_iam_role_policy_attachment" "tasks" {
  for_each = var.later ? { read = aws_iam_policy.read.arn } : {
    read = aws_iam_policy.read.arn
    all  = data.aws_iam_policy.aws.arn
  }

  role       = aws_iam_role.service["tasks"].name
  policy_arn = each.value
}

resource "aws_iam_user_policy_attachment" "ann" {
  user       = aws_iam_user.ann.name
  policy_arn = aws_iam_policy.read.arn
}

resource "aws_iam_group_policy_attachment" "developers" {
  group      = aws_iam_group.developers.name
  policy_arn = data.aws_iam_policy.aws.arn
}

resource "aws_iam_policy_attachment" "write" {
  name       = "write"
  policy_arn = aws_iam_policy.write.arn
  users      = var.later ? [] : [aws_iam_user.bob.name]
  groups     = [aws_iam_group.operators.name]
  roles      = [aws_iam_role.ci.name, aws_iam_role.people.name]
}

# As the only ones: whatever else is attached is taken away.
resource "aws_iam_role_policy_attachments_exclusive" "tasks" {
  role_name   = aws_iam_role.service["tasks"].name
  policy_arns = [for attachment in aws_iam_role_policy_attachment.tasks : attachment.policy_arn]
}

resource "aws_iam_user_policy_attachments_exclusive" "ann" {
  user_name   = aws_iam_user.ann.name
  policy_arns = [aws_iam_user_policy_attachment.ann.policy_arn]
}

resource "aws_iam_group_policy_attachments_exclusive" "developers" {
  group_name  = aws_iam_group.developers.name
  policy_arns = [aws_iam_group_policy_attachment.developers.policy_arn]
}

# Inline.
resource "aws_iam_role_policy" "ec2" {
  name   = "read"
  role   = aws_iam_role.service["ec2"].id
  policy = data.aws_iam_policy_document.read.json
}

resource "aws_iam_role_policies_exclusive" "ec2" {
  role_name    = aws_iam_role.service["ec2"].name
  policy_names = [aws_iam_role_policy.ec2.name]
}

resource "aws_iam_user_policy" "ann" {
  name   = "read"
  user   = aws_iam_user.ann.name
  policy = data.aws_iam_policy_document.read.json
}

resource "aws_iam_user_policies_exclusive" "ann" {
  user_name    = aws_iam_user.ann.name
  policy_names = [aws_iam_user_policy.ann.name]
}

resource "aws_iam_group_policy" "developers" {
  name_prefix = "read-"
  group       = aws_iam_group.developers.name
  policy      = data.aws_iam_policy_document.read.json
}

resource "aws_iam_group_policies_exclusive" "developers" {
  group_name   = aws_iam_group.developers.name
  policy_names = [aws_iam_group_policy.developers.name]
}
