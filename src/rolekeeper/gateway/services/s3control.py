"""S3 Control: what an account has of S3 beside its buckets: access points, jobs, its block of public access.

Every request names an account, which has to be that of who asks: AWS serves no other, and what stands behind
might.
Source: "Required permissions for Amazon S3 API operations" in the Amazon S3 User Guide; "x-amz-account-id" in
the Amazon S3 Control API Reference.
"""

from __future__ import annotations

from collections.abc import Mapping

from rolekeeper.errors import AccessDenied
from rolekeeper.gateway.asked import Asked, Wanted
from rolekeeper.gateway.rules import Lookups, Rules
from rolekeeper.gateway.s3.keys import signing
from rolekeeper.policy.context import KeyValue


def _keys(asked: Asked) -> Mapping[str, KeyValue]:
    account = asked.members.get("AccountId")
    if account is not None and account != asked.account:
        raise AccessDenied("Access Denied")
    return dict(signing(asked))


async def _by_alias(lookups: Lookups, asked: Asked, wanted: Wanted) -> str | None:
    """The ARN of a Multi-Region Access Point, which has its alias where requests have its name."""
    if wanted.named.startswith("arn:") or wanted.named.endswith((".mrap", "*")):
        return wanted.resource
    answer = await lookups.ask(
        asked, "s3control", "GetMultiRegionAccessPoint", AccountId=asked.account, Name=wanted.named
    )
    alias = ((answer or {}).get("AccessPoint") or {}).get("Alias")
    return f"{wanted.resource.rpartition('/')[0]}/{alias}" if alias else None


RULES = Rules(
    prefix="s3",
    actions={
        "DeletePublicAccessBlock": ("PutAccountPublicAccessBlock",),
        "GetPublicAccessBlock": ("GetAccountPublicAccessBlock",),
        "PutPublicAccessBlock": ("PutAccountPublicAccessBlock",),
    },
    fills={
        "AccessPointAlias": ("Mrap", "Name", "Details.Name"),
        "AccessPointName": "Name",
        "CreateMultiRegionAccessPoint.AccessPointAlias": lambda asked: "*",  # S3 gives it
        "accessgrant.Token": "AccessGrantId",
        "accessgrantslocation.Token": "AccessGrantsLocationId",
    },
    keys=_keys,
    completions={"multiregionaccesspoint": _by_alias},
)
