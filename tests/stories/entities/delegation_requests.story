# A partner asks for permissions, and somebody of the account claims, approves and sends them, or does not.
@template
  {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:GetObject",
   "Resource": "arn:aws:s3:::photos/*"}}
@may
  {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": ["iam:*DelegationRequest*",
   "iam:SendDelegationToken"], "Resource": "*"}}

other> CreatePolicy PolicyName=template PolicyDocument=@template
  as template
other> CreateDelegationRequest Description="Set up the photo service" Permissions='{"PolicyTemplateArn":"$template.Policy.Arn"}' RequestorWorkflowId=workflow-1 NotificationChannel=arn:aws:sns:us-east-1:$other.Account:delegations SessionDuration=3600
  as first
other> CreateDelegationRequest Description="Set up the photo service" Permissions='{"PolicyTemplateArn":"$template.Policy.Arn"}' RequestorWorkflowId=workflow-2 NotificationChannel=delegations SessionDuration=3600
  ! InvalidInput
other> CreateDelegationRequest Description="Set up the photo service" Permissions='{"PolicyTemplateArn":"$template.Policy.Arn"}' RequestorWorkflowId=workflow-3 NotificationChannel=arn:aws:sns:us-east-1:$other.Account:delegations SessionDuration=3600
  as second

root> CreateUser UserName=olga
root> PutUserPolicy UserName=olga PolicyName=may PolicyDocument=@may
root> CreateAccessKey UserName=olga
  as key
caller olga = $key.AccessKey
olga> AssociateDelegationRequest DelegationRequestId=$first.DelegationRequestId
olga> ListDelegationRequests OwnerId=arn:aws:iam::$root.Account:user/olga
  DelegationRequests.0.State = ASSIGNED
olga> UpdateDelegationRequest DelegationRequestId=$first.DelegationRequestId Notes="Please look at it"
other> AcceptDelegationRequest DelegationRequestId=$first.DelegationRequestId
  ! NoSuchEntity
olga> AcceptDelegationRequest DelegationRequestId=$first.DelegationRequestId
olga> SendDelegationToken DelegationRequestId=$first.DelegationRequestId
olga> GetDelegationRequest DelegationRequestId=$first.DelegationRequestId
  DelegationRequest.State = FINALIZED
  DelegationRequest.Notes = Please look at it
olga> AssociateDelegationRequest DelegationRequestId=$second.DelegationRequestId
olga> RejectDelegationRequest DelegationRequestId=$second.DelegationRequestId
olga> AcceptDelegationRequest DelegationRequestId=$second.DelegationRequestId
  ! InvalidInput "is in the state REJECTED"
root> GetHumanReadableSummary EntityArn=arn:aws:iam::$root.Account:delegation-request/$second.DelegationRequestId
  SummaryState = AVAILABLE

root> DeleteAccessKey UserName=olga AccessKeyId=$key.AccessKey.AccessKeyId
root> DeleteUserPolicy UserName=olga PolicyName=may
root> DeleteUser UserName=olga
other> DeletePolicy PolicyArn=$template.Policy.Arn
