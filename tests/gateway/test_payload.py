"""Bodies as they pass: none that was not signed gets through whole; no byte is lost, twice or too early."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import zlib
from collections.abc import Callable
from typing import Any

import pytest

from rolekeeper.errors import (
    AwsError,
    BadDigest,
    IncompleteBody,
    InvalidArgument,
    InvalidChunkSizeError,
    InvalidDigest,
    InvalidRequest,
    MalformedTrailerError,
    MissingContentLength,
    RequestEntityTooLarge,
    SignatureDoesNotMatch,
    XAmzContentSHA256Mismatch,
)
from rolekeeper.gateway.payload import PIECE, Disconnected, Payload
from rolekeeper.wire.http import HttpRequest
from tests.gateway.bodies import Packets, given_before, packets, payload, read
from tests.wire.pair_signers import PairSigner
from tests.wire.s3_signers import (
    SIGNED_TRAILER,
    STREAMING,
    UNSIGNED_TRAILER,
    ChunkSigner,
    sealed,
    signed_to_s3,
)
from tests.wire.signers import KEY_ID
from tests.wire.test_sigv4a import verified

BODY = b"".join([hashlib.sha256(bytes([at % 256, at // 256])).digest() for at in range(4096)])
CRC32 = base64.b64encode(zlib.crc32(BODY).to_bytes(4, "big")).decode()
CHUNKS = [BODY[:65536], BODY[65536:]]


def plain(body: bytes = BODY, *, content: str | None = None, **headers: str) -> HttpRequest:
    """A request with a plain body."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return signed_to_s3(headers={"content-length": str(len(body))} | named, body=body, content=content)


def chunked(content: str = STREAMING, *, length: int = len(BODY), **headers: str) -> HttpRequest:
    """A request with a body in chunks."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    own = {
        "content-encoding": "aws-chunked",
        "x-amz-decoded-content-length": str(length),
        "content-length": "1",
    }
    return signed_to_s3(headers=own | named, content=content)


def trailed(content: str = SIGNED_TRAILER, name: str = "x-amz-checksum-crc32", **more: Any) -> HttpRequest:
    return chunked(content, x_amz_trailer=name, **more)


def signer(request: HttpRequest) -> ChunkSigner:
    return ChunkSigner.of(request)


def refused(error: type[Exception], request: HttpRequest, body: bytes, **changes: Any) -> list[bytes]:
    """What is given on of a body before it is refused: never all of it."""
    size = changes.pop("size", 4096)
    found = payload(request, Packets(packets(body, size), **changes), sealed(request))
    given, _ = given_before(error, found)
    assert found.length is None or sum(map(len, given)) < max(found.length, 1)
    return given


# -- plain bodies -----------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [1000, 65536, len(BODY), len(BODY) + 1])
@pytest.mark.parametrize("content", [None, "UNSIGNED-PAYLOAD"])
def test_a_plain_body_passes_as_it_is(content: str | None, size: int) -> None:
    assert b"".join(read(plain(content=content), BODY, size=size)) == BODY


def test_a_body_that_was_not_signed_is_never_given_on_whole() -> None:
    given = refused(XAmzContentSHA256Mismatch, plain(), BODY[:-1] + b"x")
    assert b"".join(given) == BODY[:-4096]
    refused(XAmzContentSHA256Mismatch, plain(b"abc"), b"abd")
    assert refused(XAmzContentSHA256Mismatch, plain(b"abc"), b"abd") == []


def test_a_body_of_another_length_is_refused() -> None:
    refused(IncompleteBody, plain(content="UNSIGNED-PAYLOAD"), BODY[:-1])
    refused(IncompleteBody, plain(content="UNSIGNED-PAYLOAD"), BODY + b"x")
    refused(IncompleteBody, plain(b"", content="UNSIGNED-PAYLOAD"), b"x")


def test_who_goes_away_is_not_taken_for_the_end() -> None:
    refused(Disconnected, plain(), BODY[:8192], then="http.disconnect")


def test_a_body_in_https_own_chunks_has_no_length() -> None:
    request = signed_to_s3(headers={"transfer-encoding": "chunked"}, content="UNSIGNED-PAYLOAD")
    found = payload(request, Packets(packets(BODY, 5000)), sealed(request))
    assert found.length is None
    assert asyncio.run(found.whole(len(BODY))) == BODY


def test_a_body_that_is_too_long_is_not_read() -> None:
    came = Packets([BODY])
    with pytest.raises(RequestEntityTooLarge):
        asyncio.run(payload(plain(), came, sealed(plain())).whole(len(BODY) - 1))
    assert came.asked == 0
    request = signed_to_s3(headers={"transfer-encoding": "chunked"}, content="UNSIGNED-PAYLOAD")
    with pytest.raises(RequestEntityTooLarge):
        asyncio.run(payload(request, Packets(packets(BODY, 5000)), sealed(request)).whole(len(BODY) - 1))


def test_a_short_body_is_ready_whole_and_a_long_one_in_pieces() -> None:
    async def ready(body: bytes) -> object:
        request = plain(body)
        return await payload(request, Packets(packets(body, 1000)), sealed(request)).ready()

    assert asyncio.run(ready(BODY[:PIECE])) == BODY[:PIECE]
    assert asyncio.run(ready(b"")) == b""
    assert not isinstance(asyncio.run(ready(BODY[: PIECE + 1])), bytes)


def test_nothing_is_asked_for_before_it_is_wanted() -> None:
    came = Packets(packets(BODY, 1000))
    payload(plain(), came, sealed(plain()))
    assert came.asked == 0


def test_no_more_is_asked_for_than_is_given_on() -> None:
    came = Packets(packets(BODY, 1000))
    found = payload(plain(), came, sealed(plain()))

    async def two() -> None:
        pieces = found.stream()
        await anext(pieces)
        await anext(pieces)

    asyncio.run(two())
    assert came.asked == 3


# -- signed chunks ----------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [1, 89, 4096, 1 << 20])
def test_signed_chunks_are_read(size: int) -> None:
    request = chunked()
    assert b"".join(read(request, signer(request).body(CHUNKS), size=size)) == BODY


@pytest.mark.parametrize("size", [1, 7, 1 << 20])
def test_signed_chunks_with_a_trailer_are_read(size: int) -> None:
    request = trailed()
    body = signer(request).body(CHUNKS, {"x-amz-checksum-crc32": CRC32})
    found = payload(request, Packets(packets(body, size)), sealed(request))
    assert asyncio.run(found.whole(len(BODY))) == BODY
    assert found.trailers == {"x-amz-checksum-crc32": CRC32}


@pytest.mark.parametrize("content", [UNSIGNED_TRAILER, None])
def test_chunks_without_signatures_are_read(content: str | None) -> None:
    request = trailed(UNSIGNED_TRAILER)
    if content is None:  # who does not sign, as botocore sends it
        left_out = ("authorization", "x-amz-content-sha256", "x-amz-date")
        headers = [(name, value) for name, value in request.headers if name not in left_out]
        request = HttpRequest(method="PUT", path=request.path, headers=headers)
    body = ChunkSigner(None).body(CHUNKS, {"x-amz-checksum-crc32": CRC32})
    assert b"".join(read(request, body, signed=content is not None)) == BODY


def test_an_empty_body_in_chunks() -> None:
    request = chunked(length=0)
    body = signer(request).body([])
    assert read(request, body) == []
    refused(SignatureDoesNotMatch, request, _wrong(body))


def _wrong(body: bytes) -> bytes:
    """The same with another first signature."""
    at = body.index(b"chunk-signature=") + len(b"chunk-signature=")
    return body[:at] + b"0" * 64 + body[at + 64 :]


def test_the_trailers_of_some_clients_have_a_line_feed_more_and_no_end() -> None:
    request = trailed()
    body = signer(request).body(CHUNKS, {"x-amz-checksum-crc32": CRC32})
    other = body.replace(CRC32.encode() + b"\r\n", CRC32.encode() + b"\n\r\n")
    assert b"".join(read(request, other, size=1)) == BODY
    assert b"".join(read(request, body[:-2])) == BODY


def test_a_chunk_that_was_not_signed_is_refused() -> None:
    request = chunked()
    body = signer(request).body(CHUNKS)
    at = body.index(BODY[:64])
    refused(SignatureDoesNotMatch, request, body[:at] + b"x" + body[at + 1 :])
    refused(SignatureDoesNotMatch, request, _wrong(body))
    # Signed, but after another head.
    refused(SignatureDoesNotMatch, request, signer(chunked(x_amz_meta_a="b")).body(CHUNKS))


def test_chunks_in_another_order_are_refused() -> None:
    request = chunked()
    first, second, last = (signer(request).chunk(chunk) for chunk in (*CHUNKS, b""))
    refused(SignatureDoesNotMatch, request, second + first + last + b"\r\n")
    refused(SignatureDoesNotMatch, request, first + first + last + b"\r\n")


def test_a_body_that_ends_early_is_refused_wherever_it_does() -> None:
    request = trailed()
    body = signer(request).body(CHUNKS, {"x-amz-checksum-crc32": CRC32})
    for length in (0, 1, 80, 100, 65535 + 88, 65536 + 90, len(body) - 300, len(body) - 100, len(body) - 60):
        refused(IncompleteBody, request, body[:length])


def test_a_body_that_goes_on_is_refused() -> None:
    request = chunked()
    body = signer(request).body(CHUNKS)
    for more in (b"x", b"\r\n", body):
        refused(IncompleteBody, request, body + more)
    request = trailed()
    body = signer(request).body(CHUNKS, {"x-amz-checksum-crc32": CRC32})
    for more in (b"x\r\n", b"\r\n"):
        refused(IncompleteBody, request, body + more)


@pytest.mark.parametrize("length", [len(BODY) - 1, len(BODY) + 1, 0, 65536])
def test_a_length_that_is_not_the_contents_is_refused(length: int) -> None:
    request = chunked(length=length)
    refused(IncompleteBody, request, signer(request).body(CHUNKS))


@pytest.mark.parametrize(
    "line",
    [
        "",
        ";",
        "-1",
        "0x10",
        "10 ",
        " 10",
        "1" * 17,
        "10;chunk-signature=",
        "10;chunk-signature=" + "g" * 64,
        "10;chunk-signature=" + "0" * 64 + ";chunk-signature=" + "0" * 64,
        "10;other=1;chunk-signature=" + "0" * 64,
        "x" * 2000,
    ],
)
def test_what_is_no_chunks_header(line: str) -> None:
    refused(IncompleteBody, chunked(), f"{line}\r\n".encode() + b"x" * 16 + b"\r\n")
    if ";" not in line:
        refused(IncompleteBody, trailed(UNSIGNED_TRAILER), f"{line}\r\n".encode() + b"x" * 16 + b"\r\n")


def test_chunks_end_where_they_say() -> None:
    request = chunked(length=16)
    good = signer(request).body([b"x" * 16])
    refused(IncompleteBody, request, good.replace(b"x" * 16, b"x" * 17))
    refused(IncompleteBody, request, good.replace(b"\r\n", b"\n"))


def test_only_the_last_chunk_may_be_small() -> None:
    request = chunked()
    refused(InvalidChunkSizeError, request, signer(request).body([BODY[:8191], BODY[8191:]]))
    request = chunked()
    read(request, signer(request).body([BODY[:8192], BODY[8192:]]))


# -- trailers ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "trailers",
    [
        {},
        {"x-amz-checksum-crc32": CRC32, "x-amz-meta-a": "b"},
        {"x-amz-checksum-sha1": "2jmj7l5rSw0yVb/vlWAYkK/YBwk="},
        {"x-amz-checksum-crc32": ""},
        {"x-amz-checksum-crc32": "a\0b"},
    ],
)
@pytest.mark.parametrize("content", [SIGNED_TRAILER, UNSIGNED_TRAILER])
def test_only_what_was_announced_may_follow(content: str, trailers: dict[str, str]) -> None:
    request = trailed(content)
    chunks = signer(request) if content == SIGNED_TRAILER else ChunkSigner(None)
    refused(MalformedTrailerError, request, chunks.body(CHUNKS, trailers))


def test_a_trailer_stands_once() -> None:
    body = ChunkSigner(None).body(CHUNKS, {"x-amz-checksum-crc32": CRC32})
    line = f"x-amz-checksum-crc32:{CRC32}\r\n".encode()
    refused(MalformedTrailerError, trailed(UNSIGNED_TRAILER), body.replace(line, line * 2))


def test_a_trailer_that_was_not_signed_is_refused() -> None:
    request = trailed()
    body = signer(request).body(CHUNKS, {"x-amz-checksum-crc32": CRC32})
    refused(SignatureDoesNotMatch, request, body.replace(CRC32.encode(), b"AAAAAA=="))
    at = body.index(b"x-amz-trailer-signature")
    refused(MalformedTrailerError, request, body[:at] + b"\r\n")
    refused(MalformedTrailerError, request, body[:at] + b"x-amz-trailer-signature:" + b"\r\n\r\n")
    refused(SignatureDoesNotMatch, request, body[: at + 24] + b"0" * 64 + b"\r\n\r\n")


def test_a_trailers_checksum_is_checked() -> None:
    request = trailed()
    refused(BadDigest, request, signer(request).body(CHUNKS, {"x-amz-checksum-crc32": "AAAAAA=="}))
    refused(InvalidRequest, request, signer(request).body(CHUNKS, {"x-amz-checksum-crc32": "AAAA"}))
    refused(
        BadDigest,
        trailed(UNSIGNED_TRAILER),
        ChunkSigner(None).body(CHUNKS, {"x-amz-checksum-crc32": "AAAAAA=="}),
    )


# -- what is announced in the head ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("content-md5", base64.b64encode(hashlib.md5(BODY).digest()).decode()),
        ("x-amz-checksum-sha256", base64.b64encode(hashlib.sha256(BODY).digest()).decode()),
        ("x-amz-checksum-sha1", base64.b64encode(hashlib.sha1(BODY).digest()).decode()),
        ("x-amz-checksum-crc32", CRC32),
    ],
)
def test_a_checksum_in_the_head_is_checked(name: str, value: str) -> None:
    request = plain(content="UNSIGNED-PAYLOAD", **{name: value})
    assert b"".join(read(request, BODY)) == BODY
    refused(BadDigest, request, BODY[:-1] + b"x")
    with pytest.raises((InvalidDigest, InvalidRequest)):
        read(plain(content="UNSIGNED-PAYLOAD", **{name: "AAAA"}), BODY)


@pytest.mark.parametrize(
    ("error", "header", "value"),
    [
        (MissingContentLength, "x-amz-decoded-content-length", None),
        (InvalidArgument, "x-amz-decoded-content-length", "-1"),
        (InvalidArgument, "x-amz-decoded-content-length", "1e3"),
        (InvalidArgument, "x-amz-trailer", "a b"),
        (InvalidArgument, "x-amz-trailer", ""),
    ],
)
def test_a_head_that_does_not_go_with_chunks(error: type[AwsError], header: str, value: str | None) -> None:
    headers = dict(trailed().headers) | {header: value}
    request = HttpRequest(
        method="PUT", path="/", headers=[(name, text) for name, text in headers.items() if text is not None]
    )
    seal = sealed(trailed())
    with pytest.raises(error):
        payload(request, Packets([]), seal)


def test_a_body_in_chunks_must_be_announced_as_one() -> None:
    request = plain(content="UNSIGNED-PAYLOAD", content_encoding="gzip, aws-chunked")
    with pytest.raises(InvalidRequest):
        payload(request, Packets([BODY]), sealed(request))


def test_signed_chunks_need_a_signature() -> None:
    with pytest.raises(SignatureDoesNotMatch):
        payload(chunked(), Packets([BODY]))


def test_the_request_is_told_without_the_frames_of_its_body() -> None:
    request = trailed(content_encoding="aws-chunked,gzip", x_amz_meta_a="b")
    found = payload(request, Packets([]), sealed(request)).request
    assert found.header("content-encoding") == "gzip"
    assert found.header("content-length") == str(len(BODY))
    assert found.header("x-amz-meta-a") == "b"
    for name in ("x-amz-decoded-content-length", "x-amz-trailer", "x-amz-content-sha256"):
        assert found.header(name) is None
    assert payload(chunked(), Packets([]), sealed(chunked())).request.header("content-encoding") is None


@pytest.mark.parametrize(("name", "value"), [("crc32c", "AAAAAA=="), ("crc64nvme", "AAAAAAAAAAA=")])
def test_a_checksum_that_nobody_here_computes_is_left_to_who_stands_behind(name: str, value: str) -> None:
    request = plain(content="UNSIGNED-PAYLOAD", **{f"x-amz-checksum-{name}": value})
    assert b"".join(read(request, BODY)) == BODY
    assert payload(request, Packets([]), sealed(request)).request.header(f"x-amz-checksum-{name}") == value
    request = trailed(UNSIGNED_TRAILER, f"x-amz-checksum-{name}")
    assert b"".join(read(request, ChunkSigner(None).body(CHUNKS, {f"x-amz-checksum-{name}": value}))) == BODY


# -- signatures with a key pair ---------------------------------------------------------------------


def by_pair(content: str, body: Callable[[PairSigner], bytes], **headers: str) -> Payload:
    """A body in chunks that a key pair has signed."""
    own = {"content_length": "1", "x_amz_decoded_content_length": str(len(BODY))}
    pair = PairSigner()
    request = pair.request(content=content, **(own | headers))
    return payload(request, Packets(packets(body(pair), 999)), verified(request))


def test_chunks_with_signatures_of_a_key_pair() -> None:
    found = by_pair("STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD", lambda pair: pair.body(CHUNKS))
    assert asyncio.run(found.whole(len(BODY))) == BODY
    trailers = {"x-amz-checksum-crc32": CRC32}
    found = by_pair(
        "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD-TRAILER",
        lambda pair: pair.body(CHUNKS, trailers),
        x_amz_trailer="x-amz-checksum-crc32",
    )
    assert asyncio.run(found.whole(len(BODY))) == BODY
    assert found.trailers == trailers


def test_chunks_that_another_key_pair_has_signed() -> None:
    other = PairSigner((KEY_ID, "another"))
    other.request()
    found = by_pair("STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD", lambda pair: other.body(CHUNKS))
    given_before(SignatureDoesNotMatch, found)
    changed = by_pair(
        "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD",
        lambda pair: pair.body(CHUNKS).replace(CHUNKS[1], CHUNKS[1][::-1]),
    )
    given, _ = given_before(SignatureDoesNotMatch, changed)
    assert sum(map(len, given)) < len(BODY)
