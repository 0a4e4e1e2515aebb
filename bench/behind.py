"""What stands behind in `gateway.py`, and the same forwarding without a check: two raw ASGI applications.

`app` has an object of every size (`GET /bucket/SIZE`), takes items, and answers nothing else; it looks at no
signature. `passing` sends everything on to the address in BEHIND as it came, by the gateway's own forwarding:
the same client, and signed with a backend's key, which every backend but this one wants.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping, Sequence
from functools import cache
from typing import Any

import msgspec

from rolekeeper.config import BackendAccess
from rolekeeper.gateway.backends import ALL, Backends
from rolekeeper.gateway.remote import EVERY, Remote

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

PIECE = 256 << 10
ACCOUNT, REGION = "000000000000", "us-east-1"
_LIST = b"<ListAllMyBucketsResult><Buckets></Buckets></ListAllMyBucketsResult>"


@cache
def _piece(size: int) -> bytes:
    return bytes(range(256)) * (size // 256) + bytes(size % 256)


async def app(scope: Message, receive: Receive, send: Send) -> None:
    """Answer one request."""
    while (await receive()).get("more_body"):
        pass
    path: str = scope["path"]
    name = path.rpartition("/")[2]
    if scope["method"] == "GET" and name.isdigit():
        await _object(send, int(name))
    elif scope["method"] == "POST":
        await _answer(send, b"{}", b"application/x-amz-json-1.0")
    else:
        await _answer(send, _LIST if path == "/" else b"", b"application/xml")


async def _answer(send: Send, body: bytes, kind: bytes) -> None:
    headers = [(b"content-type", kind), (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def _object(send: Send, size: int) -> None:
    headers = [(b"content-type", b"binary/octet-stream"), (b"content-length", b"%d" % size)]
    headers += [(b"etag", b'"0123456789abcdef0123456789abcdef"'), (b"accept-ranges", b"bytes")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    left = size
    while left > PIECE:
        await send({"type": "http.response.body", "body": _piece(PIECE), "more_body": True})
        left -= PIECE
    await send({"type": "http.response.body", "body": _piece(left)})


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """A request as it goes on: as it came."""

    method: str
    path: str
    query: str
    headers: Sequence[tuple[str, str]]
    body: bytes | None = None


@cache
def _backends() -> Backends:
    key = BackendAccess(backend=EVERY, account=EVERY, access_key_id="bench", secret_access_key="bench")
    return Backends({ALL: Remote(f"http://{os.environ['BEHIND']}", [key])})


async def passing(scope: Message, receive: Receive, send: Send) -> None:
    """Send one request on, signed anew, and its answer back."""
    asked = Asked(
        method=scope["method"],
        path=scope["raw_path"].decode("latin-1"),
        query=scope["query_string"].decode("latin-1"),
        headers=[(name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"]],
    )
    first = await receive()
    body = first["body"] if not first.get("more_body") else _rest(first["body"], receive)
    service = "dynamodb" if asked.method == "POST" else "s3"
    async with _backends().open(service, asked, body, ACCOUNT, REGION) as answer:
        told = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in answer.headers]
        await send({"type": "http.response.start", "status": answer.status, "headers": told})
        known = await answer.short()
        if known is not None:
            await send({"type": "http.response.body", "body": known})
            return
        async for piece in answer.body():
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body", "body": b""})


async def _rest(first: bytes, receive: Receive) -> AsyncIterator[bytes]:
    yield first
    more = True
    while more:
        message = await receive()
        yield message.get("body", b"")
        more = message.get("more_body", False)
