"""Whether somebody may know that an object is not there: who may not list a bucket is told that he may not.

Otherwise a name could be tried by anybody who may read some objects of a bucket.
Source: "GetObject" and "HeadObject" in the Amazon S3 API Reference, on the permissions that they need.
"""

from __future__ import annotations

from typing import Final

from rolekeeper.gateway.asked import Asked, Wanted

_READS: Final = frozenset({"GetObject", "HeadObject", "GetObjectAttributes", "GetObjectTagging"})


def conceals(asked: Asked, status: int) -> bool:
    """Whether an answer of that status says that an object is not there."""
    return status == 404 and asked.service.name == "s3" and asked.operation.name in _READS


def listing(asked: Asked) -> Wanted:
    """What has to be allowed to whom that is told."""
    arn = f"arn:{asked.partition}:s3:::{asked.members['Bucket']}"
    return Wanted(action="s3:ListBucket", resource=arn, type="bucket")
