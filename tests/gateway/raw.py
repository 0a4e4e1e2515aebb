"""Requests as bytes on a socket, signed as they stand, and a listener behind that keeps what came.

What the SDK would never send is sent here, with a signature that is right for it: so nothing is refused for
its signature alone, and what goes on is what the server has made of it.
"""

from __future__ import annotations

import hashlib
import hmac
import socket
import threading
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import quote, unquote_plus, unquote_to_bytes, urlsplit

from rolekeeper.config import BackendAccess
from rolekeeper.gateway.backends import ALL
from rolekeeper.gateway.remote import EVERY, Remote
from tests.client import ACCOUNT, Person
from tests.gateway.served import ServedWorld
from tests.people import allow, user

Header = tuple[str, str]

OPEN, SHUT = "open", "shut"
_NO_BUCKETS = b"<ListAllMyBucketsResult><Buckets/></ListAllMyBucketsResult>"


@dataclass(frozen=True)
class Got:
    """A request as it came to what stands behind."""

    line: str
    headers: tuple[Header, ...]
    body: bytes

    @property
    def is_lookup(self) -> bool:
        """Whether the server asks for itself, to know what stands there, before it decides."""
        own = ("GET / ", "HEAD ")
        target = self.header("x-amz-target")
        return (
            self.line.startswith(own)
            or self.line == f"GET /{OPEN}?uploads HTTP/1.1"
            or ("/functions/" in self.line and self.line.split("?")[0].split(" ")[1].endswith("/policy"))
            or target.endswith((".GetResourcePolicy", ".DescribeTable", ".GetQueueAttributes"))
            or self.body.startswith((b"Action=GetTopicAttributes&", b"Action=GetQueueAttributes&"))
        )

    def header(self, name: str) -> str:
        """The one value of a header, or nothing."""
        values = [value for each, value in self.headers if each == name]
        assert len(values) < 2, f"{name} came twice"
        return values[0] if values else ""


class Recorder:
    """Answers everything with nothing, and knows what it was asked."""

    def __init__(self) -> None:
        self.got: list[Got] = []
        self.body = b""
        """What it answers where nothing else has to be said."""
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def taken(self) -> list[Got]:
        """What came since this was last asked."""
        found, self.got = self.got, []
        return found

    def close(self) -> None:
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        # Who asks may break off, in the middle of a body or before the answer.
        with connection, suppress(OSError, ValueError), connection.makefile("rwb") as stream:
            while line := stream.readline():
                headers = []
                while (one := stream.readline()) not in (b"\r\n", b""):
                    name, _, value = one.decode("latin-1").partition(":")
                    headers.append((name.lower(), value.strip()))
                got = Got(line.decode("latin-1").strip(), tuple(headers), _body(stream, dict(headers)))
                self.got.append(got)
                body = _NO_BUCKETS if got.line.startswith("GET / ") else self.body
                body = b"" if got.line.startswith("HEAD ") else body
                body = b"{}" if got.header("x-amz-target") else body
                stream.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body))
                stream.flush()


def _body(stream: object, headers: dict[str, str]) -> bytes:
    read, line = stream.read, stream.readline  # type: ignore[attr-defined]
    if headers.get("transfer-encoding") == "chunked":
        found = b""
        while size := int(line(), 16):
            found += read(size)
            line()
        line()
        return found
    whole: bytes = read(int(headers.get("content-length", "0")))
    return whole


class RecordedWorld(ServedWorld):
    """A server with a recorder behind all services, and bob, who may little: read and write in one of two
    buckets, read one of the tables and one of the functions, and some lists."""

    def __init__(self) -> None:
        self.behind = Recorder()
        key = BackendAccess(backend=EVERY, account=EVERY, access_key_id="behind", secret_access_key="s")
        super().__init__({ALL: Remote(self.behind.url, (key,))})
        for bucket in (OPEN, SHUT):
            self.root.client("s3").create_bucket(Bucket=bucket)
        place = f"us-east-1:{ACCOUNT}"
        self.bob = user(
            self.root,
            "bob",
            allow("s3:GetObject", "s3:PutObject", on=f"arn:aws:s3:::{OPEN}/*"),
            allow("dynamodb:GetItem", on=f"arn:aws:dynamodb:{place}:table/{OPEN}"),
            allow("lambda:GetFunction", on=f"arn:aws:lambda:{place}:function:{OPEN}"),
            allow("sqs:ListQueues", "ec2:DescribeRegions", "sns:ListTopics"),
        )
        self.behind.taken()

    def ask(self, data: bytes) -> tuple[int, bytes, list[Got]]:
        """The status and the answer to these bytes, and what was carried out for them."""
        self.behind.taken()
        status, answer = send(self, data)
        return status, answer, [got for got in self.behind.taken() if not got.is_lookup]

    def close(self) -> None:
        super().close()
        self.behind.close()


def signed(
    person: Person,
    service: str,
    method: str,
    target: str,
    headers: Iterable[Header] = (),
    body: bytes = b"",
    *,
    host: str = "127.0.0.1",
    unsigned: Iterable[Header] = (),
) -> bytes:
    """A request as bytes, with all of `headers` signed, and none of `unsigned`.

    A target with a scheme is signed as the path in it. A header that stands there twice is signed as AWS
    says: its values with a comma between them.
    """
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    content = hashlib.sha256(body).hexdigest()
    sent = [("host", host), ("x-amz-date", stamp), ("x-amz-content-sha256", content), *headers]
    lines: dict[str, str] = {}
    for name, value in sent:
        known = lines.get(name.lower())
        lines[name.lower()] = value.strip() if known is None else f"{known},{value.strip()}"
    names = ";".join(sorted(lines))
    path, _, query = _path(target).partition("?")
    text = "\n".join(
        [
            method,
            _signed_path(path, service),
            _signed_query(query),
            *(f"{name}:{lines[name]}" for name in sorted(lines)),
            "",
            names,
            content,
        ]
    )
    scope = f"{stamp[:8]}/us-east-1/{service}/aws4_request"
    digest = hashlib.sha256(text.encode("latin-1")).hexdigest()
    key = b"AWS4" + person.secret.encode()
    for part in scope.split("/"):
        key = hmac.new(key, part.encode(), "sha256").digest()
    seal = hmac.new(key, f"AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{digest}".encode(), "sha256").hexdigest()
    sent.append(
        (
            "authorization",
            f"AWS4-HMAC-SHA256 Credential={person.key_id}/{scope}, SignedHeaders={names}, Signature={seal}",
        )
    )
    framed = {"content-length", "transfer-encoding"} & {name.lower() for name, _ in [*sent, *unsigned]}
    if body and not framed:
        sent.append(("content-length", str(len(body))))
    ending = ("connection", "close")
    head = "".join(f"{name}: {value}\r\n" for name, value in [*sent, *unsigned, ending])
    return f"{method} {target} HTTP/1.1\r\n{head}\r\n".encode("latin-1") + body


def _path(target: str) -> str:
    if "://" not in target:
        return target
    place = urlsplit(target)
    return f"{place.path or '/'}{'?' if place.query else ''}{place.query}"


def _signed_path(path: str, service: str) -> str:
    if service == "s3":
        return "/".join(quote(unquote_to_bytes(part), safe="-._~") for part in path.split("/"))
    kept: list[str] = []
    for part in path.split("/"):
        if part == "..":
            del kept[-1:]
        elif part not in ("", "."):
            kept.append(part)
    whole = f"/{'/'.join(kept)}{'/' if kept and path.endswith('/') else ''}"
    return quote(whole, safe="/-._~")


def _signed_query(query: str) -> str:
    pairs = [part.partition("=") for part in query.split("&") if part]
    return "&".join(sorted(f"{_encoded(name)}={_encoded(value)}" for name, _, value in pairs))


def _encoded(text: str) -> str:
    return quote(unquote_plus(text, encoding="latin-1").encode("latin-1"), safe="-._~")


def send(world: ServedWorld, data: bytes) -> tuple[int, bytes]:
    """Send bytes on a connection of their own; the status and all that comes back."""
    place = urlsplit(world.url)
    with socket.create_connection((place.hostname, place.port), timeout=120) as connection:
        answer = b""
        with suppress(BrokenPipeError):
            connection.sendall(data)
        with suppress(ConnectionResetError):  # it is closed on who sends more than is read
            while piece := connection.recv(1 << 16):
                answer += piece
    status = int(answer.split(b" ", 2)[1]) if answer else 0
    return status, answer
