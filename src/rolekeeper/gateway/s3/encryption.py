"""Uploads that name a KMS key: S3 makes a data key with it, as the caller, who must be allowed to.

S3's own key needs no permission of anybody's.
Source: "Using server-side encryption with AWS KMS keys (SSE-KMS)" in the Amazon S3 User Guide; "Protecting
data using server-side encryption" there for what S3 says of the object; "kms:ViaService" in the AWS KMS
Developer Guide.
"""

from __future__ import annotations

from collections.abc import Iterator

from rolekeeper.gateway.asked import Asked, Wanted
from rolekeeper.gateway.s3.names import bucket_arn, bucket_of, key_of, object_arn
from rolekeeper.gateway.services.kms import ALIAS, KEY
from rolekeeper.policy.context import KeyValue

_OWN = "alias/aws/s3"


def encrypting(asked: Asked, *actions: str) -> Iterator[Wanted]:
    """The accesses to the key that a request names for what it writes."""
    key = asked.members.get("SSEKMSKeyId")
    if not isinstance(key, str) or not key or key.endswith(_OWN):
        return
    alias = key.startswith("alias/") or ALIAS.named(asked, key) is not None
    arn = ALIAS.called(asked, key.removeprefix("alias/")) if alias else KEY.called(asked, key)
    for action in actions:
        keys = _keys(asked) | ({"kms:requestalias": arn.split(":", 5)[5]} if alias else {})
        yield Wanted(action=f"kms:{action}", resource=arn, type="key", keys=keys, named=arn if alias else "")


def _keys(asked: Asked) -> dict[str, KeyValue]:
    bucket = bucket_of(asked)
    whole = asked.members.get("BucketKeyEnabled")
    arn = bucket_arn(asked, bucket) if whole else object_arn(asked, bucket, key_of(asked))
    return {
        "aws:viaawsservice": "true",
        "kms:calleraccount": asked.account,
        "kms:encryptioncontext:aws:s3:arn": arn,
        "kms:encryptioncontextkeys": ("aws:s3:arn",),
        "kms:viaservice": f"s3.{asked.region}.amazonaws.com",
    }
