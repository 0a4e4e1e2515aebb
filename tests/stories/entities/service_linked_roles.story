# A service-linked role: its service's, and nobody's to change.
root> CreateServiceLinkedRole AWSServiceName=autoscaling.amazonaws.com CustomSuffix=story Description=Scales
  Role.RoleName = AWSServiceRoleForAutoScaling_story
root> CreateServiceLinkedRole AWSServiceName=nothing.amazonaws.com
  ! InvalidInput
root> AttachRolePolicy RoleName=AWSServiceRoleForAutoScaling_story PolicyArn=arn:aws:iam::aws:policy/ReadOnlyAccess
  ! UnmodifiableEntity
root> DeleteRole RoleName=AWSServiceRoleForAutoScaling_story
  ! UnmodifiableEntity
root> DeleteServiceLinkedRole RoleName=AWSServiceRoleForAutoScaling_story
  as task
root> GetServiceLinkedRoleDeletionStatus DeletionTaskId=$task.DeletionTaskId
  Status = SUCCEEDED
root> GetRole RoleName=AWSServiceRoleForAutoScaling_story
  ! NoSuchEntity
