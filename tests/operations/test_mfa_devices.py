"""MFA devices: whose they are, and what shows that they are at hand."""

from __future__ import annotations

import json

import pytest

from tests.authenticator import Authenticator, device, enabled
from tests.client import LocalWorld, Person
from tests.people import allow, deny, refused, user

NOT_VALID = "Authentication code for device is not valid."


def test_a_device_is_made_with_a_seed_and_a_picture_of_it(root: Person) -> None:
    made = root.iam.create_virtual_mfa_device(
        VirtualMFADeviceName="phone", Path="/team/", Tags=[{"Key": "a", "Value": "b"}]
    )["VirtualMFADevice"]
    assert made["SerialNumber"] == f"arn:aws:iam::{root.account}:mfa/team/phone"
    assert len(made["Base32StringSeed"]) == 64
    assert made["QRCodePNG"].startswith(b"\x89PNG\r\n")
    assert root.iam.list_mfa_device_tags(SerialNumber=made["SerialNumber"])["Tags"] == made["Tags"]
    other = root.iam.create_virtual_mfa_device(VirtualMFADeviceName="other")["VirtualMFADevice"]
    assert other["Base32StringSeed"] != made["Base32StringSeed"]


def test_a_name_is_taken_once_in_a_path(root: Person) -> None:
    device(root, "phone")
    with refused("EntityAlreadyExists", 409, "MFADevice entity at the same path and name already exists."):
        device(root, "phone")
    device(root, "phone", Path="/other/")


def test_making_a_device_needs_the_permission_on_its_name(root: Person) -> None:
    bob = user(root, "bob", allow("iam:CreateVirtualMFADevice", on="arn:aws:iam::*:mfa/bob"))
    device(bob, "bob")
    with refused("AccessDenied", 403, f"on resource: arn:aws:iam::{root.account}:mfa/eve"):
        device(bob, "eve")
    with refused("AccessDenied", 403, "iam:TagMFADevice"):
        device(bob, "bob", Tags=[{"Key": "a", "Value": "b"}])


@pytest.mark.parametrize("case", ["wrong", "twice", "swapped", "apart", "old"])
def test_only_two_codes_in_a_row_of_about_now_enable_a_device(root: Person, case: str) -> None:
    root.iam.create_user(UserName="bob")
    phone = device(root, "phone")
    first, second = {
        "wrong": (phone.code(-1), phone.wrong()),
        "twice": (phone.code(), phone.code()),
        "swapped": (phone.code(), phone.code(-1)),
        "apart": (phone.code(-2), phone.code()),
        "old": (phone.code(-101), phone.code(-100)),
    }[case]
    with refused("InvalidAuthenticationCode", 403, NOT_VALID):
        root.iam.enable_mfa_device(
            UserName="bob",
            SerialNumber=phone.serial,
            AuthenticationCode1=first,
            AuthenticationCode2=second,
        )
    assert root.iam.list_mfa_devices(UserName="bob")["MFADevices"] == []


def test_a_device_is_enabled_shown_and_taken_back(root: Person) -> None:
    root.iam.create_user(UserName="bob")
    phone = enabled(root, "bob", "phone")
    (shown,) = root.iam.list_mfa_devices(UserName="bob")["MFADevices"]
    assert (shown["UserName"], shown["SerialNumber"]) == ("bob", phone.serial)
    got = root.iam.get_mfa_device(SerialNumber=phone.serial, UserName="bob")
    assert got["EnableDate"] == shown["EnableDate"]
    root.iam.deactivate_mfa_device(UserName="bob", SerialNumber=phone.serial)
    assert root.iam.list_mfa_devices(UserName="bob")["MFADevices"] == []
    with refused("NoSuchEntity", 404):
        root.iam.deactivate_mfa_device(UserName="bob", SerialNumber=phone.serial)
    root.iam.delete_virtual_mfa_device(SerialNumber=phone.serial)
    with refused("NoSuchEntity", 404, f"VirtualMFADevice with serial number {phone.serial} doesn't exist."):
        root.iam.delete_virtual_mfa_device(SerialNumber=phone.serial)


def test_a_device_is_one_persons(root: Person) -> None:
    for name in ("bob", "eve"):
        root.iam.create_user(UserName=name)
    phone = enabled(root, "bob", "phone")
    with refused("EntityAlreadyExists", 409, "already in use"):
        root.iam.enable_mfa_device(UserName="eve", SerialNumber=phone.serial, **phone.pair())
    with refused("NoSuchEntity", 404):
        root.iam.deactivate_mfa_device(UserName="eve", SerialNumber=phone.serial)
    with refused("NoSuchEntity", 404):
        root.iam.get_mfa_device(UserName="eve", SerialNumber=phone.serial)


def test_what_is_in_use_is_not_deleted(root: Person) -> None:
    root.iam.create_user(UserName="bob")
    phone = enabled(root, "bob")
    with refused("DeleteConflict", 409, "MFA VirtualDevice in use. Must deactivate first."):
        root.iam.delete_virtual_mfa_device(SerialNumber=phone.serial)
    with refused("DeleteConflict", 409, "Cannot delete entity, must delete MFA device first."):
        root.iam.delete_user(UserName="bob")
    root.iam.update_user(UserName="bob", NewUserName="robert")
    root.iam.deactivate_mfa_device(UserName="robert", SerialNumber=phone.serial)
    root.iam.delete_user(UserName="robert")


def test_a_user_has_eight_devices_at_most(root: Person) -> None:
    root.iam.create_user(UserName="bob")
    for number in range(8):
        enabled(root, "bob", f"phone{number}")
    with refused("LimitExceeded", 409, "Cannot exceed quota for MFADevicesPerUser: 8"):
        enabled(root, "bob", "one-more")


def test_an_account_has_as_many_virtual_devices_as_users(world_with: object) -> None:
    world: LocalWorld = world_with(limits={"users": 1})  # type: ignore[operator]
    device(world.root, "one")
    with refused("LimitExceeded", 409, "Cannot exceed quota for VirtualMFADevicesPerAccount: 1"):
        device(world.root, "two")


def test_devices_are_listed_by_whether_they_are_somebodys(root: Person) -> None:
    root.iam.create_user(UserName="bob")
    free, taken = device(root, "free"), enabled(root, "bob", "taken")

    def listed(**more: str) -> list[str]:
        found = root.iam.list_virtual_mfa_devices(**more)["VirtualMFADevices"]
        assert all({"Base32StringSeed", "QRCodePNG", "Tags"}.isdisjoint(one) for one in found)
        return [one["SerialNumber"] for one in found]

    assert listed() == listed(AssignmentStatus="Any") == [free.serial, taken.serial]
    assert listed(AssignmentStatus="Assigned") == [taken.serial]
    assert listed(AssignmentStatus="Unassigned") == [free.serial]
    found = root.iam.list_virtual_mfa_devices(AssignmentStatus="Assigned")["VirtualMFADevices"]
    assert found[0]["User"]["UserName"] == "bob"
    page = root.iam.list_virtual_mfa_devices(MaxItems=1)
    assert page["IsTruncated"]
    assert listed(Marker=page["Marker"]) == [taken.serial]


def test_the_root_user_goes_by_the_accounts_name_or_by_none(root: Person) -> None:
    name = root.iam.get_user()["User"]["UserName"]
    phone = enabled(root, name, "root-phone")
    assert [one["SerialNumber"] for one in root.iam.list_mfa_devices()["MFADevices"]] == [phone.serial]
    (shown,) = root.iam.list_virtual_mfa_devices(AssignmentStatus="Assigned")["VirtualMFADevices"]
    assert shown["User"]["Arn"] == f"arn:aws:iam::{root.account}:root"
    admin = user(root, "admin", allow("iam:*"))
    with refused("NoSuchEntity", 404):
        admin.iam.deactivate_mfa_device(UserName=name, SerialNumber=phone.serial)
    root.iam.deactivate_mfa_device(SerialNumber=phone.serial)


def test_a_device_of_hardware_is_known_while_it_is_somebodys(root: Person) -> None:
    root.iam.create_user(UserName="bob")
    codes = {"AuthenticationCode1": "123456", "AuthenticationCode2": "654321"}
    with refused("NoSuchEntity", 404):
        root.iam.enable_mfa_device(
            UserName="bob", SerialNumber=f"arn:aws:iam::{root.account}:u2f/user/bob/key-1", **codes
        )
    root.iam.enable_mfa_device(UserName="bob", SerialNumber="GAHT12345678", **codes)
    assert root.iam.list_mfa_devices(UserName="bob")["MFADevices"][0]["SerialNumber"] == "GAHT12345678"
    assert root.iam.list_virtual_mfa_devices()["VirtualMFADevices"] == []
    root.iam.deactivate_mfa_device(UserName="bob", SerialNumber="GAHT12345678")
    with refused("NoSuchEntity", 404):
        root.iam.get_mfa_device(UserName="bob", SerialNumber="GAHT12345678")


def test_enabling_needs_the_permission_on_the_user(root: Person) -> None:
    bob = user(root, "bob", allow("iam:EnableMFADevice", "iam:ListMFADevices", on="arn:aws:iam::*:user/bob"))
    root.iam.create_user(UserName="eve")
    phone = device(root, "phone")
    with refused("AccessDenied", 403, "iam:EnableMFADevice on resource: "):
        bob.iam.enable_mfa_device(UserName="eve", SerialNumber=phone.serial, **phone.pair())
    bob.iam.enable_mfa_device(UserName="bob", SerialNumber=phone.serial, **phone.pair())
    assert len(bob.iam.list_mfa_devices()["MFADevices"]) == 1
    with refused("AccessDenied", 403, "iam:DeactivateMFADevice"):
        bob.iam.deactivate_mfa_device(UserName="bob", SerialNumber=phone.serial)


def test_a_device_that_runs_fast_is_learnt_by_two_codes(root: Person) -> None:
    bob = user(root, "bob")
    phone = enabled(root, "bob")
    with refused("AccessDenied", 403):
        bob.sts.get_session_token(SerialNumber=phone.serial, TokenCode=phone.code(10))
    with refused("InvalidAuthenticationCode", 403, NOT_VALID):
        root.iam.resync_mfa_device(
            UserName="bob",
            SerialNumber=phone.serial,
            AuthenticationCode1=phone.code(10),
            AuthenticationCode2=phone.wrong(),
        )
    root.iam.resync_mfa_device(UserName="bob", SerialNumber=phone.serial, **phone.pair(10))
    phone.wait(root, 30)
    bob.sts.get_session_token(SerialNumber=phone.serial, TokenCode=phone.code(10))


def test_tags_of_a_device_and_conditions_on_them(root: Person) -> None:
    phone = device(root, "phone")
    root.iam.tag_mfa_device(SerialNumber=phone.serial, Tags=[{"Key": "team", "Value": "a"}])
    own = {"StringEquals": {"aws:ResourceTag/team": "a"}}
    bob = user(root, "bob", allow("iam:*"), deny("iam:DeleteVirtualMFADevice", Condition=own))
    with refused("AccessDenied", 403, "with an explicit deny"):
        bob.iam.delete_virtual_mfa_device(SerialNumber=phone.serial)
    bob.iam.untag_mfa_device(SerialNumber=phone.serial, TagKeys=["team"])
    assert bob.iam.list_mfa_device_tags(SerialNumber=phone.serial)["Tags"] == []
    bob.iam.delete_virtual_mfa_device(SerialNumber=phone.serial)


def test_the_seed_is_in_no_event(local: LocalWorld) -> None:
    made = local.root.iam.create_virtual_mfa_device(VirtualMFADeviceName="phone")["VirtualMFADevice"]
    local.root.iam.create_user(UserName="bob")
    phone = Authenticator(made)
    local.root.iam.enable_mfa_device(UserName="bob", SerialNumber=phone.serial, **phone.pair())
    assert made["Base32StringSeed"].decode() not in json.dumps(local.events())
