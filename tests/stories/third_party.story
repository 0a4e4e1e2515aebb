# A third party in another account is let in to audit, and only when it says the number that was agreed.
shows SR-011 SR-012 SR-032 SR-038 SR-041

@trusts-the-auditor
  {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::$other.Account:root"},
   "Action": "sts:AssumeRole", "Condition": {"StringEquals": {"sts:ExternalId": "ExampleCorp-7b41"}}}}
@looks
  {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": ["iam:List*", "iam:Get*"], "Resource": "*"}}
@may-audit
  {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "$audit.Role.Arn"}}

root> CreateRole RoleName=audit AssumeRolePolicyDocument=@trusts-the-auditor
  as audit
root> PutRolePolicy RoleName=audit PolicyName=looks PolicyDocument=@looks
other> CreateUser UserName=auditor
other> CreateAccessKey UserName=auditor
  as key
caller auditor = $key.AccessKey

auditor> AssumeRole RoleArn=$audit.Role.Arn RoleSessionName=go ExternalId=ExampleCorp-7b41
  ! AccessDenied 403 "is not authorized to perform: sts:AssumeRole"
other> PutUserPolicy UserName=auditor PolicyName=p PolicyDocument=@may-audit
auditor> AssumeRole RoleArn=$audit.Role.Arn RoleSessionName=go
  ! AccessDenied 403
auditor> AssumeRole RoleArn=$audit.Role.Arn RoleSessionName=go ExternalId=another-number
  ! AccessDenied 403
auditor> AssumeRole RoleArn=$audit.Role.Arn RoleSessionName=go ExternalId=ExampleCorp-7b41
  AssumedRoleUser.Arn ~ arn:aws:sts::$root.Account:assumed-role/audit/go
  as session
caller audit = $session.Credentials
audit> ListRoles
  Roles.0.RoleName = audit
audit> DeleteRole RoleName=audit
  ! AccessDenied 403 "because no identity-based policy allows the iam:DeleteRole action"
auditor> ListRoles
  ! AccessDenied 403
