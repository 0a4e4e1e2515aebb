"""A small HTTP listener on a loopback port, for one program: bounded, and shut to pages in browsers.

Every request has a connection of its own. A name that is made to resolve to this machine does not lead here:
the Host has to be an address of this machine, and who says where they come from (Origin) is refused.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from socketserver import ThreadingMixIn
from types import TracebackType
from typing import Any, Final, Self

AT_ONCE: Final = 64
"""Connections that are served at the same time; others wait."""
MAX_BODY: Final = 64 << 10
PATIENCE: Final = 5.0
"""Seconds for a request to come."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request; header names in lower case, of several with one name the last."""

    method: str
    target: str
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What is answered; the length and the connection are the listener's affair."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = field(default=b"", repr=False)


class Listener:
    """Listens on a free port from its making, and answers while it is entered."""

    def __init__(self, respond: Callable[[Asked], Answer]) -> None:
        self._server = _Server(respond)
        self.port: int = self._server.server_address[1]
        self.endpoint = f"http://127.0.0.1:{self.port}"
        self._ended = False
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended = True
        with suppress(OSError):  # it waits for a connection, and here is one
            socket.create_connection(("127.0.0.1", self.port), timeout=1.0).close()
        self._thread.join(1.0)
        self._server.server_close()

    def _serve(self) -> None:
        while not self._ended:
            self._server.handle_request()


class _Server(ThreadingMixIn, HTTPServer):
    daemon_threads = True
    block_on_close = False  # the program has ended: nobody waits for an answer
    request_queue_size = 256

    def __init__(self, respond: Callable[[Asked], Answer]) -> None:
        self.respond = respond
        self._places = threading.BoundedSemaphore(AT_ONCE)
        super().__init__(("127.0.0.1", 0), _Handler)
        port = self.server_address[1]
        self.hosts = {f"127.0.0.1:{port}", f"localhost:{port}"}

    def server_bind(self) -> None:
        # HTTPServer would look the machine's name up.
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()

    def process_request(self, request: Any, client_address: Any) -> None:
        self._places.acquire()
        super().process_request(request, client_address)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._places.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: a connection that breaks is the program's affair, and its terminal is its own."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    timeout = PATIENCE

    def _serve(self) -> None:
        self.close_connection = True
        self._say(self._answer())

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = _serve

    def _answer(self) -> Answer:
        hosts = self.headers.get_all("host") or []
        if len(hosts) != 1 or hosts[0] not in self.server.hosts or "origin" in self.headers:
            return Answer(status=403)
        length = self.headers.get("content-length", "0")
        if "transfer-encoding" in self.headers or not (length.isascii() and length.isdigit()):
            return Answer(status=411)
        if len(length) > len(str(MAX_BODY)) or int(length) > MAX_BODY:
            return Answer(status=413)
        asked = Asked(
            method=self.command,
            target=self.path,
            headers={name.lower(): value for name, value in self.headers.items()},
            body=self.rfile.read(int(length)),
        )
        return self.server.respond(asked)

    def _say(self, answer: Answer) -> None:
        self.send_response_only(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer.body)))
        self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer.body)

    def log_message(self, format: str, *arguments: Any) -> None:
        """Say nothing."""
