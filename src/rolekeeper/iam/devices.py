"""MFA devices: a virtual one is known by its path and name, one of hardware by its serial number.

Whose a device is, is a link; its seed is in the keyring. A device may run fast or slow: `drift` is by how
many time steps, measured whenever two codes of it come in a row.
Source: "AWS multi-factor authentication in IAM" in the IAM User Guide; RFC 6238 (TOTP), section 6.
"""

from __future__ import annotations

import base64
import io
import secrets
from datetime import datetime
from urllib.parse import quote

import msgspec
import pyotp
import segno

from rolekeeper.arn import Arn, iam_arn
from rolekeeper.iam.entities import Entity, Tags

STEP = 30
"""Seconds for which a code stands."""
_SEED_BYTES = 40
"""320 bits, as long as AWS's seeds: 64 characters of base32."""
_SYNCHRONIZED = 1
"""Steps by which one code may be early or late (RFC 6238, section 5.2)."""
_SEARCHED = 20
"""Steps in which two codes in a row are looked for: ten minutes to either side."""


class MfaDevice(Entity, frozen=True, kw_only=True, omit_defaults=True):
    """A device that makes codes. `enabled` is when somebody was given it."""

    kind = "mfa-device"
    noun = "MFA device"
    folds = False
    missing = "MFA Device with serial number {name} does not exist."
    taken = "MFADevice entity at the same path and name already exists."

    name: str
    id: str
    """Random, and never used again: a device of the same name, made later, is another one."""
    name_path: str = ""
    """Empty for a device of hardware, which has no path and no ARN."""
    enabled: datetime | None = None
    drift: int = 0
    used_step: int = 0
    """The step of the last code of the last pair: it and those before it are worth nothing any more."""
    tags: Tags = {}

    @property
    def key(self) -> str:
        return self.name_path + self.name

    @property
    def virtual(self) -> bool:
        """Whether its seed is ours: of a device of hardware only the maker knows it."""
        return bool(self.name_path)

    def serial(self, partition: str) -> str:
        """The serial number; of a virtual device that is its ARN."""
        if not self.virtual:
            return self.name
        return iam_arn(partition, self.account, "mfa", self.name_path, self.name)


def key_of(serial_number: str, partition: str, account: str) -> str:
    """The key of the device that has a serial number; of none, where the ARN is another account's."""
    try:
        arn = Arn.parse(serial_number)
    except ValueError:
        return serial_number
    own = (arn.partition, arn.service, arn.account, arn.resource_type) == (partition, "iam", account, "mfa")
    return arn.resource.removeprefix("mfa") if own else serial_number


def new_id() -> str:
    """A random ID."""
    return secrets.token_hex(16)


def new_seed() -> str:
    """A random seed in base32."""
    return base64.b32encode(secrets.token_bytes(_SEED_BYTES)).decode("ascii")


def qr_code(seed: str, name: str, account: str) -> bytes:
    """The PNG that an authenticator app reads: the seed as an `otpauth` URI."""
    label = quote(f"{name}@{account}", safe="@")
    uri = f"otpauth://totp/Amazon%20Web%20Services:{label}?secret={seed}&issuer=Amazon%20Web%20Services"
    image = io.BytesIO()
    segno.make(uri, error="m", micro=False).save(image, kind="png", scale=4)
    return image.getvalue()


def step_of(moment: datetime) -> int:
    """The number of the time step of a moment."""
    return int(moment.timestamp()) // STEP


def pair_step(seed: str, first: str, second: str, now: datetime) -> int | None:
    """The step of the second of two codes in a row, nearest to now; None where they are no such pair."""
    generator, current = pyotp.TOTP(seed, interval=STEP), step_of(now)
    for distance in sorted(range(-_SEARCHED, _SEARCHED + 1), key=abs):
        step = current + distance
        if _same(generator, step, second) and _same(generator, step - 1, first):
            return step
    return None


def code_step(device: MfaDevice, seed: str, code: str, now: datetime) -> int | None:
    """The step of a code that the device shows about now; None for any other and for what was used."""
    generator, expected = pyotp.TOTP(seed, interval=STEP), step_of(now) + device.drift
    for step in range(expected - _SYNCHRONIZED, expected + _SYNCHRONIZED + 1):
        if step > device.used_step and _same(generator, step, code):
            return step
    return None


def synchronized(device: MfaDevice, step: int, now: datetime) -> MfaDevice:
    """The device once a pair of its codes, the second of this step, has come."""
    return msgspec.structs.replace(device, drift=step - step_of(now), used_step=step)


def _same(generator: pyotp.TOTP, step: int, code: str) -> bool:
    return step >= 0 and secrets.compare_digest(generator.generate_otp(step), code)
