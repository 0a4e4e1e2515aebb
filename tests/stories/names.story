# Names are unique in an account without regard to case, and keep the case they were made with.
shows SR-008 SR-009

@trusts-the-account
  {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": {"AWS": "$root.Account"},
   "Action": "sts:AssumeRole"}}
@anything
  {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}

root> CreateRole RoleName=Auditor Path=/reviews/yearly/ AssumeRolePolicyDocument=@trusts-the-account
  Role.Arn = arn:aws:iam::$root.Account:role/reviews/yearly/Auditor
root> CreateRole RoleName=AUDITOR AssumeRolePolicyDocument=@trusts-the-account
  ! EntityAlreadyExists 409 "Role with name AUDITOR already exists."
root> GetRole RoleName=auditor
  Role.RoleName = Auditor
# The same name is free in another account.
other> GetRole RoleName=auditor
  ! NoSuchEntity 404 "The role with name auditor cannot be found."

root> CreateUser UserName=Alice
root> CreateUser UserName=alice
  ! EntityAlreadyExists 409 "User with name alice already exists."
root> CreateGroup GroupName=Staff
root> CreateGroup GroupName=STAFF
  ! EntityAlreadyExists 409 "Group with name STAFF already exists."
root> CreateInstanceProfile InstanceProfileName=Web
root> CreateInstanceProfile InstanceProfileName=web
  ! EntityAlreadyExists 409 "Instance Profile web already exists."
root> CreatePolicy PolicyName=Reading PolicyDocument=@anything
root> CreatePolicy PolicyName=reading PolicyDocument=@anything
  ! EntityAlreadyExists 409 "A policy called reading already exists. Duplicate names are not allowed."
# A user and a role are different things.
root> CreateUser UserName=Auditor

root> CreateRole RoleName=a/b AssumeRolePolicyDocument=@trusts-the-account
  ! ValidationError 400 "roleName"
root> CreateRole RoleName=x Path=no/slash AssumeRolePolicyDocument=@trusts-the-account
  ! ValidationError 400 "path"
