# A managed policy and its versions, and what uses it.
@first
  {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}}
@second
  {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:PutObject", "Resource": "*"}}

root> CreatePolicy PolicyName=data Path=/shared/ PolicyDocument=@first Description=Data Tags='[{"Key":"team","Value":"blue"}]'
  Policy.PolicyId ~ ANPA
  as made
root> CreatePolicy PolicyName=data PolicyDocument=@first
  ! EntityAlreadyExists "A policy called data already exists."
root> CreatePolicyVersion PolicyArn=$made.Policy.Arn PolicyDocument=@second SetAsDefault=true
  PolicyVersion.VersionId = v2
root> SetDefaultPolicyVersion PolicyArn=$made.Policy.Arn VersionId=v1
root> GetPolicyVersion PolicyArn=$made.Policy.Arn VersionId=v2
  PolicyVersion.Document.Statement.Action = s3:PutObject
  PolicyVersion.IsDefaultVersion = false
root> ListPolicyVersions PolicyArn=$made.Policy.Arn
  Versions.length = 2
root> DeletePolicyVersion PolicyArn=$made.Policy.Arn VersionId=v1
  ! DeleteConflict
root> DeletePolicyVersion PolicyArn=$made.Policy.Arn VersionId=v2
root> GetPolicy PolicyArn=$made.Policy.Arn
  Policy.AttachmentCount = 0
  Policy.Description = Data
root> ListPolicies Scope=Local PathPrefix=/shared/
  Policies.0.PolicyName = data
root> TagPolicy PolicyArn=$made.Policy.Arn Tags='[{"Key":"level","Value":"one"}]'
root> UntagPolicy PolicyArn=$made.Policy.Arn TagKeys='["team"]'
root> ListPolicyTags PolicyArn=$made.Policy.Arn
  Tags.0.Key = level

root> CreateGroup GroupName=readers
root> AttachGroupPolicy GroupName=readers PolicyArn=$made.Policy.Arn
root> ListEntitiesForPolicy PolicyArn=$made.Policy.Arn
  PolicyGroups.0.GroupName = readers
root> DeletePolicy PolicyArn=$made.Policy.Arn
  ! DeleteConflict "Cannot delete a policy attached to entities."
root> DetachGroupPolicy GroupName=readers PolicyArn=$made.Policy.Arn
root> DeleteGroup GroupName=readers
root> DeletePolicy PolicyArn=$made.Policy.Arn

# AWS's own are there, and nobody's to change.
root> GetPolicy PolicyArn=arn:aws:iam::aws:policy/ReadOnlyAccess
  Policy.PolicyName = ReadOnlyAccess
root> DeletePolicy PolicyArn=arn:aws:iam::aws:policy/ReadOnlyAccess
  ! AccessDenied
