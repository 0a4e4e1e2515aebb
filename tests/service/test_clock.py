"""The server's time goes forward alone."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from rolekeeper.service.clock import Clock


def test_it_does_not_go_back() -> None:
    with pytest.raises(ValueError, match="does not go back"):
        Clock().advance(-1)


def test_it_is_moved_and_restored_and_the_machines_time_is_not() -> None:
    clock = Clock()
    clock.advance(3600)
    clock.advance(0.5)
    assert 3600 <= (clock.now() - clock.real()).total_seconds() <= 3601
    assert (datetime.now(UTC) - clock.real()).total_seconds() < 60
    clock.restore()
    assert abs((clock.now() - clock.real()).total_seconds()) < 60
