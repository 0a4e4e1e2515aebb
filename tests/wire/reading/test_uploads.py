"""A browser's upload, by the fields of its form."""

from __future__ import annotations

import pytest

from rolekeeper.errors import AwsError
from rolekeeper.wire import reading
from tests.wire.reading.asking import asking

TAGS = "<Tagging><TagSet><Tag><Key>a b</Key><Value>c</Value></Tag></TagSet></Tagging>"


def uploaded(**fields: str) -> reading.Reading:
    route = reading.find(asking("POST", "/b", content_type="multipart/form-data; boundary=x", signed=None))
    return reading.read_upload(route, {name.replace("_", "-"): text for name, text in fields.items()})


@pytest.mark.parametrize("fields", [{}, {"key": ""}, {"key": "a/../b"}, {"key": "k", "tagging": "a=b"}])
def test_a_form_without_a_key_or_with_other_tags_is_refused(fields: dict[str, str]) -> None:
    with pytest.raises(AwsError):
        uploaded(**fields)


def test_the_fields_are_members_of_an_upload() -> None:
    found = uploaded(
        key="a/é",
        acl="private",
        content_type="text/plain",
        x_amz_meta_a="é",
        tagging=TAGS,
        policy="x",
        x_amz_signature="y",
        success_action_status="201",
        host="elsewhere",
        content_length="5",
    )
    assert found.members == {
        "Bucket": "b", "Key": "a/é", "ACL": "private", "ContentType": "text/plain", "Metadata": {"a": "é"},
        "Tagging": "a%20b=c",
    }  # fmt: skip
    assert (found.written.method, found.written.path, found.written.body) == ("PUT", "/b/a/%C3%A9", None)
    assert dict(found.written.headers) == {
        "x-amz-acl": "private",
        "content-type": "text/plain",
        "x-amz-meta-a": "\xc3\xa9",
        "x-amz-tagging": "a%20b=c",
    }
