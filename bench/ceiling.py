"""The ceiling: what uvicorn does on this machine when the application does nothing.

A raw ASGI application that reads the body and answers an XML document of as many bytes as the path asks for:
`POST /400` is answered with 400 bytes. No signature, no parsing, no decision, no audit.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from functools import cache
from typing import Any

Message = MutableMapping[str, Any]


async def app(
    scope: Message, receive: Callable[[], Awaitable[Message]], send: Callable[[Message], Awaitable[None]]
) -> None:
    """Answer a request. Started with `--lifespan off`."""
    while (await receive()).get("more_body"):
        pass
    start, body = _answer(scope["path"])
    await send(start)
    await send(body)


@cache
def _answer(path: str) -> tuple[Message, Message]:
    size = max(int(path[1:] or "0"), len("<Answer></Answer>"))
    body = f"<Answer>{'x' * (size - len('<Answer></Answer>'))}</Answer>".encode()
    headers = [
        (b"content-type", b"text/xml"),
        (b"x-amzn-requestid", b"00000000-0000-0000-0000-000000000000"),
        (b"content-length", b"%d" % len(body)),
    ]
    return (
        {"type": "http.response.start", "status": 200, "headers": headers},
        {"type": "http.response.body", "body": body},
    )
