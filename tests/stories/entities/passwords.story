# Passwords: the account's rules, a user's login profile, and the user's own change.
@changes
  {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "iam:ChangePassword",
   "Resource": "arn:aws:iam::*:user/pam"}}

root> GetAccountPasswordPolicy
  ! NoSuchEntity
root> UpdateAccountPasswordPolicy MinimumPasswordLength=12 RequireNumbers=true PasswordReusePrevention=2
root> GetAccountPasswordPolicy
  PasswordPolicy.MinimumPasswordLength = 12
  PasswordPolicy.RequireNumbers = true
  PasswordPolicy.ExpirePasswords = false

root> CreateUser UserName=pam
root> CreateLoginProfile UserName=pam Password=short1
  ! PasswordPolicyViolation
root> CreateLoginProfile UserName=pam Password=long-enough-1 PasswordResetRequired=true
  LoginProfile.PasswordResetRequired = true
root> CreateLoginProfile UserName=pam Password=long-enough-1
  ! EntityAlreadyExists
root> GetLoginProfile UserName=pam
  LoginProfile.UserName = pam
root> UpdateLoginProfile UserName=pam Password=long-enough-2 PasswordResetRequired=false
root> PutUserPolicy UserName=pam PolicyName=changes PolicyDocument=@changes
root> CreateAccessKey UserName=pam
  as key
caller pam = $key.AccessKey
pam> ChangePassword OldPassword=wrong NewPassword=long-enough-3
  ! AccessDenied
pam> ChangePassword OldPassword=long-enough-2 NewPassword=long-enough-3

root> DeleteUser UserName=pam
  ! DeleteConflict
root> DeleteLoginProfile UserName=pam
root> GetLoginProfile UserName=pam
  ! NoSuchEntity
root> DeleteAccessKey UserName=pam AccessKeyId=$key.AccessKey.AccessKeyId
root> DeleteUserPolicy UserName=pam PolicyName=changes
root> DeleteUser UserName=pam
root> DeleteAccountPasswordPolicy
root> DeleteAccountPasswordPolicy
  ! NoSuchEntity
