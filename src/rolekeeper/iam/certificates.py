"""X.509 certificates that an account keeps: server certificates with their keys, and signing certificates.

A private key is in the keyring and nowhere else. Certificates are read strictly: PEM blocks and white space,
no text around them.
Source: "Manage server certificates in IAM" in the IAM User Guide; RFC 5280; RFC 7468 (PEM).
"""

from __future__ import annotations

import re
from datetime import datetime

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

from rolekeeper.errors import InvalidCertificate, KeyPairMismatch, MalformedCertificate
from rolekeeper.iam.entities import Entity, Named, Tags

_BLOCKS = re.compile(
    r"\s*(?:-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----\s*)+", re.ASCII
)
_LARGEST_KEY = 8192  # bits of RSA; a larger one takes seconds to check


class ServerCertificate(Named, frozen=True, kw_only=True, omit_defaults=True):
    """A certificate for a host name. Its private key is never shown again."""

    kind = "server-certificate"
    noun = "server certificate"
    resource_type = "server-certificate"
    missing = "The Server Certificate with name {name} cannot be found."
    taken = "The Server Certificate with name {name} already exists."

    body: str
    chain: str | None = None
    expires: datetime
    tags: Tags = {}


class SigningCertificate(Entity, frozen=True, kw_only=True, omit_defaults=True):
    """A certificate with which a user, or the root user, signs requests to some old services."""

    kind = "signing-certificate"
    noun = "signing certificate"
    folds = False
    missing = "The Certificate with id {name} cannot be found."
    taken = "Certificate with id {name} already exists."

    id: str
    body: str
    active: bool = True
    created: datetime

    @property
    def key(self) -> str:
        return self.id


def parsed(text: str) -> list[x509.Certificate]:
    """The certificates of a PEM text, one at least; ValueError where it is anything else."""
    if _BLOCKS.fullmatch(text) is None:
        raise ValueError("not PEM certificates")
    found = x509.load_pem_x509_certificates(text.encode("ascii"))
    for certificate in found:
        try:
            _public_bytes(certificate)
        except UnsupportedAlgorithm:
            raise ValueError("an unknown kind of key") from None
    return found


def single(text: str) -> x509.Certificate:
    """The one certificate of a PEM text; MalformedCertificate where it is not one."""
    try:
        (found,) = parsed(text)
    except ValueError:
        raise MalformedCertificate(
            "Unable to parse certificate. Please ensure the certificate is in PEM format."
        ) from None
    public = found.public_key()
    if isinstance(public, RSAPublicKey) and public.key_size > _LARGEST_KEY:
        raise MalformedCertificate(f"The public key is longer than {_LARGEST_KEY} bits.")
    return found


def require_key(certificate: x509.Certificate, private_key: str) -> None:
    """Return where the key, in PEM and without a password, is the certificate's.

    Raises MalformedCertificate or KeyPairMismatch.
    """
    raw = private_key.encode("latin-1")
    try:
        # Before it is known to be the certificate's, a key may be of any size: it is not checked in itself.
        public = load_pem_private_key(raw, None, unsafe_skip_rsa_key_validation=True).public_key()
        own = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        if own != _public_bytes(certificate):
            raise KeyPairMismatch("The private key does not match the certificate.")
        load_pem_private_key(raw, None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise MalformedCertificate("Invalid Private Key.") from None


def require_chain(certificate: x509.Certificate, chain: str) -> None:
    """Return where each certificate, from the one given on, is signed by the next; MalformedCertificate."""
    try:
        issuers = parsed(chain)
    except ValueError:
        raise _broken(0) from None
    subject = certificate
    for index, issuer in enumerate(issuers):
        try:
            subject.verify_directly_issued_by(issuer)
        except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
            raise _broken(index - 1) from None
        subject = issuer


def require_valid(certificate: x509.Certificate, now: datetime) -> None:
    """Return where the certificate is valid now; InvalidCertificate."""
    if now < certificate.not_valid_before_utc:
        raise InvalidCertificate("The certificate is not valid yet.")
    if now > certificate.not_valid_after_utc:
        raise InvalidCertificate("The certificate has expired.")


def fingerprint(certificate: x509.Certificate) -> str:
    """What is the same for the same certificate, however its text is folded."""
    return certificate.fingerprint(SHA256()).hex()


def _broken(index: int) -> MalformedCertificate:
    return MalformedCertificate(
        "Unable to validate certificate chain. The certificate chain must start with the immediate signing "
        "certificate, followed by any intermediaries in order. The index within the chain of the invalid "
        f"certificate is: {index}"
    )


def _public_bytes(certificate: x509.Certificate) -> bytes:
    return certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
