"""SSH public keys of users, for Git over SSH: RSA only, in OpenSSH's form or in PEM.

Source: "UploadSSHPublicKey" in the IAM API Reference; RFC 4253, section 6.6 (`ssh-rsa`); RFC 4716, section 4
(the fingerprint: MD5, in pairs of digits).
"""

from __future__ import annotations

import base64
import hashlib
from datetime import datetime

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_public_key,
    load_ssh_public_key,
)

from rolekeeper.errors import InvalidPublicKey, UnrecognizedPublicKeyEncoding
from rolekeeper.iam.entities import Entity

MINIMUM_BITS = 2048


class SshPublicKey(Entity, frozen=True, kw_only=True, omit_defaults=True):
    """A public key of a user. `blob` is OpenSSH's: `ssh-rsa AAAA...`, without a comment."""

    kind = "ssh-public-key"
    noun = "SSH public key"
    folds = False
    missing = "The Public Key with id {name} cannot be found."
    taken = "Public Key with id {name} already exists."

    id: str
    blob: str
    comment: str = ""
    active: bool = True
    created: datetime

    @property
    def key(self) -> str:
        return self.id

    @property
    def unique_id(self) -> str | None:
        return self.id

    @property
    def fingerprint(self) -> str:
        """The MD5 digest of the key."""
        raw = base64.b64decode(self.blob.split()[1])
        return hashlib.md5(raw, usedforsecurity=False).digest().hex(":")

    def body(self, encoding: str) -> str:
        """The key as `SSH` or as `PEM`."""
        if encoding == "SSH":
            return f"{self.blob} {self.comment}".rstrip()
        public = load_ssh_public_key(self.blob.encode("ascii"))
        return public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode("ascii").strip()


def read(text: str) -> tuple[str, str]:
    """The OpenSSH form and the comment of a key in either encoding.

    Raises UnrecognizedPublicKeyEncoding or InvalidPublicKey.
    """
    text = text.strip()
    comment = ""
    public: object
    try:
        if text.startswith("ssh-rsa "):
            parts = text.split(None, 2)
            comment = parts[2] if len(parts) == 3 else ""
            public = load_ssh_public_key(" ".join(parts[:2]).encode("latin-1"))
        elif text.startswith("-----BEGIN "):
            public = load_pem_public_key(text.encode("latin-1"))
        else:
            raise UnrecognizedPublicKeyEncoding("The public key encoding format is unsupported.")
    except (ValueError, UnsupportedAlgorithm):
        raise InvalidPublicKey("The public key is malformed or otherwise invalid.") from None
    if not isinstance(public, RSAPublicKey) or public.key_size < MINIMUM_BITS:
        raise InvalidPublicKey(f"The public key must be an RSA key of at least {MINIMUM_BITS} bits.")
    return public.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode("ascii"), comment
