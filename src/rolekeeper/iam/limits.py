"""The quotas of IAM, STS and Organizations, in one table. Those that AWS raises on request are settings.

Source: "IAM and AWS STS quotas" in the IAM User Guide and the Service Quotas of IAM; for what an identity
provider may have, the pages of its operations in the IAM API Reference; "Quotas for AWS Organizations" in its
User Guide; "AWS Identity and Access Management Roles Anywhere endpoints and quotas" in the AWS General
Reference.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How many of each there may be in an account, and how large a document may be (characters)."""

    # raisable
    roles: int = 1000
    groups: int = 300
    policies: int = 1500
    instance_profiles: int = 1000
    server_certificates: int = 20
    policies_per_role: int = 10
    policies_per_user: int = 10
    policies_per_group: int = 10
    trust_policy_size: int = 2048
    oidc_providers: int = 100
    organization_accounts: int = 10
    """Accounts of an organization, closed ones and open invitations among them."""

    # not raisable
    users: int = 5000
    groups_per_user: int = 10
    access_keys_per_user: int = 2
    mfa_devices_per_user: int = 8
    ssh_public_keys_per_user: int = 5
    service_credentials_per_user: int = 2
    """For each service."""
    versions_per_policy: int = 5
    signing_certificates_per_user: int = 2
    tags: int = 50
    saml_providers: int = 100
    private_keys_per_saml_provider: int = 2
    client_ids_per_oidc_provider: int = 100
    thumbprints_per_oidc_provider: int = 5
    roles_per_instance_profile: int = 1
    policy_size: int = 6144
    user_inline_size: int = 2048
    role_inline_size: int = 10240
    group_inline_size: int = 5120
    session_policy_size: int = 2048
    session_policy_arns: int = 10
    organizational_units: int = 2000
    unit_depth: int = 5
    service_control_policies: int = 10_000
    resource_control_policies: int = 1000
    scps_per_target: int = 10
    """On a root, a unit or an account. Until 15 May 2026 it was 5, as older pages say."""
    rcps_per_target: int = 5
    """`RCPFullAWSAccess` is one of them, as `FullAWSAccess` is one of the ten."""
    trust_anchors: int = 50
    """In a region, as the two below."""
    anywhere_profiles: int = 250
    crls_per_trust_anchor: int = 2
    packed_size: int = 4096
    """Bytes that session policies and session tags may take in a token, together."""


@dataclass(frozen=True, slots=True)
class Quota:
    """What AWS says of a limit: its name, and up to what it is raised on request, if it is."""

    name: str
    maximum: int | None = None


QUOTAS: Mapping[str, Quota] = {
    "roles": Quota("Roles per account", 5000),
    "groups": Quota("Groups per account", 500),
    "policies": Quota("Customer managed policies per account", 5000),
    "instance_profiles": Quota("Instance profiles per account", 5000),
    "server_certificates": Quota("Server certificates per account", 1000),
    "policies_per_role": Quota("Managed policies per role", 25),
    "policies_per_user": Quota("Managed policies per user", 20),
    "policies_per_group": Quota("Managed policies per group", 10),
    "trust_policy_size": Quota("Role trust policy length", 4096),
    "oidc_providers": Quota("OpenId connect providers per account", 700),
    "organization_accounts": Quota("Accounts of an organization", 50_000),
    "users": Quota("Users per account"),
    "groups_per_user": Quota("IAM groups per user"),
    "access_keys_per_user": Quota("Access keys per user"),
    "mfa_devices_per_user": Quota("MFA devices per user"),
    "ssh_public_keys_per_user": Quota("SSH public keys per user"),
    "service_credentials_per_user": Quota("Service-specific credentials per user and service"),
    "versions_per_policy": Quota("Versions per managed policy"),
    "signing_certificates_per_user": Quota("Signing certificates per user"),
    "tags": Quota("Tags per resource, or per session"),
    "saml_providers": Quota("SAML providers per account"),
    "private_keys_per_saml_provider": Quota("Private keys per SAML provider"),
    "client_ids_per_oidc_provider": Quota("Client IDs per OpenId connect provider"),
    "thumbprints_per_oidc_provider": Quota("Thumbprints per OpenId connect provider"),
    "roles_per_instance_profile": Quota("Roles per instance profile"),
    "policy_size": Quota("Managed policy length"),
    "user_inline_size": Quota("User policy size: all inline policies together"),
    "role_inline_size": Quota("Role policy size: all inline policies together"),
    "group_inline_size": Quota("Group policy size: all inline policies together"),
    "session_policy_size": Quota("Role session policies, ARNs and white space included"),
    "session_policy_arns": Quota("Role session policies: managed policy ARNs"),
    "organizational_units": Quota("Units of an organization"),
    "unit_depth": Quota("Units below each other"),
    "service_control_policies": Quota("Service control policies of an organization"),
    "resource_control_policies": Quota("Resource control policies of an organization"),
    "scps_per_target": Quota("Service control policies on a root, a unit or an account"),
    "rcps_per_target": Quota("Resource control policies on a root, a unit or an account"),
    "trust_anchors": Quota("Trust anchors of IAM Roles Anywhere"),
    "anywhere_profiles": Quota("Profiles of IAM Roles Anywhere"),
    "crls_per_trust_anchor": Quota("Certificate revocation lists per trust anchor"),
    "packed_size": Quota("Packed size of session policies and tags (AWS's own is not published)"),
}
"""By the name of the limit. `tests/operations/test_quotas.py` goes over each."""
