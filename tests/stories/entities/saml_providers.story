# A SAML provider and its metadata.
root> CreateSAMLProvider Name=people SAMLMetadataDocument=@metadata Tags='[{"Key":"team","Value":"blue"}]'
  SAMLProviderArn = arn:aws:iam::$root.Account:saml-provider/people
  as made
root> CreateSAMLProvider Name=people SAMLMetadataDocument=@metadata
  ! EntityAlreadyExists
root> GetSAMLProvider SAMLProviderArn=$made.SAMLProviderArn
  SAMLMetadataDocument ~ EntityDescriptor
root> UpdateSAMLProvider SAMLProviderArn=$made.SAMLProviderArn SAMLMetadataDocument=@metadata
  SAMLProviderArn = $made.SAMLProviderArn
root> ListSAMLProviders
  SAMLProviderList.0.Arn = $made.SAMLProviderArn
root> TagSAMLProvider SAMLProviderArn=$made.SAMLProviderArn Tags='[{"Key":"level","Value":"one"}]'
root> UntagSAMLProvider SAMLProviderArn=$made.SAMLProviderArn TagKeys='["team"]'
root> ListSAMLProviderTags SAMLProviderArn=$made.SAMLProviderArn
  Tags.0.Key = level
root> DeleteSAMLProvider SAMLProviderArn=$made.SAMLProviderArn
root> DeleteSAMLProvider SAMLProviderArn=$made.SAMLProviderArn
  ! NoSuchEntity
