"""What a host's name says: which service, which region, and of S3's which bucket.

`BUCKET.s3.REGION.amazonaws.com` and its kin, and the same below `localhost`, where the region may be missing;
`BUCKET.localhost` is a bucket's too, which is what clients make of `http://localhost:4566` by themselves.
Source: "Virtual hosting of general purpose buckets" in the Amazon S3 User Guide; "AWS service endpoints" in
the AWS General Reference.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

import msgspec

from rolekeeper.wire.model import is_region

__all__ = ["Host", "host_of"]

_S3: Final = re.compile(r"s3(?:-(?!accesspoint|control|outposts|object-lambda)[a-z0-9-]+)?")
_S3_KIN: Final = re.compile(r"s3-(?:accesspoint|control|outposts|object-lambda).*|s3express.*")
_ADDRESS: Final = re.compile(r"[0-9.]+|\[.*")
_AWS: Final = (".amazonaws.com", ".amazonaws.com.cn", ".api.aws")
_LOCAL: Final = "localhost"


class Host(msgspec.Struct, frozen=True):
    """What a host's name says."""

    bucket: str = ""
    """The bucket of a name as S3 has them."""
    first: str = ""
    """All that stands before `localhost`, which is a bucket if the request is S3's."""
    service: str = ""
    """The first part of `sqs.us-east-1.amazonaws.com`, or of `sqs.us-east-1.localhost`."""
    region: str | None = None


@lru_cache(maxsize=4096)
def host_of(header: str) -> Host:
    """What the value of a Host header says; nothing where it is an address or another name."""
    name = header.lower().removesuffix(".")
    if not name.startswith("["):
        name = name.partition(":")[0].removesuffix(".")
    if not name or _ADDRESS.fullmatch(name) or name == _LOCAL:
        return Host()
    labels = name.split(".")
    for at in range(len(labels) - 1, -1, -1):
        if _S3.fullmatch(labels[at]) and at < len(labels) - 1:
            return Host(bucket=".".join(labels[:at]), service="s3", region=_region(labels[at:]))
        if _S3_KIN.fullmatch(labels[at]):
            return Host(service=labels[at], region=_region(labels[at:]))
    aws = next((suffix for suffix in _AWS if name.endswith(suffix)), None)
    if aws is not None:
        return Host(service=labels[0], region=_region(labels))
    if labels[-1] == _LOCAL:
        known = len(labels) == 3 and is_region(labels[1])
        first = name.removesuffix("." + _LOCAL)
        return Host(first=first, service=labels[0] if known else "", region=labels[1] if known else None)
    return Host()


def _region(labels: list[str]) -> str | None:
    named = [label for label in labels if is_region(label)]
    if not named and labels[0].startswith("s3-") and is_region(labels[0][3:]):
        return labels[0][3:]
    return named[0] if named else None
