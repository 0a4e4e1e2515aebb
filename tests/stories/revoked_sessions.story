# AWSRevokeOlderSessions: whoever became the role before a moment is denied everything; who comes later is not.
shows SR-026

@trusts-the-account
  {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": {"AWS": "$root.Account"},
   "Action": "sts:AssumeRole"}}
@anything
  {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}
@revoke
  {"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Action": "*", "Resource": "*",
   "Condition": {"DateLessThan": {"aws:TokenIssueTime": "$mark.User.CreateDate"}}}}

root> CreateUser UserName=bob
root> PutUserPolicy UserName=bob PolicyName=p PolicyDocument=@anything
root> CreateAccessKey UserName=bob
  as key
caller bob = $key.AccessKey
root> CreateRole RoleName=dev AssumeRolePolicyDocument=@trusts-the-account
  as dev
root> PutRolePolicy RoleName=dev PolicyName=p PolicyDocument=@anything
bob> AssumeRole RoleArn=$dev.Role.Arn RoleSessionName=old
  as old
caller old = $old.Credentials
old> ListRoles

clock +10
# A user is made only to have the server's time.
root> CreateUser UserName=mark
  as mark
root> PutRolePolicy RoleName=dev PolicyName=AWSRevokeOlderSessions PolicyDocument=@revoke
old> ListRoles
  ! AccessDenied 403 "with an explicit deny in an identity-based policy"
old> GetCallerIdentity
  Arn ~ assumed-role/dev/old
bob> AssumeRole RoleArn=$dev.Role.Arn RoleSessionName=new
  as new
caller new = $new.Credentials
new> ListRoles
