"""Signature Version 4, the server's side: was this request signed with this secret, for here, and for now?

The rule of this file: nothing about a request is believed but what its signature covers. The body's hash is
always that of the body as it came (only S3 lets a client leave the body unsigned), the clock is the caller's,
and signatures are compared in constant time.
Source: "AWS Signature Version 4 for API requests" in the IAM User Guide.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Container
from datetime import datetime, timedelta
from hashlib import sha256
from threading import Lock
from typing import TYPE_CHECKING

from rolekeeper.errors import RequestExpired, SignatureDoesNotMatch
from rolekeeper.wire.canonical import canonical_request
from rolekeeper.wire.excerpt import excerpt
from rolekeeper.wire.signature import ALGORITHM, TERMINATOR, Signature, read_signature
from rolekeeper.wire.stamp import basic_format

if TYPE_CHECKING:
    from rolekeeper.wire.http import HttpRequest

__all__ = [
    "OutOfScope",
    "OutOfTime",
    "Signature",
    "SigningKey",
    "SigningKeys",
    "check_scope",
    "check_time",
    "read_signature",
    "verify",
]

SKEW = timedelta(minutes=15)
"""How far the clocks of a client and the server may be apart."""

_AHEAD = -SKEW
_REGION = re.compile(r"[a-z0-9-]{1,64}")


class OutOfTime(SignatureDoesNotMatch):
    """The clocks of the client and the server are too far apart."""


class OutOfScope(SignatureDoesNotMatch):
    """The signature is for another region, service or day."""


class SigningKey:
    """A derived key, ready to sign: HMAC-SHA256 whose two pads have been hashed already (RFC 2104).

    It signs in 1.7 µs where `hmac.digest`, which sets up a context each time, takes 4.3.
    """

    __slots__ = ("_inner", "_outer")

    def __init__(self, key: bytes) -> None:
        block = key.ljust(64, b"\0")
        self._inner = sha256(bytes(byte ^ 0x36 for byte in block))
        self._outer = sha256(bytes(byte ^ 0x5C for byte in block))

    def __repr__(self) -> str:
        return "SigningKey(***)"

    def sign(self, text: bytes) -> str:
        """The signature of a text, in hexadecimal digits."""
        inner = self._inner.copy()
        inner.update(text)
        outer = self._outer.copy()
        outer.update(inner.digest())
        return outer.hexdigest()


class SigningKeys:
    """The keys derived from secrets, each for one day, region and service, so that none is derived twice.

    A key is kept under its secret: a secret that has changed never gets the old one's key.
    At most `capacity` keys are kept, and the oldest goes first. Threads may share one instance.
    """

    __slots__ = ("_capacity", "_keys", "_lock")

    def __init__(self, capacity: int = 4096) -> None:
        self._capacity = max(1, capacity)
        self._keys: dict[tuple[str, str, str, str, str], SigningKey] = {}
        self._lock = Lock()

    def key(self, signature: Signature, secret: str) -> SigningKey:
        """The key that signs in the scope of this signature."""
        scope = (signature.access_key_id, secret, signature.date, signature.region, signature.service)
        key = self._keys.get(scope)
        if key is None:
            own = secret.encode("utf-8", "surrogatepass")
            key = SigningKey(_derive(own, signature.date, signature.region, signature.service))
            with self._lock:
                if len(self._keys) >= self._capacity:
                    del self._keys[next(iter(self._keys))]
                self._keys[scope] = key
        return key

    def __len__(self) -> int:
        return len(self._keys)

    def __repr__(self) -> str:
        return f"SigningKeys({len(self)} of {self._capacity})"

    def __reduce__(self) -> str:
        raise TypeError("signing keys are not serialized")


def _derive(secret: bytes, *scope: str) -> bytes:
    key = b"AWS4" + secret
    for step in (*scope, TERMINATOR):
        key = hmac.digest(key, step.encode("utf-8", "surrogatepass"), "sha256")
    return key


def verify(
    request: HttpRequest,
    signature: Signature,
    *,
    secret: str,
    now: datetime,
    service: str,
    regions: Container[str] | None,
    keys: SigningKeys,
    normalize_path: bool = True,
) -> None:
    """Return where the signature is right; raise SignatureDoesNotMatch or RequestExpired where it is not.

    `now` is of UTC; `service` is the signing name of the service that was called; `regions` are those that a
    credential may be scoped to, None for any. `signature` is what `read_signature` gave for this request.
    Clients of S3 alone sign the path as it is: `normalize_path` is for them.
    """
    check_time(signature, now)
    check_scope(signature, service, regions)
    payload = request.digest
    if request.index.get("x-amz-content-sha256", payload) != payload:
        raise SignatureDoesNotMatch(
            "The provided 'x-amz-content-sha256' header does not match what was computed."
        )
    canonical = canonical_request(request, signature.signed_headers, payload, normalize_path=normalize_path)
    expected = _sign(signature, canonical, keys.key(signature, secret))
    if not (signature.signature.isascii() and hmac.compare_digest(expected, signature.signature)):
        raise SignatureDoesNotMatch()


def _sign(signature: Signature, canonical: bytes, key: SigningKey) -> str:
    text = (
        f"{ALGORITHM}\n{signature.stamp}\n{signature.date}/{signature.region}/{signature.service}/{TERMINATOR}\n"
        f"{sha256(canonical).hexdigest()}"
    )
    return key.sign(text.encode())


def check_time(signature: Signature, now: datetime) -> None:
    """Raise OutOfTime where a signature is too old or from the future, RequestExpired where its own time is
    over."""
    # A difference cannot overflow, a sum can: the timestamp may be of any year.
    age = now - signature.timestamp
    if signature.expires is None and _AHEAD <= age <= SKEW:
        return
    now, stamp = now.replace(microsecond=0), signature.stamp
    age = now - signature.timestamp
    if age < _AHEAD:
        raise OutOfTime(
            f"Signature not yet current: {stamp} is still later than {basic_format(now + SKEW)} "
            f"({basic_format(now)} + 15 min.)"
        )
    if signature.expires is not None:
        if age > timedelta(seconds=signature.expires):
            raise RequestExpired("Request has expired.")
    elif age > SKEW:
        raise OutOfTime(
            f"Signature expired: {stamp} is now earlier than {basic_format(now - SKEW)} "
            f"({basic_format(now)} - 15 min.)"
        )


def check_scope(signature: Signature, service: str, regions: Container[str] | None) -> None:
    """Raise OutOfScope where a signature is not for this service, one of these regions, and its own day."""
    region, day = signature.region, signature.stamp[:8]
    if regions is not None and region in regions and signature.service == service and signature.date == day:
        return
    wrong = []
    if not (_REGION.fullmatch(region) if regions is None else region in regions):
        wrong.append(f"Credential should be scoped to a valid region, not '{excerpt(region)}'.")
    if signature.service != service:
        wrong.append(f"Credential should be scoped to correct service: '{service}'.")
    if signature.date != day:
        wrong.append(
            "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: "
            f"'{excerpt(signature.date)}' != '{day}', from '{signature.stamp}'."
        )
    if wrong:
        raise OutOfScope(" ".join(wrong))
