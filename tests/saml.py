"""A SAML identity provider on paper: its certificate, its private key and its metadata."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta
from functools import cache

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
)

ISSUER = "https://idp.example/saml"
NAMESPACES = (
    'xmlns="urn:oasis:names:tc:SAML:2.0:metadata" xmlns:ds="http://www.w3.org/2000/09/xmldsig#" '
    'xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata"'
)
PROTOCOL = "urn:oasis:names:tc:SAML:2.0:protocol"


@cache
def certificate() -> str:
    """A certificate for signing, which has ended long ago: its dates do not count."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "idp.example")])
    start = datetime(2001, 1, 1, tzinfo=UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    return base64.encodebytes(made.public_bytes(Encoding.DER)).decode()


def key_descriptor(text: str | None = None, use: str = ' use="signing"') -> str:
    """A key of a provider."""
    found = certificate() if text is None else text
    return (
        f"<KeyDescriptor{use}><ds:KeyInfo><ds:X509Data><ds:X509Certificate>{found}</ds:X509Certificate>"
        "</ds:X509Data></ds:KeyInfo></KeyDescriptor>"
    )


def metadata(
    *,
    keys: str | None = None,
    issuer: str = ISSUER,
    protocol: str = PROTOCOL,
    ends: str = "",
    head: str = '<?xml version="1.0" encoding="UTF-8"?>',
    more: str = "",
) -> str:
    """A metadata document, long enough for the API."""
    shown = key_descriptor() if keys is None else keys
    return (
        f'{head}<EntityDescriptor {NAMESPACES} entityID="{issuer}"{ends}>'
        f'<IDPSSODescriptor protocolSupportEnumeration="{protocol}">{shown}'
        '<SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" '
        f'Location="{ISSUER}/sso"/></IDPSSODescriptor>{more}</EntityDescriptor>'
    ) + " " * 1000


@cache
def private_key(password: bytes | None = None) -> str:
    """A private key in PEM."""
    return _pem(rsa.generate_private_key(public_exponent=65537, key_size=2048), password)


def private_key_of_another_kind() -> str:
    """A private key by which nothing is decrypted."""
    return _pem(ec.generate_private_key(ec.SECP256R1()))


def private_key_of_numbers(p: int, q: int) -> str:
    """An RSA key of two numbers, be they primes or not."""
    public = rsa.RSAPublicNumbers(65537, p * q)
    d = pow(65537, -1, (p - 1) * (q - 1))
    made = rsa.RSAPrivateNumbers(p, q, d, d % (p - 1), d % (q - 1), pow(q, -1, p), public)
    return _pem(made.private_key(unsafe_skip_rsa_key_validation=True))


def _pem(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey, password: bytes | None = None) -> str:
    how: KeySerializationEncryption = BestAvailableEncryption(password) if password else NoEncryption()
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, how).decode()
