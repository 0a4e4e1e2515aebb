"""The cache cannot keep what is stale, nor more than its limit."""

from __future__ import annotations

from rolekeeper.store.cache import Cache
from rolekeeper.store.facts import ABSENT

FACT = ("entity", "1", "role", "r")


def test_what_was_read_before_a_commit_is_not_kept_after_it() -> None:
    cache = Cache({})
    generation = cache.generation
    cache.publish({FACT: "new"}, {})
    cache.remember(FACT, "old", generation)
    assert cache.facts == {FACT: "new"}


def test_what_was_read_before_another_facts_commit_is_not_kept_either() -> None:
    cache = Cache({})
    generation = cache.generation
    cache.publish({("entity", "1", "role", "other"): ABSENT}, {})
    cache.remember(FACT, "old", generation)
    assert FACT not in cache.facts


def test_what_was_read_since_the_last_commit_is_kept() -> None:
    cache = Cache({})
    cache.publish({}, {"1": 1})
    cache.remember(FACT, "value", cache.generation)
    assert cache.facts == {FACT: "value"}


def test_of_two_answers_before_a_commit_is_shown_the_first_stands() -> None:
    cache = Cache({})
    assert cache.remember(FACT, "new", 0) == "new"
    assert cache.remember(FACT, "old", 0) == "new"
    assert cache.facts == {FACT: "new"}


def test_an_absent_fact_is_forgotten() -> None:
    cache = Cache({})
    cache.publish({FACT: "value"}, {})
    cache.publish({FACT: ABSENT}, {})
    assert cache.facts == {}


def test_that_something_does_not_exist_is_kept_too() -> None:
    cache = Cache({})
    cache.remember(FACT, None, 0)
    assert cache.facts == {FACT: None}


def test_a_long_name_of_nothing_is_not_kept() -> None:
    cache = Cache({})
    cache.remember(("place", "A" * 1000), None, 0)
    cache.remember(("targets", "1", "member", "A" * 1000), (), 0)
    assert cache.facts == {}


def test_a_list_without_end_is_not_kept() -> None:
    cache = Cache({})
    cache.remember(("sources", "1", "attachment", "P"), tuple(map(str, range(5000))), 0)
    assert cache.facts == {}


def test_a_full_cache_drops_its_oldest() -> None:
    cache = Cache({}, limit=8)
    for number in range(100):
        cache.remember(("place", str(number)), None, 0)
        assert len(cache.facts) <= 8
    assert ("place", "99") in cache.facts
    assert ("place", "0") not in cache.facts


def test_a_revision_is_given_once_and_shown_when_it_is_published() -> None:
    cache = Cache({"1": 7})
    assert [cache.next_revision("1"), cache.next_revision("1"), cache.next_revision("2")] == [8, 9, 1]
    assert cache.revisions == {"1": 7}
    cache.publish({}, {"1": 9})
    assert cache.revisions == {"1": 9}
