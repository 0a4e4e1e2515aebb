"""From a certificate to a trust anchor: whether a certificate authority that an account trusts vouches.

A chain is found breadth first, so that the shortest one counts and each certificate is looked at once. What
cannot be checked is refused: an unknown critical extension, name constraints, a weak hash, an old version.
Sources: "The IAM Roles Anywhere trust model" (signature verification, trust anchors) in the IAM Roles
Anywhere User Guide; RFC 5280, sections 4 to 6.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TypeVar

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.x509.oid import ExtensionOID

from rolekeeper.iam import certificates

__all__ = ["Untrusted", "anchors_of", "path", "read", "require_end_entity"]

E = TypeVar("E", bound=x509.ExtensionType)

MAX_ANCHORS = 2
"""Certificates of a trust anchor."""

_HASHES = frozenset({"sha256", "sha384", "sha512", "sha3-256", "sha3-384", "sha3-512"})
_SMALLEST_RSA, _LARGEST_RSA = 1024, 8192  # bits; a larger key takes too long

_KNOWN = frozenset(
    {
        ExtensionOID.BASIC_CONSTRAINTS,
        ExtensionOID.KEY_USAGE,
        ExtensionOID.EXTENDED_KEY_USAGE,
        ExtensionOID.SUBJECT_ALTERNATIVE_NAME,
        ExtensionOID.SUBJECT_KEY_IDENTIFIER,
        ExtensionOID.AUTHORITY_KEY_IDENTIFIER,
        ExtensionOID.CERTIFICATE_POLICIES,
        ExtensionOID.CRL_DISTRIBUTION_POINTS,
    }
)
"""Extensions that may be critical."""


_UNREADABLE = (
    ValueError,
    TypeError,
    UnsupportedAlgorithm,
    x509.InvalidVersion,
    x509.DuplicateExtension,
    x509.UnsupportedGeneralNameType,
)


class Untrusted(Exception):
    """The certificate is not one that the trust anchor vouches for; the text says why."""


def read(der: bytes) -> x509.Certificate:
    """A certificate, read whole, so that nothing in it fails later; Untrusted."""
    try:
        certificate = x509.load_der_x509_certificate(der)
        _require_readable(certificate)
    except _UNREADABLE:
        raise Untrusted("The certificate cannot be read") from None
    return certificate


def anchors_of(bundle: str) -> tuple[x509.Certificate, ...]:
    """The certificates of a trust anchor's bundle, in PEM, each fit to be one; ValueError with the reason."""
    try:
        found = certificates.parsed(bundle)
        for certificate in found:
            _require_readable(certificate)
    except _UNREADABLE:
        raise ValueError("the bundle is not one of X.509 certificates in PEM") from None
    if len(found) > MAX_ANCHORS:
        raise ValueError(f"a trust anchor has at most {MAX_ANCHORS} certificates")
    for certificate in found:
        try:
            _require_form(certificate)
            _require_authority(certificate, below=0)
        except Untrusted as error:
            raise ValueError(str(error)) from None
    return tuple(found)


def require_end_entity(certificate: x509.Certificate) -> None:
    """Return where a certificate may sign requests: it is none of an authority; Untrusted."""
    _require_form(certificate)
    constraints = _extension(certificate, x509.BasicConstraints)
    if constraints is None or constraints.ca:
        raise Untrusted("The basic constraints of the certificate must say that it is not of an authority")
    usage = _extension(certificate, x509.KeyUsage)
    if usage is None or not usage.digital_signature:
        raise Untrusted("The key usage of the certificate must include digital signatures")


def path(
    leaf: x509.Certificate,
    between: Sequence[x509.Certificate],
    anchors: Sequence[x509.Certificate],
    now: datetime,
) -> list[x509.Certificate]:
    """The chain from a certificate to a trust anchor, both ends included; Untrusted where there is none.

    `between` are the certificates that came with it, in any order.
    """
    require_end_entity(leaf)
    _require_valid(leaf, now)
    left = [each for each in between if each not in anchors and each != leaf]
    chains = [[leaf]]
    why = Untrusted("The trust anchor has not issued the certificate, nor has one that came with it")
    while chains:
        longer: list[list[x509.Certificate]] = []
        for chain in chains:
            for anchor in anchors:
                if _issued(chain[-1], anchor):
                    try:
                        _require_issuer(anchor, now, below=len(chain) - 1)
                    except Untrusted as error:
                        why = error
                        continue
                    return [*chain, anchor]
            for candidate in list(left):
                if _issued(chain[-1], candidate):
                    left.remove(candidate)
                    try:
                        _require_issuer(candidate, now, below=len(chain) - 1)
                    except Untrusted as error:
                        why = error
                        continue
                    longer.append([*chain, candidate])
        chains = longer
    raise why


def _issued(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    """Whether one has issued the other, by its names and its signature."""
    try:
        certificate.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
        return False
    return True


def _require_issuer(certificate: x509.Certificate, now: datetime, *, below: int) -> None:
    _require_form(certificate)
    _require_authority(certificate, below=below)
    _require_valid(certificate, now)


def _require_form(certificate: x509.Certificate) -> None:
    """What all certificates must have in common."""
    if certificate.version is not x509.Version.v3:
        raise Untrusted("The certificate must be of version 3 of X.509")
    hashed = certificate.signature_hash_algorithm
    if hashed is None or hashed.name not in _HASHES:
        raise Untrusted("The certificate must be signed with SHA-256 or stronger")
    key = certificate.public_key()
    if isinstance(key, RSAPublicKey):
        if not _SMALLEST_RSA <= key.key_size <= _LARGEST_RSA:
            raise Untrusted(f"An RSA key must have {_SMALLEST_RSA} to {_LARGEST_RSA} bits")
    elif not isinstance(key, EllipticCurvePublicKey):
        raise Untrusted("The key of the certificate must be an RSA or an elliptic curve key")
    for extension in certificate.extensions:
        constrained = extension.oid == ExtensionOID.NAME_CONSTRAINTS
        if constrained or (extension.critical and extension.oid not in _KNOWN):
            raise Untrusted(
                f"The certificate has an extension that is not checked here: {extension.oid.dotted_string}"
            )


def _require_authority(certificate: x509.Certificate, *, below: int) -> None:
    """It may issue certificates, with so many other authorities between them and the end entity."""
    constraints = _extension(certificate, x509.BasicConstraints)
    if constraints is None or not constraints.ca:
        raise Untrusted("The basic constraints of an issuer must say that it is an authority")
    if constraints.path_length is not None and constraints.path_length < below:
        raise Untrusted("The chain is longer than an issuer's basic constraints allow")
    usage = _extension(certificate, x509.KeyUsage)
    if usage is None or not usage.key_cert_sign:
        raise Untrusted("The key usage of an issuer must include signing certificates")


def _require_valid(certificate: x509.Certificate, now: datetime) -> None:
    if now < certificate.not_valid_before_utc:
        raise Untrusted("The certificate is not valid yet")
    if now > certificate.not_valid_after_utc:
        raise Untrusted("The certificate has expired")


def _require_readable(certificate: x509.Certificate) -> None:
    """What is read of a certificate only when it is asked for is asked for."""
    _ = (certificate.version, certificate.signature_hash_algorithm, certificate.public_key())
    _ = (list(certificate.subject), list(certificate.issuer), list(certificate.extensions))
    _ = (certificate.serial_number, certificate.not_valid_before_utc, certificate.not_valid_after_utc)


def _extension(certificate: x509.Certificate, kind: type[E]) -> E | None:
    return next((each.value for each in certificate.extensions if isinstance(each.value, kind)), None)
