"""Bodies that come packed."""

from __future__ import annotations

import gzip

import pytest

from rolekeeper.errors import AwsError
from rolekeeper.wire import reading
from rolekeeper.wire.reading.bodies import LARGEST
from tests.wire.reading.asking import FORM, asking, read

BODY = b"Action=PutMetricData&Version=2010-08-01&Namespace=n"


def packed(body: bytes, encoding: str = "gzip") -> reading.Reading:
    return read(asking("POST", signed="monitoring", body=body, content_type=FORM, content_encoding=encoding))


@pytest.mark.parametrize(
    ("body", "encoding"),
    [
        (BODY, "gzip"),
        (gzip.compress(BODY, mtime=0)[:-4], "gzip"),
        (gzip.compress(BODY, mtime=0) + b"more", "gzip"),
        (gzip.compress(BODY, mtime=0) + gzip.compress(BODY, mtime=0), "gzip"),
        (gzip.compress(BODY, mtime=0), "br"),
        (gzip.compress(BODY, mtime=0), "gzip, gzip"),
        (gzip.compress(BODY + b"x" * LARGEST, mtime=0), "gzip"),
    ],
)
def test_what_cannot_be_unpacked_or_is_too_much_is_refused(body: bytes, encoding: str) -> None:
    with pytest.raises(AwsError):
        packed(body, encoding)


def test_a_packed_body_is_read_and_goes_on_plainly() -> None:
    found = packed(gzip.compress(BODY, mtime=0))
    assert found.members == {"Namespace": "n"}
    assert found.written.body == BODY
    assert "content-encoding" not in dict(found.written.headers)


@pytest.mark.parametrize("encoding", ["identity", "amz-1.0", ""])
def test_a_body_that_is_said_to_be_plain_is(encoding: str) -> None:
    assert packed(BODY, encoding).members == {"Namespace": "n"}
