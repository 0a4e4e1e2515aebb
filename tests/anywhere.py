"""Certificate authorities and machines with certificates, and a signer of requests that is not ours.

The signer follows the published signing process step by step, so that what it makes is what the published
credential helper sends: the ARNs in the query string, the rest as JSON.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any
from urllib.parse import quote

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256, HashAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from rolekeeper.wire.http import HttpRequest

Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


@cache
def rsa_key(number: int = 0, bits: int = 2048) -> rsa.RSAPrivateKey:
    """An RSA key, a different one for each number; they take long to make."""
    return rsa.generate_private_key(public_exponent=65537, key_size=bits)


def name(common: str | None, **more: str) -> x509.Name:
    """A name with a common name and further parts by their OIDs' names."""
    parts = [x509.NameAttribute(getattr(NameOID, each), value) for each, value in more.items()]
    if common is not None:
        parts.append(x509.NameAttribute(NameOID.COMMON_NAME, common))
    return x509.Name(parts)


class Machine:
    """A certificate with its key. Without an issuer it signs itself."""

    def __init__(
        self,
        subject: str | x509.Name,
        issuer: Machine | None = None,
        *,
        authority: bool | None = False,
        length: int | None = None,
        signs: bool = True,
        key: Key | None = None,
        starts: timedelta = timedelta(days=-1),
        ends: timedelta = timedelta(days=30),
        hashed: HashAlgorithm | None = None,
        more: Sequence[tuple[x509.ExtensionType, bool]] = (),
        serial: int | None = None,
    ) -> None:
        self.key: Key = key or ec.generate_private_key(ec.SECP256R1())
        self.name = name(subject) if isinstance(subject, str) else subject
        self.issuer = issuer
        signer, now = issuer or self, datetime.now(UTC)
        builder = x509.CertificateBuilder(
            issuer_name=signer.name,
            subject_name=self.name,
            public_key=self.key.public_key(),
            serial_number=serial or x509.random_serial_number(),
            not_valid_before=now + starts,
            not_valid_after=now + ends,
        )
        if authority is not None:
            builder = builder.add_extension(x509.BasicConstraints(authority, length), critical=True)
        builder = builder.add_extension(usage(signs, bool(authority)), critical=True)
        for extension, critical in more:
            builder = builder.add_extension(extension, critical=critical)
        self.certificate = builder.sign(signer.key, hashed or SHA256())

    @property
    def pem(self) -> str:
        return self.certificate.public_bytes(Encoding.PEM).decode()

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(Encoding.DER)

    @property
    def private(self) -> str:
        kind = PrivateFormat.PKCS8
        return self.key.private_bytes(Encoding.PEM, kind, NoEncryption()).decode()

    def revoking(self, *revoked: Machine, days: int = 0) -> bytes:
        """A revocation list of this authority, made so many days ago and good for a week."""
        now = datetime.now(UTC) - timedelta(days=days)
        builder = x509.CertificateRevocationListBuilder(self.name, now, now + timedelta(days=7))
        for each in revoked:
            entry = x509.RevokedCertificateBuilder(each.certificate.serial_number, now).build()
            builder = builder.add_revoked_certificate(entry)
        return builder.sign(self.key, SHA256()).public_bytes(Encoding.PEM)


def authority(subject: str = "root", issuer: Machine | None = None, **more: Any) -> Machine:
    """A certificate authority."""
    return Machine(subject, issuer, authority=True, **more)


def usage(signs: bool, issues: bool) -> x509.KeyUsage:
    """What a key may be used for."""
    return x509.KeyUsage(
        digital_signature=signs,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=issues,
        crl_sign=issues,
        encipher_only=False,
        decipher_only=False,
    )


def session_request(
    machine: Machine,
    query: dict[str, str],
    body: dict[str, Any] | None = None,
    *,
    chain: Sequence[Machine] = (),
    signing_key: Key | None = None,
    now: datetime | None = None,
    region: str = "us-east-1",
    service: str = "rolesanywhere",
    serial: int | None = None,
    algorithm: str | None = None,
    path: str = "/sessions",
    more: dict[str, str] | None = None,
) -> HttpRequest:
    """A signed request of a machine."""
    key = signing_key or machine.key
    algorithm = algorithm or f"AWS4-X509-{'RSA' if isinstance(key, rsa.RSAPrivateKey) else 'ECDSA'}-SHA256"
    payload = json.dumps(body or {}).encode()
    stamp = (now or datetime.now(UTC)).strftime("%Y%m%dT%H%M%SZ")
    headers = {
        "content-type": "application/json",
        "host": f"rolesanywhere.{region}.amazonaws.com",
        "x-amz-date": stamp,
        "x-amz-x509": base64.b64encode(machine.der).decode(),
    }
    if chain:
        headers["x-amz-x509-chain"] = ",".join(base64.b64encode(each.der).decode() for each in chain)
    headers = dict(sorted((headers | (more or {})).items()))
    pairs = [(quote(each, safe=""), quote(value, safe="")) for each, value in sorted(query.items())]
    written = "&".join(f"{each}={value}" for each, value in pairs)
    names = ";".join(headers)
    lines = "".join(f"{each}:{value}\n" for each, value in headers.items())
    canonical = f"POST\n{path}\n{written}\n{lines}\n{names}\n{hashlib.sha256(payload).hexdigest()}"
    scope = f"{stamp[:8]}/{region}/{service}/aws4_request"
    text = f"{algorithm}\n{stamp}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    number = machine.certificate.serial_number if serial is None else serial
    headers["authorization"] = (
        f"{algorithm} Credential={number}/{scope}, SignedHeaders={names}, "
        f"Signature={_sign(key, text.encode()).hex()}"
    )
    return HttpRequest(method="POST", path=path, query=written, headers=list(headers.items()), body=payload)


def _sign(key: Key, text: bytes) -> bytes:
    if isinstance(key, rsa.RSAPrivateKey):
        return key.sign(text, padding.PKCS1v15(), SHA256())
    return key.sign(text, ec.ECDSA(SHA256()))
