"""Objects that a request names by their addresses, which a service fetches for its caller.

The rule of this file: an address is read as S3 reads one, and goes on in the one form that nobody reads in
another way (`https://s3.amazonaws.com/BUCKET/KEY`). A backend may take another bucket out of the rest: for
what stands before the first dot of the host, or for the first part of the path where `localhost` is anywhere.
Source: "Virtual hosting of general purpose buckets" in the Amazon S3 User Guide; `CreateStack` in the AWS
CloudFormation API Reference.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

import msgspec

from rolekeeper.errors import AwsError, ValidationError
from rolekeeper.gateway.asked import Asked, Wanted
from rolekeeper.gateway.s3.names import object_arn
from rolekeeper.policy.context import KeyValue
from rolekeeper.wire.reading.hosts import host_of
from rolekeeper.wire.reading.s3 import labels_of

_PLAIN = re.compile(r"[A-Za-z0-9!_.*'()/=@,$~-]+")
"""Keys that are the same however an address is decoded."""
_VERSION = re.compile(r"versionId=([A-Za-z0-9._-]+)")
_VIA: dict[str, KeyValue] = {"aws:viaawsservice": "true"}


class Address(msgspec.Struct, frozen=True, kw_only=True):
    """An object, and maybe a version of it."""

    bucket: str
    key: str
    version: str = ""

    @property
    def url(self) -> str:
        """The one form in which it goes on."""
        query = f"?versionId={self.version}" if self.version else ""
        return f"https://s3.amazonaws.com/{self.bucket}/{self.key}{query}"

    def read(self, asked: Asked) -> Iterator[Wanted]:
        """What reading it asks for, by a service in its caller's name. Who leaves a version aside reads the
        newest."""
        for action in ("GetObject", "GetObjectVersion") if self.version else ("GetObject",):
            resource = object_arn(asked, self.bucket, self.key)
            yield Wanted(action=f"s3:{action}", resource=resource, type="object", keys=_VIA)


def address_of(member: str, url: str) -> Address:
    """The object that a member of a request means. ValidationError."""
    try:
        parts = urlsplit(url)
        host = host_of(parts.netloc)
        labels = labels_of(parts.path, host.bucket or ("" if host.service else host.first))
    except (ValueError, AwsError):
        raise _refusal(member) from None
    version = _VERSION.fullmatch(parts.query) if parts.query else None
    plain = parts.scheme in ("http", "https") and "@" not in parts.netloc and not parts.fragment
    if not plain or (parts.query and version is None) or host.service not in ("", "s3"):
        raise _refusal(member)
    if not _PLAIN.fullmatch(labels.get("Key", "")):
        raise _refusal(member)
    return Address(bucket=labels["Bucket"], key=labels["Key"], version=version[1] if version else "")


def _refusal(member: str) -> ValidationError:
    return ValidationError(f"{member} must be a supported URL.")
