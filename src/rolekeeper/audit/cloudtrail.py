"""The record of one call, in CloudTrail's form.

Here is decided what may be seen of a call: request parameters with their names as CloudTrail writes them,
without any value that the model marks as sensitive; response elements of calls that change something or
give credentials, without secrets and tokens.
Source: "CloudTrail record contents" and "CloudTrail userIdentity element" in the CloudTrail User Guide.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

import msgspec

EVENT_VERSION = "1.11"
HIDDEN = "HIDDEN_DUE_TO_SECURITY_REASONS"
MAX_TEXT = 2048
"""Characters of one value that a record keeps; longer values are cut, so that no caller fills the trail."""

_NEVER = frozenset(
    {
        "SecretAccessKey", "SessionToken", "Password", "OldPassword", "NewPassword", "TokenCode",
        "PrivateKey", "AuthenticationCode1", "AuthenticationCode2", "Base32StringSeed", "QRCodePNG",
        "ServicePassword", "SAMLAssertion", "WebIdentityToken", "ServiceCredentialSecret",
    }
)  # fmt: skip

_encoder = msgspec.json.Encoder()


def instant(moment: datetime) -> str:
    """A time as CloudTrail writes it: `2026-11-22T10:00:00Z`."""
    return f"{moment.isoformat()[:19]}Z"


def record(
    *,
    event_id: str,
    time: datetime,
    service: str,
    name: str,
    region: str,
    identity: Mapping[str, Any] | msgspec.Raw,
    account: str,
    source_ip: str,
    user_agent: str,
    request_id: str,
    read_only: bool,
    request: Mapping[str, Any] | None,
    response: Mapping[str, Any] | None = None,
    error: tuple[str, str] | None = None,
    sensitive: Collection[str] = (),
) -> bytes:
    """The record as JSON. `request` and `response` have the model's names; `error` is a code and a text."""
    entry: dict[str, Any] = {
        "eventVersion": EVENT_VERSION,
        "userIdentity": identity,
        "eventTime": instant(time),
        "eventSource": f"{service}.amazonaws.com",
        "eventName": name,
        "awsRegion": region,
        "sourceIPAddress": source_ip,
        "userAgent": user_agent[:MAX_TEXT],
    }
    if error is not None:
        entry["errorCode"], entry["errorMessage"] = error[0], error[1][:MAX_TEXT]
    entry["requestParameters"] = _shown(request, sensitive) if request else None
    entry["responseElements"] = _shown(response, sensitive) if response else None
    entry["requestID"] = request_id
    entry["eventID"] = event_id
    entry["readOnly"] = read_only
    entry["eventType"] = "AwsApiCall"
    entry["managementEvent"] = True
    entry["recipientAccountId"] = account
    entry["eventCategory"] = "Management"
    return _encoder.encode(entry)


def _shown(value: Any, sensitive: Collection[str]) -> Any:
    if isinstance(value, str):
        return value if len(value) <= MAX_TEXT else value[:MAX_TEXT]
    if isinstance(value, dict):
        return {
            _camel(key): HIDDEN if key in sensitive else _shown(member, sensitive)
            for key, member in value.items()
            if key not in _NEVER
        }
    if isinstance(value, list | tuple):
        return [_shown(member, sensitive) for member in value]
    if isinstance(value, datetime):
        return instant(value)
    return HIDDEN if isinstance(value, bytes | bytearray) else value


@lru_cache(maxsize=10_000)
def _camel(name: str) -> str:
    """A member's name as CloudTrail writes it: `roleName`."""
    return name[:1].lower() + name[1:]
