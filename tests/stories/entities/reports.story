# What is told of the past: the credential report, services last accessed, and policies that grant a service.
root> GetCredentialReport
  ! ReportNotPresent
root> GenerateCredentialReport
  State = STARTED
root> GenerateCredentialReport
root> GetCredentialReport
  ReportFormat = text/csv

root> CreateUser UserName=lea
root> AttachUserPolicy UserName=lea PolicyArn=arn:aws:iam::aws:policy/IAMReadOnlyAccess
root> GenerateServiceLastAccessedDetails Arn=arn:aws:iam::$root.Account:user/lea
  as job
root> GetServiceLastAccessedDetails JobId=$job.JobId
  JobStatus = COMPLETED
  ServicesLastAccessed.0.ServiceNamespace = iam
root> GetServiceLastAccessedDetailsWithEntities JobId=$job.JobId ServiceNamespace=iam
  EntityDetailsList.length = 1
root> GetServiceLastAccessedDetails JobId=00000000-0000-0000-0000-000000000000
  ! NoSuchEntity
root> ListPoliciesGrantingServiceAccess Arn=arn:aws:iam::$root.Account:user/lea ServiceNamespaces='["iam"]'
  PoliciesGrantingServiceAccess.0.Policies.0.PolicyName = IAMReadOnlyAccess
root> DetachUserPolicy UserName=lea PolicyArn=arn:aws:iam::aws:policy/IAMReadOnlyAccess
root> DeleteUser UserName=lea
root> GenerateOrganizationsAccessReport EntityPath=o-a1b2c3d4e5/r-f6g7h8i9j0example
  ! AccessDenied
root> GetOrganizationsAccessReport JobId=00000000-0000-0000-0000-000000000000
  ! AccessDenied
