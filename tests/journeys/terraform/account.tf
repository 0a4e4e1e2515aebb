# What an account has one of, its identity providers, and certificates for its servers.

resource "aws_iam_account_alias" "name" {
  account_alias = var.later ? "journey-two" : "journey-one"
}

resource "aws_iam_account_password_policy" "strict" {
  minimum_password_length        = var.later ? 16 : 12
  require_lowercase_characters   = true
  require_uppercase_characters   = true
  require_numbers                = true
  require_symbols                = true
  allow_users_to_change_password = true
  max_password_age               = var.later ? 90 : null
  password_reuse_prevention      = var.later ? 5 : null
  hard_expiry                    = var.later ? true : null
}

# What is set stays when the resource goes: the end is what an account begins with.
resource "aws_iam_security_token_service_preferences" "tokens" {
  global_endpoint_token_version = var.later ? "v1Token" : "v2Token"
}

resource "aws_iam_openid_connect_provider" "ci" {
  url             = "https://ci.example.com"
  client_id_list  = var.later ? ["sts.amazonaws.com", "site"] : ["sts.amazonaws.com", "app"]
  thumbprint_list = [var.later ? "cf23df2207d99a74fbe169e3eba035e633b65d94" : "9e99a48a9960b14926bb7f3b02e22da2b0ab7280"]
  tags            = { team = "blue" }
}

resource "aws_iam_saml_provider" "people" {
  name                   = "people"
  saml_metadata_document = file("${var.files}/${var.later ? "second" : "first"}.xml")
  tags                   = var.later ? {} : { team = "blue" }
}

resource "aws_iam_server_certificate" "site" {
  name_prefix       = "site-"
  path              = "/cloudfront/journey/"
  certificate_body  = file("${var.files}/site.pem")
  certificate_chain = file("${var.files}/authority.pem")
  private_key       = file("${var.files}/site.key")
  tags              = var.later ? { team = "green" } : { team = "blue" }

  lifecycle {
    create_before_destroy = true
  }
}
