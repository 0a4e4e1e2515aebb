# A trust policy means the user that lived when it was written, and not another one of the same name.
shows SR-030 SR-035

@trusts-bob
  {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::$root.Account:user/bob"},
   "Action": "sts:AssumeRole"}}

root> CreateRole RoleName=dev AssumeRolePolicyDocument=@trusts-bob
  ! MalformedPolicyDocument 400 "Invalid principal in policy"
root> CreateUser UserName=bob
  as bob
root> CreateAccessKey UserName=bob
  as key
caller bob = $key.AccessKey
root> CreateRole RoleName=dev AssumeRolePolicyDocument=@trusts-bob
  as dev
root> GetRole RoleName=dev
  Role.AssumeRolePolicyDocument.Statement.Principal.AWS = $bob.User.Arn
bob> AssumeRole RoleArn=$dev.Role.Arn RoleSessionName=go

root> DeleteAccessKey UserName=bob AccessKeyId=$key.AccessKey.AccessKeyId
root> DeleteUser UserName=bob
root> GetRole RoleName=dev
  Role.AssumeRolePolicyDocument.Statement.Principal.AWS = $bob.User.UserId
root> CreateUser UserName=bob
root> CreateAccessKey UserName=bob
  as newkey
caller newbob = $newkey.AccessKey
newbob> AssumeRole RoleArn=$dev.Role.Arn RoleSessionName=go
  ! AccessDenied 403
root> GetRole RoleName=dev
  Role.AssumeRolePolicyDocument.Statement.Principal.AWS = $bob.User.UserId
root> UpdateAssumeRolePolicy RoleName=dev PolicyDocument=@trusts-bob
newbob> AssumeRole RoleArn=$dev.Role.Arn RoleSessionName=go
