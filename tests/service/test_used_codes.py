"""A code is good once, whoever asks at the same time."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from rolekeeper.service.used_codes import UsedCodes


def test_a_step_is_taken_once_and_never_backwards() -> None:
    codes = UsedCodes()
    assert [codes.take("a", step) for step in (5, 5, 4, 6, 5)] == [True, False, False, True, False]


def test_devices_do_not_disturb_each_other() -> None:
    codes = UsedCodes()
    assert codes.take("a", 5)
    assert codes.take("b", 5)


def test_of_many_at_once_one_has_it() -> None:
    codes = UsedCodes()
    with ThreadPoolExecutor(8) as pool:
        taken = list(pool.map(lambda _: codes.take("a", 5), range(200)))
    assert taken.count(True) == 1
