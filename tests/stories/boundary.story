# A boundary limits a role and never grants.
shows SR-048

@trusts-the-account
  {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": {"AWS": "$root.Account"},
   "Action": "sts:AssumeRole"}}
@anything
  {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}
@reads
  {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": ["iam:List*", "iam:Get*"], "Resource": "*"}}

root> CreateUser UserName=bob
root> PutUserPolicy UserName=bob PolicyName=p PolicyDocument=@anything
root> CreateAccessKey UserName=bob
  as key
caller bob = $key.AccessKey
root> CreatePolicy PolicyName=reads PolicyDocument=@reads
  as reads
root> CreateRole RoleName=dev AssumeRolePolicyDocument=@trusts-the-account PermissionsBoundary=$reads.Policy.Arn
  Role.PermissionsBoundary.PermissionsBoundaryArn = $reads.Policy.Arn
  Role.PermissionsBoundary.PermissionsBoundaryType = Policy
  as dev
bob> AssumeRole RoleArn=$dev.Role.Arn RoleSessionName=go
  as session
caller dev = $session.Credentials

dev> ListRoles
  ! AccessDenied 403 "because no identity-based policy allows the iam:ListRoles action"
root> PutRolePolicy RoleName=dev PolicyName=p PolicyDocument=@anything
dev> ListRoles
dev> CreateUser UserName=eve
  ! AccessDenied 403 "because no permissions boundary allows the iam:CreateUser action"
root> GetPolicy PolicyArn=$reads.Policy.Arn
  Policy.PermissionsBoundaryUsageCount = 1
  Policy.AttachmentCount = 0
root> DeletePolicy PolicyArn=$reads.Policy.Arn
  ! DeleteConflict 409 "Cannot delete a policy attached to entities."
root> DeleteRolePermissionsBoundary RoleName=dev
dev> CreateUser UserName=eve
root> DeleteRolePermissionsBoundary RoleName=dev
  ! NoSuchEntity 404
root> PutRolePermissionsBoundary RoleName=dev PermissionsBoundary=$reads.Policy.Arn
dev> DeleteUser UserName=eve
  ! AccessDenied 403 "because no permissions boundary allows the iam:DeleteUser action"
root> PutRolePermissionsBoundary RoleName=dev PermissionsBoundary=arn:aws:iam::$root.Account:policy/none
  ! NoSuchEntity 404 "does not exist or is not attachable"
