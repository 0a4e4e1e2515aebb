"""Signs what goes to a backend: Signature Version 4, the gateway's own side, with the backend's own key.

The rule of this file: the signature covers all that is sent, and nothing of the client's signature goes on.
Source: "Create a signed AWS API request" in the IAM User Guide; "Authenticating Requests (AWS Signature
Version 4)" in the Amazon S3 API Reference: S3 takes the path as it is, and a body that need not be hashed.
"""

from __future__ import annotations

import hmac
from datetime import datetime
from functools import lru_cache
from hashlib import sha256

import msgspec

from rolekeeper.errors import ServiceUnavailable
from rolekeeper.iam.secret import Secret
from rolekeeper.wire.canonical import canonical_path, canonical_query, signed_lines
from rolekeeper.wire.sigv4 import SigningKey
from rolekeeper.wire.stamp import basic_format

UNSIGNED = "UNSIGNED-PAYLOAD"
_PATH_AS_IT_IS = frozenset({"s3", "s3-outposts", "s3-object-lambda", "s3express"})


class NoKey(ServiceUnavailable):
    """An account has no key at a backend, and so it has nothing there."""


class BackendKey(msgspec.Struct, frozen=True, kw_only=True):
    """The access key that an account has at a backend."""

    access_key_id: str
    secret: Secret
    token: Secret | None = None


def sign(
    *,
    method: str,
    path: str,
    query: str,
    headers: dict[str, str],
    digest: str,
    key: BackendKey,
    service: str,
    region: str,
    now: datetime,
) -> dict[str, str]:
    """The headers of a request with those that sign it.

    Names are lower-case, and `host` is among them. `digest` is the hash of the body in hexadecimal, or
    `UNSIGNED`; `service` is the name for signatures, `now` is of UTC.
    """
    stamp = basic_format(now)
    headers = headers | {"x-amz-date": stamp, "x-amz-content-sha256": digest}
    if key.token is not None:
        headers["x-amz-security-token"] = key.token.reveal()
    lines, signed = signed_lines(headers)
    where = path if service in _PATH_AS_IT_IS else canonical_path(path)
    canonical = f"{method}\n{where}\n{canonical_query(query) if query else ''}\n{lines}\n{digest}"
    scope = f"{stamp[:8]}/{region}/{service}/aws4_request"
    hashed = sha256(canonical.encode("latin-1")).hexdigest()
    text = f"AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{hashed}"
    signature = _signing_key(key.secret, stamp[:8], region, service).sign(text.encode("latin-1"))
    headers["authorization"] = (
        f"AWS4-HMAC-SHA256 Credential={key.access_key_id}/{scope}, "
        f"SignedHeaders={signed}, Signature={signature}"
    )
    return headers


@lru_cache(maxsize=1024)
def _signing_key(secret: Secret, *scope: str) -> SigningKey:
    key = b"AWS4" + secret.reveal().encode()
    for step in (*scope, "aws4_request"):
        key = hmac.digest(key, step.encode(), "sha256")
    return SigningKey(key)
