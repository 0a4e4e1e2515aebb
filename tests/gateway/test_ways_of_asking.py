"""Ways of asking S3 that have a form of their own, on the server's own socket: each is allowed and refused.

Signatures with a key pair (SigV4A), bodies that wait for a word, and answers that are sequences of events.
"""

from __future__ import annotations

import socket
import struct
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime
from urllib.parse import urlsplit

import pytest

from rolekeeper.wire.http import HttpRequest
from tests.client import Person
from tests.gateway.raw import RecordedWorld, send, signed
from tests.people import refused
from tests.wire.pair_signers import EMPTY, PairSigner

CHUNKS = "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD"


@pytest.fixture(scope="module")
def world() -> Iterator[RecordedWorld]:
    found = RecordedWorld()
    yield found
    found.close()


def signer(person: Person, secret: str = "") -> PairSigner:
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    return PairSigner((person.key_id, secret or person.secret), stamp=stamp)


def written(request: HttpRequest, body: bytes = b"") -> bytes:
    """The request as bytes."""
    lines = [f"{name}: {value}\r\n" for name, value in request.headers]
    length = f"Content-Length: {len(body)}\r\n" if body else ""
    query = f"?{request.query}" if request.query else ""
    first = f"{request.method} {request.path}{query} HTTP/1.1\r\n"
    return f"{first}{''.join(lines)}{length}Connection: close\r\n\r\n".encode() + body


@pytest.mark.parametrize("regions", ["*", "us-east-1", "us-*,eu-west-1"])
def test_a_request_that_a_key_pair_has_signed_is_decided(world: RecordedWorld, regions: str) -> None:
    own = signer(world.bob)
    status, answer, got = world.ask(written(own.request("GET", "/open/a", regions=regions)))
    assert (status, [one.line for one in got]) == (200, ["GET /open/a HTTP/1.1"]), answer
    assert got[0].header("authorization").startswith("AWS4-HMAC-SHA256 Credential=behind/")
    status, answer, got = world.ask(written(own.request("GET", "/shut/a", regions=regions)))
    assert (status, got) == (403, []) and b"not authorized to perform: s3:GetObject" in answer


def test_a_presigned_url_of_a_key_pair_is_decided(world: RecordedWorld) -> None:
    own = signer(world.bob)
    for path, status in (("/open/a", 200), ("/shut/a", 403)):
        found, answer, got = world.ask(written(own.presigned("GET", path)))
        assert (found, len(got)) == (status, status == 200), answer
    moved = written(own.presigned("GET", "/open/a")).replace(b"/open/a", b"/open/b")
    status, answer, got = world.ask(moved)
    assert (status, got) == (403, []) and b"SignatureDoesNotMatch" in answer


def test_chunks_that_a_key_pair_has_signed_go_on_as_their_content(world: RecordedWorld) -> None:
    more = {"x_amz_decoded_content_length": "6", "content_encoding": "aws-chunked"}
    own = signer(world.bob)
    request = own.request("PUT", "/open/a", content=CHUNKS, **more)
    body = own.body([b"abcdef"])
    status, answer, got = world.ask(written(request, body))
    assert (status, [one.body for one in got]) == (200, [b"abcdef"]), answer
    status, _, got = world.ask(written(request, body.replace(b"abcdef", b"abcdeg")))
    assert status == 403 and not [one for one in got if one.body == b"abcdeg"]


@pytest.mark.parametrize("secret", ["wrong", "behind"])
def test_another_pair_is_nobodys(world: RecordedWorld, secret: str) -> None:
    status, answer, got = world.ask(written(signer(world.bob, secret).request("GET", "/open/a")))
    assert (status, got) == (403, []) and b"SignatureDoesNotMatch" in answer


def test_a_pair_does_not_sign_for_a_region_that_is_not_meant(world: RecordedWorld) -> None:
    own = signer(world.bob).request("GET", "/open/a", content=EMPTY, regions="eu-west-1")
    changed = written(own).replace(b"x-amz-region-set: eu-west-1", b"x-amz-region-set: *")
    status, answer, got = world.ask(changed)
    assert (status, got) == (403, []) and b"SignatureDoesNotMatch" in answer


@pytest.mark.parametrize(("target", "status"), [("/open/a", 200), ("/shut/a", 403)])
def test_a_body_that_waits_is_asked_for_only_of_who_may(
    world: RecordedWorld, target: str, status: int
) -> None:
    whole = signed(world.bob, "s3", "PUT", target, body=b"abc", unsigned=[("Expect", "100-continue")])
    head, _, body = whole.partition(b"\r\n\r\n")
    world.behind.taken()
    place = urlsplit(world.url)
    with socket.create_connection((place.hostname, place.port), timeout=20) as connection:
        connection.sendall(head + b"\r\n\r\n")
        first = connection.recv(1 << 16)
        if status == 200:
            assert first == b"HTTP/1.1 100 Continue\r\n\r\n"
            connection.sendall(body)
            first = connection.recv(1 << 16)
        assert first.startswith(b"HTTP/1.1 %d " % status)
    got = [one for one in world.behind.taken() if not one.is_lookup]
    assert [one.body for one in got] == ([b"abc"] if status == 200 else [])


def event(kind: str, payload: bytes) -> bytes:
    """One message of a stream of events. Source: "Event stream encoding" in the Amazon Transcribe guide."""
    headers = b"".join(
        bytes([len(name)]) + name + b"\x07" + struct.pack(">H", len(value)) + value
        for name, value in ((b":message-type", b"event"), (b":event-type", kind.encode()))
    )
    prelude = struct.pack(">II", 16 + len(headers) + len(payload), len(headers))
    message = prelude + struct.pack(">I", zlib.crc32(prelude)) + headers + payload
    return message + struct.pack(">I", zlib.crc32(message))


def test_events_come_through_as_they_are(world: RecordedWorld) -> None:
    rows = b"1,rex\n"
    asking = {
        "Key": "a",
        "ExpressionType": "SQL",
        "Expression": "SELECT * FROM S3Object",
        "InputSerialization": {"CSV": {}},
        "OutputSerialization": {"CSV": {}},
    }
    world.behind.body = b"".join([event("Records", rows)] * 3) + event("End", b"")
    try:
        found = world.bob.client("s3").select_object_content(Bucket="open", **asking)
        got = [each["Records"]["Payload"] for each in found["Payload"] if "Records" in each]
        assert got == [rows] * 3
        with refused("AccessDenied", 403, "s3:GetObject"):
            world.bob.client("s3").select_object_content(Bucket="shut", **asking)
    finally:
        world.behind.body = b""


def test_a_range_comes_through(world: RecordedWorld) -> None:
    world.bob.client("s3").get_object(Bucket="open", Key="a", Range="bytes=1-2")
    (got,) = [one for one in world.behind.taken() if one.line.startswith("GET /open/a")]
    assert got.header("range") == "bytes=1-2"
    status, answer = send(world, signed(world.bob, "s3", "GET", "/shut/a", [("range", "bytes=1-2")]))
    assert status == 403 and b"s3:GetObject" in answer
