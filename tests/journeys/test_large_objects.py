"""Objects of gigabytes through the gateway, by boto3: they arrive whole, and nobody holds them.

What stands behind makes them up as it sends, and only measures what it gets.
"""

from __future__ import annotations

import os
import threading
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from tests.journeys.conftest import Running, bare_environment, up
from tests.people import allow, policy

SIZE, SENT = 3 << 30, 2 << 30
HELD = 96 << 20
"""What the server may have more of after gigabytes than before: buffers, and no object."""
PIECE = bytes(range(256)) * 4096
KEYS = {"ROLEKEEPER_BACKEND_ACCESS_KEY_ID": "behind", "ROLEKEEPER_BACKEND_SECRET_ACCESS_KEY": "secret"}

pytestmark = [
    pytest.mark.skipif("JOURNEYS" not in os.environ, reason="takes its time: make journeys"),
    pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is read as Linux tells it"),
]


class Endless(BaseHTTPRequestHandler):
    """Any object is of SIZE bytes, or of the range that is asked for; what is put is counted."""

    protocol_version = "HTTP/1.1"
    taken: list[tuple[str, int, int]] = []

    def do_GET(self) -> None:
        if self.path.startswith("/?") or self.path == "/":
            body = b"<ListAllMyBucketsResult><Buckets/></ListAllMyBucketsResult>"
            self._head(200, len(body))
            self.wfile.write(body)
            return
        wanted = self.headers.get("range")
        first, last = (int(each) for each in wanted[6:].split("-")) if wanted else (0, SIZE - 1)
        self._head(206 if wanted else 200, last - first + 1)
        while first <= last:
            at = first % len(PIECE)
            piece = PIECE[at : at + last - first + 1]
            self.wfile.write(piece)
            first += len(piece)

    def do_PUT(self) -> None:
        left, sum = int(self.headers.get("content-length", "0")), 0
        size = left
        while left:
            piece = self.rfile.read(min(left, 1 << 20))
            sum, left = zlib.crc32(piece, sum), left - len(piece)
        self.taken.append((self.path, size, sum))
        self._head(200, 0)

    def _head(self, status: int, length: int) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(length))
        self.send_header("ETag", '"0123456789abcdef0123456789abcdef"')
        self.end_headers()

    def log_message(self, *_: Any) -> None: ...


@contextmanager
def behind() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Endless)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    home = tmp_path_factory.mktemp("home")
    with (
        behind() as url,
        up(bare_environment(home) | KEYS, "--ephemeral", "--backend", f"s3={url}") as running,
    ):
        running.client("s3").create_bucket(Bucket="lake")
        yield running


@pytest.fixture(scope="module")
def s3(server: Running) -> Any:
    """S3 as a user who may read and write one prefix."""
    iam = server.client("iam")
    iam.create_user(UserName="mover")
    moving = allow("s3:GetObject", "s3:PutObject", on="arn:aws:s3:::lake/large/*")
    iam.put_user_policy(UserName="mover", PolicyName="own", PolicyDocument=policy(moving))
    key = iam.create_access_key(UserName="mover")["AccessKey"]
    found = boto3.client(
        "s3",
        endpoint_url=server.endpoint,
        region_name="us-east-1",
        aws_access_key_id=key["AccessKeyId"],
        aws_secret_access_key=key["SecretAccessKey"],
        config=Config(retries={"total_max_attempts": 1}, read_timeout=300),
    )
    found.put_object(Bucket="lake", Key="large/first", Body=b"small")
    assert len(found.get_object(Bucket="lake", Key="large/first", Range="bytes=0-9")["Body"].read()) == 10
    return found


def most(server: Running) -> int:
    """The most memory that the server has had."""
    lines = Path(f"/proc/{server.pid}/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmHWM:")).split()[1]) << 10


def test_three_gigabytes_come_and_are_held_nowhere(server: Running, s3: Any) -> None:
    before = most(server)
    body = s3.get_object(Bucket="lake", Key="large/object")["Body"]
    size, sum = 0, 0
    for piece in body.iter_chunks(1 << 20):
        size, sum = size + len(piece), zlib.crc32(piece, sum)
    expected = 0
    for _ in range(SIZE // len(PIECE)):
        expected = zlib.crc32(PIECE, expected)
    assert (size, sum) == (SIZE, expected)
    assert most(server) - before < HELD


def test_who_reads_slowly_makes_nobody_hold_it(server: Running, s3: Any) -> None:
    before = most(server)
    answers = [s3.get_object(Bucket="lake", Key=f"large/{number}")["Body"] for number in range(8)]
    for body in answers:
        assert len(body.read(1000)) == 1000
        body.close()
    assert most(server) - before < HELD


def test_two_gigabytes_go_in_signed_and_are_held_nowhere(server: Running, s3: Any, tmp_path: Path) -> None:
    source = tmp_path / "large"
    with source.open("wb") as file:
        file.truncate(SENT)  # sparse: it takes no room
        file.seek(SENT - 3)
        file.write(b"end")
    before = most(server)
    with source.open("rb") as file:
        s3.put_object(Bucket="lake", Key="large/put", Body=file)
    expected, empty = 0, bytes(1 << 20)
    for _ in range(SENT // len(empty) - 1):
        expected = zlib.crc32(empty, expected)
    expected = zlib.crc32(empty[3:] + b"end", expected)
    assert Endless.taken[-1] == ("/lake/large/put", SENT, expected)
    assert most(server) - before < HELD


def test_nothing_of_it_goes_on_for_who_may_not(server: Running, s3: Any, tmp_path: Path) -> None:
    source = tmp_path / "large"
    with source.open("wb") as file:
        file.truncate(64 << 20)
    count = len(Endless.taken)
    with source.open("rb") as file, pytest.raises(ClientError, match="AccessDenied"):
        s3.put_object(Bucket="lake", Key="other/put", Body=file)
    with pytest.raises(ClientError, match="AccessDenied"):
        s3.get_object(Bucket="lake", Key="other/object")
    assert len(Endless.taken) == count
