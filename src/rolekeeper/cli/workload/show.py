"""How answers are shown: as JSON, or as lines for a person."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from rolekeeper.cli.terminal import printable, say, say_json

Line = Callable[[dict[str, Any]], str]


def registered(answer: dict[str, Any], what: str, *, as_json: bool) -> None:
    """What was registered, with its secrets, which will not be shown again."""
    if as_json:
        say_json(answer)
        return
    say(printable(f"{what} is registered"))
    say(f"secret: {printable(answer['Secret'])}")
    if "AgentSecret" in answer:
        say(f"agent's secret: {printable(answer['AgentSecret'])}")
    say("whoever has a secret gets the role's credentials; it is not shown again")


def done(answer: dict[str, Any], what: str, *, as_json: bool) -> None:
    """That something was done."""
    if as_json:
        say_json(answer)
    else:
        say(printable(what))


def listed(found: Iterable[dict[str, Any]], line: Line, *, as_json: bool) -> None:
    """Each on a line."""
    for each in found:
        if as_json:
            say_json(each)
        else:
            say(printable(line(each)))
