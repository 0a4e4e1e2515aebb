"""The tags of resources of which nothing is said: the tagging API has them, of every service, by their ARNs.

Source: `GetResources` in the Resource Groups Tagging API Reference.
"""

from __future__ import annotations

from collections.abc import Mapping

from rolekeeper.gateway.asked import Asked
from rolekeeper.gateway.rules import Lookups

SERVICE = "resourcegroupstaggingapi"


async def tags_of(lookups: Lookups, asked: Asked, arn: str) -> Mapping[str, str]:
    """The tags of the resource of an ARN; none of what is not there or not known by its whole ARN."""
    if arn.endswith("*"):
        return {}
    answer = await lookups.ask(asked, SERVICE, "GetResources", ResourceARNList=[arn])
    known = (answer or {}).get("ResourceTagMappingList") or ()
    tags = next((each.get("Tags") or () for each in known if each.get("ResourceARN") == arn), ())
    return {tag["Key"]: tag.get("Value", "") for tag in tags}
