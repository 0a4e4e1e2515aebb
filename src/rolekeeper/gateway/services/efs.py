"""EFS: file systems and access points, which the operations on tags call by an ID of either.

Source: "Actions, resources, and condition keys for Amazon Elastic File System" in the Service Authorization
Reference; `TagResource` in the Amazon EFS API Reference.
"""

from __future__ import annotations

from collections.abc import Callable

from rolekeeper.gateway import any_tags
from rolekeeper.gateway.asked import Asked
from rolekeeper.gateway.rules import Rules

_TAGS = ("ListTagsForResource", "TagResource", "UntagResource")


def _tagged(*beginnings: str) -> Callable[[Asked], str | None]:
    def called(asked: Asked) -> str | None:
        given: str = asked.members.get("ResourceId") or ""
        whole = given.startswith("arn:") and any(f":{kind}/" in given for kind in beginnings)
        return given if whole or given.startswith(beginnings[0]) else None

    return called


RULES = Rules(
    prefix="elasticfilesystem",
    fills={
        **{f"{name}.FileSystemId": _tagged("fs-", "file-system") for name in _TAGS},
        **{f"{name}.AccessPointId": _tagged("fsap-", "access-point") for name in _TAGS},
    },
    tags={"access-point": any_tags.tags_of, "file-system": any_tags.tags_of},
)
