# Access keys: two for a user, on and off, and when each was last used.
root> CreateUser UserName=kim
root> CreateAccessKey UserName=kim
  AccessKey.AccessKeyId ~ AKIA
  AccessKey.SecretAccessKey ~ 
  as first
root> CreateAccessKey UserName=kim
  as second
root> CreateAccessKey UserName=kim
  ! LimitExceeded "Cannot exceed quota for AccessKeysPerUser: 2"
root> ListAccessKeys UserName=kim
  AccessKeyMetadata.length = 2
  AccessKeyMetadata.0.SecretAccessKey absent
root> GetAccessKeyInfo AccessKeyId=$first.AccessKey.AccessKeyId
  Account = $root.Account
caller kim = $first.AccessKey
kim> GetCallerIdentity
  Arn = arn:aws:iam::$root.Account:user/kim
kim> GetSessionToken DurationSeconds=900
  Credentials.AccessKeyId ~ ASIA
kim> ListAccessKeys UserName=kim
  ! AccessDenied "because no identity-based policy allows the iam:ListAccessKeys action"
root> UpdateAccessKey UserName=kim AccessKeyId=$first.AccessKey.AccessKeyId Status=Inactive
kim> GetCallerIdentity
  ! InvalidClientTokenId
root> GetAccessKeyLastUsed AccessKeyId=$first.AccessKey.AccessKeyId
  UserName = kim
  AccessKeyLastUsed.ServiceName = iam
root> GetAccessKeyLastUsed AccessKeyId=$second.AccessKey.AccessKeyId
  AccessKeyLastUsed.ServiceName = N/A
root> DeleteAccessKey UserName=kim AccessKeyId=$first.AccessKey.AccessKeyId
root> DeleteAccessKey UserName=kim AccessKeyId=$first.AccessKey.AccessKeyId
  ! NoSuchEntity
root> DeleteAccessKey UserName=kim AccessKeyId=$second.AccessKey.AccessKeyId
root> DeleteUser UserName=kim
