"""EventBridge Scheduler: schedules, each in a group, which is the one called `default` where nothing is said.

Source: "Actions, resources, and condition keys for Amazon EventBridge Scheduler" in the Service Authorization
Reference; `CreateSchedule` in the Amazon EventBridge Scheduler API Reference.
"""

from __future__ import annotations

from collections.abc import Mapping

from rolekeeper.gateway.asked import Asked
from rolekeeper.gateway.rules import Lookups, Rules


def _group(asked: Asked) -> str:
    return asked.members.get("GroupName") or "default"


async def _tags(lookups: Lookups, asked: Asked, arn: str) -> Mapping[str, str]:
    answer = await lookups.ask(asked, "scheduler", "ListTagsForResource", ResourceArn=arn)
    return {tag["Key"]: tag["Value"] for tag in (answer or {}).get("Tags") or ()}


RULES = Rules(
    prefix="scheduler",
    fills={"schedule.GroupName": _group},
    tags={"schedule-group": _tags},
)
