# Deleting a role ends its sessions for good, also when a role of the same name is made again.
shows SR-026 SR-047

@trusts-the-account
  {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": {"AWS": "$root.Account"},
   "Action": "sts:AssumeRole"}}
@anything
  {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}

root> CreateUser UserName=bob
root> PutUserPolicy UserName=bob PolicyName=p PolicyDocument=@anything
root> CreateAccessKey UserName=bob
  as key
caller bob = $key.AccessKey
root> CreateRole RoleName=dev AssumeRolePolicyDocument=@trusts-the-account
  as dev
root> PutRolePolicy RoleName=dev PolicyName=p PolicyDocument=@anything
bob> AssumeRole RoleArn=$dev.Role.Arn RoleSessionName=go
  as session
caller dev = $session.Credentials
dev> ListRoles
  Roles.length = 1

root> DeleteRole RoleName=dev
  ! DeleteConflict 409 "Cannot delete entity, must delete policies first."
root> DeleteRolePolicy RoleName=dev PolicyName=p
dev> ListRoles
  ! AccessDenied 403 "because no identity-based policy allows the iam:ListRoles action"
root> DeleteRole RoleName=dev
dev> GetCallerIdentity
  ! InvalidClientTokenId 403 "The security token included in the request is invalid."
root> CreateRole RoleName=dev AssumeRolePolicyDocument=@trusts-the-account
root> PutRolePolicy RoleName=dev PolicyName=p PolicyDocument=@anything
dev> ListRoles
  ! InvalidClientTokenId 403
bob> AssumeRole RoleArn=$dev.Role.Arn RoleSessionName=go
  as again
caller newdev = $again.Credentials
newdev> ListRoles
