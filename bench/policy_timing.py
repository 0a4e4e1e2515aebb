"""How the policy bench takes its times: contenders in turn, many short runs, the best of each.

The machine is shared and noisy: only the process's own time counts, what ran undisturbed once tells what the
code costs, and whoever is compared runs in the same minute.
"""

from __future__ import annotations

import timeit
from collections.abc import Callable, Mapping, Sequence
from time import process_time
from typing import Any

ROUNDS = 25
RUN = 0.02
"""Seconds that one run of a contender takes, about."""

Loop = Callable[[Sequence[int]], Callable[[], None]]


def microseconds(loops: Mapping[str, tuple[Loop, Sequence[int]]], rounds: int = ROUNDS) -> dict[str, float]:
    """One decision of each contender, whose loop is given as many of its places as fit into a run."""
    runs = {name: _fitted(loop, places) for name, (loop, places) in loops.items()}
    best = dict.fromkeys(runs, float("inf"))
    for _ in range(rounds):
        for name, (run, count) in runs.items():
            best[name] = min(best[name], timeit.timeit(run, timer=process_time, number=1) / count)
    return {name: round(seconds * 1e6, 2) for name, seconds in best.items()}


def best_of(call: Callable[[], Any], rounds: int = ROUNDS) -> float:
    """The seconds of one call, each of which does its work anew."""
    return min(timeit.repeat(call, timer=process_time, number=1, repeat=rounds))


def _fitted(loop: Loop, places: Sequence[int]) -> tuple[Callable[[], None], int]:
    some = places[:10]
    once = best_of(loop(some), 3) / len(some)
    count = max(5, min(len(places), int(RUN / once)))
    return loop(places[:count]), count
