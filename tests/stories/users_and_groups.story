# A user has the policies of the groups it is in, for as long as it is in them, and keeps them when renamed.
shows SR-006 SR-021

@lists
  {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "iam:ListUsers", "Resource": "*"}}

root> CreateGroup GroupName=staff Path=/people/
  Group.GroupId ~ AGPA
root> PutGroupPolicy GroupName=staff PolicyName=lists PolicyDocument=@lists
root> CreateUser UserName=alice
  as alice
root> CreateAccessKey UserName=alice
  AccessKey.Status = Active
  as key
caller alice = $key.AccessKey
alice> ListUsers
  ! AccessDenied 403 "because no identity-based policy allows the iam:ListUsers action"
root> AddUserToGroup GroupName=staff UserName=alice
root> AddUserToGroup GroupName=staff UserName=ALICE
alice> ListUsers
  Users.length = 1
root> GetGroup GroupName=staff
  Users.0.UserName = alice
root> ListGroupsForUser UserName=alice
  Groups.0.GroupName = staff
root> DeleteGroup GroupName=staff
  ! DeleteConflict 409 "Cannot delete entity, must remove users from group first."

root> UpdateUser UserName=alice NewUserName=alicia NewPath=/new/
root> GetUser UserName=alice
  ! NoSuchEntity 404 "The user with name alice cannot be found."
alice> GetCallerIdentity
  Arn = arn:aws:iam::$root.Account:user/new/alicia
  UserId = $alice.User.UserId
alice> ListUsers
root> UpdateGroup GroupName=staff NewGroupName=team
root> ListGroupsForUser UserName=alicia
  Groups.0.GroupName = team
alice> ListUsers
root> ListAccessKeys UserName=alicia
  AccessKeyMetadata.0.AccessKeyId = $key.AccessKey.AccessKeyId

root> DeleteUser UserName=alicia
  ! DeleteConflict 409
root> RemoveUserFromGroup GroupName=team UserName=alicia
alice> ListUsers
  ! AccessDenied 403
root> RemoveUserFromGroup GroupName=team UserName=alicia
  ! NoSuchEntity 404
root> DeleteUser UserName=alicia
  ! DeleteConflict 409 "Cannot delete entity, must delete access keys first."
root> UpdateAccessKey UserName=alicia AccessKeyId=$key.AccessKey.AccessKeyId Status=Inactive
alice> GetCallerIdentity
  ! InvalidClientTokenId 403 "The security token included in the request is invalid."
root> UpdateAccessKey UserName=alicia AccessKeyId=$key.AccessKey.AccessKeyId Status=Active
alice> GetCallerIdentity
root> DeleteAccessKey UserName=alicia AccessKeyId=$key.AccessKey.AccessKeyId
alice> GetCallerIdentity
  ! InvalidClientTokenId 403
root> DeleteUser UserName=alicia
root> DeleteGroup GroupName=team
  ! DeleteConflict 409 "Cannot delete entity, must delete policies first."
root> DeleteGroupPolicy GroupName=team PolicyName=lists
root> DeleteGroup GroupName=team
