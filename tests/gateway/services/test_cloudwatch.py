from __future__ import annotations

from typing import Any

import pytest

from rolekeeper import errors
from tests.gateway.asking import ACCOUNT, keys, pairs, tags, wanted

ALARM = f"arn:aws:cloudwatch:eu-west-1:{ACCOUNT}:alarm:cpu high"


@pytest.mark.parametrize("operation", ["DeleteAlarms", "DescribeAlarms", "EnableAlarmActions"])
def test_each_alarm_is_asked(operation: str) -> None:
    assert pairs("cloudwatch", operation, AlarmNames=["cpu high", "disk"]) == [
        (f"cloudwatch:{operation}", "alarm:cpu high"),
        (f"cloudwatch:{operation}", "alarm:disk"),
    ]


def test_alarms_that_nobody_names_are_all_of_them() -> None:
    assert pairs("cloudwatch", "DescribeAlarms", AlarmNamePrefix="cpu") == [
        ("cloudwatch:DescribeAlarms", "alarm:*")
    ]
    assert pairs("cloudwatch", "DescribeAlarmHistory") == [("cloudwatch:DescribeAlarmHistory", "alarm:*")]
    for operation in ("DeleteAlarms", "EnableAlarmActions"):
        with pytest.raises(errors.ValidationError):
            pairs("cloudwatch", operation, AlarmNames=[])


@pytest.mark.parametrize(
    ("operation", "members", "resource"),
    [
        ("PutMetricAlarm", {"AlarmName": "cpu"}, "alarm:cpu"),
        ("SetAlarmState", {"AlarmName": "cpu"}, "alarm:cpu"),
        ("PutDashboard", {"DashboardName": "ops"}, "dashboard/ops"),
        ("GetDashboard", {"DashboardName": "ops"}, "dashboard/ops"),
        ("DeleteDashboards", {"DashboardNames": ["ops"]}, "dashboard/ops"),
        ("PutInsightRule", {"RuleName": "top", "RuleDefinition": "{}"}, "insight-rule/top"),
        ("DeleteInsightRules", {"RuleNames": ["top"]}, "insight-rule/top"),
        ("TagResource", {"ResourceARN": ALARM}, "alarm:cpu high"),
    ],
)
def test_the_others_are_called_by_name_or_arn(operation: str, members: Any, resource: str) -> None:
    assert pairs("cloudwatch", operation, **members) == [(f"cloudwatch:{operation}", resource)]


def test_a_dashboard_is_of_no_region() -> None:
    (one,) = wanted("cloudwatch", "GetDashboard", DashboardName="ops")
    assert one.resource == f"arn:aws:cloudwatch::{ACCOUNT}:dashboard/ops"
    with pytest.raises(errors.ValidationError):
        wanted("cloudwatch", "GetDashboard", DashboardName="a/b")


def test_what_is_made_with_tags_needs_what_tagging_needs() -> None:
    assert pairs("cloudwatch", "PutMetricAlarm", AlarmName="cpu", Tags=[{"Key": "a", "Value": "b"}]) == [
        ("cloudwatch:PutMetricAlarm", "alarm:cpu"),
        ("cloudwatch:TagResource", "alarm:cpu"),
    ]


def test_tags_of_what_is_elsewhere_are_refused() -> None:
    for arn in (ALARM.replace("eu-west-1", "us-east-1"), "cpu", ALARM.replace("alarm", "planet")):
        with pytest.raises(errors.ValidationError):
            pairs("cloudwatch", "TagResource", ResourceARN=arn)


def test_condition_keys_are_what_the_request_says() -> None:
    assert keys("cloudwatch", "PutMetricData", Namespace="app") == {"cloudwatch:namespace": "app"}
    told = keys("cloudwatch", "PutMetricAlarm", AlarmName="cpu", AlarmActions=["arn:a"], OKActions=["arn:b"])
    assert told["cloudwatch:alarmactions"] == ("arn:a", "arn:b")
    told = keys("cloudwatch", "PutInsightRule", RuleName="top", RuleDefinition='{"LogGroupNames": ["/app"]}')
    assert told["cloudwatch:requestinsightruleloggroups"] == ("/app",)
    with pytest.raises(errors.ValidationError):
        keys("cloudwatch", "PutInsightRule", RuleName="top", RuleDefinition="{")


def test_tags_are_read() -> None:
    answers = {"ListTagsForResource": {"Tags": [{"Key": "a", "Value": "b"}]}}
    assert tags("cloudwatch", "alarm", ALARM, answers) == {"a": "b"}
    assert tags("cloudwatch", "alarm", ALARM.replace("cpu high", "*"), answers) == {}
