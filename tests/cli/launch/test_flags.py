"""What the flags of a role ask of AssumeRole."""

from __future__ import annotations

import pytest

from rolekeeper.cli.launch.assuming import Terms
from rolekeeper.cli.launch.flags import RoleFlags, seconds
from rolekeeper.errors import UsageError


@pytest.mark.parametrize("text", ["", "h", "15", "1h30m", "90m", "2h"])
def test_a_time_is_seconds_or_hours_and_minutes(text):
    expected = {"15": 15, "1h30m": 5400, "90m": 5400, "2h": 7200}
    if text in expected:
        assert seconds(text) == expected[text]
    else:
        with pytest.raises(UsageError, match="--duration is a time"):
            seconds(text)


@pytest.mark.parametrize("text", ["-1", "1.5h", "30s", "1m1h", "٣", "9" * 20])
def test_what_is_no_time_is_a_wrong_use(text):
    with pytest.raises(UsageError):
        seconds(text)


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        ({}, "--role"),
        ({"role": ""}, "--role"),
        ({"role": "r", "serial_number": "arn"}, "go together"),
        ({"role": "r", "token_code": "123456"}, "go together"),
        ({"role": "r", "tag": ["a"]}, "KEY=VALUE"),
        ({"role": "r", "tag": ["=a"]}, "KEY=VALUE"),
    ],
)
def test_what_does_not_fit_is_a_wrong_use(given, complaint):
    with pytest.raises(UsageError, match=complaint):
        RoleFlags(**given).terms()


def test_flags_are_terms():
    given = RoleFlags(role="r", duration="15m", tag=["team=a=b", "empty="], source_identity="ana")
    assert given.given == ["--role", "--duration", "--tag", "--source-identity"]
    assert given.terms() == Terms(
        role="r",
        session_name="rolekeeper",
        seconds=900,
        tags=(("team", "a=b"), ("empty", "")),
        source_identity="ana",
    )
