"""A session that is replaced in time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from rolekeeper.cli.credentials import AccessPair
from rolekeeper.cli.iam_calls import CallRefused
from rolekeeper.cli.launch.assuming import Session
from rolekeeper.cli.launch.keeping import Kept, ServersClock
from rolekeeper.cli.running import Running
from rolekeeper.errors import ConfigurationError
from rolekeeper.iam.secret import Secret

START = datetime(2026, 1, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


class Role:
    """A role whose sessions last some minutes, and its clock."""

    def __init__(self, minutes):
        self.time = START
        self.minutes = minutes
        self.made = 0
        self.fault = None

    @property
    def clock(self):
        return RolesClock(self)

    def renew(self):
        if self.fault is not None:
            raise self.fault
        self.made += 1
        key = AccessPair(access_key_id=f"ASIA{self.made}", secret=Secret("s"), token=Secret("t"))
        return Session(
            key=key,
            expiration=self.time + self.minutes * MINUTE,
            arn="arn:aws:sts::1:assumed-role/r/s",
        )


class RolesClock:
    """Ten minutes ahead of this machine's."""

    def __init__(self, role):
        self.role = role

    def __call__(self):
        return self.role.time

    def here(self, moment):
        return moment - 10 * MINUTE


@pytest.fixture
def hour():
    return Role(60)


def test_there_is_none_without_a_first_session(hour):
    hour.fault = CallRefused("AccessDenied", "no")
    with pytest.raises(CallRefused):
        Kept(hour.renew, hour.clock)


@pytest.mark.parametrize(("minutes", "served"), [(60, 40), (720, 700), (30, 15), (15, 7.5)])
def test_what_is_served_has_twenty_minutes_left_or_half_of_its_life(minutes, served):
    role = Role(minutes)
    kept = Kept(role.renew, role.clock)
    role.time = START + (served - 0.1) * MINUTE
    assert kept.current().key.access_key_id == "ASIA1"
    role.time = START + served * MINUTE
    assert kept.current().key.access_key_id == "ASIA2"
    assert kept.current().key.access_key_id == "ASIA2"


def test_a_role_that_cannot_be_assumed_any_more_is_not_served(hour):
    kept = Kept(hour.renew, hour.clock)
    hour.time += 50 * MINUTE
    hour.fault = CallRefused("AccessDenied", "no")
    with pytest.raises(CallRefused):
        kept.current()


def test_while_no_server_answers_the_session_is_good_until_its_end(hour):
    kept = Kept(hour.renew, hour.clock)
    hour.fault = ConfigurationError("gone")
    hour.time += 59 * MINUTE
    assert kept.current().key.access_key_id == "ASIA1"
    hour.time += MINUTE
    with pytest.raises(ConfigurationError):
        kept.current()
    hour.fault = None
    assert kept.current().key.access_key_id == "ASIA2"


def test_the_end_is_told_in_this_machines_time(hour):
    assert Kept(hour.renew, hour.clock).current().expiration == START + 50 * MINUTE


def test_the_clock_of_a_server_that_is_gone_is_this_machines():
    gone = Running(endpoint="http://127.0.0.1:1", port=1, pid=1, account="1" * 12)
    before = datetime.now(UTC)
    assert before <= ServersClock(gone)() <= datetime.now(UTC)
