"""AWS managed policies: the whole catalogue, which belongs to no account and which nobody here can change.

The documents in force are read from the package's data at the first question, the earlier versions at the
first question about one. `tools/aws_policies.py` makes the data.
Source: "AWS Managed Policy Reference Guide"; the IDs, which no published list has, are made from the names.
"""

from __future__ import annotations

import base64
import json
import lzma
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from hashlib import sha256
from importlib import resources
from typing import Any

from rolekeeper.iam.entities import ManagedPolicy, PolicyVersion
from rolekeeper.ids import POLICY

OWNER = "aws"
"""What stands in the place of an account in the ARNs of AWS's own policies."""


@cache
def every() -> Mapping[str, ManagedPolicy]:
    """All of them by key, in the order of their keys. Each has only its version in force."""
    found = (_policy(name, entry) for name, entry in _read("aws_policies").items())
    return {policy.key: policy for policy in sorted(found, key=lambda policy: policy.key)}


def find(name: str) -> ManagedPolicy | None:
    """The policy of that name, without regard to case."""
    return every().get(name.lower())


def versions(policy: ManagedPolicy) -> Mapping[str, datetime]:
    """When each version was made, the oldest first."""
    return {version: datetime.fromisoformat(time) for version, time in _times()[policy.name].items()}


def version(policy: ManagedPolicy, identifier: str) -> PolicyVersion:
    """One version with its document; KeyError where the policy has none of that ID."""
    if identifier == policy.default_version:
        return policy.version(identifier)
    created = versions(policy)[identifier]
    return PolicyVersion(id=identifier, document=_earlier()[policy.name][identifier], created=created)


def _policy(name: str, entry: Mapping[str, Any]) -> ManagedPolicy:
    newest, updated = list(entry["versions"].items())[-1]
    created = datetime.fromisoformat(updated)
    return ManagedPolicy(
        account=OWNER,
        name=name,
        id=_identifier(name),
        name_path=entry["path"],
        created=datetime.fromisoformat(entry["created"]),
        updated=created,
        default_version=newest,
        versions=(PolicyVersion(id=newest, document=entry["document"], created=created),),
    )


def _identifier(name: str) -> str:
    return POLICY + base64.b32encode(sha256(name.encode()).digest()).decode()[:17]


@cache
def _times() -> dict[str, dict[str, str]]:
    return {name: entry["versions"] for name, entry in _read("aws_policies").items()}


@cache
def _earlier() -> dict[str, dict[str, str]]:
    return _read("aws_policy_versions")


def _read(name: str) -> dict[str, Any]:
    packed = resources.files("rolekeeper.iam").joinpath("data", f"{name}.json.xz").read_bytes()
    found: dict[str, Any] = json.loads(lzma.decompress(packed))
    return found
