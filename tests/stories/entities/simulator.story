# The simulator, for a policy on paper and for a user who has one.
@reads
  {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:GetObject",
   "Resource": "arn:aws:s3:::data/*", "Condition": {"Bool": {"aws:SecureTransport": "true"}}}}

root> GetContextKeysForCustomPolicy PolicyInputList='["{\"Version\":\"2012-10-17\",\"Statement\":{\"Effect\":\"Allow\",\"Action\":\"*\",\"Resource\":\"arn:aws:s3:::x/${aws:username}\"}}"]'
  ContextKeyNames.0 = aws:username
root> SimulateCustomPolicy PolicyInputList='["{\"Version\":\"2012-10-17\",\"Statement\":{\"Effect\":\"Allow\",\"Action\":\"s3:Get*\",\"Resource\":\"*\"}}"]' ActionNames='["s3:GetObject","s3:PutObject"]'
  EvaluationResults.0.EvalDecision = allowed
  EvaluationResults.1.EvalDecision = implicitDeny
root> SimulateCustomPolicy PolicyInputList='["{"]' ActionNames='["s3:GetObject"]'
  ! InvalidInput

root> CreateUser UserName=sim
root> PutUserPolicy UserName=sim PolicyName=reads PolicyDocument=@reads
root> GetContextKeysForPrincipalPolicy PolicySourceArn=arn:aws:iam::$root.Account:user/sim
  ContextKeyNames.0 = aws:SecureTransport
root> SimulatePrincipalPolicy PolicySourceArn=arn:aws:iam::$root.Account:user/sim ActionNames='["s3:GetObject"]' ResourceArns='["arn:aws:s3:::data/x"]' ContextEntries='[{"ContextKeyName":"aws:SecureTransport","ContextKeyType":"boolean","ContextKeyValues":["true"]}]'
  EvaluationResults.0.EvalDecision = allowed
root> SimulatePrincipalPolicy PolicySourceArn=arn:aws:iam::$root.Account:user/nobody ActionNames='["s3:GetObject"]'
  ! NoSuchEntity
root> DeleteUserPolicy UserName=sim PolicyName=reads
root> DeleteUser UserName=sim
