# An instance profile, and the one role that it can have.
@trusts-ec2
  {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"},
   "Action": "sts:AssumeRole"}}

root> CreateRole RoleName=machine AssumeRolePolicyDocument=@trusts-ec2
root> CreateInstanceProfile InstanceProfileName=machine Path=/fleet/ Tags='[{"Key":"team","Value":"blue"}]'
  InstanceProfile.InstanceProfileId ~ AIPA
root> CreateInstanceProfile InstanceProfileName=machine
  ! EntityAlreadyExists
root> AddRoleToInstanceProfile InstanceProfileName=machine RoleName=machine
root> AddRoleToInstanceProfile InstanceProfileName=machine RoleName=machine
  ! LimitExceeded
root> GetInstanceProfile InstanceProfileName=machine
  InstanceProfile.Roles.0.RoleName = machine
root> ListInstanceProfiles PathPrefix=/fleet/
  InstanceProfiles.length = 1
root> ListInstanceProfilesForRole RoleName=machine
  InstanceProfiles.0.InstanceProfileName = machine
root> TagInstanceProfile InstanceProfileName=machine Tags='[{"Key":"level","Value":"one"}]'
root> UntagInstanceProfile InstanceProfileName=machine TagKeys='["team"]'
root> ListInstanceProfileTags InstanceProfileName=machine
  Tags.0.Key = level
root> DeleteInstanceProfile InstanceProfileName=machine
  ! DeleteConflict
root> RemoveRoleFromInstanceProfile InstanceProfileName=machine RoleName=machine
root> DeleteInstanceProfile InstanceProfileName=machine
root> DeleteRole RoleName=machine
