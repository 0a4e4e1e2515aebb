"""The instance identity document, and the signatures by which others believe it.

`signature` is over the document's bytes, PKCS #1 with SHA-256, in base 64; `pkcs7` and `rsa2048` are PKCS #7
messages around the document, without the lines that PEM has before and behind. The certificate is the
server's own, made once and shown to everybody; it is in none of them, so that nobody takes it from there.
Source: "Instance identity documents" and "Verify the instance identity document" in the EC2 User Guide.
"""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.hazmat.primitives.serialization.pkcs7 import PKCS7Options, PKCS7SignatureBuilder
from cryptography.x509.oid import NameOID

from rolekeeper.iam.secret import Secret
from rolekeeper.iam.workloads import Instance

VALID: Final = timedelta(days=30 * 365)
_BITS: Final = 2048


def document(instance: Instance) -> str:
    """What an instance is, as EC2 writes it."""
    shown: dict[str, Any] = {
        "accountId": instance.account,
        "architecture": instance.architecture,
        "availabilityZone": instance.availability_zone,
        "billingProducts": None,
        "devpayProductCodes": None,
        "marketplaceProductCodes": None,
        "imageId": instance.image_id,
        "instanceId": instance.id,
        "instanceType": instance.instance_type,
        "kernelId": None,
        "pendingTime": f"{instance.created:%Y-%m-%dT%H:%M:%SZ}",
        "privateIp": instance.private_ip,
        "ramdiskId": None,
        "region": instance.region,
        "version": "2017-09-30",
    }
    return json.dumps(shown, indent=2, separators=(",", " : "))


def generate(now: datetime) -> Secret:
    """A new private key, with its certificate behind it, in PEM."""
    private = rsa.generate_private_key(public_exponent=65537, key_size=_BITS)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Rolekeeper instance identity")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now.astimezone(UTC) - timedelta(days=1))
        .not_valid_after(now.astimezone(UTC) + VALID)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .sign(private, hashes.SHA256())
    )
    key = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return Secret((key + certificate.public_bytes(Encoding.PEM)).decode())


def certificate(kept: Secret) -> str:
    """The certificate alone, in PEM."""
    return _loaded(kept)[1].public_bytes(Encoding.PEM).decode()


@lru_cache(maxsize=1024)
def signature(kept: Secret, text: str) -> str:
    """The signature of a document."""
    found = _loaded(kept)[0].sign(text.encode(), padding.PKCS1v15(), hashes.SHA256())
    return base64.b64encode(found).decode()


@lru_cache(maxsize=1024)
def message(kept: Secret, text: str) -> str:
    """The document in a signed message."""
    private, own = _loaded(kept)
    built = PKCS7SignatureBuilder().set_data(text.encode()).add_signer(own, private, hashes.SHA256())
    signed = built.sign(Encoding.PEM, [PKCS7Options.Binary, PKCS7Options.NoCerts])
    return "\n".join(signed.decode().strip().splitlines()[1:-1])


@lru_cache(maxsize=8)
def _loaded(kept: Secret) -> tuple[rsa.RSAPrivateKey, x509.Certificate]:
    # It was sealed here, and nobody can have changed it: its numbers need not be checked again.
    text = kept.reveal().encode()
    private = load_pem_private_key(text, None, unsafe_skip_rsa_key_validation=True)
    if not isinstance(private, rsa.RSAPrivateKey):
        raise TypeError("a key of another kind is kept here")
    return private, x509.load_pem_x509_certificate(text)
