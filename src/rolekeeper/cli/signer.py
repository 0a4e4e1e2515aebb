"""The headers that sign a call: Signature Version 4, the client's side.

For the calls that a command makes itself: a POST to the root path, of a form (the query protocol) or, with a
target, of JSON, with whatever keys.
Source: "Create a signed AWS API request" in the IAM User Guide.
"""

from __future__ import annotations

import hmac
from datetime import datetime
from hashlib import sha256

from rolekeeper.cli.credentials import AccessPair
from rolekeeper.wire.stamp import basic_format

FORM = "application/x-www-form-urlencoded; charset=utf-8"
JSON = "application/x-amz-json-1.1"


def signed_headers(
    body: bytes,
    *,
    host: str,
    service: str,
    region: str,
    key: AccessPair,
    now: datetime,
    kind: str = FORM,
    target: str | None = None,
) -> dict[str, str]:
    """All headers of the request. `host` is the Host header's value, `now` is of UTC, `kind` the body's
    content type; `target` names the operation of a JSON protocol."""
    stamp = basic_format(now)
    headers = {"content-type": kind, "host": host, "x-amz-date": stamp}
    if key.token is not None:
        headers["x-amz-security-token"] = key.token.reveal()
    if target is not None:
        headers["x-amz-target"] = target
    names = ";".join(headers)
    lines = "".join(f"{name}:{value}\n" for name, value in headers.items())
    canonical = f"POST\n/\n\n{lines}\n{names}\n{sha256(body).hexdigest()}"
    scope = (stamp[:8], region, service, "aws4_request")
    text = f"AWS4-HMAC-SHA256\n{stamp}\n{'/'.join(scope)}\n{sha256(canonical.encode()).hexdigest()}"
    signing = b"AWS4" + key.secret.reveal().encode()
    for part in scope:
        signing = hmac.digest(signing, part.encode(), "sha256")
    signature = hmac.digest(signing, text.encode(), "sha256").hex()
    credential = f"{key.access_key_id}/{'/'.join(scope)}"
    claims = f"Credential={credential}, SignedHeaders={names}, Signature={signature}"
    return headers | {"authorization": f"AWS4-HMAC-SHA256 {claims}"}
