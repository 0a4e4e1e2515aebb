"""An ASGI server as small as can be: it hands an application one request and collects the answer."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes
    cookies: tuple[str, ...] = ()


async def ask(app, *, path="/", method="POST", query=b"", body=b"", parts=None, headers=None, scheme="http"):
    """The answer to one request; `parts` come one by one, `None` among them is a client that goes away."""
    incoming = [body] if parts is None else list(parts)
    sent = []

    async def receive():
        if not incoming:
            await asyncio.Event().wait()
        part = incoming.pop(0)
        if part is None:
            return {"type": "http.disconnect"}
        return {"type": "http.request", "body": part, "more_body": bool(incoming)}

    async def send(message):
        sent.append(message)

    given = {"host": "127.0.0.1:4566"} | (headers or {})
    scope = {
        "type": "http",
        "method": method,
        "scheme": scheme,
        "raw_path": path.encode("latin-1"),
        "query_string": query,
        "headers": [(k.encode("latin-1"), v.encode("latin-1")) for k, v in given.items() if v is not None],
        "client": ("127.0.0.1", 50000),
        "server": ("127.0.0.1", 4566),
    }
    await app(scope, receive, send)
    if not sent:
        return None
    start, *bodies = sent
    read = {name.decode().lower(): value.decode() for name, value in start["headers"]}
    cookies = tuple(value.decode() for name, value in start["headers"] if name == b"set-cookie")
    return Answer(start["status"], read, b"".join(message["body"] for message in bodies), cookies)


def answer(app, **request):
    """The same outside an event loop."""
    return asyncio.run(ask(app, **request))
