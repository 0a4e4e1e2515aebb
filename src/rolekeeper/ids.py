"""Unique IDs, access key IDs, secrets, request IDs: made here and nowhere else.

A unique ID is a prefix of four letters (`AROA` a role, `AKIA` a long-lived key ...) and base32 text. The
text starts with the account's number, as AWS's do, so that `sts:GetAccessKeyInfo` reads the account
from the ID alone.
Source: "IAM identifiers", section "Understanding unique ID prefixes", in the IAM User Guide.
"""

from __future__ import annotations

import base64
import binascii
import io
import os
import secrets
from functools import lru_cache
from itertools import count

ROLE, USER, GROUP, POLICY, INSTANCE_PROFILE = "AROA", "AIDA", "AGPA", "ANPA", "AIPA"
LONG_LIVED_KEY, TEMPORARY_KEY = "AKIA", "ASIA"
SERVER_CERTIFICATE, SSH_PUBLIC_KEY, SERVICE_CREDENTIAL = "ASCA", "APKA", "ACCA"
SAML_PROVIDER, SAML_PRIVATE_KEY = "SAMLSP", "SAMLPK"
POLICY_VERSION_PREFIX = "v"

_ACCOUNT_BYTES = 6
_ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_CHARACTERS = bytes(_ALPHABET[byte & 31] for byte in range(256))
"""What a random byte is written as: each character for eight of the values."""

_SMALL = "abcdefghijklmnopqrstuvwxyz0123456789"

_48_BITS = (1 << 48) - 1
_SCATTER = 0x9E3779B97F4B  # odd, so that no two counts meet


def _process() -> str:
    """All of an ID but its last part, random for each process."""
    drawn = secrets.token_hex(10)
    return f"{drawn[:8]}-{drawn[8:12]}-4{drawn[12:15]}-a{drawn[15:18]}-"


_PROCESS, _EVENTS = _process(), _process()
_COUNT = count(secrets.randbits(48))

_AHEAD = 4096
"""Random bytes that are asked of the system at once: to ask costs as much for one as for hundreds."""


class _Pool:
    """Random bytes of the system, drawn ahead. Threads never get the same ones: a read is one step."""

    def __init__(self) -> None:
        self._drawn = io.BytesIO()
        os.register_at_fork(after_in_child=self.forget)

    def forget(self) -> None:
        """Begin anew: another process has these bytes too."""
        self._drawn = io.BytesIO()

    def draw(self, size: int) -> bytes:
        """So many bytes that nobody has had."""
        while len(found := self._drawn.read(size)) < size:
            self._drawn = io.BytesIO(os.urandom(max(_AHEAD, size)))
        return found


draw = _Pool().draw
"""Random bytes for IDs, secrets and nonces."""


def unique_id(prefix: str, account: str) -> str:
    """A new ID of 21 characters: prefix, account, and 45 random bits that nothing else has."""
    return prefix + _body(account, 17)


def access_key_id(prefix: str, account: str) -> str:
    """A new access key ID of 20 characters."""
    return prefix + _body(account, 16)


def account_of(identifier: str) -> str | None:
    """The account in an ID that `unique_id` or `access_key_id` (or AWS) made; None where there is none."""
    body = identifier[4:]
    if len(identifier) < 20 or not identifier.isascii():
        return None
    try:
        raw = base64.b32decode(body[:16])
    except ValueError:
        return None
    number = (int.from_bytes(raw[:_ACCOUNT_BYTES], "big") & 0x7FFFFFFFFF80) >> 7
    return f"{number:012d}" if number < 10**12 else None


def signing_certificate_id() -> str:
    """A new ID of a signing certificate: 32 characters without a prefix."""
    return base64.b32encode(os.urandom(20)).decode("ascii")


def secret_access_key() -> str:
    """A new secret of 40 characters of base64 (240 random bits)."""
    return binascii.b2a_base64(draw(30), newline=False).decode("ascii")


def request_id() -> str:
    """A new request ID, in the form of a version 4 UUID. It is unique and no secret.

    The first part is random for each process; the last is a count, scattered over its 48 bits.
    """
    return f"{_PROCESS}{next(_COUNT) * _SCATTER & _48_BITS:012x}"


def event_id(request_id: str) -> str:
    """The ID of a request's event, with the request's own last part, which nothing else has."""
    return _EVENTS + request_id[-12:]


def _body(account: str, length: int) -> str:
    """Base32 text that starts with the account. All that is not the account is random.

    The account sits in bits 7 to 46 of the first six bytes, and the top bit is set, so that the text starts
    with a letter of the upper half, as AWS's does: eight characters and the top bit of the ninth.
    """
    head, ninth = _head(account)
    drawn = draw(length - len(head))
    return head + (drawn[:1].translate(ninth) + drawn[1:].translate(_CHARACTERS)).decode()


@lru_cache(maxsize=10_000)
def _head(account: str) -> tuple[str, bytes]:
    """The first eight characters, and what a random byte is written as in the place of the ninth."""
    bits = (1 << 40) | int(account)
    head = "".join(chr(_ALPHABET[bits >> shift & 31]) for shift in range(36, 0, -5))
    return head, bytes(_ALPHABET[(bits & 1) << 4 | byte & 15] for byte in range(256))


def organizations_id(prefix: str, length: int) -> str:
    """A new ID of AWS Organizations: `o-`, `ou-...-`, `p-` ... and random small letters and digits."""
    return prefix + "".join(secrets.choice(_SMALL) for _ in range(length))


def account_number() -> str:
    """A number for a new account, of twelve digits, which nobody can guess."""
    return f"{secrets.randbelow(9 * 10**11) + 10**11}"
