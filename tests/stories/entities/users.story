# A user from beginning to end, with the policies and the boundary that it can have.
@lists
  {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "iam:ListUsers", "Resource": "*"}}

root> CreateUser UserName=ann Path=/people/ Tags='[{"Key":"team","Value":"blue"}]'
  User.UserId ~ AIDA
  User.Tags.0.Value = blue
root> CreateUser UserName=Ann
  ! EntityAlreadyExists "User with name Ann already exists."
root> GetUser UserName=ann
  User.Arn = arn:aws:iam::$root.Account:user/people/ann
root> ListUsers PathPrefix=/people/ MaxItems=1
  Users.0.UserName = ann
  Users.0.Tags absent
root> UpdateUser UserName=ann NewUserName=anna NewPath=/staff/
root> GetUser UserName=ann
  ! NoSuchEntity "The user with name ann cannot be found."

root> TagUser UserName=anna Tags='[{"Key":"level","Value":"one"}]'
root> UntagUser UserName=anna TagKeys='["team"]'
root> ListUserTags UserName=anna
  Tags.length = 1
  Tags.0.Key = level

root> PutUserPolicy UserName=anna PolicyName=lists PolicyDocument=@lists
root> PutUserPolicy UserName=anna PolicyName=lists PolicyDocument={}
  ! MalformedPolicyDocument
root> GetUserPolicy UserName=anna PolicyName=lists
  PolicyDocument.Statement.Action = iam:ListUsers
root> ListUserPolicies UserName=anna
  PolicyNames.0 = lists
root> AttachUserPolicy UserName=anna PolicyArn=arn:aws:iam::aws:policy/IAMUserChangePassword
root> ListAttachedUserPolicies UserName=anna
  AttachedPolicies.0.PolicyName = IAMUserChangePassword
root> PutUserPermissionsBoundary UserName=anna PermissionsBoundary=arn:aws:iam::aws:policy/ReadOnlyAccess
root> GetUser UserName=anna
  User.PermissionsBoundary.PermissionsBoundaryArn = arn:aws:iam::aws:policy/ReadOnlyAccess
root> DeleteUserPermissionsBoundary UserName=anna

root> DeleteUser UserName=anna
  ! DeleteConflict "Cannot delete entity, must"
root> DetachUserPolicy UserName=anna PolicyArn=arn:aws:iam::aws:policy/IAMUserChangePassword
root> DetachUserPolicy UserName=anna PolicyArn=arn:aws:iam::aws:policy/IAMUserChangePassword
  ! NoSuchEntity
root> DeleteUserPolicy UserName=anna PolicyName=lists
root> DeleteUser UserName=anna
root> DeleteUser UserName=anna
  ! NoSuchEntity
