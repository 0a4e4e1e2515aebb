"""The policy of a form upload to S3: who signed it, and whether the form keeps to it.

The rule of this file: the policy says of every field what it may be, and a field of which it says nothing is
refused; so who fills in the form can do nothing that who signed it has not foreseen. Names and operators go
without regard to case, as the fields do.
Sources: "Authenticating Requests: Browser-Based Uploads Using POST" and "POST Policy" in the Amazon S3 API
Reference.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import json
import re
from collections.abc import Container, Mapping
from datetime import UTC, datetime
from typing import Any, Literal

import msgspec

from rolekeeper.errors import (
    AccessDenied,
    InvalidArgument,
    InvalidClientTokenId,
    InvalidPolicyDocument,
    InvalidRequest,
    SignatureDoesNotMatch,
)
from rolekeeper.wire.any_signature import TOO_OLD
from rolekeeper.wire.signature import ALGORITHM, Signature, credential_of
from rolekeeper.wire.sigv4 import SigningKeys, check_scope
from rolekeeper.wire.stamp import basic_format, read_stamp

__all__ = ["FormSignature", "PostPolicy", "check", "read_policy", "read_signature", "verify"]

_FIELDS = ("x-amz-algorithm", "x-amz-credential", "x-amz-date", "x-amz-signature", "policy")
_SHOWN = {
    "x-amz-algorithm": "X-Amz-Algorithm",
    "x-amz-credential": "X-Amz-Credential",
    "x-amz-date": "X-Amz-Date",
    "x-amz-signature": "X-Amz-Signature",
    "policy": "Policy",
}
_FREE = frozenset({"x-amz-signature", "policy", "file"})
_IGNORED = "x-ignore-"
_ESCAPED_DOLLAR = re.compile(r"(?<!\\)((?:\\\\)*)\\\$")
_EXPIRATION = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,9})?Z")
_MOST_CONDITIONS = 200


class FormSignature(Signature, frozen=True, kw_only=True):
    """A signature over the policy of a form, with the policy as it was signed."""

    policy: str

    @property
    def way(self) -> Literal["POST"]:
        """As `s3:authType` has it."""
        return "POST"


class PostPolicy(msgspec.Struct, frozen=True, kw_only=True):
    """What a form may be, and until when."""

    expiration: datetime
    conditions: tuple[tuple[str, str, str], ...]
    """Operator, field and value."""
    least: int = 0
    most: int | None = None
    """Bytes that the file may have."""


def read_signature(fields: Mapping[str, str]) -> FormSignature | None:
    """The signature in the fields of a form, None where it has nothing of one: InvalidArgument where it is
    not all there, InvalidRequest for version 2, and the errors of `signature.read_signature`."""
    if "awsaccesskeyid" in fields or "signature" in fields:
        raise InvalidRequest(TOO_OLD)
    if not any(name in fields for name in _FIELDS):
        return None
    for name in _FIELDS:
        if not fields.get(name):
            raise InvalidArgument(
                f"Bucket POST must contain a field named '{_SHOWN[name]}'.  If it is specified, please check "
                "the order of the fields."
            )
    if fields["x-amz-algorithm"] != ALGORITHM:
        raise InvalidRequest(TOO_OLD)
    access_key_id, date, region, service = credential_of(fields["x-amz-credential"])
    stamp = fields["x-amz-date"]
    timestamp = read_stamp(stamp)
    token = fields.get("x-amz-security-token")
    if token and not token.isascii():
        raise InvalidClientTokenId
    return FormSignature(
        access_key_id=access_key_id,
        date=date,
        timestamp=timestamp,
        stamp=stamp if stamp.endswith("Z") else basic_format(timestamp),
        region=region,
        service=service,
        signed_headers=(),
        signature=fields["x-amz-signature"],
        session_token=token or None,
        presigned=True,
        expires=None,
        policy=fields["policy"],
    )


def verify(
    signature: FormSignature,
    *,
    secret: str,
    service: str,
    regions: Container[str] | None,
    keys: SigningKeys,
) -> None:
    """Whether this secret signed the policy; SignatureDoesNotMatch. How long it is good, the policy says."""
    check_scope(signature, service, regions)
    expected = keys.key(signature, secret).sign(signature.policy.encode("utf-8", "surrogatepass"))
    if not (signature.signature.isascii() and hmac.compare_digest(expected, signature.signature)):
        raise SignatureDoesNotMatch()


# -- the policy -------------------------------------------------------------------------------------


def read_policy(encoded: str) -> PostPolicy:
    """The policy in a form's field; InvalidPolicyDocument."""
    try:
        text = base64.b64decode("".join(encoded.split()), validate=True).decode()
        document = json.loads(_ESCAPED_DOLLAR.sub(r"\1$", text), object_pairs_hook=_Pairs)
    except (binascii.Error, ValueError, RecursionError):
        raise InvalidPolicyDocument("Invalid Policy: Invalid JSON.") from None
    if not isinstance(document, _Pairs):
        raise InvalidPolicyDocument("Invalid Policy: Invalid JSON.")
    found = {name.lower(): value for name, value in document}
    if len(found) != len(document):
        raise InvalidPolicyDocument("Invalid Policy: an element stands there more than once.")
    conditions = found.get("conditions")
    if not isinstance(conditions, list) or isinstance(conditions, _Pairs):
        raise InvalidPolicyDocument("Invalid Policy: Missing conditions.")
    if len(conditions) > _MOST_CONDITIONS:
        raise InvalidPolicyDocument("Invalid Policy: Too many conditions.")
    least, most = 0, None
    rules: list[tuple[str, str, str]] = []
    for condition in conditions:
        if _is_range(condition):
            lowest, highest = _range(condition)
            least, most = max(least, lowest), highest if most is None else min(most, highest)
        else:
            rules.append(_condition(condition))
    return PostPolicy(
        expiration=_expiration(found.get("expiration")), conditions=tuple(rules), least=least, most=most
    )


class _Pairs(list[tuple[str, Any]]):
    """An object of JSON, with whatever stands in it twice."""


def _expiration(text: object) -> datetime:
    if text is None:
        raise InvalidPolicyDocument("Invalid Policy: Missing expiration.")
    try:
        if isinstance(text, str) and _EXPIRATION.fullmatch(text):
            return datetime.fromisoformat(text[:19]).replace(tzinfo=UTC)
    except ValueError:
        pass
    raise InvalidPolicyDocument("Invalid Policy: Invalid 'expiration' value.")


def _is_range(condition: object) -> bool:
    return (
        isinstance(condition, list)
        and not isinstance(condition, _Pairs)
        and bool(condition)
        and isinstance(condition[0], str)
        and condition[0].lower() == "content-length-range"
    )


def _range(condition: list[Any]) -> tuple[int, int]:
    numbers = [_number(each) for each in condition[1:]]
    if len(numbers) != 2 or numbers[0] is None or numbers[1] is None:
        raise InvalidPolicyDocument("Invalid Policy: Invalid content-length-range.")
    return numbers[0], numbers[1]


def _number(value: object) -> int | None:
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 19:
        value = int(value)
    return value if type(value) is int and value >= 0 else None


def _condition(condition: object) -> tuple[str, str, str]:
    if isinstance(condition, _Pairs):
        if len(condition) != 1:
            raise InvalidPolicyDocument(
                "Invalid Policy: Invalid Simple-Condition: Simple-Conditions must have exactly one property "
                "specified."
            )
        name, value = condition[0]
        operator = "eq"
    else:
        if not isinstance(condition, list) or len(condition) != 3:
            raise InvalidPolicyDocument("Invalid Policy: Invalid condition.")
        operator, name, value = condition
        if not (isinstance(operator, str) and operator.lower() in ("eq", "starts-with")):
            raise InvalidPolicyDocument("Invalid Policy: Unknown operation.")
        if not (isinstance(name, str) and name.startswith("$")):
            raise InvalidPolicyDocument("Invalid Policy: a condition's field must begin with a dollar sign.")
        operator, name = operator.lower(), name[1:]
    if isinstance(value, int | float) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str) or not name:
        raise InvalidPolicyDocument("Invalid Policy: Invalid condition.")
    return operator, name.lower(), value


def check(policy: PostPolicy, fields: Mapping[str, str], *, bucket: str, now: datetime) -> None:
    """Whether a form keeps to its policy; AccessDenied. The bucket is a field, though no form has it."""
    if now >= policy.expiration:
        raise AccessDenied("Invalid according to Policy: Policy expired.")
    given = {**fields, "bucket": bucket}
    for operator, name, value in policy.conditions:
        if not _holds(operator, name, value, given.get(name)):
            shown = json.dumps([operator, f"${name}", value], ensure_ascii=False)
            raise AccessDenied(f"Invalid according to Policy: Policy Condition failed: {shown}")
    foreseen = {name for _, name, _ in policy.conditions} | _FREE
    extra = sorted(name for name in given if name not in foreseen and not name.startswith(_IGNORED))
    if extra:
        raise AccessDenied(f"Invalid according to Policy: Extra input fields: {', '.join(extra)[:256]}")


def _holds(operator: str, name: str, value: str, given: str | None) -> bool:
    if given is None:
        return False
    if operator == "eq":
        return given == value
    if name == "content-type":
        return all(each.strip().startswith(value) for each in given.split(","))
    return given.startswith(value)
