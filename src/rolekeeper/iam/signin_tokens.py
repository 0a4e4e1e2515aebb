"""Tokens of the sign-in: sealed, good for a short while, and each for one purpose.

A sign-in token is an AES-256-GCM box around a session without its secret. What it is for, its audience, is
authenticated with it: a token for one thing does not open as another. Nothing is stored: whoever has the key
can open any token, and nobody else can make one.
Source: "Enable custom identity broker access to the AWS console" in the IAM User Guide.
"""

from __future__ import annotations

import base64
import os
import zlib
from typing import Final

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from rolekeeper.iam.credentials import Session
from rolekeeper.iam.secret import Secret

LIFETIME: Final = 900
"""Seconds for which a sign-in token is taken."""

MAX_TOKEN: Final = 49_152
"""Characters: over what any session takes, and under what a request's line may have."""

_VERSION = b"\x01"
_NONCE = 12
_MOST = 262_144  # bytes of what is in a token: far over what any session takes


class InvalidSigninToken(Exception):
    """The token is not one that we sealed for this purpose."""


class SigninToken(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """Who may sign in to the console until when (epoch seconds), and how long the console session lasts:
    as long as the credentials where `duration` is None."""

    session: Session
    expires: int
    duration: int | None = None


class SigninSealer:
    """Seals sign-in tokens for an audience, and opens them."""

    def __init__(self, key: bytes) -> None:
        self._box = AESGCM(key)

    def __repr__(self) -> str:
        return "SigninSealer()"

    def seal(self, audience: str, token: SigninToken) -> Secret:
        """The token's text, which fits into a URL as it is."""
        nonce = os.urandom(_NONCE)
        content = zlib.compress(msgspec.msgpack.encode(token))
        box = self._box.encrypt(nonce, content, _VERSION + audience.encode())
        return Secret(base64.urlsafe_b64encode(_VERSION + nonce + box).decode("ascii").rstrip("="))

    def open(self, audience: str, text: str) -> SigninToken:
        """What was sealed for that audience; InvalidSigninToken. Whether it is over, it says itself."""
        try:
            if len(text) > MAX_TOKEN:
                raise InvalidSigninToken
            raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
            version, nonce, box = raw[:1], raw[1 : 1 + _NONCE], raw[1 + _NONCE :]
            content = self._box.decrypt(nonce, box, version + audience.encode())
            return msgspec.msgpack.decode(zlib.decompressobj().decompress(content, _MOST), type=SigninToken)
        except (ValueError, InvalidTag, msgspec.MsgspecError):
            raise InvalidSigninToken from None
