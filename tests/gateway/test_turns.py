"""A request that comes in one packet is answered as one that comes in several, on the same connection."""

from __future__ import annotations

import hashlib
import re
import socket
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from tests.client import Person
from tests.gateway.served import ServedWorld
from tests.people import allow, user

SMALL, LARGE = b"small" * 100, b"0123456789abcdef" * 20_000
FRAMED = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
KEYS = {"small": SMALL, "large": LARGE, "empty": b""}


@pytest.fixture(scope="module")
def bucket(served: ServedWorld) -> str:
    s3 = served.root.client("s3")
    s3.create_bucket(Bucket="turns")
    for key, body in KEYS.items():
        s3.put_object(Bucket="turns", Key=key, Body=body)
    return "turns"


@pytest.fixture
def connection(served: ServedWorld) -> Iterator[Connection]:
    found = Connection(served.url)
    yield found
    found.close()


class _Auth(S3SigV4Auth):
    """Signs what a request says of its body, where it says so."""

    def payload(self, request: AWSRequest) -> str:
        found: str = (request.headers.get("x-amz-trailer") and FRAMED) or super().payload(request)
        return found


class Connection:
    """One connection, and what comes back on it."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._host = parts.netloc
        self._socket = socket.create_connection((parts.hostname or "", parts.port or 0), timeout=60)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._rest = b""

    def request(self, person: Person, method: str, path: str, body: bytes = b"", **more: str) -> bytes:
        """The bytes of a signed request."""
        headers = {name.replace("_", "-"): value for name, value in more.items()}
        asked = AWSRequest(method=method, url=f"http://{self._host}{path}", headers=headers, data=body)
        _Auth(Credentials(person.key_id, person.secret), "s3", "us-east-1").add_auth(asked)
        lines = [f"{method} {path} HTTP/1.1", f"Host: {self._host}"]
        lines += [f"{name}: {value}" for name, value in asked.headers.items()]
        if body:
            lines.append(f"Content-Length: {len(body)}")
        return "\r\n".join([*lines, "", ""]).encode() + body

    def send(self, *packets: bytes) -> None:
        for packet in packets:
            self._socket.sendall(packet)

    def answer(self, *, empty: bool = False) -> tuple[str, dict[str, str], bytes]:
        """Status, headers and body of the next answer, without what differs by nature."""
        while b"\r\n\r\n" not in self._rest:
            self._more()
        top, _, self._rest = self._rest.partition(b"\r\n\r\n")
        first, *lines = top.decode("latin-1").split("\r\n")
        assert len(lines) == len({line.partition(":")[0].lower() for line in lines})
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
        length = 0 if empty else int(headers["content-length"])
        while len(self._rest) < length:
            self._more()
        body, self._rest = self._rest[:length], self._rest[length:]
        assert headers.pop("date") and headers.pop("x-amz-request-id")
        headers.pop("x-amzn-requestid", None)
        headers.pop("x-amz-id-2", None)
        return first, headers, re.sub(rb"<(RequestId|HostId)>.*?</\1>", b"", body)

    def is_closed(self) -> bool:
        return not self._rest and self._socket.recv(1) == b""

    def close(self) -> None:
        self._socket.close()

    def _more(self) -> None:
        received = self._socket.recv(1 << 20)
        assert received, "the connection was closed"
        self._rest += received


@pytest.mark.parametrize("key", [*KEYS, "absent"])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_both_ways_answer_alike(
    served: ServedWorld, bucket: str, connection: Connection, method: str, key: str
) -> None:
    asked = connection.request(served.root, method, f"/{bucket}/{key}")
    connection.send(asked)
    first = connection.answer(empty=method == "HEAD")
    connection.send(asked[:30], asked[30:200], asked[200:])
    assert connection.answer(empty=method == "HEAD") == first
    connection.send(the_long_way(asked))
    assert connection.answer(empty=method == "HEAD") == first
    assert first[0].split(" ")[1] == ("404" if key == "absent" else "200")
    if method == "GET" and key in KEYS:
        assert first[2] == KEYS[key]


def test_a_refusal_is_the_same_and_the_next_request_works(
    served: ServedWorld, bucket: str, connection: Connection
) -> None:
    someone = user(served.root, "turning", allow("s3:GetObject", on=f"arn:aws:s3:::{bucket}/small"))
    refused = connection.request(someone, "GET", f"/{bucket}/large")
    connection.send(refused)
    short = connection.answer()
    assert short[0] == "HTTP/1.1 403 Forbidden"
    assert b"<Code>AccessDenied</Code>" in short[2]
    connection.send(connection.request(someone, "GET", f"/{bucket}/small"))
    assert connection.answer()[2] == SMALL
    other = Connection(served.url)
    other.send(the_long_way(refused))
    status, headers, body = other.answer()
    assert headers.pop("connection") == "close"
    assert (status, headers, body) == short
    other.close()


def test_a_changed_signature_is_refused_the_short_way(
    served: ServedWorld, bucket: str, connection: Connection
) -> None:
    asked = connection.request(served.root, "GET", f"/{bucket}/small")
    connection.send(asked.replace(b"/small ", b"/large "))
    status, _, body = connection.answer()
    assert status == "HTTP/1.1 403 Forbidden"
    assert b"<Code>SignatureDoesNotMatch</Code>" in body


def test_requests_behind_each_other_are_answered_in_order(
    served: ServedWorld, bucket: str, connection: Connection
) -> None:
    requests = [connection.request(served.root, "GET", f"/{bucket}/{key}") for key in KEYS]
    connection.send(requests[1], requests[0], requests[2], requests[1] + requests[0])
    assert [connection.answer()[2] for _ in range(5)] == [LARGE, SMALL, b"", LARGE, SMALL]
    connection.send(requests[0])
    assert connection.answer()[2] == SMALL


def test_an_object_that_comes_with_its_head_is_held_to_what_was_signed(
    served: ServedWorld, bucket: str, connection: Connection
) -> None:
    asked = connection.request(served.root, "PUT", f"/{bucket}/put", b"right")
    connection.send(asked[:-5] + b"wrong")
    status, _, body = connection.answer()
    assert (status, b"<Code>XAmzContentSHA256Mismatch</Code>" in body) == ("HTTP/1.1 400 Bad Request", True)
    assert "put" not in keys_of(served, bucket)
    connection.send(asked)
    assert connection.answer()[0] == "HTTP/1.1 200 OK"
    connection.send(connection.request(served.root, "GET", f"/{bucket}/put"))
    assert connection.answer()[2] == b"right"


def test_chunks_that_come_with_their_head_are_read(
    served: ServedWorld, bucket: str, connection: Connection
) -> None:
    body = b"3\r\nabc\r\n0\r\nx-amz-checksum-crc32:NSRBwg==\r\n\r\n"
    asked = connection.request(
        served.root,
        "PUT",
        f"/{bucket}/chunks",
        content_encoding="aws-chunked",
        x_amz_decoded_content_length="3",
        x_amz_trailer="x-amz-checksum-crc32",
    )
    head = asked[:-2] + b"Content-Length: %d\r\n\r\n" % len(body)
    connection.send(head + body)
    assert connection.answer()[0] == "HTTP/1.1 200 OK"
    connection.send(connection.request(served.root, "GET", f"/{bucket}/chunks"))
    assert connection.answer()[2] == b"abc"
    connection.send(head + body.replace(b"abc", b"abd"))
    assert b"<Code>BadDigest</Code>" in connection.answer()[2]


def test_who_leaves_in_the_middle_leaves_the_server_well(served: ServedWorld, bucket: str) -> None:
    for _ in range(3):
        leaving = Connection(served.url)
        leaving.send(leaving.request(served.root, "GET", f"/{bucket}/large"))
        leaving.close()
    staying = Connection(served.url)
    staying.send(staying.request(served.root, "GET", f"/{bucket}/large"))
    assert hashlib.sha256(staying.answer()[2]).digest() == hashlib.sha256(LARGE).digest()
    staying.close()


def the_long_way(asked: bytes) -> bytes:
    """The same request with a header that is not as clients write them."""
    return asked.replace(b"\r\n\r\n", b"\r\nX-Padded:  x\r\n\r\n", 1)


def keys_of(served: ServedWorld, bucket: str) -> set[str]:
    listed = served.root.client("s3").list_objects_v2(Bucket=bucket)
    return {each["Key"] for each in listed["Contents"]}
