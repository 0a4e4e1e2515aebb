"""A small HTTP listener on a loopback port, for one program, or where it is told: bounded, and shut to pages
in browsers.

Every request has a connection of its own. A name that is made to resolve to this machine does not lead here:
the Host has to be the address at which it came in, and who says where they come from (Origin) is refused.
"""

from __future__ import annotations

import io
import ipaddress
import socket
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from socketserver import ThreadingMixIn
from time import monotonic
from types import TracebackType
from typing import Any, Final, Self

AT_ONCE: Final = 64
"""Connections that are served at the same time; others wait."""
MAX_BODY: Final = 64 << 10
PATIENCE: Final = 5.0
"""Seconds for a whole request to come, and for its answer to go."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request; header names in lower case, of several with one name the last."""

    method: str
    target: str
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(default=b"", repr=False)
    source: str = "127.0.0.1"
    """The address that it came from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What is answered; the length and the connection are the listener's affair."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = field(default=b"", repr=False)
    hops: int | None = None
    """How many routers may pass it on; as many as usual where that is not said."""


class Listener:
    """Listens from its making, on a free port if no other is said, and answers while it is entered.

    OSError where it cannot listen there.
    """

    def __init__(self, respond: Callable[[Asked], Answer], *, host: str = "127.0.0.1", port: int = 0) -> None:
        self._server = _Server(respond, host, port)
        self.host = host
        self.port: int = self._server.server_address[1]
        self.endpoint = f"http://{f'[{host}]' if ':' in host else host}:{self.port}"
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
            socket.create_connection((self.host, self.port), timeout=1.0).close()
        self._thread.join(1.0)
        self._server.server_close()

    def _serve(self) -> None:
        while not self._ended:
            self._server.handle_request()


class _Server(ThreadingMixIn, HTTPServer):
    daemon_threads = True
    block_on_close = False  # the program has ended: nobody waits for an answer
    request_queue_size = 256

    def __init__(self, respond: Callable[[Asked], Answer], host: str, port: int) -> None:
        self.respond = respond
        self._places = threading.BoundedSemaphore(AT_ONCE)
        self.address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
        super().__init__((host, port), _Handler)

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


class _Arriving(io.RawIOBase):
    """What comes on a connection until its time is up, however little comes at once; TimeoutError."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._end = monotonic() + PATIENCE

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        left = self._end - monotonic()
        if left <= 0:
            raise TimeoutError
        self._connection.settimeout(left)
        return self._connection.recv_into(buffer)


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"

    def setup(self) -> None:
        super().setup()
        self.rfile.close()
        self.rfile = io.BufferedReader(_Arriving(self.connection))

    def _serve(self) -> None:
        self.close_connection = True
        self._say(self._answer())

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = _serve

    def _answer(self) -> Answer:
        hosts = self.headers.get_all("host") or []
        address, port = self.connection.getsockname()[:2]
        if len(hosts) != 1 or hosts[0] not in _hosts(address, port) or "origin" in self.headers:
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
            source=self.client_address[0],
        )
        return self.server.respond(asked)

    def _say(self, answer: Answer) -> None:
        self.connection.settimeout(PATIENCE)
        if answer.hops is not None:
            _limit(self.connection, answer.hops)
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


def _hosts(address: str, port: int) -> set[str]:
    """What the Host may be of a request that came in there."""
    names = {f"[{address}]" if ":" in address else address}
    if ipaddress.ip_address(address.partition("%")[0]).is_loopback:
        names.add("localhost")
    return {f"{name}:{port}" for name in names} | (names if port == 80 else set())


def _limit(connection: socket.socket, hops: int) -> None:
    """Let what is sent from now on die at the router behind so many."""
    with suppress(OSError):
        if connection.family == socket.AF_INET6:
            connection.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_UNICAST_HOPS, hops)
        else:
            connection.setsockopt(socket.IPPROTO_IP, socket.IP_TTL, hops)
