"""GetAccountSummary: every key of the model, counted."""

from __future__ import annotations

import time
from collections.abc import Callable

import botocore.session
import pyotp

from tests.client import LocalWorld, Person
from tests.people import allow, managed, policy, refused, role, user


def _summary(person: Person) -> dict[str, int]:
    found: dict[str, int] = person.iam.get_account_summary()["SummaryMap"]
    return found


def test_it_needs_the_permission(root: Person) -> None:
    bob = user(root, "bob", allow("iam:GetAccount*", on="arn:aws:iam::*:user/bob"))
    with refused("AccessDenied", 403, "iam:GetAccountSummary on resource: *"):
        bob.iam.get_account_summary()


def test_it_has_every_key_of_the_model(root: Person) -> None:
    model = botocore.session.Session().get_service_model("iam")
    assert set(_summary(root)) == set(model.shape_for("summaryKeyType").enum)


def test_what_is_in_an_account_is_counted(root: Person) -> None:
    before = _summary(root)
    user(root, "bob")
    user(root, "eve")
    root.iam.create_group(GroupName="staff")
    role(root, "dev", root.account)
    root.iam.create_instance_profile(InstanceProfileName="box")
    narrow = managed(root, "narrow", allow("iam:GetUser"))
    managed(root, "wide", allow("*"))
    root.iam.create_policy_version(PolicyArn=narrow, PolicyDocument=policy(allow("iam:GetRole")))
    after = _summary(root)
    assert {key: after[key] - before[key] for key in after if after[key] != before[key]} == {
        "Users": 2,
        "Groups": 1,
        "Roles": 1,
        "InstanceProfiles": 1,
        "Policies": 2,
        "PolicyVersionsInUse": 3,
    }


def test_devices_and_providers_are_counted(root: Person) -> None:
    root.iam.create_open_id_connect_provider(Url="https://id.example", ThumbprintList=["a" * 40])
    root.iam.create_user(UserName="bob")
    serial = ""
    for name in ("one", "two"):
        made = root.iam.create_virtual_mfa_device(VirtualMFADeviceName=name)["VirtualMFADevice"]
        serial, seed = made["SerialNumber"], made["Base32StringSeed"]
    found = _summary(root)
    assert (found["Providers"], found["MFADevices"], found["MFADevicesInUse"]) == (1, 2, 0)
    now = int(time.time())
    first, second = (pyotp.TOTP(seed.decode()).at(now + after) for after in (0, 30))
    root.iam.enable_mfa_device(
        UserName="bob", SerialNumber=serial, AuthenticationCode1=first, AuthenticationCode2=second
    )
    found = _summary(root)
    assert (found["MFADevices"], found["MFADevicesInUse"], found["AccountMFAEnabled"]) == (2, 1, 0)


def test_what_the_root_user_has(root: Person) -> None:
    bob = user(root, "bob", allow("*"))
    assert _summary(bob)["AccountAccessKeysPresent"] == 1
    bob.iam.create_login_profile(UserName="bob", Password="Passw0rd-1")
    root.iam.delete_access_key(AccessKeyId=root.key_id)
    found = _summary(bob)
    for key in ("AccessKeysPresent", "PasswordPresent", "MFAEnabled", "SigningCertificatesPresent"):
        assert found[f"Account{key}"] == 0


def test_the_quotas_are_those_that_hold(world_with: Callable[..., LocalWorld]) -> None:
    root = world_with(limits={"users": 1}).root
    found = _summary(root)
    assert (found["UsersQuota"], found["GroupsQuota"], found["RolesQuota"]) == (1, 300, 1000)
    root.iam.create_user(UserName="bob")
    with refused("LimitExceeded", 409, "1"):
        root.iam.create_user(UserName="eve")


def test_nothing_of_another_account_is_counted(root: Person, other: Person) -> None:
    before = _summary(other)
    root.iam.create_user(UserName="bob")
    assert _summary(other) == before
