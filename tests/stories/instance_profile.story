# An instance profile holds one role, a role may be in several, and both must be empty to go.
shows SR-031

@trusts-ec2
  {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"},
   "Action": "sts:AssumeRole"}]}

root> CreateRole RoleName=web AssumeRolePolicyDocument=@trusts-ec2
root> CreateRole RoleName=db AssumeRolePolicyDocument=@trusts-ec2
root> CreateInstanceProfile InstanceProfileName=one Path=/ec2/
  InstanceProfile.InstanceProfileId ~ AIPA
  InstanceProfile.Arn = arn:aws:iam::$root.Account:instance-profile/ec2/one
  InstanceProfile.Roles.length = 0
root> CreateInstanceProfile InstanceProfileName=two
root> AddRoleToInstanceProfile InstanceProfileName=one RoleName=nobody
  ! NoSuchEntity 404 "The role with name nobody cannot be found."
root> AddRoleToInstanceProfile InstanceProfileName=none RoleName=web
  ! NoSuchEntity 404 "Instance Profile none cannot be found."
root> AddRoleToInstanceProfile InstanceProfileName=one RoleName=web
root> AddRoleToInstanceProfile InstanceProfileName=one RoleName=db
  ! LimitExceeded 409 "Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1"
root> AddRoleToInstanceProfile InstanceProfileName=two RoleName=web
root> GetInstanceProfile InstanceProfileName=ONE
  InstanceProfile.Roles.0.RoleName = web
root> ListInstanceProfilesForRole RoleName=web
  InstanceProfiles.length = 2
root> ListInstanceProfilesForRole RoleName=db
  InstanceProfiles.length = 0
root> ListInstanceProfiles PathPrefix=/ec2/
  InstanceProfiles.length = 1
root> DeleteRole RoleName=web
  ! DeleteConflict 409 "Cannot delete entity, must remove roles from instance profile first."
root> DeleteInstanceProfile InstanceProfileName=one
  ! DeleteConflict 409 "Cannot delete entity, must remove roles from instance profile first."
root> RemoveRoleFromInstanceProfile InstanceProfileName=one RoleName=db
  ! NoSuchEntity 404
root> RemoveRoleFromInstanceProfile InstanceProfileName=one RoleName=web
root> RemoveRoleFromInstanceProfile InstanceProfileName=two RoleName=web
root> DeleteRole RoleName=web
root> DeleteInstanceProfile InstanceProfileName=one
root> GetInstanceProfile InstanceProfileName=one
  ! NoSuchEntity 404 "Instance Profile one cannot be found."

root> TagInstanceProfile InstanceProfileName=two Tags='[{"Key": "Team", "Value": "web"}]'
root> ListInstanceProfileTags InstanceProfileName=two
  Tags.0.Key = Team
  Tags.0.Value = web
root> UntagInstanceProfile InstanceProfileName=two TagKeys='["team"]'
root> ListInstanceProfileTags InstanceProfileName=two
  Tags.length = 0
