"""What is kept of resources that stand behind the gateway: who owns them, and who else may use them.

The resources themselves are the backend's; access to them is never left to it. Of a bucket everything that
decides on access is here: its account (an S3 ARN names none), its policy, its ownership controls, its public
access block, its ACL, the key that it is encrypted with. What is not known of a bucket that was made behind
the gateway's back is asked of the backend; `told` names what no longer has to be, because somebody has set it
through the gateway.
Sources: "Controlling ownership of objects and disabling ACLs for your bucket", "Blocking public access to
your Amazon S3 storage" and "Access control list (ACL) overview" in the Amazon S3 User Guide.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec

from rolekeeper.iam.entities import Entity

Ownership = Literal["BucketOwnerEnforced", "BucketOwnerPreferred", "ObjectWriter"]
Permission = Literal["READ", "WRITE", "READ_ACP", "WRITE_ACP", "FULL_CONTROL"]

POLICY, OWNERSHIP, PUBLIC_ACCESS, ACL = "policy", "ownership", "public-access", "acl"
ENCRYPTION = "encryption"
ASPECTS = frozenset({POLICY, OWNERSHIP, PUBLIC_ACCESS, ACL, ENCRYPTION})
"""What decides on access to a bucket."""


class PublicAccess(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A public access block, of a bucket or of an account."""

    block_acls: bool = False
    """No ACL that lets everybody in may be set."""
    ignore_acls: bool = False
    """What ACLs grant to everybody does not count."""
    block_policy: bool = False
    """No public policy may be put."""
    restrict: bool = False
    """A bucket with a public policy is for its own account and for services only."""

    def with_all_of(self, other: PublicAccess) -> PublicAccess:
        """What holds where both do: a setting of either one."""
        return PublicAccess(
            block_acls=self.block_acls or other.block_acls,
            ignore_acls=self.ignore_acls or other.ignore_acls,
            block_policy=self.block_policy or other.block_policy,
            restrict=self.restrict or other.restrict,
        )


NOTHING_BLOCKED = PublicAccess()
EVERYTHING_BLOCKED = PublicAccess(block_acls=True, ignore_acls=True, block_policy=True, restrict=True)
"""What a new bucket has, since April 2023."""


class Grant(msgspec.Struct, frozen=True, kw_only=True):
    """One line of an ACL. `grantee` is a canonical user ID, or the URI of a group."""

    grantee: str
    permission: Permission

    @property
    def is_group(self) -> bool:
        """Whether the grantee is one of S3's groups."""
        return self.grantee.startswith("http://")


Grants = tuple[Grant, ...]


class Encryption(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How what is written to a bucket is encrypted by KMS, where the request does not say it."""

    algorithm: str
    """`aws:kms`, `aws:kms:dsse`."""
    key: str = ""
    """As it was put: an ARN, an ID or an alias; none is AWS's own for S3."""
    bucket_key: bool = False
    """Whether one key of KMS's serves the whole bucket for a while."""


class Bucket(Entity, frozen=True, kw_only=True, omit_defaults=True):
    """A bucket, kept in the account that owns it. Its name is nobody else's in the whole partition."""

    kind = "bucket"
    noun = "bucket"
    folds = False

    partition: str
    name: str
    created: datetime
    """When it was made through the gateway, or first seen."""
    told: frozenset[str] = frozenset()
    """Of `ASPECTS`: what is known here; the backend is not asked for it."""
    policy: str | None = None
    """The text, with unique IDs for users and roles."""
    ownership: Ownership | None = "BucketOwnerEnforced"
    """None where the controls were deleted, which is as if they said ObjectWriter."""
    public_access: PublicAccess | None = None
    grants: Grants = ()
    """The ACL; none is that of a new bucket: its owner has full control."""
    encryption: Encryption | None = None
    """None where KMS has no part in it."""
    objects: bool = False
    """Some object has an owner or an ACL of its own."""

    @property
    def key(self) -> str:
        return self.name

    @property
    def unique_id(self) -> str | None:
        return bucket_id(self.partition, self.name)

    @property
    def has_acls(self) -> bool:
        """Whether ACLs count."""
        return self.ownership != "BucketOwnerEnforced"


def bucket_id(partition: str, name: str) -> str:
    """By what a bucket is found, whichever account has it."""
    return f"bucket:{partition}:{name}"


class OwnObject(Entity, frozen=True, kw_only=True, omit_defaults=True):
    """An object with an owner or an ACL of its own, kept in the bucket's account: one that was written while
    ACLs counted, by another account or with grants."""

    kind = "object"
    noun = "object"
    folds = False

    bucket: str
    name: str
    version: str = ""
    owner: str
    """The account that has written it, or `anonymous`."""
    grants: Grants = ()
    """The ACL; none is that of a new object: its owner has full control."""

    @property
    def key(self) -> str:
        return object_key(self.bucket, self.name, self.version)


NO_VERSION = "null"
"""What S3 calls the version of what was written without versions."""


def object_key(bucket: str, name: str, version: str = "") -> str:
    """By what an object is found among those of an account; without a version: the newest one."""
    return f"{bucket}/{version}/{name}"


class AccountPublicAccess(Entity, frozen=True, kw_only=True, omit_defaults=True):
    """The public access block of an account: it holds for all of its buckets."""

    kind = "account-public-access"
    noun = "public access block"

    settings: PublicAccess

    @property
    def key(self) -> str:
        return "public-access"


class ResourcePolicy(Entity, frozen=True, kw_only=True, omit_defaults=True):
    """The policy of another resource, as it was put: with unique IDs for users and roles."""

    kind = "resource-policy"
    noun = "resource policy"
    folds = False

    arn: str
    text: str
    shown: str = ""
    """A hash of the text that the backend has shown for it; none where it forgets policies. Where it shows
    another one, that one was put otherwise, and counts."""

    def __repr__(self) -> str:
        return f"ResourcePolicy({self.arn})"

    @property
    def key(self) -> str:
        return self.arn
