# Users with all that a user can have, and the groups they are in.

resource "aws_iam_user" "ann" {
  name                 = "ann"
  path                 = var.later ? "/people/staff/" : "/people/"
  permissions_boundary = aws_iam_policy.boundary.arn
  force_destroy        = true
  tags                 = var.later ? { team = "green" } : { team = "blue", level = "one" }
}

resource "aws_iam_user" "bob" {
  name                 = "bob"
  permissions_boundary = var.later ? null : aws_iam_policy.boundary.arn
}

# A name and a tag do not change together: the provider tags the new name before it renames.
resource "aws_iam_user" "carol" {
  name = var.later ? "caroline" : "carol"
  tags = { team = "blue" }
}

resource "aws_iam_group" "developers" {
  name = var.later ? "builders" : "developers"
  path = "/people/"
}

resource "aws_iam_group" "operators" {
  name = "operators"
}

resource "aws_iam_user_group_membership" "bob" {
  user   = aws_iam_user.bob.name
  groups = var.later ? [aws_iam_group.developers.name] : [aws_iam_group.developers.name, aws_iam_group.operators.name]
}

resource "aws_iam_group" "readers" {
  name = "readers"
}

resource "aws_iam_group_membership" "readers" {
  name  = "readers"
  group = aws_iam_group.readers.name
  users = var.later ? [aws_iam_user.bob.name, aws_iam_user.carol.name] : [aws_iam_user.ann.name, aws_iam_user.bob.name]
}

# What they sign with and sign in with.
resource "aws_iam_access_key" "bob" {
  user   = aws_iam_user.bob.name
  status = var.later ? "Inactive" : "Active"
}

resource "aws_iam_user_login_profile" "bob" {
  user                    = aws_iam_user.bob.name
  password_length         = 24
  password_reset_required = true

  depends_on = [aws_iam_account_password_policy.strict]
}

resource "aws_iam_user_ssh_key" "bob" {
  username   = aws_iam_user.bob.name
  encoding   = "SSH"
  public_key = file("${var.files}/bob.pub")
  status     = var.later ? "Inactive" : "Active"
}

resource "aws_iam_signing_certificate" "bob" {
  user_name        = aws_iam_user.bob.name
  certificate_body = file("${var.files}/bob.pem")
  status           = var.later ? "Inactive" : "Active"
}

resource "aws_iam_service_specific_credential" "bob" {
  user_name    = aws_iam_user.bob.name
  service_name = "codecommit.amazonaws.com"
  status       = var.later ? "Inactive" : "Active"
}

resource "aws_iam_virtual_mfa_device" "bob" {
  virtual_mfa_device_name = "bob"
  path                    = "/people/"
  tags                    = var.later ? { team = "green" } : { team = "blue" }
}

resource "aws_iam_user_ssh_key" "ann" {
  username   = aws_iam_user.ann.name
  encoding   = "PEM"
  public_key = file("${var.files}/ann.pub")
}
