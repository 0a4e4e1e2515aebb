# An OpenID Connect provider: its clients and thumbprints.
root> CreateOpenIDConnectProvider Url=https://oidc.example.com ClientIDList='["app"]' ThumbprintList='["9e99a48a9960b14926bb7f3b02e22da2b0ab7280"]' Tags='[{"Key":"team","Value":"blue"}]'
  OpenIDConnectProviderArn = arn:aws:iam::$root.Account:oidc-provider/oidc.example.com
  as made
root> CreateOpenIDConnectProvider Url=https://oidc.example.com
  ! EntityAlreadyExists
root> AddClientIDToOpenIDConnectProvider OpenIDConnectProviderArn=$made.OpenIDConnectProviderArn ClientID=site
root> RemoveClientIDFromOpenIDConnectProvider OpenIDConnectProviderArn=$made.OpenIDConnectProviderArn ClientID=app
root> UpdateOpenIDConnectProviderThumbprint OpenIDConnectProviderArn=$made.OpenIDConnectProviderArn ThumbprintList='["cf23df2207d99a74fbe169e3eba035e633b65d94"]'
root> UpdateOpenIDConnectProviderThumbprint OpenIDConnectProviderArn=$made.OpenIDConnectProviderArn ThumbprintList='["not-hexadecimal-although-it-is-as-long!!"]'
  ! InvalidInput
root> GetOpenIDConnectProvider OpenIDConnectProviderArn=$made.OpenIDConnectProviderArn
  ClientIDList.length = 1
  ClientIDList.0 = site
  ThumbprintList.0 = cf23df2207d99a74fbe169e3eba035e633b65d94
root> ListOpenIDConnectProviders
  OpenIDConnectProviderList.length = 1
root> TagOpenIDConnectProvider OpenIDConnectProviderArn=$made.OpenIDConnectProviderArn Tags='[{"Key":"level","Value":"one"}]'
root> UntagOpenIDConnectProvider OpenIDConnectProviderArn=$made.OpenIDConnectProviderArn TagKeys='["team"]'
root> ListOpenIDConnectProviderTags OpenIDConnectProviderArn=$made.OpenIDConnectProviderArn
  Tags.0.Key = level
root> DeleteOpenIDConnectProvider OpenIDConnectProviderArn=$made.OpenIDConnectProviderArn
root> GetOpenIDConnectProvider OpenIDConnectProviderArn=$made.OpenIDConnectProviderArn
  ! NoSuchEntity
