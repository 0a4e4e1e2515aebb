# A managed policy with versions: what the default version says is in force for every holder at once.
shows SR-004 SR-046 SR-047

@nothing-much
  {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "iam:GetUser", "Resource": "*"}}
@lists
  {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "iam:ListRoles", "Resource": "*"}}

root> CreatePolicy PolicyName=reading Path=/team/ PolicyDocument=@nothing-much Description='What we read'
  Policy.Arn = arn:aws:iam::$root.Account:policy/team/reading
  Policy.DefaultVersionId = v1
  Policy.AttachmentCount = 0
  Policy.IsAttachable = true
  Policy.PolicyId ~ ANPA
  as p
root> CreateUser UserName=bob
root> CreateAccessKey UserName=bob
  as key
caller bob = $key.AccessKey
root> AttachUserPolicy UserName=bob PolicyArn=$p.Policy.Arn
root> AttachUserPolicy UserName=bob PolicyArn=$p.Policy.Arn
root> GetPolicy PolicyArn=$p.Policy.Arn
  Policy.AttachmentCount = 1
  Policy.Description = What we read
root> ListAttachedUserPolicies UserName=bob
  AttachedPolicies.length = 1
  AttachedPolicies.0.PolicyName = reading
root> ListEntitiesForPolicy PolicyArn=$p.Policy.Arn
  PolicyUsers.0.UserName = bob
  PolicyRoles.length = 0
bob> ListRoles
  ! AccessDenied 403 "because no identity-based policy allows the iam:ListRoles action"

root> CreatePolicyVersion PolicyArn=$p.Policy.Arn PolicyDocument=@lists
  PolicyVersion.VersionId = v2
  PolicyVersion.IsDefaultVersion = false
bob> ListRoles
  ! AccessDenied 403
root> SetDefaultPolicyVersion PolicyArn=$p.Policy.Arn VersionId=v2
bob> ListRoles
bob> GetUser UserName=bob
  ! AccessDenied 403
root> SetDefaultPolicyVersion PolicyArn=$p.Policy.Arn VersionId=v9
  ! NoSuchEntity 404 "version v9 does not exist or is not attachable"
root> CreatePolicyVersion PolicyArn=$p.Policy.Arn PolicyDocument=@nothing-much SetAsDefault=true
  PolicyVersion.VersionId = v3
bob> ListRoles
  ! AccessDenied 403
root> ListPolicyVersions PolicyArn=$p.Policy.Arn
  Versions.length = 3
  Versions.0.VersionId = v3
  Versions.0.IsDefaultVersion = true
root> GetPolicyVersion PolicyArn=$p.Policy.Arn VersionId=v2
  PolicyVersion.Document.Statement.Action = iam:ListRoles

root> DeletePolicyVersion PolicyArn=$p.Policy.Arn VersionId=v3
  ! DeleteConflict 409 "Cannot delete the default version of a policy."
root> DeletePolicy PolicyArn=$p.Policy.Arn
  ! DeleteConflict 409 "Cannot delete a policy attached to entities."
root> DetachUserPolicy UserName=bob PolicyArn=$p.Policy.Arn
bob> GetUser
  ! AccessDenied 403
root> DetachUserPolicy UserName=bob PolicyArn=$p.Policy.Arn
  ! NoSuchEntity 404 "was not found."
root> DeletePolicy PolicyArn=$p.Policy.Arn
  ! DeleteConflict 409 "This policy has more than one version."
root> DeletePolicyVersion PolicyArn=$p.Policy.Arn VersionId=v1
root> DeletePolicyVersion PolicyArn=$p.Policy.Arn VersionId=v2
root> DeletePolicy PolicyArn=$p.Policy.Arn
root> GetPolicy PolicyArn=$p.Policy.Arn
  ! NoSuchEntity 404 "was not found."
