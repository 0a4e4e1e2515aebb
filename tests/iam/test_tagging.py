"""Tags: keys are compared without regard to case and keep the case they were last written in."""

from __future__ import annotations

import pytest

from rolekeeper.errors import InvalidInput, LimitExceeded
from rolekeeper.iam import tagging


def tag(key: str, value: str = "") -> dict[str, str]:
    return {"Key": key, "Value": value}


def test_a_key_given_twice_is_refused_without_regard_to_case() -> None:
    with pytest.raises(InvalidInput, match="Duplicate tag keys found"):
        tagging.merged({}, [tag("Team"), tag("team")], limit=50)


@pytest.mark.parametrize("key", ["aws:created", "AWS:x", "Aws:"])
def test_reserved_keys_are_refused(key: str) -> None:
    with pytest.raises(InvalidInput, match="reserved"):
        tagging.merged({}, [tag(key)], limit=50)


def test_one_tag_too_many_is_refused() -> None:
    full = {f"k{n}": "" for n in range(50)}
    with pytest.raises(LimitExceeded):
        tagging.merged(full, [tag("one-more")], limit=50)
    assert len(tagging.merged(full, [tag("K7", "changed")], limit=50)) == 50


def test_a_key_keeps_the_case_it_was_last_written_in() -> None:
    assert tagging.merged({"Team": "a"}, [tag("TEAM", "b")], limit=50) == {"TEAM": "b"}


def test_what_is_merged_is_not_changed() -> None:
    current = {"Team": "a"}
    tagging.merged(current, [tag("Team", "b")], limit=50)
    assert current == {"Team": "a"}


def test_nothing_given_changes_nothing() -> None:
    assert tagging.merged({"a": "1"}, None, limit=50) == {"a": "1"}


def test_without_ignores_case_and_what_is_not_there() -> None:
    assert tagging.without({"Team": "a", "Cost": "b"}, ["team", "none"]) == {"Cost": "b"}
