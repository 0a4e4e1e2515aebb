"""The owners in S3's listings: a backend does not know our accounts, and says what it likes.

A canonical ID takes the place of another one of the same length, so that an answer is as long as it was said
to be; what is no such ID stays as it is.
Source: "ListObjects", "ListObjectVersions", "ListMultipartUploads" and "ListParts" in the Amazon S3 API
Reference.
"""

from __future__ import annotations

import re
from html import unescape
from typing import Final
from urllib.parse import unquote

from rolekeeper.gateway.asked import Asked
from rolekeeper.gateway.bucket_access import find_object
from rolekeeper.gateway.canonical_ids import id_of
from rolekeeper.iam.buckets import Bucket
from rolekeeper.store.contract import Transaction

LISTINGS: Final = frozenset(
    {"ListObjects", "ListObjectsV2", "ListObjectVersions", "ListMultipartUploads", "ListParts"}
)

_ENTRY = re.compile(rb"<(Contents|Version|DeleteMarker|Upload)>.*?</\1>", re.DOTALL)
_OWNER = re.compile(rb"(<Owner>(?:(?!</Owner>).)*?<ID>)([^<]*)(?=</ID>)", re.DOTALL)


def has(asked: Asked) -> bool:
    """Whether the answer of an operation names owners."""
    if asked.service.name != "s3" or asked.operation.name not in LISTINGS:
        return False
    return asked.operation.name != "ListObjectsV2" or bool(asked.members.get("FetchOwner"))


def told(tx: Transaction, asked: Asked, bucket: Bucket, body: bytes) -> bytes:
    """The answer with the owners that objects have."""
    if asked.operation.name == "ListParts":
        upload = f"upload:{asked.members.get('UploadId')}"
        return _replaced(body, _owner(tx, bucket, str(asked.members.get("Key")), upload))
    if not bucket.has_acls or not bucket.objects:
        return _replaced(body, id_of(tx, bucket.account))
    read = unquote if asked.members.get("EncodingType") == "url" else str

    def entry(found: re.Match[bytes]) -> bytes:
        text, upload = found[0], found[1] == b"Upload"
        version = f"upload:{_text(text, b'UploadId')}" if upload else _text(text, b"VersionId")
        return _replaced(text, _owner(tx, bucket, read(_text(text, b"Key")), version))

    return _ENTRY.sub(entry, body)


def _owner(tx: Transaction, bucket: Bucket, key: str, version: str) -> str:
    own = find_object(tx, bucket, key, version) if bucket.has_acls else None
    return id_of(tx, own.owner if own is not None else bucket.account)


def _text(entry: bytes, name: bytes) -> str:
    found = re.search(b"<" + name + b">([^<]*)</" + name + b">", entry)
    return unescape(found[1].decode(errors="replace")) if found is not None else ""


def _replaced(text: bytes, owner: str) -> bytes:
    own = owner.encode()

    return _OWNER.sub(lambda found: found[1] + (own if len(found[2]) == len(own) else found[2]), text)
