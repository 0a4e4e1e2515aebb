"""Uploads in parts: an upload is of one object, and a request says both.

The rule of this file: the ID of another object's upload is the ID of none, as with S3; backends are known
that look at the ID alone, and write the other object.
Source: "UploadPart", "CompleteMultipartUpload" and "ListMultipartUploads" in the Amazon S3 API Reference.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from rolekeeper.errors import InvalidArgument, NoSuchUpload, NotImplementedByServer
from rolekeeper.gateway.asked import Asked
from rolekeeper.gateway.rules import Besides, Lookups
from rolekeeper.gateway.s3 import encryption
from rolekeeper.gateway.s3.names import bucket_of, key_of
from rolekeeper.iam.buckets import Bucket
from rolekeeper.service.call import Resource

_KEPT = 10_000
_known: dict[tuple[str, str, str, str], None] = {}
"""Uploads of which it is known that they are of their object, which never changes."""


async def of_object(lookups: Lookups, asked: Asked, resources: Sequence[Resource]) -> Besides:
    """Nothing besides; NoSuchUpload where the upload of a request is of another object."""
    bucket, key, upload = bucket_of(asked), key_of(asked), asked.members.get("UploadId")
    if not isinstance(upload, str) or not upload:
        raise InvalidArgument("This operation does not accept an empty uploadId")
    known = (asked.partition, bucket, key, upload)
    if known in _known:
        return Besides()
    has = [on.entity for on in resources if isinstance(on.entity, Bucket) and on.entity.name == bucket]
    there = msgspec.structs.replace(asked, account=has[0].account) if has else asked
    try:
        answer = await lookups.ask(there, "s3", "ListMultipartUploads", Bucket=bucket)
    except NotImplementedByServer:
        return Besides()
    uploads = (answer or {}).get("Uploads") or ()
    keys = {each.get("Key") for each in uploads if each.get("UploadId") == upload}
    if keys - {key}:
        raise NoSuchUpload
    if keys:
        if len(_known) >= _KEPT:
            _known.clear()
        _known[known] = None
    return Besides()


async def on_source(lookups: Lookups, asked: Asked, resources: Sequence[Resource]) -> Besides:
    """What a part that is copied asks for besides."""
    await of_object(lookups, asked, resources)
    return await encryption.on_source(lookups, asked, resources)
