"""Encoded authorization messages: all of a refusal, for whom DecodeAuthorizationMessage allows to see it.

A message is an AES-256-GCM box around the caller's account and what there is to tell, compressed. Nothing is
stored: whoever has the key can open any message, and nobody else can make one.
Source: "DecodeAuthorizationMessage" in the STS API Reference.
"""

from __future__ import annotations

import base64
import os
import zlib

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

MAX_MESSAGE = 10_240
"""Characters of a message: as many as DecodeAuthorizationMessage takes."""

_VERSION = b"\x01"
_NONCE = 12
_MOST = 1_048_576  # bytes of what is told: far over what fits


class InvalidMessage(Exception):
    """The message is not one that we sealed."""


class MessageSealer:
    """Seals what there is to tell to an account, and opens it."""

    def __init__(self, key: bytes) -> None:
        self._box = AESGCM(key)

    def __repr__(self) -> str:
        return "MessageSealer()"

    def seal(self, account: str, told: bytes) -> str:
        """The message; it may be longer than MAX_MESSAGE."""
        nonce = os.urandom(_NONCE)
        content = msgspec.msgpack.encode((account, zlib.compress(told)))
        sealed = self._box.encrypt(nonce, content, _VERSION)
        return base64.urlsafe_b64encode(_VERSION + nonce + sealed).decode("ascii")

    def open(self, account: str, message: str) -> bytes:
        """What was told to the account; InvalidMessage where it is not ours, was changed, or is another's."""
        try:
            if len(message) > MAX_MESSAGE:
                raise InvalidMessage
            raw = base64.b64decode(message, altchars=b"-_", validate=True)
            version, nonce, sealed = raw[:1], raw[1 : 1 + _NONCE], raw[1 + _NONCE :]
            content = self._box.decrypt(nonce, sealed, version)
            owner, told = msgspec.msgpack.decode(content, type=tuple[str, bytes])
        except (ValueError, InvalidTag, msgspec.MsgspecError):
            raise InvalidMessage from None
        if version != _VERSION or owner != account:
            raise InvalidMessage
        return zlib.decompressobj().decompress(told, _MOST)
