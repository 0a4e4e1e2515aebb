"""What a request says of its signature, read from the Authorization header or from the query string.

The rule of this file: reading needs no secret and no clock. It settles the form (which parts there are, that
each stands once, that every header is signed that must be) and leaves the truth to `verify` in sigv4.py.
An error shows what the caller sent only in part, and no token: a mistaken client puts secrets anywhere.
Sources: "Authentication methods", "Elements of an AWS API request signature" and "Troubleshoot Signature
Version 4" in the IAM User Guide; the texts are those that AWS's services answer with.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

import msgspec

from rolekeeper.errors import AwsError, IncompleteSignature, InvalidClientTokenId, SignatureDoesNotMatch
from rolekeeper.wire.canonical import query_parameters
from rolekeeper.wire.excerpt import excerpt
from rolekeeper.wire.stamp import basic_format, read_stamp

if TYPE_CHECKING:
    from rolekeeper.wire.http import HttpRequest

__all__ = [
    "Signature",
    "checked_signature",
    "credential_of",
    "expires_in",
    "incomplete",
    "parts_of",
    "read_signature",
    "signature_parameters",
    "signed_headers_of",
]

ALGORITHM = "AWS4-HMAC-SHA256"
TERMINATOR = "aws4_request"
MAX_EXPIRES = 604_800  # seconds: a week
MAX_SIGNED_HEADERS = 128  # AWS publishes no limit; its own clients sign fewer than twenty

_LONGEST_CLAIMS = 2048  # characters that are remembered

_PARTS = ("Credential", "Signature", "SignedHeaders")
_PARAMETERS = ("X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Signature", "X-Amz-SignedHeaders", "X-Amz-Date")
_SIGNS_OF_A_SIGNATURE = frozenset(_PARAMETERS[:3])
_READ_ONCE = frozenset((*_PARAMETERS, "X-Amz-Expires", "X-Amz-Security-Token", "X-Amz-Region-Set"))

_KEY_ID = re.compile(r"[A-Za-z0-9_]{3,128}")
_BASIC_FORMAT = re.compile(r"[0-9]{8}T[0-9]{6}Z")
_HTTP_DATE = re.compile(
    r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), "
    r"([0-9]{2}) ([A-Z][a-z]{2}) ([0-9]{4}) ([0-9]{2}):([0-9]{2}):([0-9]{2}) GMT"
)
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_SIGNED_HEADERS = re.compile(r"[a-z0-9!#$%&'*+\-.^_`|~;]+")


class Signature(msgspec.Struct, frozen=True, kw_only=True):
    """A signature and all that it claims; nothing of it is verified."""

    access_key_id: str
    date: str  # YYYYMMDD, of the credential scope
    timestamp: datetime
    stamp: str  # the timestamp in ISO 8601's basic format, as it is signed
    region: str
    service: str
    signed_headers: tuple[str, ...]
    signature: str
    session_token: str | None
    presigned: bool
    expires: int | None  # seconds from the timestamp; None: as long as the clocks may differ

    @property
    def algorithm(self) -> str:
        """As `s3:signatureversion` has it."""
        return ALGORITHM

    @property
    def way(self) -> Literal["REST-HEADER", "REST-QUERY-STRING", "POST"]:
        """As `s3:authType` has it."""
        return "REST-QUERY-STRING" if self.presigned else "REST-HEADER"

    def __repr__(self) -> str:
        scope = f"{self.access_key_id}/{self.date}/{self.region}/{self.service}"
        return f"Signature({scope}, {self.stamp}, signature=***, session_token=***)"


def read_signature(request: HttpRequest) -> Signature | None:
    """The signature of a request, or None where it has no credentials at all.

    Raises IncompleteSignature, SignatureDoesNotMatch (a scope or signed headers that can never be right) and
    InvalidClientTokenId (what cannot be an access key ID).
    """
    authorization = request.index.get("authorization")
    parameters = signature_parameters(request.query) if request.query else None
    if authorization is None:
        return None if parameters is None else _read_query(request, parameters)
    if parameters is not None:
        raise SignatureDoesNotMatch(
            "Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header."
        )
    return _read_header(request, authorization)


# -- the Authorization header ---------------------------------------------------------------------


def _read_header(request: HttpRequest, authorization: str) -> Signature:
    claims, found, signature = authorization.rpartition("Signature=")
    stamp = request.index.get("x-amz-date")
    if found and stamp is not None and stamp[-1:] == "Z" and signature.isalnum():
        known = _known_claims(claims) if len(claims) <= _LONGEST_CLAIMS else None
        if known is not None:
            return _read_known(request, known, stamp, signature)
    return _read_any_header(request, authorization)


class _Claims(msgspec.Struct, frozen=True):
    """What stands before the signature in a header. A client sends the same all day."""

    access_key_id: str
    date: str
    region: str
    service: str
    signed_headers: str


@lru_cache(maxsize=16_384)
def _known_claims(text: str) -> _Claims | None:
    """The claims of a header in its usual form; None where it has another form, or something is wrong."""
    try:
        algorithm, _, rest = text.partition(" ")
        parts = parts_of(rest, text)
        if algorithm != ALGORITHM or parts.keys() != {"Credential", "SignedHeaders"}:
            return None
        _names(parts["SignedHeaders"])
        access_key_id, date, region, service = credential_of(parts["Credential"])
        return _Claims(access_key_id, date, region, service, parts["SignedHeaders"])
    except AwsError:
        return None


def _read_known(request: HttpRequest, claims: _Claims, stamp: str, signature: str) -> Signature:
    token = request.index.get("x-amz-security-token")
    if token and not token.isascii():
        raise InvalidClientTokenId()
    return Signature(
        access_key_id=claims.access_key_id,
        date=claims.date,
        timestamp=read_stamp(stamp),
        stamp=stamp,
        region=claims.region,
        service=claims.service,
        signed_headers=signed_headers_of(request, claims.signed_headers),
        signature=signature,
        session_token=token or None,
        presigned=False,
        expires=None,
    )


def _read_any_header(request: HttpRequest, authorization: str) -> Signature:
    """The same by the book, for headers in another form and for the errors."""
    algorithm, _, rest = authorization.strip().partition(" ")
    if not algorithm.startswith("AWS4-"):
        # Another scheme's credentials (a bearer token, a password) are not ours to show to anybody.
        raise _unsupported(algorithm if rest and len(algorithm) <= 16 else "")
    parts = parts_of(rest, authorization)
    stamp = request.header("x-amz-date") or request.header("date")
    if not (stamp and parts.get("Credential") and parts.get("Signature") and parts.get("SignedHeaders")):
        raise incomplete(parts, stamp, authorization)
    return checked_signature(
        request,
        algorithm=algorithm,
        credential=parts["Credential"],
        stamp=stamp,
        signed_headers=parts["SignedHeaders"],
        signature=parts["Signature"],
        session_token=request.header("x-amz-security-token"),
        presigned=False,
        expires=None,
    )


def parts_of(rest: str, authorization: str) -> dict[str, str]:
    """`Credential=..., SignedHeaders=..., Signature=...` as a table."""
    parts: dict[str, str] = {}
    for part in rest.replace(",", " ").split():
        name, equals, value = part.partition("=")
        if not equals:
            raise IncompleteSignature(
                f"'{excerpt(part)}' not a valid key=value pair (missing equal-sign) in Authorization "
                f"header: '{excerpt(authorization)}'."
            )
        if name in parts:
            raise IncompleteSignature(
                f"Authorization header has the '{excerpt(name)}' parameter more than once."
            )
        parts[name] = value
    return parts


def incomplete(parts: Mapping[str, str], stamp: str | None, authorization: str) -> IncompleteSignature:
    """What is said where parts of a header are missing."""
    missing = [
        f"Authorization header requires '{part}' parameter. " for part in _PARTS if not parts.get(part)
    ]
    if not stamp:
        missing.append(
            "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. "
        )
    return IncompleteSignature(f"{''.join(missing)}Authorization={excerpt(authorization)}")


# -- the query string -----------------------------------------------------------------------------


def signature_parameters(query: str) -> Mapping[str, str] | None:
    """The parameters of a presigned request; None where the query string says nothing of a signature."""
    found = query_parameters(query, _READ_ONCE)
    if not any(name in _SIGNS_OF_A_SIGNATURE for name, _ in found):
        return None
    name, times = Counter(name for name, _ in found).most_common(1)[0]
    if times > 1:
        raise IncompleteSignature(f"AWS query-string parameters must include '{name}' only once.")
    return dict(found)


def _read_query(request: HttpRequest, parameters: Mapping[str, str]) -> Signature:
    missing = [
        f"AWS query-string parameters must include '{name}'. "
        for name in _PARAMETERS
        if not parameters.get(name)
    ]
    if missing:
        raise IncompleteSignature(f"{''.join(missing)}Re-examine the query-string parameters.")
    token = parameters.get("X-Amz-Security-Token") or request.header("x-amz-security-token")
    return checked_signature(
        request,
        algorithm=parameters["X-Amz-Algorithm"],
        credential=parameters["X-Amz-Credential"],
        stamp=parameters["X-Amz-Date"],
        signed_headers=parameters["X-Amz-SignedHeaders"],
        signature=parameters["X-Amz-Signature"],
        session_token=token,
        presigned=True,
        expires=expires_in(parameters.get("X-Amz-Expires")),
    )


def expires_in(text: str | None) -> int | None:
    """The seconds for which a presigned request is good; None where it does not say. IncompleteSignature."""
    if text is None:
        return None
    if not (text.isascii() and text.removeprefix("-").isdigit()):
        raise IncompleteSignature("X-Amz-Expires should be a number")
    if text.startswith("-"):
        raise IncompleteSignature("X-Amz-Expires must be non-negative")
    digits = text.lstrip("0")
    if not digits:
        raise IncompleteSignature("X-Amz-Expires must be at least 1 second")
    if len(digits) > 6 or int(digits) > MAX_EXPIRES:
        raise IncompleteSignature(
            "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be "
            f"less than {MAX_EXPIRES} seconds"
        )
    return int(digits)


# -- both -----------------------------------------------------------------------------------------


def checked_signature(
    request: HttpRequest,
    *,
    algorithm: str,
    credential: str,
    stamp: str,
    signed_headers: str,
    signature: str,
    session_token: str | None,
    presigned: bool,
    expires: int | None,
) -> Signature:
    """The checks that both forms share, in the order in which AWS makes them."""
    timestamp = read_stamp(stamp)
    names = signed_headers_of(request, signed_headers)
    if algorithm != ALGORITHM:
        raise _unsupported(algorithm)
    access_key_id, date, region, service = credential_of(credential)
    if session_token and not session_token.isascii():
        raise InvalidClientTokenId()
    return Signature(
        access_key_id=access_key_id,
        date=date,
        timestamp=timestamp,
        stamp=stamp if stamp.endswith("Z") else basic_format(timestamp),
        region=region,
        service=service,
        signed_headers=names,
        signature=signature,
        session_token=session_token or None,
        presigned=presigned,
        expires=expires,
    )


def credential_of(text: str) -> list[str]:
    """The access key ID and its scope: date, region, service."""
    elements = text.split("/")
    if len(elements) != 5 or not (text.isascii() and text.isprintable()):
        # A secret in the place of the ID is the usual reason for too many slashes: it is not shown.
        shown = "/".join(("...", *elements[-4:])) if len(elements) > 5 else text
        raise IncompleteSignature(
            "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, "
            f"got '{excerpt(shown)}'"
        )
    terminator = elements.pop()
    if terminator != TERMINATOR:
        raise SignatureDoesNotMatch(
            f"Credential should be scoped with a valid terminator: '{TERMINATOR}', "
            f"not '{excerpt(terminator)}'."
        )
    if not _KEY_ID.fullmatch(elements[0]):
        raise InvalidClientTokenId()
    return elements


def signed_headers_of(request: HttpRequest, text: str) -> tuple[str, ...]:
    """The names, having seen that the host and every `x-amz-*` header of the request are among them."""
    names = _names(text)
    for name in request.index:
        if name[:6] == "x-amz-" and name not in names:
            raise SignatureDoesNotMatch(
                f"'{excerpt(name)}' must be a 'SignedHeader' in the AWS Authorization."
            )
    return names


@lru_cache(maxsize=256)  # clients send few lists, and again and again
def _names(text: str) -> tuple[str, ...]:
    names = tuple(text.split(";"))
    if "host" not in names:
        raise SignatureDoesNotMatch(
            "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization."
        )
    if len(names) > MAX_SIGNED_HEADERS:
        raise IncompleteSignature(f"'SignedHeaders' must name at most {MAX_SIGNED_HEADERS} headers.")
    if not _SIGNED_HEADERS.fullmatch(text) or "" in names or list(names) != sorted(set(names)):
        raise IncompleteSignature(
            "'SignedHeaders' must be lower-case header names in alphabetical order, each once, separated by "
            f"semicolons. Got '{excerpt(text)}'."
        )
    return names


def _unsupported(algorithm: str) -> IncompleteSignature:
    return IncompleteSignature(
        f"Unsupported AWS 'algorithm': '{excerpt(algorithm)}' (only {ALGORITHM} for now). "
    )
