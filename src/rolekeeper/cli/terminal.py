"""What the commands say, and how: results on standard output, complaints on standard error.

NO_COLOR is honoured (by `rich`), and whatever comes from outside is printed without control characters, so
that no name or event can write to the terminal what it likes.
"""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from rich.console import Console

YES: Final = 0
NO: Final = 1
WRONG_USE: Final = 2
COULD_NOT: Final = 3


def screen() -> Console:
    """Standard output, with colours where it is a terminal that wants them."""
    from rich.console import Console

    return Console(highlight=False, markup=False, emoji=False, soft_wrap=True)


def complain(text: str) -> None:
    """One line on standard error."""
    print(f"rolekeeper: {printable(text)}", file=sys.stderr)  # noqa: T201


def say(text: str) -> None:
    """One line on standard output, at once."""
    print(text, flush=True)  # noqa: T201


def say_json(value: Any) -> None:
    """One line of JSON on standard output."""
    say(json.dumps(value, ensure_ascii=False))


def printable(text: str) -> str:
    """The text without what could steer a terminal."""
    return "".join(character if character.isprintable() else "\ufffd" for character in text)
