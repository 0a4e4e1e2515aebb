"""Secrets at rest: a master key wraps data keys, a data key seals secrets, each bound to its place.

The master key is a file that only its owner can read, or is given by the caller; it seals nothing but
data keys, and other keys are derived from it. A sealed box is: version, data key's ID, nonce, AES-256-GCM
ciphertext and tag; the head and the caller's context are authenticated with it.
Sources: NIST SP 800-38D (GCM; random nonces allow 2**32 boxes a key), RFC 5869 (HKDF).
"""

from __future__ import annotations

import base64
import binascii
import os
import stat
import struct
from collections.abc import Mapping
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from rolekeeper.errors import StoreError

KEY_BYTES = 32
_HEAD = struct.Struct(">BI")
_VERSION = 1
_NONCE_BYTES = 12
_TAG_BYTES = 16


class Keyring:
    """The data keys of one store, opened. The newest one seals, each of them opens."""

    __slots__ = ("_keys", "_master", "_newest")

    def __init__(self, master: bytes, wrapped: Mapping[int, bytes]) -> None:
        self._master = _checked(master)
        wrapper = AESGCM(self.derive("wrap data keys"))
        self._keys = {key_id: AESGCM(_unwrap(wrapper, key_id, box)) for key_id, box in wrapped.items()}
        self._newest = max(self._keys)

    def __repr__(self) -> str:
        return "Keyring(***)"

    def seal(self, plaintext: bytes, context: bytes) -> bytes:
        """A box that `open` opens with the same context."""
        head = _HEAD.pack(_VERSION, self._newest)
        nonce = os.urandom(_NONCE_BYTES)
        return head + nonce + self._keys[self._newest].encrypt(nonce, plaintext, head + context)

    def open(self, sealed: bytes, context: bytes) -> bytes:
        """What is in the box; StoreError where it was changed, or sealed for another context or store."""
        if len(sealed) < _HEAD.size + _NONCE_BYTES + _TAG_BYTES:
            raise StoreError("a sealed secret is cut short")
        head, body = sealed[: _HEAD.size], sealed[_HEAD.size :]
        version, key_id = _HEAD.unpack(head)
        if version != _VERSION or key_id not in self._keys:
            raise StoreError("a sealed secret is of a form or a key that this store does not have")
        try:
            return self._keys[key_id].decrypt(body[:_NONCE_BYTES], body[_NONCE_BYTES:], head + context)
        except InvalidTag:
            raise StoreError(
                "a sealed secret does not open: it was changed, or moved from its place"
            ) from None

    def derive(self, purpose: str) -> bytes:
        """32 bytes for one purpose, which tell nothing about the master key or other purposes' keys."""
        return _derive(self._master, purpose)


def new_data_key(master: bytes, key_id: int) -> bytes:
    """A new data key, wrapped."""
    wrapper = AESGCM(_derive(_checked(master), "wrap data keys"))
    nonce = os.urandom(_NONCE_BYTES)
    return nonce + wrapper.encrypt(nonce, os.urandom(KEY_BYTES), b"data key %d" % key_id)


def new_master_key() -> bytes:
    """A new master key."""
    return os.urandom(KEY_BYTES)


def decode_master_key(text: str) -> bytes:
    """The master key in its text form, base64 of 32 bytes; StoreError where it is something else."""
    try:
        return _checked(base64.b64decode(text.strip(), validate=True))
    except (binascii.Error, ValueError):
        raise StoreError("the master key is not base64 of 32 bytes") from None


def read_key_file(path: Path) -> bytes:
    """The master key in a file; StoreError where it is missing, or others could read it too."""
    try:
        file = path.open("rb")
    except OSError as error:
        raise StoreError(f"the master key cannot be read from `{path}`: {error.strerror}") from error
    with file:
        mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
        if mode & 0o077:
            raise StoreError(
                f"`{path}` can be read by others (mode {mode:04o}); make it 0600 with: chmod 600 {path}"
            )
        return decode_master_key(file.read(1024).decode("ascii", "replace"))


def make_key_file(path: Path) -> bytes:
    """A new master key in a new file of mode 0600, whole and durable before it has its name."""
    master = new_master_key()
    draft = path.with_name(path.name + ".new")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(base64.b64encode(master) + b"\n")
        file.flush()
        os.fsync(file.fileno())
    draft.rename(path)
    return master


def _unwrap(wrapper: AESGCM, key_id: int, box: bytes) -> bytes:
    try:
        return wrapper.decrypt(box[:_NONCE_BYTES], box[_NONCE_BYTES:], b"data key %d" % key_id)
    except (InvalidTag, ValueError):
        raise StoreError("the master key is not the one that this store was made with") from None


def _derive(master: bytes, purpose: str) -> bytes:
    info = b"rolekeeper: " + purpose.encode()
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=info).derive(master)


def _checked(master: bytes) -> bytes:
    if len(master) != KEY_BYTES:
        raise StoreError("the master key is not base64 of 32 bytes")
    return master
