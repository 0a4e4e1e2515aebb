# The account: its alias, and what it has, counted and told.
root> CreateAccountAlias AccountAlias=story-of-an-account
root> CreateAccountAlias AccountAlias=Not-Allowed
  ! ValidationError
root> ListAccountAliases
  AccountAliases.0 = story-of-an-account
root> DeleteAccountAlias AccountAlias=another
  ! NoSuchEntity
root> DeleteAccountAlias AccountAlias=story-of-an-account
root> CreateUser UserName=zoe Path=/counted/
root> GetAccountSummary
  SummaryMap.Users = 1
  SummaryMap.AccessKeysPerUserQuota = 2
root> GetAccountAuthorizationDetails Filter='["User"]'
  UserDetailList.0.UserName = zoe
  RoleDetailList.length = 0
root> GetAccountAuthorizationDetails Filter='["Nothing"]'
  ! ValidationError
root> DeleteUser UserName=zoe
