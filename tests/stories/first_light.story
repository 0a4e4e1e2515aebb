# A user who may do nothing becomes a role, does what the role may, is refused the rest, and comes to an end.
shows SR-001 SR-007 SR-010 SR-014 SR-019 SR-020 SR-034 SR-037 SR-043

root> CreateUser UserName=bob
  User.UserId ~ AIDA
  as bob
root> CreateAccessKey UserName=bob
  AccessKey.AccessKeyId ~ AKIA
  as key
caller bob = $key.AccessKey

@trusts-the-account
  {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": "$root.Account"},
   "Action": "sts:AssumeRole"}]}
@reads-itself
  {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "iam:GetRole", "Resource": "$dev.Role.Arn"}]}
@may-become-dev
  {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "$dev.Role.Arn"}]}

root> CreateRole RoleName=dev AssumeRolePolicyDocument=@trusts-the-account
  Role.RoleId ~ AROA
  Role.Arn = arn:aws:iam::$root.Account:role/dev
  as dev
root> GetRole RoleName=dev
  Role.MaxSessionDuration = 3600
root> PutRolePolicy RoleName=dev PolicyName=read PolicyDocument=@reads-itself

bob> GetRole RoleName=dev
  ! AccessDenied 403 "because no identity-based policy allows the iam:GetRole action"
bob> AssumeRole RoleArn=$dev.Role.Arn RoleSessionName=bob
  ! AccessDenied 403 "is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::"

root> PutUserPolicy UserName=bob PolicyName=dev PolicyDocument=@may-become-dev
bob> AssumeRole RoleArn=$dev.Role.Arn RoleSessionName=bob DurationSeconds=900
  AssumedRoleUser.AssumedRoleId = $dev.Role.RoleId:bob
  AssumedRoleUser.Arn = arn:aws:sts::$root.Account:assumed-role/dev/bob
  Credentials.AccessKeyId ~ ASIA
  as session
caller dev = $session.Credentials

dev> GetCallerIdentity
  Arn = arn:aws:sts::$root.Account:assumed-role/dev/bob
  UserId = $dev.Role.RoleId:bob
dev> GetRole RoleName=dev
  Role.RoleId = $dev.Role.RoleId
dev> ListRoles
  ! AccessDenied 403 "User: arn:aws:sts::"
dev> DeleteRole RoleName=dev
  ! AccessDenied 403 "because no identity-based policy allows the iam:DeleteRole action"
bob> GetCallerIdentity
  Arn = $bob.User.Arn

clock +901
dev> GetRole RoleName=dev
  ! ExpiredToken 403
bob> AssumeRole RoleArn=$dev.Role.Arn RoleSessionName=bob
  as again
caller dev = $again.Credentials
dev> GetRole RoleName=dev
