"""What users have: keys, passwords, MFA devices, certificates, SSH keys, credentials for a service.

A thing goes with its user under another name, is found with its own user only, and keeps the user from being
deleted.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

from tests.authenticator import Authenticator
from tests.certificates import Pair, openssh
from tests.properties.machine.base import NAMES, PLACES, Machine, move

PASSWORD = "Correct-Horse-9"
SERVICE = "codecommit.amazonaws.com"


class Thing(NamedTuple):
    """A kind of thing: its operations' noun, what IDs are called, its list, and how many a user may have."""

    noun: str
    id: str
    listed: str
    member: str
    most: int


THINGS = {
    "key": Thing("access_key", "AccessKeyId", "list_access_keys", "AccessKeyMetadata", 2),
    "ssh": Thing("ssh_public_key", "SSHPublicKeyId", "list_ssh_public_keys", "SSHPublicKeys", 5),
    "certificate": Thing(
        "signing_certificate", "CertificateId", "list_signing_certificates", "Certificates", 2
    ),
    "credential": Thing(
        "service_specific_credential",
        "ServiceSpecificCredentialId",
        "list_service_specific_credentials",
        "ServiceSpecificCredentials",
        2,
    ),
}
THING = tuple(THINGS)
_NOBODYS = {
    "key": "AKIA2222222222222222",
    "ssh": "APKA22222222222222222",
    "certificate": "A" * 32,
    "credential": "ACCA22222222222222222",
}


@cache
def certificates() -> list[str]:
    return [Pair(f"signer-{number}").pem for number in range(3)]


class Belongings(Machine):
    """Users and their things, by the user's key."""

    def __init__(self) -> None:
        super().__init__()
        self.things: dict[str, dict[str, tuple[str, str, str]]] = {kind: {} for kind in THINGS}
        """Of each kind, by ID: whose it is, its status, and what was uploaded."""
        self.passwords: set[str] = set()
        self.devices: dict[str, str | None] = {}
        self.authenticators: dict[str, Authenticator] = {}

    def mine(self, kind: str, user: str) -> list[str]:
        """The IDs of a user's things."""
        return [one for one, (owner, *_) in self.things[kind].items() if owner == user.lower()]

    def given(self, kind: str, user: str, arguments: dict[str, Any], content: str, taken: bool) -> None:
        """Make a thing; `taken` where the same was uploaded before, and may not be again."""
        verb = "create" if kind in ("key", "credential") else "upload"
        expected = "LimitExceeded" if len(self.mine(kind, user)) >= THINGS[kind].most else None
        if taken:
            expected = {"ssh": "DuplicateSSHPublicKey", "certificate": "DuplicateCertificate"}[kind]
        if not self.has("User", user):
            expected = "NoSuchEntity"
        call = getattr(self.iam, f"{verb}_{THINGS[kind].noun}")
        answer = self.does(expected, call, UserName=user, **arguments)
        if expected is None:
            (made,) = (value for name, value in answer.items() if name != "ResponseMetadata")
            self.things[kind][made[THINGS[kind].id]] = (user.lower(), "Active", content)

    @move(kind=("key", "credential"), user=NAMES)
    def create_thing(self, kind: str, user: str) -> None:
        arguments = {"ServiceName": SERVICE} if kind == "credential" else {}
        self.given(kind, user, arguments, "", taken=False)

    @move(user=NAMES, number=(0, 1))
    def upload_ssh_key(self, user: str, number: int) -> None:
        body = openssh(number)
        taken = any((user.lower(), body) == (one[0], one[2]) for one in self.things["ssh"].values())
        self.given("ssh", user, {"SSHPublicKeyBody": body}, body, taken)

    @move(user=NAMES, number=(0, 1, 2))
    def upload_certificate(self, user: str, number: int) -> None:
        body = certificates()[number]
        taken = any(body == content for *_, content in self.things["certificate"].values())
        self.given("certificate", user, {"CertificateBody": body}, body, taken)

    def one_of(self, kind: str, place: int) -> str:
        """The ID of one of the things that there are, or of none."""
        return [*self.things[kind], *[_NOBODYS[kind]] * len(PLACES)][place]

    @move(kind=THING, user=NAMES, place=PLACES, status=("Active", "Inactive"))
    def switch_thing(self, kind: str, user: str, place: int, status: str) -> None:
        one = self.one_of(kind, place)
        found = self.has("User", user) and one in self.mine(kind, user)
        call = getattr(self.iam, f"update_{THINGS[kind].noun}")
        it = {"UserName": user, THINGS[kind].id: one}
        self.does(None if found else "NoSuchEntity", call, **it, Status=status)
        if found:
            owner, _, content = self.things[kind][one]
            self.things[kind][one] = (owner, status, content)

    @move(kind=THING, user=NAMES, place=PLACES)
    def delete_thing(self, kind: str, user: str, place: int) -> None:
        one = self.one_of(kind, place)
        found = self.has("User", user) and one in self.mine(kind, user)
        call = getattr(self.iam, f"delete_{THINGS[kind].noun}")
        self.does(None if found else "NoSuchEntity", call, **{"UserName": user, THINGS[kind].id: one})
        if found:
            del self.things[kind][one]

    @move(kind=THING, place=PLACES)
    def delete_some_thing(self, kind: str, place: int) -> None:
        for one in self.picked(self.things[kind], place):
            self.delete_thing(kind, self.things[kind][one][0], list(self.things[kind]).index(one))

    @move(user=NAMES)
    def create_password(self, user: str) -> None:
        expected = "EntityAlreadyExists" if user.lower() in self.passwords else None
        if not self.has("User", user):
            expected = "NoSuchEntity"
        self.does(expected, self.iam.create_login_profile, UserName=user, Password=PASSWORD)
        if expected is None:
            self.passwords.add(user.lower())

    @move(user=NAMES)
    def delete_password(self, user: str) -> None:
        expected = None if user.lower() in self.passwords else "NoSuchEntity"
        self.does(expected, self.iam.delete_login_profile, UserName=user)
        self.passwords.discard(user.lower())

    @move(name=("d", "e"))
    def create_device(self, name: str) -> None:
        expected = "EntityAlreadyExists" if name in self.devices else None
        answer = self.does(expected, self.iam.create_virtual_mfa_device, VirtualMFADeviceName=name)
        if expected is None:
            self.devices[name] = None
            self.authenticators[name] = Authenticator(answer["VirtualMFADevice"])

    @move(name=("d", "e"), user=NAMES)
    def enable_device(self, name: str, user: str) -> None:
        expected = "EntityAlreadyExists" if self.devices.get(name) is not None else None
        if not self.has("User", user) or name not in self.devices:
            expected = "NoSuchEntity"
        codes = {"AuthenticationCode1": "000000", "AuthenticationCode2": "000000"}
        if expected is None:
            for one in self.authenticators.values():
                one.ahead += 60
            self.world.advance(60)
            codes = self.authenticators[name].pair()
        serial = _serial(name)
        self.does(expected, self.iam.enable_mfa_device, UserName=user, SerialNumber=serial, **codes)
        if expected is None:
            self.devices[name] = user.lower()

    @move(name=("d", "e"), user=NAMES)
    def take_device_back(self, name: str, user: str) -> None:
        found = self.devices.get(name) == user.lower()
        call = self.iam.deactivate_mfa_device
        expected = None if found else "NoSuchEntity"
        self.does(expected, call, UserName=user, SerialNumber=_serial(name))
        if found:
            self.devices[name] = None

    @move(name=("d", "e"))
    def delete_device(self, name: str) -> None:
        expected = "DeleteConflict" if self.devices.get(name) is not None else None
        if name not in self.devices:
            expected = "NoSuchEntity"
        self.does(expected, self.iam.delete_virtual_mfa_device, SerialNumber=_serial(name))
        if expected is None:
            del self.devices[name], self.authenticators[name]

    def conflicts(self, kind: str, key: str) -> bool:
        if kind != "User":
            return super().conflicts(kind, key)
        has = any(self.mine(one, key) for one in THINGS) or key in self.passwords
        return super().conflicts(kind, key) or has or key in self.devices.values()

    def moved(self, kind: str, old: str, new: str) -> None:
        super().moved(kind, old, new)
        if kind != "User":
            return
        for things in self.things.values():
            for one, (owner, *rest) in things.items():
                things[one] = (new if owner == old else owner, rest[0], rest[1])
        self.passwords = {new if user == old else user for user in self.passwords}
        self.devices = {name: new if user == old else user for name, user in self.devices.items()}

    def looks(self) -> list[Callable[[], None]]:
        return [*super().looks(), self._things, self._passwords, self._devices]

    def _things(self) -> None:
        for key, name in self.entities["User"].items():
            for kind, thing in THINGS.items():
                found = getattr(self.iam, thing.listed)(UserName=name)[thing.member]
                assert {one["UserName"] for one in found} <= {name}
                shown = {one[thing.id]: one["Status"] for one in found}
                assert shown == {one: self.things[kind][one][1] for one in self.mine(kind, key)}

    def _passwords(self) -> None:
        for key, name in self.entities["User"].items():
            expected = None if key in self.passwords else "NoSuchEntity"
            self.does(expected, self.iam.get_login_profile, UserName=name)

    def _devices(self) -> None:
        for key, name in self.entities["User"].items():
            found = self.iam.list_mfa_devices(UserName=name)["MFADevices"]
            mine = {_serial(one) for one, user in self.devices.items() if user == key}
            assert {one["SerialNumber"] for one in found} == mine
        found = self.iam.list_virtual_mfa_devices()["VirtualMFADevices"]
        owners = {one["SerialNumber"]: one.get("User", {}).get("UserName", "").lower() for one in found}
        assert owners == {_serial(name): user or "" for name, user in self.devices.items()}


def _serial(name: str) -> str:
    return f"arn:aws:iam::111111111111:mfa/{name}"
