# What an account switches on: tokens' version, federation outwards, and what only an organization has.
root> SetSecurityTokenServicePreferences GlobalEndpointTokenVersion=v2Token
root> GetAccountSummary
  SummaryMap.GlobalEndpointTokenVersion = 2
root> SetSecurityTokenServicePreferences GlobalEndpointTokenVersion=v3Token
  ! ValidationError
root> SetSecurityTokenServicePreferences GlobalEndpointTokenVersion=v1Token

root> EnableOutboundWebIdentityFederation
  IssuerIdentifier ~ https://
root> EnableOutboundWebIdentityFederation
  ! FeatureEnabled
root> GetOutboundWebIdentityFederationInfo
  JwtVendingEnabled = true
root> DisableOutboundWebIdentityFederation
root> DisableOutboundWebIdentityFederation
  ! FeatureDisabled

root> ListOrganizationsFeatures
  ! OrganizationNotFoundException
root> EnableOrganizationsRootCredentialsManagement
  ! OrganizationNotFoundException
root> DisableOrganizationsRootCredentialsManagement
  ! OrganizationNotFoundException
root> EnableOrganizationsRootSessions
  ! OrganizationNotFoundException
root> DisableOrganizationsRootSessions
  ! OrganizationNotFoundException
