# Whatever can be looked up, looked up after it was made.

data "aws_iam_role" "ec2" {
  name = aws_iam_role.service["ec2"].name
}

data "aws_iam_roles" "services" {
  path_prefix = "/service/"
  name_regex  = "^(ec2|lambda)$"
  depends_on  = [aws_iam_role.service]
}

data "aws_iam_policy" "read" {
  arn = aws_iam_policy.read.arn
}

data "aws_iam_user" "ann" {
  user_name = aws_iam_user.ann.name
}

data "aws_iam_users" "people" {
  path_prefix = "/people/"
  depends_on  = [aws_iam_user.ann]
}

data "aws_iam_group" "readers" {
  group_name = aws_iam_group.readers.name
  depends_on = [aws_iam_group_membership.readers]
}

data "aws_iam_access_keys" "bob" {
  user       = aws_iam_user.bob.name
  depends_on = [aws_iam_access_key.bob]
}

data "aws_iam_instance_profile" "ec2" {
  name = aws_iam_instance_profile.ec2.name
}

data "aws_iam_instance_profiles" "ec2" {
  role_name = aws_iam_instance_profile.ec2.role
}

data "aws_iam_account_alias" "name" {
  depends_on = [aws_iam_account_alias.name]
}

data "aws_iam_openid_connect_provider" "ci" {
  url        = "https://ci.example.com"
  depends_on = [aws_iam_openid_connect_provider.ci]
}

data "aws_iam_saml_provider" "people" {
  arn = aws_iam_saml_provider.people.arn
}

data "aws_iam_server_certificate" "site" {
  name = aws_iam_server_certificate.site.name
}

data "aws_iam_user_ssh_key" "bob" {
  username          = aws_iam_user.bob.name
  ssh_public_key_id = aws_iam_user_ssh_key.bob.ssh_public_key_id
  encoding          = "SSH"
}

data "aws_iam_session_context" "terraform" {
  arn = data.aws_caller_identity.current.arn
}

data "aws_iam_principal_policy_simulation" "ec2_reads" {
  policy_source_arn = aws_iam_role.service["ec2"].arn
  action_names      = ["s3:GetObject", "s3:DeleteObject"]
  resource_arns     = ["arn:aws:s3:::data/ann/report"]

  context {
    key    = "aws:username"
    type   = "string"
    values = ["ann"]
  }

  depends_on = [aws_iam_role_policy.ec2]
}

output "found" {
  value = {
    caller     = data.aws_caller_identity.current.arn
    partner    = data.aws_caller_identity.partner.arn
    issuer     = data.aws_iam_session_context.terraform.issuer_name
    session    = data.aws_iam_session_context.terraform.session_name
    role       = data.aws_iam_role.ec2.path
    roles      = sort(data.aws_iam_roles.services.names)
    policy     = jsondecode(data.aws_iam_policy.read.policy).Statement[0].Action
    user       = data.aws_iam_user.ann.arn
    users      = sort(data.aws_iam_users.people.names)
    group      = sort(data.aws_iam_group.readers.users[*].user_name)
    keys       = data.aws_iam_access_keys.bob.access_keys[*].status
    profile    = data.aws_iam_instance_profile.ec2.role_name
    profiles   = data.aws_iam_instance_profiles.ec2.names
    alias      = data.aws_iam_account_alias.name.account_alias
    clients    = sort(data.aws_iam_openid_connect_provider.ci.client_id_list)
    saml       = data.aws_iam_saml_provider.people.name
    site       = data.aws_iam_server_certificate.site.path
    ssh_key    = data.aws_iam_user_ssh_key.bob.status
    simulation = { for result in data.aws_iam_principal_policy_simulation.ec2_reads.results : result.action_name => result.decision }
  }
}
