"""CloudWatch: alarms, dashboards, insight rules, streams of metrics. Metrics themselves are no resources.

Where a request names no alarm it is about all there are. A dashboard is of no region.
Source: "Actions, resources, and condition keys for Amazon CloudWatch" in the Service Authorization Reference;
`PutMetricAlarm` in the Amazon CloudWatch API Reference; "Using condition keys to limit access to CloudWatch
namespaces" in the Amazon CloudWatch User Guide.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from rolekeeper.gateway.asked import Asked, Wanted
from rolekeeper.gateway.naming import Asking, Kind, all_of, given, kind_of_all, on_any, refuse, required
from rolekeeper.gateway.rules import Lookups, Rules
from rolekeeper.policy.context import KeyValue

_TEXT = r"[^\x00-\x1f]{1,255}"
ALARM = Kind(type="alarm", service="cloudwatch", before="alarm:", name=_TEXT)
DASHBOARD = Kind(
    type="dashboard", service="cloudwatch", before="dashboard/", name="[A-Za-z0-9_-]{1,255}", regional=False
)
INSIGHT = Kind(type="insight-rule", service="cloudwatch", before="insight-rule/", name=_TEXT)
STREAM = Kind(
    type="metric-stream", service="cloudwatch", before="metric-stream/", name="[A-Za-z0-9_-]{1,255}"
)
MUTING = Kind(type="alarm-mute-rule", service="cloudwatch", before="alarm-mute-rule:", name=_TEXT)
OBJECTIVE = Kind(type="slo", service="cloudwatch", before="slo/", name="[A-Za-z0-9_-]+")
SERVICE = Kind(type="service", service="cloudwatch", before="service/", name="[A-Za-z0-9_-]+")


def _each(kind: Kind, member: str, *, every: bool = False) -> Asking:
    """An operation on each of the resources of some names; `every` where no name means all there are."""

    def asking(asked: Asked) -> Iterator[Wanted]:
        action, value = f"cloudwatch:{asked.operation.name}", asked.members.get(member) or ()
        names = [value] if isinstance(value, str) else list(value)
        if not names and not every:
            refuse(f"The parameter {member} is required.")
        for name in dict.fromkeys(names):
            yield Wanted(action=action, resource=kind.arn(asked, name), type=kind.type)
        if not names:
            yield Wanted(action=action, resource=kind_of_all(asked, kind), type=kind.type)

    return asking


def _described(asked: Asked) -> Iterator[Wanted]:
    """Alarms by their names; all there are where a prefix is given beside, which backends look at first."""
    yield from _each(ALARM, "AlarmNames", every=True)(asked)
    if asked.members.get("AlarmNames") and (given(asked, "AlarmNamePrefix") or given(asked, "ActionPrefix")):
        every = kind_of_all(asked, ALARM)
        yield Wanted(action="cloudwatch:DescribeAlarms", resource=every, type=ALARM.type)


def _put(kind: Kind, member: str) -> Asking:
    """An operation that makes something, which may have tags."""

    def asking(asked: Asked) -> Iterator[Wanted]:
        resource = kind.arn(asked, required(asked, member))
        yield Wanted(action=f"cloudwatch:{asked.operation.name}", resource=resource, type=kind.type)
        if asked.members.get("Tags"):
            yield Wanted(action="cloudwatch:TagResource", resource=resource, type=kind.type)

    return asking


def _keys(asked: Asked) -> Mapping[str, KeyValue]:
    members, operation = asked.members, asked.operation.name
    if operation == "PutMetricData" and members.get("Namespace"):
        return {"cloudwatch:namespace": str(members["Namespace"])}
    if operation in ("PutMetricAlarm", "PutCompositeAlarm"):
        lists = (members.get(name) or () for name in ("AlarmActions", "OKActions", "InsufficientDataActions"))
        actions = tuple(dict.fromkeys(str(action) for each in lists for action in each))
        return {"cloudwatch:alarmactions": actions} if actions else {}
    if operation == "PutInsightRule":
        groups = _log_groups(str(members.get("RuleDefinition") or ""))
        return {"cloudwatch:requestinsightruleloggroups": groups} if groups else {}
    return {}


def _log_groups(definition: str) -> tuple[str, ...]:
    try:
        rule: Any = json.loads(definition)
    except (ValueError, RecursionError):
        rule = None
    if not isinstance(rule, dict):
        refuse("The rule definition is not valid JSON.")
    return tuple(str(name) for name in rule.get("LogGroupNames") or ())


async def _tags(lookups: Lookups, asked: Asked, arn: str) -> Mapping[str, str]:
    if arn.endswith("*"):
        return {}
    answer = await lookups.ask(asked, "cloudwatch", "ListTagsForResource", ResourceARN=arn)
    return {tag["Key"]: tag["Value"] for tag in (answer or {}).get("Tags") or ()}


_TAGGED = (ALARM, DASHBOARD, INSIGHT, STREAM, MUTING, OBJECTIVE, SERVICE)

RULES = Rules(
    prefix="cloudwatch",
    types={"GetMetricData": (), "ListMetrics": (), "PutMetricData": ()},
    special={
        **all_of(("DeleteAlarms", "DisableAlarmActions", "EnableAlarmActions"), _each(ALARM, "AlarmNames")),
        **all_of(
            ("DeleteInsightRules", "DisableInsightRules", "EnableInsightRules"), _each(INSIGHT, "RuleNames")
        ),
        **all_of(("StartMetricStreams", "StopMetricStreams"), _each(STREAM, "Names")),
        **all_of(("DeleteMetricStream", "GetMetricStream"), _each(STREAM, "Name")),
        **all_of(("PutCompositeAlarm", "PutMetricAlarm"), _put(ALARM, "AlarmName")),
        **all_of(
            ("TagResource", "UntagResource", "ListTagsForResource"),
            on_any("cloudwatch", "ResourceARN", *_TAGGED),
        ),
        "DeleteDashboards": _each(DASHBOARD, "DashboardNames"),
        "DescribeAlarmHistory": _each(ALARM, "AlarmName", every=True),
        "DescribeAlarms": _described,
        "GetDashboard": _each(DASHBOARD, "DashboardName"),
        "GetInsightRuleReport": _each(INSIGHT, "RuleName"),
        "PutDashboard": _put(DASHBOARD, "DashboardName"),
        "PutInsightRule": _put(INSIGHT, "RuleName"),
        "PutMetricStream": _put(STREAM, "Name"),
        "SetAlarmState": _each(ALARM, "AlarmName"),
    },
    keys=_keys,
    tags={kind.type: _tags for kind in _TAGGED},
)
