"""The quotas are those of the IAM User Guide, and the settings name just the raisable ones."""

from __future__ import annotations

import pytest

from rolekeeper.config.settings import RAISABLE_LIMITS
from rolekeeper.iam.limits import QUOTAS, Limits


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("users", 5000),
        ("roles", 1000),
        ("groups", 300),
        ("policies", 1500),
        ("instance_profiles", 1000),
        ("policies_per_role", 10),
        ("policies_per_user", 10),
        ("policies_per_group", 10),
        ("trust_policy_size", 2048),
        ("groups_per_user", 10),
        ("access_keys_per_user", 2),
        ("mfa_devices_per_user", 8),
        ("ssh_public_keys_per_user", 5),
        ("service_credentials_per_user", 2),
        ("versions_per_policy", 5),
        ("tags", 50),
        ("oidc_providers", 100),
        ("saml_providers", 100),
        ("private_keys_per_saml_provider", 2),
        ("client_ids_per_oidc_provider", 100),
        ("thumbprints_per_oidc_provider", 5),
        ("roles_per_instance_profile", 1),
        ("policy_size", 6144),
        ("user_inline_size", 2048),
        ("role_inline_size", 10240),
        ("group_inline_size", 5120),
        ("session_policy_size", 2048),
        ("session_policy_arns", 10),
    ],
)
def test_the_quota_is_awss(name: str, value: int) -> None:
    assert getattr(Limits(), name) == value


def test_every_limit_is_a_quota_of_awss() -> None:
    assert set(QUOTAS) == set(Limits.__dataclass_fields__)
    assert len({quota.name for quota in QUOTAS.values()}) == len(QUOTAS)


def test_the_settings_are_those_that_aws_raises() -> None:
    raised = {name: quota.maximum for name, quota in QUOTAS.items() if quota.maximum is not None}
    assert set(RAISABLE_LIMITS) == set(raised)
    assert all(maximum >= getattr(Limits(), name) for name, maximum in raised.items())
    assert not {"users", "roles_per_instance_profile", "policy_size"} & set(RAISABLE_LIMITS)
