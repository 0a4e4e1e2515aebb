"""An authenticator app in a test: it has a device's seed, and shows the codes of any moment."""

from __future__ import annotations

import time
from typing import Any

import pyotp

from tests.client import Person


class Authenticator:
    """The codes of one virtual device. `ahead` is how far the server's clock was moved."""

    def __init__(self, device: dict[str, Any]) -> None:
        self.serial: str = device["SerialNumber"]
        self.ahead = 0
        self._codes = pyotp.TOTP(device["Base32StringSeed"].decode())

    def code(self, steps: int = 0) -> str:
        """The code that is so many steps behind or before the one of now."""
        return self._codes.at(int(time.time()) + self.ahead + 30 * steps)

    def wrong(self) -> str:
        """A code of none of the moments about now."""
        near = {self.code(steps) for steps in range(-25, 26)}
        return next(
            code for code in ("000000", "111111", *map(str, range(100000, 100100))) if code not in near
        )

    def pair(self, steps: int = 0) -> dict[str, str]:
        """Two codes in a row, the second of which is of so many steps from now."""
        return {"AuthenticationCode1": self.code(steps - 1), "AuthenticationCode2": self.code(steps)}

    def next(self, person: Person) -> str:
        """Wait for the next code, and show it."""
        self.wait(person, 30)
        return self.code()

    def wait(self, person: Person, seconds: int) -> None:
        """Let time go by, for the server and the device."""
        person.world.advance(seconds)
        self.ahead += seconds


def device(person: Person, name: str, **more: Any) -> Authenticator:
    """A new virtual device, nobody's."""
    made = person.iam.create_virtual_mfa_device(VirtualMFADeviceName=name, **more)
    return Authenticator(made["VirtualMFADevice"])


def enabled(person: Person, user_name: str, name: str | None = None) -> Authenticator:
    """A new virtual device that is a user's."""
    found = device(person, name or user_name)
    person.iam.enable_mfa_device(UserName=user_name, SerialNumber=found.serial, **found.pair())
    return found
