# A role made from a template of AWS's, and the account's property that role manager goes by.
root> GetRoleTemplateVersion TemplateArn=arn:aws:iam::aws:role-template/iam.amazonaws.com/PowerUserRoleTemplate:1
  RoleTemplateVersion.MinorVersion = 0
root> GetRoleTemplateVersion TemplateArn=arn:aws:iam::aws:role-template/iam.amazonaws.com/NothingTemplate:1
  ! NoSuchEntity
root> AcquireRole TemplateArn=arn:aws:iam::aws:role-template/iam.amazonaws.com/PowerUserRoleTemplate:1 ReplacementValues='{"AWSServiceName":{"Values":["lambda.amazonaws.com"]},"RoleName":{"Values":["from-a-template"]}}'
  Role.RoleName = from-a-template
root> DetachRolePolicy RoleName=from-a-template PolicyArn=arn:aws:iam::aws:policy/PowerUserAccess
root> DeleteRole RoleName=from-a-template
root> GetAccountProperties
  Properties.length absent
root> PutAccountProperties Properties='{"RoleManager/Enabled":"false"}'
root> PutAccountProperties Properties='{"Nothing/Enabled":"false"}'
  ! InvalidInput
