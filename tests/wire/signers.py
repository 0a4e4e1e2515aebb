"""botocore as the client: requests that it signs, as the server gets them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from unittest import mock
from urllib.parse import urlsplit

import msgspec
from botocore.auth import SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from rolekeeper.errors import InvalidClientTokenId, MissingAuthenticationToken
from rolekeeper.wire.http import HttpRequest
from rolekeeper.wire.sigv4 import Signature, SigningKeys, read_signature, verify

KEY_ID, SECRET, TOKEN = "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "FwoGZXIvYXdzEA0+/w=="
NOW = datetime(2026, 1, 1, 0, 10, tzinfo=UTC)
BODY = b"Action=GetCallerIdentity&Version=2011-06-15"
FORM_TYPE = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8", "User-Agent": "Boto3/1.40"}


def signed(
    method: str = "POST",
    url: str = "https://sts.amazonaws.com/",
    headers: Mapping[str, str] = FORM_TYPE,
    body: bytes = BODY,
    *,
    keys: tuple[str, str] = (KEY_ID, SECRET),
    token: str | None = None,
    scope: tuple[str, str] = ("us-east-1", "sts"),
    at: datetime = NOW,
) -> HttpRequest:
    """A request with an Authorization header."""
    request = AWSRequest(method=method, url=url, headers=dict(headers), data=body)
    region, service = scope
    with _clock(at):
        SigV4Auth(Credentials(*keys, token), service, region).add_auth(request)
    return _received(request)


def presigned(
    url: str = "https://sts.amazonaws.com/?Action=GetCallerIdentity&Version=2011-06-15",
    *,
    token: str | None = None,
    expires: int = 60,
    at: datetime = NOW,
) -> HttpRequest:
    """A request whose signature is in the query string."""
    request = AWSRequest(method="GET", url=url)
    with _clock(at):
        SigV4QueryAuth(Credentials(KEY_ID, SECRET, token), "sts", "us-east-1", expires=expires).add_auth(
            request
        )
    return _received(request)


def replaced(request: HttpRequest, **changes: Any) -> HttpRequest:
    """The same request with something else in it."""
    return msgspec.structs.replace(request, _index=None, _form=None, **changes)


def with_header(request: HttpRequest, name: str, value: str | None) -> HttpRequest:
    """The same request with another value of one header, or (None) without it."""
    others = tuple((key, old) for key, old in request.headers if key != name)
    return replaced(request, headers=others if value is None else (*others, (name, value)))


def check(request: HttpRequest, *, now: datetime = NOW, secret: str = SECRET, **changes: Any) -> Signature:
    """Read, look the key up, verify, as the dispatcher does; the signature, or the error that was raised."""
    signature = read_signature(request)
    if signature is None:
        raise MissingAuthenticationToken()
    if signature.access_key_id != KEY_ID:
        raise InvalidClientTokenId()
    options: dict[str, Any] = {"service": "sts", "regions": {"us-east-1"}, "keys": SigningKeys()}
    verify(request, signature, secret=secret, now=now, **(options | changes))
    return signature


def _received(request: AWSRequest) -> HttpRequest:
    prepared = request.prepare()
    url = urlsplit(prepared.url)
    headers = [(name.lower(), _text(value)) for name, value in prepared.headers.items()]
    body = prepared.body or b""
    return HttpRequest(
        method=prepared.method,
        path=url.path or "/",
        query=url.query,
        headers=(("host", url.netloc), *headers),
        body=body if isinstance(body, bytes) else body.encode(),
    )


def _text(value: str | bytes) -> str:
    """A header's value as the server reads it: bytes as Latin-1."""
    return (value if isinstance(value, bytes) else value.encode()).decode("latin-1")


@contextmanager
def _clock(at: datetime) -> Iterator[None]:
    with mock.patch("botocore.auth.get_current_datetime", lambda: at):
        yield
