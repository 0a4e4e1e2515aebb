"""Codes of MFA devices: which count, and how far a device may be off."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
import pyotp
import pytest

from rolekeeper.iam import devices
from rolekeeper.iam.devices import MfaDevice

NOW = datetime(2026, 1, 1, tzinfo=UTC)
SEED = devices.new_seed()
DEVICE = MfaDevice(account="111111111111", name="phone", name_path="/", id="1")


def code(steps: int) -> str:
    return pyotp.TOTP(SEED).generate_otp(devices.step_of(NOW) + steps)


@pytest.mark.parametrize("steps", [-21, 21, 1000])
def test_a_pair_from_another_time_is_none(steps: int) -> None:
    assert devices.pair_step(SEED, code(steps - 1), code(steps), NOW) is None


@pytest.mark.parametrize("steps", [-20, -1, 0, 1, 20])
def test_a_pair_of_about_now_tells_the_drift(steps: int) -> None:
    step = devices.pair_step(SEED, code(steps - 1), code(steps), NOW)
    assert step == devices.step_of(NOW) + steps
    assert devices.synchronized(DEVICE, step, NOW).drift == steps


def test_a_code_counts_one_step_around_the_drift() -> None:
    device = msgspec.structs.replace(DEVICE, drift=5)
    counted = [steps for steps in range(12) if devices.code_step(device, SEED, code(steps), NOW) is not None]
    assert counted == [4, 5, 6]


def test_a_code_that_was_used_or_is_older_does_not_count() -> None:
    device = devices.synchronized(DEVICE, devices.step_of(NOW), NOW)
    counted = [steps for steps in range(-2, 3) if devices.code_step(device, SEED, code(steps), NOW)]
    assert counted == [1]
    later = NOW + timedelta(seconds=30)
    assert devices.code_step(device, SEED, code(0), later) is None


def test_the_vector_of_the_rfc() -> None:
    # RFC 6238, appendix B, SHA-1, at 59 seconds: 94287082, of which six digits are used.
    seed = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    assert devices.code_step(DEVICE, seed, "287082", datetime.fromtimestamp(59, UTC)) == 1


@pytest.mark.parametrize(
    ("serial", "key"),
    [
        ("arn:aws:iam::111111111111:mfa/phone", "/phone"),
        ("arn:aws:iam::111111111111:mfa/team/phone", "/team/phone"),
        ("arn:aws:iam::222222222222:mfa/phone", "arn:aws:iam::222222222222:mfa/phone"),
        ("arn:aws-cn:iam::111111111111:mfa/phone", "arn:aws-cn:iam::111111111111:mfa/phone"),
        ("GAHT12345678", "GAHT12345678"),
    ],
)
def test_a_serial_number_leads_to_a_device_of_the_account_only(serial: str, key: str) -> None:
    assert devices.key_of(serial, "aws", "111111111111") == key


def test_seeds_are_random_and_long() -> None:
    assert len({devices.new_seed() for _ in range(10)}) == 10
    assert len(devices.new_seed()) == 64
