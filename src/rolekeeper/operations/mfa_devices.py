"""MFA devices: made, given to a user or to the root user, taken back, deleted.

A device of hardware is known once it is somebody's. Only its maker has its seed, so that its codes cannot
be checked here: they are not when it is enabled, and later no code of it counts.
Source: the IAM API Reference; "AWS multi-factor authentication in IAM" in the IAM User Guide.
"""

from __future__ import annotations

import re
from typing import Any

import msgspec

from rolekeeper.arn import Arn, iam_arn, root_arn
from rolekeeper.errors import DeleteConflict, EntityAlreadyExists, InvalidAuthenticationCode, NoSuchEntity
from rolekeeper.iam import devices, tagging
from rolekeeper.iam.devices import MfaDevice
from rolekeeper.iam.entities import Account
from rolekeeper.iam.secret import Secret
from rolekeeper.operations import belongings, creation, paging, resources, users, views
from rolekeeper.operations.belongings import Owner
from rolekeeper.service.call import Call, Resource
from rolekeeper.service.registry import operation

_HARDWARE = re.compile(r"[A-Za-z0-9]{9,32}")
"""The number printed on a token. A security key is no such device: it is registered in a browser."""


def _new(call: Call, *, virtual_mfa_device_name: str, path: str = "/", **_: Any) -> Resource:
    arn = iam_arn(call.partition, call.account, "mfa", path, virtual_mfa_device_name)
    return Resource(arn=arn, account=call.account)


def _device(call: Call, *, serial_number: str, **_: Any) -> Resource:
    """The device of a serial number, by its ARN."""
    try:
        account = Arn.parse(serial_number).account
        arn = serial_number
    except ValueError:
        account, arn = call.account, iam_arn(call.partition, call.account, "mfa", "/", serial_number)
    found = _find(call, serial_number)
    return Resource(arn=arn, account=account, tags=found.tags if found is not None else {})


def _find(call: Call, serial_number: str) -> MfaDevice | None:
    key = devices.key_of(serial_number, call.partition, call.account)
    return call.tx.collection(MfaDevice).find(key)


def _get(call: Call, serial_number: str) -> MfaDevice:
    found = _find(call, serial_number)
    if found is None or not found.virtual:
        raise NoSuchEntity(f"VirtualMFADevice with serial number {serial_number} doesn't exist.")
    return found


def _owner(call: Call, user_name: str | None) -> Owner:
    """Whose devices are meant. The root user has no user name, and goes by the account's, or by none."""
    if call.caller.is_root:
        root = belongings.root(call)
        if user_name is None or (user_name == root.name and call.tx.users.find(user_name) is None):
            return root
    return belongings.owner(users.named_or_caller(call, user_name))


def _given(call: Call, user_name: str | None, serial_number: str) -> tuple[Owner, MfaDevice]:
    """A device that somebody has; NoSuchEntity where it is not theirs."""
    whose, found = _owner(call, user_name), _find(call, serial_number)
    if found is None or not call.tx.links.has(MfaDevice.kind, whose.key, found.key):
        raise NoSuchEntity(f"MFA Device invalid for user {whose.name}")
    return whose, found


@operation(resource=_new, also=creation.tagged("iam:TagMFADevice", _new), writes=True)
def create_virtual_mfa_device(
    call: Call,
    *,
    virtual_mfa_device_name: str,
    path: str = "/",
    tags: list[dict[str, str]] | None = None,
) -> dict[str, Any]:
    """Make a virtual device; the only answer that shows its seed."""
    collection = call.tx.collection(MfaDevice)
    # An account may have as many virtual devices as users.
    belongings.refuse_over(call.limits.users, "VirtualMFADevicesPerAccount", collection.count())
    device = MfaDevice(
        account=call.account,
        name=virtual_mfa_device_name,
        name_path=path,
        id=devices.new_id(),
        tags=tagging.merged({}, tags, limit=call.limits.tags),
    )
    collection.add(device)
    seed = devices.new_seed()
    call.tx.secrets.put(MfaDevice.kind, device.id, Secret(seed))
    view = {
        "SerialNumber": device.serial(call.partition),
        "Base32StringSeed": seed.encode("ascii"),
        "QRCodePNG": devices.qr_code(seed, device.name, call.account),
    }
    if device.tags:
        view["Tags"] = views.tag_list(device.tags)
    return {"VirtualMFADevice": view}


@operation(resource=_device, writes=True)
def delete_virtual_mfa_device(call: Call, *, serial_number: str) -> dict[str, Any]:
    """Delete a virtual device that is nobody's."""
    device = _get(call, serial_number)
    if device.enabled is not None:
        raise DeleteConflict("MFA VirtualDevice in use. Must deactivate first.")
    call.tx.secrets.delete(MfaDevice.kind, device.id)
    call.tx.collection(MfaDevice).delete(device)
    return {}


def _paired(call: Call, device: MfaDevice, authentication_code1: str, authentication_code2: str) -> MfaDevice:
    """The device, synchronized by two codes in a row; InvalidAuthenticationCode where they are not."""
    if not device.virtual:
        return device
    seed = call.tx.secrets.get(MfaDevice.kind, device.id)
    if seed is not None:
        step = devices.pair_step(seed.reveal(), authentication_code1, authentication_code2, call.now)
        if step is not None and step > device.used_step:
            return devices.synchronized(device, step, call.now)
    raise InvalidAuthenticationCode("Authentication code for device is not valid.")


@operation(resource=resources.user, writes=True)
def enable_mfa_device(
    call: Call, *, user_name: str, serial_number: str, authentication_code1: str, authentication_code2: str
) -> dict[str, Any]:
    """Give a device to a user, who shows by two codes in a row that it is at hand."""
    whose = _owner(call, user_name)
    collection, present = call.tx.collection(MfaDevice), call.tx.links.targets(MfaDevice.kind, whose.key)
    device = _find(call, serial_number)
    if device is not None and device.enabled is not None:
        raise EntityAlreadyExists(f"MFA Device with serial number {serial_number} is already in use.")
    belongings.refuse_over(call.limits.mfa_devices_per_user, "MFADevicesPerUser", len(present))
    if device is None:
        if not _HARDWARE.fullmatch(serial_number):
            raise NoSuchEntity(f"VirtualMFADevice with serial number {serial_number} doesn't exist.")
        device = MfaDevice(account=call.account, name=serial_number, id=devices.new_id())
        collection.add(device)
    device = _paired(call, device, authentication_code1, authentication_code2)
    collection.put(msgspec.structs.replace(device, enabled=call.now.replace(microsecond=0)))
    call.tx.links.add(MfaDevice.kind, whose.key, device.key)
    return {}


@operation(resource=resources.user, writes=True)
def deactivate_mfa_device(call: Call, *, serial_number: str, user_name: str | None = None) -> dict[str, Any]:
    """Take a device back. A virtual one stays, nobody's; one of hardware is forgotten."""
    whose, device = _given(call, user_name, serial_number)
    call.tx.links.remove(MfaDevice.kind, whose.key, device.key)
    collection = call.tx.collection(MfaDevice)
    if device.virtual:
        collection.put(msgspec.structs.replace(device, enabled=None))
    else:
        collection.delete(device)
    return {}


@operation(resource=resources.user, writes=True)
def resync_mfa_device(
    call: Call, *, user_name: str, serial_number: str, authentication_code1: str, authentication_code2: str
) -> dict[str, Any]:
    """Learn from two codes in a row how fast or slow a device runs."""
    device = _given(call, user_name, serial_number)[1]
    call.tx.collection(MfaDevice).put(_paired(call, device, authentication_code1, authentication_code2))
    return {}


@operation(resource=resources.user)
def list_mfa_devices(
    call: Call, *, user_name: str | None = None, marker: str | None = None, max_items: int | None = None
) -> dict[str, Any]:
    """List the devices of a user."""
    whose = _owner(call, user_name)
    return paging.of_list(
        belongings.of(call, MfaDevice, whose),
        "MFADevices",
        key=lambda device: device.key,
        view=lambda device: {
            "UserName": whose.name,
            "SerialNumber": device.serial(call.partition),
            "EnableDate": device.enabled,
        },
        marker=marker,
        max_items=max_items,
    )


@operation(resource=resources.user)
def get_mfa_device(call: Call, *, serial_number: str, user_name: str | None = None) -> dict[str, Any]:
    """Read a device that somebody has. AWS's page says that it takes security keys only; here any device."""
    whose, device = _given(call, user_name, serial_number)
    return {
        "UserName": whose.name,
        "SerialNumber": device.serial(call.partition),
        "EnableDate": device.enabled,
    }


@operation(resource=resources.everything)
def list_virtual_mfa_devices(
    call: Call,
    *,
    assignment_status: str = "Any",
    marker: str | None = None,
    max_items: int | None = None,
) -> dict[str, Any]:
    """List the account's virtual devices, with whose they are; without seeds and tags."""
    wanted = {"Any": (True, False), "Assigned": (True,), "Unassigned": (False,)}[assignment_status]
    found = [
        one
        for one in belongings.every(call, MfaDevice)
        if one.virtual and (one.enabled is not None) in wanted
    ]
    return paging.of_list(
        found,
        "VirtualMFADevices",
        key=lambda device: device.key,
        view=lambda device: _virtual(call, device),
        marker=marker,
        max_items=max_items,
    )


def _virtual(call: Call, device: MfaDevice) -> dict[str, Any]:
    view: dict[str, Any] = {"SerialNumber": device.serial(call.partition)}
    if device.enabled is None:
        return view
    view["EnableDate"] = device.enabled
    for key in call.tx.links.sources(MfaDevice.kind, device.key):
        user = call.tx.users.find(key) if key else None
        view["User"] = views.user(call, user, listed=True) if user is not None else _root(call)
    return view


def _root(call: Call) -> dict[str, Any]:
    account = call.tx.collection(Account).get(call.account)
    arn = root_arn(call.partition, call.account)
    return {"Path": "/", "UserName": account.name, "UserId": call.account, "Arn": arn} | {
        "CreateDate": account.created
    }


@operation(resource=_device, writes=True)
def tag_mfa_device(call: Call, *, serial_number: str, tags: list[dict[str, str]]) -> dict[str, Any]:
    """Add or replace tags of a virtual device."""
    device = _get(call, serial_number)
    merged = tagging.merged(device.tags, tags, limit=call.limits.tags)
    call.tx.collection(MfaDevice).put(msgspec.structs.replace(device, tags=merged))
    return {}


@operation(resource=_device, writes=True)
def untag_mfa_device(call: Call, *, serial_number: str, tag_keys: list[str]) -> dict[str, Any]:
    """Take tags from a virtual device."""
    device = _get(call, serial_number)
    rest = tagging.without(device.tags, tag_keys)
    call.tx.collection(MfaDevice).put(msgspec.structs.replace(device, tags=rest))
    return {}


@operation(resource=_device)
def list_mfa_device_tags(
    call: Call, *, serial_number: str, marker: str | None = None, max_items: int | None = None
) -> dict[str, Any]:
    """List the tags of a virtual device."""
    return paging.of_list(
        views.tag_list(_get(call, serial_number).tags),
        "Tags",
        key=lambda tag: tag["Key"],
        view=lambda tag: tag,
        marker=marker,
        max_items=max_items,
    )
