"""Errors of S3 about buckets, and about who may use them.

Source: "Error responses" in the Amazon S3 API Reference; "Troubleshooting" under "Controlling ownership of
objects" in the Amazon S3 User Guide.
"""

from __future__ import annotations

from rolekeeper.errors.tree import SenderError


class NoSuchBucket(SenderError):
    """There is no bucket of that name."""

    code, status = "NoSuchBucket", 404

    def __init__(self, message: str = "The specified bucket does not exist") -> None:
        super().__init__(message)


class NoSuchKey(SenderError):
    """There is no object of that key."""

    code, status = "NoSuchKey", 404

    def __init__(self, message: str = "The specified key does not exist.") -> None:
        super().__init__(message)


class BucketAlreadyExists(SenderError):
    """Another account has a bucket of that name."""

    code, status = "BucketAlreadyExists", 409

    def __init__(
        self,
        message: str = (
            "The requested bucket name is not available. The bucket namespace is shared by all users of the "
            "system. Please select a different name and try again."
        ),
    ) -> None:
        super().__init__(message)


class NoSuchUpload(SenderError):
    """There is no upload in parts of that ID for the object."""

    code, status = "NoSuchUpload", 404

    def __init__(
        self,
        message: str = "The specified upload does not exist. The upload ID may be invalid, or the upload may"
        " have been aborted or completed.",
    ) -> None:
        super().__init__(message)


class NoSuchBucketPolicy(SenderError):
    """The bucket has no policy."""

    code, status = "NoSuchBucketPolicy", 404

    def __init__(self, message: str = "The bucket policy does not exist") -> None:
        super().__init__(message)


class MalformedPolicy(SenderError):
    """The text is no policy that a bucket can have."""

    code, status = "MalformedPolicy", 400


class PolicyTooLarge(SenderError):
    """A bucket's policy has more than 20 KB."""

    code, status = "PolicyTooLarge", 400

    def __init__(self, message: str = "Policy exceeds the maximum allowed document size.") -> None:
        super().__init__(message)


class NoSuchPublicAccessBlockConfiguration(SenderError):
    """The bucket, or the account, has no public access block."""

    code, status = "NoSuchPublicAccessBlockConfiguration", 404

    def __init__(self, message: str = "The public access block configuration was not found") -> None:
        super().__init__(message)


class OwnershipControlsNotFoundError(SenderError):
    """The bucket has no ownership controls."""

    code, status = "OwnershipControlsNotFoundError", 404

    def __init__(self, message: str = "The bucket ownership controls were not found") -> None:
        super().__init__(message)


class AccessControlListNotSupported(SenderError):
    """The bucket's owner owns whatever is in it, so that there are no ACLs."""

    code, status = "AccessControlListNotSupported", 400

    def __init__(self, message: str = "The bucket does not allow ACLs") -> None:
        super().__init__(message)


class InvalidBucketAclWithObjectOwnership(SenderError):
    """The bucket's ACL lets others in, who would be shut out by the setting."""

    code, status = "InvalidBucketAclWithObjectOwnership", 400

    def __init__(
        self,
        message: str = "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting",
    ) -> None:
        super().__init__(message)


class InvalidBucketAclWithBlockPublicAccess(SenderError):
    """A new bucket cannot have an ACL that lets everybody in: it blocks public access."""

    code, status = "InvalidBucketAclWithBlockPublicAccessError", 400

    def __init__(
        self, message: str = "Bucket cannot have public ACLs set with BlockPublicAccess enabled"
    ) -> None:
        super().__init__(message)


class MalformedAclError(SenderError):
    """The ACL in a body is none."""

    code, status = "MalformedACLError", 400

    def __init__(
        self,
        message: str = (
            "The XML you provided was not well-formed or did not validate against our published schema"
        ),
    ) -> None:
        super().__init__(message)


class UnresolvableGrantByEmailAddress(SenderError):
    """An ACL names an e-mail address that is no account's."""

    code, status = "UnresolvableGrantByEmailAddress", 400

    def __init__(
        self,
        message: str = "The e-mail address you provided does not match any account on record.",
    ) -> None:
        super().__init__(message)
