"""Clients that send no more, or wait to be asked, over the network: they are answered, nothing is kept."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import urlsplit

import pytest
from botocore.exceptions import ClientError

from rolekeeper.gateway import inflow
from tests.gateway.served import ServedWorld
from tests.wire.signers import signed

MEGABYTE = 1 << 20


def answer(world: ServedWorld, head: str, headers: Mapping[str, str], body: bytes) -> bytes:
    """All that comes until the server ends the connection; the client says no more than that."""
    place = urlsplit(str(world.url))
    lines = [f"{head} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items()), "", ""]
    with socket.create_connection((place.hostname or "", place.port or 0), timeout=120) as asking:
        asking.sendall("\r\n".join(lines).encode() + body)
        came = []
        while part := asking.recv(65536):
            came.append(part)
    return b"".join(came)


@pytest.mark.parametrize(("announced", "sent"), [(1000, 10), (MEGABYTE, MEGABYTE // 4), (MEGABYTE, 0)])
def test_an_upload_that_stops_is_given_up(
    served: ServedWorld, announced: int, sent: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    s3 = served.root.client("s3", signature_version="s3v4")
    bucket = f"stops-{announced}-{sent}"
    s3.create_bucket(Bucket=bucket)
    url = urlsplit(s3.generate_presigned_url("put_object", Params={"Bucket": bucket, "Key": "k"}))
    monkeypatch.setattr(inflow, "PATIENCE", 0.5)
    headers = {"host": url.netloc, "content-length": str(announced)}
    told = answer(served, f"PUT {url.path}?{url.query}", headers, b"x" * sent)
    monkeypatch.undo()
    assert told.startswith(b"HTTP/1.1 400 ")
    assert b"<Code>RequestTimeout</Code><Message>Your socket connection" in told
    with pytest.raises(ClientError) as error:
        s3.head_object(Bucket=bucket, Key="k")
    assert error.value.response["ResponseMetadata"]["HTTPStatusCode"] == 404
    assert served.events()[-2]["errorCode"] == "RequestTimeoutException"


def test_who_is_not_known_is_not_asked_for_a_long_body(served: ServedWorld) -> None:
    request = signed(
        "POST",
        f"{served.url}/2015-03-31/functions",
        {},
        b"{}",
        keys=("AKIAQQQQQQQQQQQQQQQQ", "wrong"),
        scope=("us-east-1", "lambda"),
        at=datetime.now(UTC),
    )
    headers = dict(request.headers) | {"content-length": str(90 * MEGABYTE), "expect": "100-continue"}
    told = answer(served, "POST /2015-03-31/functions", headers, b"")
    assert told.startswith(b"HTTP/1.1 403 ")
    assert b"UnrecognizedClientException" in told
    assert served.events()[-1]["errorCode"] == "InvalidClientTokenId"
