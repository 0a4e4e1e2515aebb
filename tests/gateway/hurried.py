"""An event loop whose clock does not wait: when nothing is to be done, it is the time of the next timer."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Awaitable, Coroutine
from typing import Any, TypeVar

Given = TypeVar("Given")


class _Selector(selectors.DefaultSelector):
    """Moves the clock for as long as it is asked to wait."""

    passed = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            raise AssertionError("everybody waits for what never comes")
        self.passed += max(timeout, 0)
        return super().select(0)


class Hurried(asyncio.SelectorEventLoop):
    """The loop. Its time begins at 0."""

    def __init__(self) -> None:
        self._own = _Selector()
        self.timers = 0
        super().__init__(self._own)

    def time(self) -> float:
        return self._own.passed

    def call_at(self, when: float, callback: Any, *args: Any, **more: Any) -> asyncio.TimerHandle:
        self.timers += 1
        return super().call_at(when, callback, *args, **more)


def run(main: Coroutine[Any, Any, Given]) -> tuple[Given | BaseException, Hurried]:
    """What something gave, or what it raised, and the loop with the time that it took."""
    with asyncio.Runner(loop_factory=Hurried) as runner:
        loop = runner.get_loop()
        assert isinstance(loop, Hurried)
        given = runner.run(_outcome(main))
        return given, loop


async def _outcome(main: Awaitable[Given]) -> Given | BaseException:
    try:
        return await main
    except Exception as error:
        return error
