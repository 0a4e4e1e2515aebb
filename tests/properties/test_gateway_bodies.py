"""Bodies in frames and forms: in any packets they say the same, and no change of them gets through."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import zlib
from collections.abc import Callable, Sequence
from contextlib import suppress
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from rolekeeper.errors import AwsError
from rolekeeper.gateway.payload import Payload
from rolekeeper.wire.content import read_content
from rolekeeper.wire.http import HttpRequest
from rolekeeper.wire.multipart import Form, boundary_of
from rolekeeper.wire.post_policy import check, read_policy, read_signature
from tests.gateway.bodies import Packets, payload
from tests.wire.forms import BOUNDARY, form, part, signed_fields
from tests.wire.s3_signers import (
    SIGNED_TRAILER,
    STREAMING,
    UNSIGNED_TRAILER,
    ChunkSigner,
    sealed,
    signed_to_s3,
)
from tests.wire.signers import NOW

EXAMPLES = settings(max_examples=5_000 if os.environ.get("RK_FUZZ") else 200, deadline=None)

CONTENT = bytes(range(256)) * 48
CRC32 = base64.b64encode(zlib.crc32(CONTENT).to_bytes(4, "big")).decode()
CUTS = st.lists(st.integers(0, 1 << 15), max_size=12)
CHANGES: st.SearchStrategy[Callable[[bytes], bytes]] = st.one_of(
    st.just(lambda _: b""),
    st.just(lambda byte: byte * 2),
    st.sampled_from([b"\r", b"\n", b";", b"0", b"=", b" ", b"\0", b"x", b"\r\n"]).map(
        lambda other: lambda _: other
    ),
    st.binary(min_size=1, max_size=3).map(lambda other: lambda byte: byte + other),
)


def framed(kind: str) -> tuple[HttpRequest, bytes]:
    """A request with a body in chunks, signed once."""
    headers = {"content-length": "1", "x-amz-decoded-content-length": str(len(CONTENT))}
    trailers = None
    if kind != STREAMING:
        headers["x-amz-trailer"] = "x-amz-checksum-crc32"
        trailers = {"x-amz-checksum-crc32": CRC32}
    request = signed_to_s3(headers=headers, content=kind)
    signer = ChunkSigner(None) if kind == UNSIGNED_TRAILER else ChunkSigner.of(request)
    return request, signer.body([CONTENT[:8192], CONTENT[8192:]], trailers)


BODIES = {kind: framed(kind) for kind in (STREAMING, SIGNED_TRAILER, UNSIGNED_TRAILER)}


def cut(body: bytes, cuts: Sequence[int]) -> list[bytes]:
    """A body in packets, cut at these places."""
    places = [0, *sorted(at % (len(body) + 1) for at in cuts), len(body)]
    return [body[start:end] for start, end in pairwise(places)]


def given_on(found: Payload) -> tuple[bytes, bool]:
    """What a body gives, and whether all of it was right."""
    given: list[bytes] = []

    async def collect() -> bool:
        try:
            async for piece in found.stream():
                given.append(piece)
        except AwsError:
            return False
        return True

    right = asyncio.run(collect())
    return b"".join(given), right


@EXAMPLES
@given(st.sampled_from(list(BODIES)), CUTS)
def test_chunks_say_the_same_in_any_packets(kind: str, cuts: list[int]) -> None:
    request, body = BODIES[kind]
    assert given_on(payload(request, Packets(cut(body, cuts)), sealed(request))) == (CONTENT, True)


@EXAMPLES
@given(st.sampled_from(list(BODIES)), st.integers(0, 1 << 15), CHANGES, CUTS)
def test_no_change_of_chunks_gets_through(
    kind: str, at: int, change: Callable[[bytes], bytes], cuts: list[int]
) -> None:
    request, body = BODIES[kind]
    at %= len(body)
    other = body[:at] + change(body[at : at + 1]) + body[at + 1 :]
    given, right = given_on(payload(request, Packets(cut(other, cuts)), sealed(request)))
    assert given == CONTENT if right else len(given) < len(CONTENT)


@EXAMPLES
@given(st.sampled_from(list(BODIES)), st.binary(max_size=300), CUTS)
def test_no_bytes_make_another_error(kind: str, body: bytes, cuts: list[int]) -> None:
    request, _ = BODIES[kind]
    given, right = given_on(payload(request, Packets(cut(body, cuts)), sealed(request)))
    assert not right
    assert len(given) < len(CONTENT)


FILE = b"\r\n--" + BOUNDARY.encode()[:-1] + b"\r\n" * 3 + CONTENT
FORM = form({"key": "a", "x-amz-meta-b": "", "acl": "c\r\n--d"}, FILE)
PIECES = st.sampled_from(
    [
        *(
            f"--{BOUNDARY}".encode(),
            b"--",
            b"\r\n",
            b"\r\n\r\n",
            b"\n",
            b" ",
            b'"',
            b"\\",
            b"%00",
            b"\0",
            b"\xff",
        ),
        *(
            b"Content-Disposition: form-data; name=",
            b'"key"',
            b"key",
            b"; filename=",
            b'"file"',
            b"file",
            b"x" * 3000,
        ),
        *(part("key", b"a"), part("file", b"b", "c"), part("policy", b"x"), f"--{BOUNDARY}--\r\n".encode()),
    ]
)


def taken_apart(packets: Sequence[bytes]) -> tuple[Form, bytes]:
    found = Form(BOUNDARY.encode())
    file = b"".join([piece for packet in packets for piece in found.feed(packet)])
    found.close()
    return found, file


@EXAMPLES
@given(CUTS)
def test_forms_say_the_same_in_any_packets(cuts: list[int]) -> None:
    found, file = taken_apart(cut(FORM, cuts))
    assert found.fields == {"key": "a", "x-amz-meta-b": "", "acl": "c\r\n--d"}
    assert file == FILE


@EXAMPLES
@given(st.lists(PIECES | st.binary(max_size=8), max_size=12).map(b"".join), CUTS)
def test_forms_are_read_or_refused_alike_in_any_packets(body: bytes, cuts: list[int]) -> None:
    read: list[object] = []
    for packets in ([body], cut(body, cuts), [body[at : at + 1] for at in range(len(body))]):
        try:
            found, file = taken_apart(packets)
            read.append((dict(found.fields), file, found.filename))
        except AwsError as error:
            read.append(type(error))
    assert read[0] == read[1] == read[2]


TEXT = st.text(max_size=30)
LEAF = st.none() | st.booleans() | st.integers(-5, 5) | st.floats() | TEXT
JSON = st.recursive(
    LEAF, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3)
)
CONDITION = (
    st.tuples(
        st.sampled_from(["eq", "starts-with", "content-length-range", "x"]),
        TEXT.map("${}".format) | LEAF,
        LEAF,
    )
    | st.dictionaries(TEXT, LEAF, max_size=2)
    | JSON
)


@EXAMPLES
@given(st.dictionaries(st.sampled_from(["expiration", "conditions", "x"]), JSON | st.lists(CONDITION)), TEXT)
def test_no_policy_makes_another_error(document: dict[str, object], junk: str) -> None:
    for text in (json.dumps(document), junk, json.dumps({"expiration": "2030-01-01T00:00:00Z"} | document)):
        encoded = base64.b64encode(text.encode("utf-8", "surrogatepass")).decode()
        try:
            check(read_policy(encoded), {"key": "a"}, bucket="b", now=NOW)
        except AwsError:
            continue
        assert False, "nothing says that the bucket may be this one"  # noqa: B011


FIELDS = signed_fields()


@EXAMPLES
@given(st.dictionaries(st.sampled_from(sorted(FIELDS)) | TEXT, TEXT, max_size=3))
def test_no_fields_make_another_error(changes: dict[str, str]) -> None:
    with suppress(AwsError):
        read_signature(FIELDS | changes)


@EXAMPLES
@given(TEXT, TEXT, st.booleans())
def test_no_announcement_makes_another_error(text: str, query: str, presigned: bool) -> None:
    headers = (("x-amz-content-sha256", text), ("content-type", f"multipart/form-data; boundary={text}"))
    request = HttpRequest(method="PUT", path="/", query=f"X-Amz-Content-Sha256={query}", headers=headers)
    for read in (lambda: read_content(request, presigned=presigned), lambda: boundary_of(headers[1][1])):
        with suppress(AwsError):
            read()
