# A role becomes a role: the session lasts an hour at most, whatever the second role would allow.
shows SR-022 SR-023 SR-042

@trusts-the-account
  {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": {"AWS": "$root.Account"},
   "Action": "sts:AssumeRole"}}
@trusts-a
  {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": {"AWS": "$a.Role.Arn"},
   "Action": "sts:AssumeRole"}}
@trusts-a-and-the-account
  {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": {"AWS": ["$a.Role.Arn", "$root.Account"]},
   "Action": "sts:AssumeRole"}}
@assumes-anything
  {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"}}

root> CreateUser UserName=bob
root> PutUserPolicy UserName=bob PolicyName=p PolicyDocument=@assumes-anything
root> CreateAccessKey UserName=bob
  as key
caller bob = $key.AccessKey
root> CreateRole RoleName=a AssumeRolePolicyDocument=@trusts-the-account MaxSessionDuration=43200
  as a
root> CreateRole RoleName=b AssumeRolePolicyDocument=@trusts-a MaxSessionDuration=43200
  as b

bob> AssumeRole RoleArn=$b.Role.Arn RoleSessionName=go
  ! AccessDenied 403
bob> AssumeRole RoleArn=$a.Role.Arn RoleSessionName=go DurationSeconds=43200
  as first
caller a = $first.Credentials
a> AssumeRole RoleArn=$b.Role.Arn RoleSessionName=go DurationSeconds=3601
  ! ValidationError 400 "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining"
a> AssumeRole RoleArn=$b.Role.Arn RoleSessionName=go DurationSeconds=3600
  as second
caller b = $second.Credentials
b> GetCallerIdentity
  Arn ~ assumed-role/b/go
clock +3601
b> GetCallerIdentity
  ! ExpiredToken 403
a> GetCallerIdentity
  Arn ~ assumed-role/a/go

# A role does not trust itself unless it says so: not by its account alone, when its own policy is silent.
root> CreateRole RoleName=c AssumeRolePolicyDocument=@trusts-the-account
  as c
bob> AssumeRole RoleArn=$c.Role.Arn RoleSessionName=go
  as third
caller c = $third.Credentials
c> AssumeRole RoleArn=$c.Role.Arn RoleSessionName=again
  ! AccessDenied 403
a> AssumeRole RoleArn=$a.Role.Arn RoleSessionName=again
  ! AccessDenied 403
root> UpdateAssumeRolePolicy RoleName=a PolicyDocument=@trusts-a-and-the-account
a> AssumeRole RoleArn=$a.Role.Arn RoleSessionName=again
