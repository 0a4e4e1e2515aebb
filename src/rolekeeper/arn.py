"""Amazon Resource Names: read, checked and made in one place.

Source: "IAM identifiers" in the IAM User Guide and "Amazon Resource Names" in the AWS General Reference.
An ARN is `arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE`; the resource may hold further colons.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache


@dataclass(frozen=True, slots=True, kw_only=True)
class Arn:
    """One ARN, taken apart. `str()` puts it together again."""

    partition: str
    service: str
    region: str
    account: str
    resource: str

    @staticmethod
    def parse(text: str) -> Arn:
        """Read an ARN; ValueError when it has not six parts that start with `arn`."""
        return _parse(text)

    def __str__(self) -> str:
        return f"arn:{self.partition}:{self.service}:{self.region}:{self.account}:{self.resource}"

    @property
    def resource_type(self) -> str:
        """What stands before the first slash or colon of the resource: `role`, `user`, `root` ..."""
        return self.resource.replace(":", "/", 1).split("/", 1)[0]

    @property
    def path(self) -> str:
        """The path of an IAM resource, `/` or `/.../`."""
        parts = self.resource.split("/")
        return "/" + "".join(part + "/" for part in parts[1:-1])

    @property
    def name(self) -> str:
        """The last part of the resource: the friendly name of an IAM resource."""
        return self.resource.rsplit("/", 1)[-1]


@lru_cache(maxsize=10_000)
def _parse(text: str) -> Arn:
    parts = text.split(":", 5)
    if len(parts) != 6 or parts[0] != "arn" or not parts[1] or not parts[2] or not parts[5]:
        raise ValueError(f"not an ARN: {text[:256]!r}")
    return Arn(partition=parts[1], service=parts[2], region=parts[3], account=parts[4], resource=parts[5])


def iam_arn(partition: str, account: str, resource_type: str, path: str, name: str) -> str:
    """The ARN of an IAM resource that has a path: `arn:aws:iam::123456789012:role/team/name`."""
    return f"arn:{partition}:iam::{account}:{resource_type}{path}{name}"


def root_arn(partition: str, account: str) -> str:
    """The ARN of an account, which is that of its root user."""
    return f"arn:{partition}:iam::{account}:root"


def assumed_role_arn(partition: str, account: str, role_name: str, session_name: str) -> str:
    """The ARN of a role session: it has the role's name and never its path."""
    return f"arn:{partition}:sts::{account}:assumed-role/{role_name}/{session_name}"


def federated_user_arn(partition: str, account: str, name: str) -> str:
    """The ARN of a session that GetFederationToken made."""
    return f"arn:{partition}:sts::{account}:federated-user/{name}"
