"""Signature Version 4 with a certificate: was this request signed with the certificate's key, and for now?

The rule of this file: as in `sigv4`, nothing about a request is believed but what its signature covers, which
is the certificate and its chain, too. Whether the certificate is to be trusted is not asked here.
Source: "The IAM Roles Anywhere authentication signing process" in the IAM Roles Anywhere User Guide.
"""

from __future__ import annotations

import base64
import binascii
import re
from datetime import datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256

from rolekeeper.errors import IncompleteSignature, MissingAuthenticationToken, SignatureDoesNotMatch
from rolekeeper.wire.canonical import canonical_request
from rolekeeper.wire.excerpt import excerpt
from rolekeeper.wire.stamp import basic_format, read_stamp

if TYPE_CHECKING:
    from rolekeeper.wire.http import HttpRequest

__all__ = ["CERTIFICATE", "CHAIN", "ECDSA_ALGORITHM", "RSA_ALGORITHM", "X509Signature", "read", "verify"]

RSA_ALGORITHM, ECDSA_ALGORITHM = "AWS4-X509-RSA-SHA256", "AWS4-X509-ECDSA-SHA256"
CERTIFICATE, CHAIN = "x-amz-x509", "x-amz-x509-chain"
"""The headers with the certificate and with those between it and the trust anchor, each DER in base64."""

MAX_CHAIN = 5
"""Certificates that the chain may have."""

MAX_CERTIFICATE = 16_384
"""Characters of one certificate in base64; one with a key of 4096 bits and many names takes 4000."""

SKEW = timedelta(minutes=15)

_AUTHORIZATION = re.compile(
    r"(?P<algorithm>AWS4-X509-(?:RSA|ECDSA)-SHA256)\s+"
    r"Credential=(?P<serial>[0-9]{1,60})/(?P<date>[0-9]{8})/(?P<region>[a-z0-9-]{1,64})/"
    r"(?P<service>[a-z0-9-]{1,64})/aws4_request\s*,\s*"
    r"SignedHeaders=(?P<headers>[a-z0-9!#$%&'*+\-.^_`|~;]{1,4096})\s*,\s*"
    r"Signature=(?P<signature>(?:[0-9a-f]{2}){1,2048})\s*",
    re.ASCII,
)


class X509Signature(msgspec.Struct, frozen=True, kw_only=True):
    """A signature and all that it claims; nothing of it is verified."""

    algorithm: str
    serial: int
    """The serial number of the certificate, as the credential's scope has it."""
    date: str
    timestamp: datetime
    stamp: str
    region: str
    service: str
    signed_headers: tuple[str, ...]
    signature: bytes
    certificate: bytes
    """In DER."""
    chain: tuple[bytes, ...] = ()


def read(request: HttpRequest) -> X509Signature:
    """What a request says of its signature.

    Raises MissingAuthenticationToken, IncompleteSignature or SignatureDoesNotMatch.
    """
    authorization, certificate = request.header("authorization"), request.header(CERTIFICATE)
    if authorization is None or certificate is None:
        raise MissingAuthenticationToken
    found = _AUTHORIZATION.fullmatch(authorization.strip())
    stamp = request.header("x-amz-date")
    if found is None or not stamp:
        raise IncompleteSignature(
            f"A signature with a certificate is of {RSA_ALGORITHM} or {ECDSA_ALGORITHM}, with 'Credential', "
            "'SignedHeaders', 'Signature' and an 'X-Amz-Date' header."
        )
    timestamp, chain = read_stamp(stamp), request.header(CHAIN)
    return X509Signature(
        algorithm=found["algorithm"],
        serial=int(found["serial"]),
        date=found["date"],
        timestamp=timestamp,
        stamp=basic_format(timestamp),
        region=found["region"],
        service=found["service"],
        signed_headers=_signed(request, found["headers"]),
        signature=bytes.fromhex(found["signature"]),
        certificate=_der(certificate),
        chain=_chain(chain) if chain is not None else (),
    )


def verify(
    request: HttpRequest,
    signature: X509Signature,
    *,
    key: object,
    serial: int,
    now: datetime,
    service: str,
) -> None:
    """Return where the signature is one of this key, for this service and this time; SignatureDoesNotMatch.

    `key` and `serial` are those of the certificate, `now` is of UTC.
    """
    _check_scope(signature, serial, now, service)
    payload = request.digest
    if request.index.get("x-amz-content-sha256", payload) != payload:
        raise SignatureDoesNotMatch(
            "The provided 'x-amz-content-sha256' header does not match what was computed."
        )
    canonical = canonical_request(request, signature.signed_headers, payload)
    text = string_to_sign(signature, canonical)
    try:
        if signature.algorithm == RSA_ALGORITHM and isinstance(key, RSAPublicKey):
            key.verify(signature.signature, text, PKCS1v15(), SHA256())
            return
        if signature.algorithm == ECDSA_ALGORITHM and isinstance(key, EllipticCurvePublicKey):
            key.verify(signature.signature, text, ECDSA(SHA256()))
            return
    except InvalidSignature:
        pass
    raise SignatureDoesNotMatch("The request signature does not match the certificate's key.")


def string_to_sign(signature: X509Signature, canonical: bytes) -> bytes:
    """What the certificate's key has signed, of the canonical request."""
    scope = f"{signature.date}/{signature.region}/{signature.service}/aws4_request"
    digest = sha256(canonical).hexdigest()
    return f"{signature.algorithm}\n{signature.stamp}\n{scope}\n{digest}".encode()


def _check_scope(signature: X509Signature, serial: int, now: datetime, service: str) -> None:
    age = now - signature.timestamp
    if age < -SKEW:
        raise SignatureDoesNotMatch(
            f"Signature not yet current: {signature.stamp} is more than 15 min. ahead"
        )
    if age > SKEW:
        raise SignatureDoesNotMatch(f"Signature expired: {signature.stamp} is more than 15 min. ago")
    if signature.date != signature.stamp[:8]:
        raise SignatureDoesNotMatch(
            "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP."
        )
    if signature.service != service:
        raise SignatureDoesNotMatch(f"Credential should be scoped to correct service: '{service}'.")
    if signature.serial != serial:
        raise SignatureDoesNotMatch("Credential should be scoped to the serial number of the certificate.")


def _signed(request: HttpRequest, text: str) -> tuple[str, ...]:
    """The names of the signed headers, having seen that all are there that must be."""
    names = tuple(text.split(";"))
    if "" in names or list(names) != sorted(set(names)):
        raise IncompleteSignature(
            "'SignedHeaders' must be lower-case header names in alphabetical order, each once, separated by "
            "semicolons."
        )
    for name in ("host", *(name for name in request.index if name.startswith("x-amz-"))):
        if name not in names:
            raise SignatureDoesNotMatch(
                f"'{excerpt(name)}' must be a 'SignedHeader' in the AWS Authorization."
            )
    return names


def _chain(text: str) -> tuple[bytes, ...]:
    parts = text.split(",")
    if len(parts) > MAX_CHAIN:
        raise IncompleteSignature(f"'X-Amz-X509-Chain' must have at most {MAX_CHAIN} certificates.")
    return tuple(_der(part) for part in parts)


def _der(text: str) -> bytes:
    try:
        if len(text) > MAX_CERTIFICATE:
            raise ValueError
        return base64.b64decode(text.strip(), validate=True)
    except (ValueError, binascii.Error):
        raise IncompleteSignature("A certificate is not the base64 of its DER form.") from None
