"""Forms as browsers and botocore make them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from unittest import mock

from botocore.auth import S3SigV4PostAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from tests.wire.signers import KEY_ID, NOW, SECRET

BOUNDARY = "9431149156168"
FORM_TYPE = f"multipart/form-data; boundary={BOUNDARY}"


def signed_fields(
    conditions: Sequence[Any] = (),
    fields: Mapping[str, str] | None = None,
    *,
    key: str = "user/a.txt",
    bucket: str = "bucket",
    expiration: str = "2026-01-01T01:10:00Z",
    keys: tuple[str, str] = (KEY_ID, SECRET),
    token: str | None = None,
    at: datetime = NOW,
) -> dict[str, str]:
    """The fields of a form whose policy botocore has signed, as its `generate_presigned_post` has them."""
    request = AWSRequest(method="POST", url=f"https://s3.amazonaws.com/{bucket}")
    request.context["s3-presign-post-fields"] = {"key": key, **(fields or {})}
    request.context["s3-presign-post-policy"] = {
        "expiration": expiration,
        "conditions": [{"bucket": bucket}, {"key": key}, *conditions],
    }
    with mock.patch("botocore.auth.get_current_datetime", lambda: at):
        S3SigV4PostAuth(Credentials(*keys, token), "s3", "us-east-1").add_auth(request)
    found: dict[str, str] = request.context["s3-presign-post-fields"]
    return found


def part(name: str, value: bytes, filename: str | None = None) -> bytes:
    """One part of a form, with the boundary before it."""
    more = f'; filename="{filename}"\r\nContent-Type: text/plain' if filename is not None else ""
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"{more}\r\n\r\n'
    return head.encode() + value + b"\r\n"


def form(fields: Mapping[str, str], file: bytes | None = b"content", *, filename: str = "a.txt") -> bytes:
    """A form, with the file at its end."""
    parts = [part(name, value.encode()) for name, value in fields.items()]
    if file is not None:
        parts.append(part("file", file, filename))
    return b"".join(parts) + f"--{BOUNDARY}--\r\n".encode()
