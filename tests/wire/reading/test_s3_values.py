"""Headers of S3's that have a form of their own."""

from __future__ import annotations

import pytest

from rolekeeper.errors import AwsError
from tests.wire.reading.asking import asking, read


@pytest.mark.parametrize(
    "source",
    ["", "/", "b", "/b/", "b/%zz", "b/%ff", "b/../c/k", "b/./k", "../b/k", "b/k#x", "b/k?x=1", "b%20/k",
     "b/k?versionId=%zz", "b/k?versionId=a?versionId=b", "arn:aws:s3:eu-west-1:1:accesspoint/a/object/k"],
)  # fmt: skip
def test_a_source_that_is_no_bucket_and_key_is_refused(source: str) -> None:
    with pytest.raises(AwsError):
        read(asking("PUT", "/b/k", x_amz_copy_source=source))


@pytest.mark.parametrize(
    ("source", "again"),
    [
        ("b/k", "b/k"),
        ("/b/k", "b/k"),
        ("%2Fb%2fk%20l", "b/k%20l"),
        ("b/a+b%2Bc", "b/a+b%2Bc"),
        ("b/k%3FversionId=1?versionId=2", "b/k%3FversionId%3D1?versionId=2"),
        ("b/%C3%A9", "b/%C3%A9"),
    ],
)
def test_a_source_is_written_in_one_way(source: str, again: str) -> None:
    found = read(asking("PUT", "/b/k", x_amz_copy_source=source))
    assert found.members["CopySource"] == again
    assert ("x-amz-copy-source", again) in found.written.headers


@pytest.mark.parametrize("tags", ["a=1&a=2", "a=%zz", "a=%ff"])
def test_tags_that_could_be_read_in_two_ways_are_refused(tags: str) -> None:
    with pytest.raises(AwsError, match="x-amz-tagging"):
        read(asking("PUT", "/b/k", x_amz_tagging=tags))


def test_tags_are_written_in_one_way() -> None:
    found = read(asking("PUT", "/b/k", x_amz_tagging="a+b=%7ec&&d"))
    assert found.members["Tagging"] == "a%20b=~c&d="
