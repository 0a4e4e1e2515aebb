"""A code of the caller's own MFA device: what makes a session one with MFA.

Source: "AssumeRole" and "GetSessionToken" in the STS API Reference (SerialNumber, TokenCode); "Secure API
access with MFA" in the IAM User Guide.
"""

from __future__ import annotations

from rolekeeper.errors import AccessDenied
from rolekeeper.iam.devices import MfaDevice, code_step, key_of
from rolekeeper.service.call import Call


def verify(call: Call, serial_number: str | None, token_code: str | None) -> None:
    """Check the code that a request brings, if it brings one, and use it up; AccessDenied where it is wrong.

    From then on the call is one with MFA (`call.mfa_at`), for its own decision and for the session it makes.
    """
    if (serial_number is None and token_code is None) or call.mfa_at is not None:
        return
    if serial_number is None or token_code is None:
        raise AccessDenied(
            "MultiFactorAuthentication failed, must provide both MFA serial number and one time pass code."
        )
    device = _own_device(call, serial_number)
    seed = call.tx.secrets.get(MfaDevice.kind, device.id)
    step = code_step(device, seed.reveal(), token_code, call.now) if seed is not None else None
    # Of a device of hardware nobody here knows the seed, so that no code of it is ever right.
    if step is None or not call.sessions.used_codes.take(device.id, step):
        raise AccessDenied("MultiFactorAuthentication failed with invalid MFA one time pass code.")
    call.mfa_at = int(call.now.timestamp())


def _own_device(call: Call, serial_number: str) -> MfaDevice:
    caller = call.caller
    if caller.user is not None or caller.is_root:
        whose = caller.user.key if caller.user is not None else ""
        key = key_of(serial_number, call.partition, call.account)
        device = call.tx.collection(MfaDevice).find(key)
        if device is not None and call.tx.links.has(MfaDevice.kind, whose, key):
            return device
    raise AccessDenied(
        "MultiFactorAuthentication failed, unable to validate MFA code. Please verify your MFA serial "
        "number is valid and associated with this user."
    )
