"""The session tokens of the instance metadata service, version 2: good for one instance, and for a while.

A token says when it ends, and a keyed hash of that and of the instance makes it the server's: there is
nothing to keep, however many somebody asks for, and another process with the same key knows them. Those that
were shown are remembered, so that the next request with one costs a look.
Source: "Use the Instance Metadata Service to access instance metadata" in the EC2 User Guide.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import secrets
from hashlib import blake2b

from rolekeeper.iam.workloads import Instance

LONGEST = 21_600
"""Seconds that a token is good for, at most."""

_END, _NONCE, _HASH = 6, 12, 24
_LENGTH = 56
"""Characters, as many as EC2's have."""
_KEPT = 20_000


class MetadataTokens:
    """Makes tokens and knows them again. `key` is the store's own, for this alone."""

    __slots__ = ("_key", "_known")

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._known: dict[tuple[str, str], float] = {}

    def make(self, instance: Instance, seconds: int, now: float) -> str:
        """A token of an instance for some seconds."""
        start = int(now + seconds).to_bytes(_END, "big") + secrets.token_bytes(_NONCE)
        return base64.urlsafe_b64encode(start + self._hash(instance, start)).decode()

    def left(self, instance: Instance, token: str, now: float) -> int | None:
        """The seconds that a token of the instance is still good for; None where it is none, or has ended."""
        end = self._known.get((token, instance.id))
        if end is None:
            end = self._end(instance, token)
            if end is None:
                return None
            if len(self._known) >= _KEPT:
                self._known.clear()
            self._known[token, instance.id] = end
        return int(end - now) if end > now else None

    def _end(self, instance: Instance, token: str) -> int | None:
        if len(token) != _LENGTH or not token.isascii():
            return None
        try:
            found = base64.b64decode(token, b"-_", validate=True)
        except binascii.Error:
            return None
        start = found[: _END + _NONCE]
        if not hmac.compare_digest(found[_END + _NONCE :], self._hash(instance, start)):
            return None
        return int.from_bytes(start[:_END], "big")

    def _hash(self, instance: Instance, start: bytes) -> bytes:
        whose = f"{instance.account}/{instance.id}/".encode()
        return blake2b(start + whose, key=self._key, digest_size=_HASH).digest()
