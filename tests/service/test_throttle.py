"""Failures cost a wait that grows, and is forgotten."""

from __future__ import annotations

from rolekeeper.service.throttle import FREE, LONGEST_WAIT, Throttle


def test_the_first_failures_cost_nothing() -> None:
    throttle = Throttle()
    for _ in range(FREE - 1):
        throttle.failed("bob", 0.0)
        assert throttle.wait("bob", 0.0) == 0


def test_each_further_one_costs_twice_as_long_up_to_a_limit() -> None:
    throttle, waits = Throttle(), []
    for _ in range(FREE + 12):
        throttle.failed("bob", 100.0)
        waits.append(throttle.wait("bob", 100.0))
    assert waits[FREE - 1 :][:4] == [1, 2, 4, 8]
    assert waits[-1] == LONGEST_WAIT
    assert throttle.wait("bob", 100.0 + LONGEST_WAIT) == 0
    assert throttle.wait("alice", 100.0) == 0


def test_success_and_a_long_time_forget() -> None:
    throttle = Throttle(free=1)
    throttle.failed("bob", 0.0)
    throttle.succeeded("bob")
    assert throttle.wait("bob", 0.0) == 0
    throttle.failed("bob", 0.0)
    throttle.failed("bob", 0.0)
    later = 3.0 * LONGEST_WAIT
    throttle.failed("bob", later)
    assert throttle.wait("bob", later) == 1


def test_it_does_not_grow_without_end() -> None:
    throttle = Throttle(free=1)
    for number in range(10_001):
        throttle.failed(str(number), 0.0)
    assert throttle.wait("0", 0.0) == 0
    assert throttle.wait("1", 0.0) == 1
