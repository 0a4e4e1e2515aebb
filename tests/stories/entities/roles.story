# A role from beginning to end, and a session of it.
@trusts-the-account
  {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": {"AWS": "$root.Account"},
   "Action": "sts:AssumeRole"}}
@trusts-lambda
  {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"},
   "Action": "sts:AssumeRole"}}
@may
  {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": ["sts:AssumeRole", "iam:ListRoles"],
   "Resource": "*"}}

root> CreateUser UserName=rose
root> PutUserPolicy UserName=rose PolicyName=may PolicyDocument=@may
root> CreateAccessKey UserName=rose
  as key
caller rose = $key.AccessKey

root> CreateRole RoleName=job Path=/service/ AssumeRolePolicyDocument=@trusts-the-account MaxSessionDuration=7200 Tags='[{"Key":"team","Value":"blue"}]'
  Role.RoleId ~ AROA
root> CreateRole RoleName=job AssumeRolePolicyDocument=@trusts-the-account
  ! EntityAlreadyExists "Role with name job already exists."
root> CreateRole RoleName=worse AssumeRolePolicyDocument=@may
  ! MalformedPolicyDocument
rose> AssumeRole RoleArn=arn:aws:iam::$root.Account:role/service/job RoleSessionName=go DurationSeconds=7200
  AssumedRoleUser.Arn = arn:aws:sts::$root.Account:assumed-role/job/go
  as session
caller job = $session.Credentials
job> GetCallerIdentity
  Arn = arn:aws:sts::$root.Account:assumed-role/job/go
job> ListRoles
  ! AccessDenied "because no identity-based policy allows the iam:ListRoles action"
root> PutRolePolicy RoleName=job PolicyName=may PolicyDocument=@may
job> ListRoles PathPrefix=/service/
  Roles.0.RoleName = job
root> GetRolePolicy RoleName=job PolicyName=may
  PolicyDocument.Statement.Resource = *
root> ListRolePolicies RoleName=job
  PolicyNames.0 = may

root> AttachRolePolicy RoleName=job PolicyArn=arn:aws:iam::aws:policy/ReadOnlyAccess
root> ListAttachedRolePolicies RoleName=job
  AttachedPolicies.length = 1
root> PutRolePermissionsBoundary RoleName=job PermissionsBoundary=arn:aws:iam::aws:policy/ReadOnlyAccess
root> GetRole RoleName=job
  Role.MaxSessionDuration = 7200
  Role.PermissionsBoundary.PermissionsBoundaryType = Policy
  Role.AssumeRolePolicyDocument.Statement.Action = sts:AssumeRole
root> DeleteRolePermissionsBoundary RoleName=job
root> UpdateRole RoleName=job Description=Works MaxSessionDuration=3600
root> UpdateRoleDescription RoleName=job Description="Works hard"
  Role.Description = Works hard
root> UpdateAssumeRolePolicy RoleName=job PolicyDocument=@trusts-lambda
rose> AssumeRole RoleArn=arn:aws:iam::$root.Account:role/service/job RoleSessionName=again
  ! AccessDenied
root> TagRole RoleName=job Tags='[{"Key":"level","Value":"one"}]'
root> UntagRole RoleName=job TagKeys='["team"]'
root> ListRoleTags RoleName=job
  Tags.0.Key = level

root> DeleteRole RoleName=job
  ! DeleteConflict
root> DetachRolePolicy RoleName=job PolicyArn=arn:aws:iam::aws:policy/ReadOnlyAccess
root> DeleteRolePolicy RoleName=job PolicyName=may
root> DeleteRole RoleName=job
root> DeleteUserPolicy UserName=rose PolicyName=may
root> DeleteAccessKey UserName=rose AccessKeyId=$key.AccessKey.AccessKeyId
root> DeleteUser UserName=rose
