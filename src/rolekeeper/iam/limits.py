"""The quotas of IAM, STS and Organizations, in one table. Those that AWS raises on request are settings.

Source: "IAM and AWS STS quotas" in the IAM User Guide; "Quotas for AWS Organizations" in its User Guide.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How many of each there may be in an account, and how large a document may be (characters)."""

    # raisable
    users: int = 5000
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
    """On a root, a unit or an account: service control policies, and resource control policies."""
    rcps_per_target: int = 5
    packed_size: int = 4096
    """Bytes that session policies and session tags may take in a token, together."""
