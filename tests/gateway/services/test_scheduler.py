"""Schedules are asked in their group, which is the default one where nothing is said."""

from __future__ import annotations

import pytest

from tests.gateway.services.classified import asks


@pytest.mark.parametrize("operation", ["CreateSchedule", "DeleteSchedule", "GetSchedule", "UpdateSchedule"])
def test_a_schedule_is_in_a_group(operation: str) -> None:
    assert asks("scheduler", operation, Name="a") == [f"scheduler:{operation} schedule/default/a"]
    found = asks("scheduler", operation, Name="a", GroupName="g")
    assert found == [f"scheduler:{operation} schedule/g/a"]


def test_a_group_is_called_by_its_name() -> None:
    assert asks("scheduler", "GetScheduleGroup", Name="g") == ["scheduler:GetScheduleGroup schedule-group/g"]
