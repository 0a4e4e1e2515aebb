"""Certificates and keys for tests, made on the spot."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


class Pair:
    """A certificate and its private key. Without an issuer it is signed by itself."""

    def __init__(self, name: str, issuer: Pair | None = None, *, starts: int = -1, ends: int = 30) -> None:
        self.key: Key = ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
        signer = issuer or self
        now = datetime.now(UTC)
        self.certificate = (
            x509.CertificateBuilder()
            .subject_name(self.name)
            .issuer_name(signer.name)
            .public_key(self.key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now + timedelta(days=starts))
            .not_valid_after(now + timedelta(days=ends))
            .sign(signer.key, SHA256())
        )

    @property
    def pem(self) -> str:
        """The certificate."""
        return self.certificate.public_bytes(Encoding.PEM).decode()

    def private(self, password: str | None = None) -> str:
        """The private key."""
        sealed = BestAvailableEncryption(password.encode()) if password else NoEncryption()
        return self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, sealed).decode()


@cache
def ssh_key(number: int, bits: int) -> rsa.RSAPublicKey:
    """An RSA key, a different one for each number and size."""
    return rsa.generate_private_key(public_exponent=65537, key_size=bits).public_key()


def openssh(number: int = 0, bits: int = 2048) -> str:
    """An RSA key as OpenSSH writes it."""
    return ssh_key(number, bits).public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()


def public_pem(number: int = 0) -> str:
    """The same key in PEM."""
    return ssh_key(number, 2048).public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
