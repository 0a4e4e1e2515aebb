# A group, who is in it, and the policies that it can have.
@lists
  {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "iam:ListUsers", "Resource": "*"}}

root> CreateUser UserName=gail
root> CreateGroup GroupName=staff Path=/people/
  Group.GroupId ~ AGPA
root> CreateGroup GroupName=STAFF
  ! EntityAlreadyExists "Group with name STAFF already exists."
root> ListGroups PathPrefix=/people/
  Groups.0.GroupName = staff
root> UpdateGroup GroupName=staff NewGroupName=crew
root> AddUserToGroup GroupName=crew UserName=gail
root> AddUserToGroup GroupName=staff UserName=gail
  ! NoSuchEntity "The group with name staff cannot be found."
root> GetGroup GroupName=crew
  Users.0.UserName = gail
root> ListGroupsForUser UserName=gail
  Groups.0.Arn = arn:aws:iam::$root.Account:group/people/crew

root> PutGroupPolicy GroupName=crew PolicyName=lists PolicyDocument=@lists
root> GetGroupPolicy GroupName=crew PolicyName=lists
  PolicyDocument.Statement.Effect = Allow
root> ListGroupPolicies GroupName=crew
  PolicyNames.length = 1
root> AttachGroupPolicy GroupName=crew PolicyArn=arn:aws:iam::aws:policy/ReadOnlyAccess
root> ListAttachedGroupPolicies GroupName=crew
  AttachedPolicies.0.PolicyName = ReadOnlyAccess

root> RemoveUserFromGroup GroupName=crew UserName=gail
root> DeleteGroup GroupName=crew
  ! DeleteConflict
root> DetachGroupPolicy GroupName=crew PolicyArn=arn:aws:iam::aws:policy/ReadOnlyAccess
root> DeleteGroupPolicy GroupName=crew PolicyName=lists
root> DeleteGroup GroupName=crew
root> DeleteUser UserName=gail
