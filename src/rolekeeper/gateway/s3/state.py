"""What only the backend knows of buckets and objects: their tags.

What policies call the tags of the resource are the bucket's, for its objects too, and only where
attribute-based access control is switched on for it; an object's own are `s3:ExistingObjectTag`. A bucket's
policy is not read here: the gateway holds those itself.
Source: "Using tags with S3 general purpose buckets" and "Tagging and access control policies" in the Amazon
S3 User Guide.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rolekeeper.gateway.asked import Asked
from rolekeeper.gateway.rules import Lookups, TagsOf
from rolekeeper.gateway.s3.names import sources


async def _of_bucket(lookups: Lookups, asked: Asked, arn: str) -> Mapping[str, str]:
    bucket = _resource(arn).partition("/")[0]
    switch = await lookups.ask(asked, "s3", "GetBucketAbac", Bucket=bucket)
    if ((switch or {}).get("AbacStatus") or {}).get("Status") != "Enabled":
        return {}
    return _tags(await lookups.ask(asked, "s3", "GetBucketTagging", Bucket=bucket))


async def _of_object(lookups: Lookups, asked: Asked, arn: str) -> Mapping[str, str]:
    """The tags of an object, or of the version that the request names of it, or copies."""
    bucket, _, key = _resource(arn).partition("/")
    if not key:
        return {}
    version = asked.members.get("VersionId")
    own = (asked.members.get("Bucket"), asked.members.get("Key")) == (bucket, key)
    if asked.members.get("CopySource") is not None:
        copied = [each.version for each in sources(asked) if (each.bucket, each.key) == (bucket, key)]
        own, version = bool(copied), next(iter(copied), None)
    members = {"VersionId": version} if own and version is not None else {}
    return _tags(await lookups.ask(asked, "s3", "GetObjectTagging", Bucket=bucket, Key=key, **members))


def _resource(arn: str) -> str:
    return arn.split(":", 5)[5]


def _tags(answer: Mapping[str, Any] | None) -> Mapping[str, str]:
    return {tag["Key"]: tag.get("Value", "") for tag in (answer or {}).get("TagSet") or ()}


TAGS: Mapping[str, TagsOf] = {"bucket": _of_bucket, "object": _of_bucket}
TAG_KEYS: Mapping[str, TagsOf] = {"s3:existingobjecttag/": _of_object}
