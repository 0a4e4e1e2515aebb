"""Certificate revocation lists that an account brings: which certificates of an authority are no longer good.

A list counts from its import until it is taken away: one that is past its next update still says what was
revoked.
Sources: "ImportCrl" in the IAM Roles Anywhere API Reference; RFC 5280, section 5.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.x509.oid import ExtensionOID

__all__ = ["is_revoked", "require_signed", "single"]

_WEAK = frozenset({"md5", "sha1"})


@lru_cache(maxsize=64)
def single(pem: bytes) -> x509.CertificateRevocationList:
    """The one list of a text in PEM, read whole; ValueError where it is none."""
    if pem.count(b"-----BEGIN ") != 1:
        raise ValueError("not one list in PEM")
    try:
        found = x509.load_pem_x509_crl(pem)
        extensions = list(found.extensions)
        hashed = found.signature_hash_algorithm
        found.get_revoked_certificate_by_serial_number(1)
    except (TypeError, UnsupportedAlgorithm, x509.DuplicateExtension, x509.InvalidVersion):
        raise ValueError("not a list that can be read") from None
    if hashed is None or hashed.name in _WEAK:
        raise ValueError("signed with a hash that is too weak")
    if any(each.critical or each.oid == ExtensionOID.DELTA_CRL_INDICATOR for each in extensions):
        raise ValueError("a part of a list, or one with conditions of its own")
    return found


def require_signed(pem: bytes, anchors: Sequence[x509.Certificate]) -> None:
    """Return where one of the certificates has signed the list; ValueError where none has."""
    if not _is_signed(single(pem), anchors):
        raise ValueError("not signed by a certificate of the trust anchor")


def is_revoked(
    chain: Sequence[x509.Certificate], lists: Iterable[bytes], anchors: Sequence[x509.Certificate]
) -> bool:
    """Whether one of the lists, which an anchor must have signed, names a certificate of the chain."""
    for found in map(single, lists):
        issued = [each.serial_number for each in chain if each.issuer == found.issuer]
        named = [found.get_revoked_certificate_by_serial_number(number) for number in issued]
        if any(entry is not None for entry in named) and _is_signed(found, anchors):
            return True
    return False


def _is_signed(found: x509.CertificateRevocationList, anchors: Sequence[x509.Certificate]) -> bool:
    for anchor in anchors:
        try:
            if anchor.subject == found.issuer and found.is_signature_valid(anchor.public_key()):  # type: ignore[arg-type]
                return True
        except (TypeError, ValueError, UnsupportedAlgorithm):
            continue
    return False
