"""What the commands say, and how: results on standard output, complaints on standard error.

NO_COLOR is honoured (by `rich`), and whatever comes from outside is printed without control characters, so
that no name or event can write to the terminal what it likes.
"""

from __future__ import annotations

import json
import shlex
import shutil
import sys
from pathlib import Path
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


def command() -> str:
    """How the reader can call this program again: by its name where the shell finds it, else by its path."""
    called = Path(sys.argv[0])
    found = shutil.which("rolekeeper")
    if called.name != "rolekeeper" or (found is not None and Path(found).samefile(called)):
        return "rolekeeper"
    path = called.absolute()
    here = Path.cwd()
    return shlex.quote(str(path.relative_to(here) if path.is_relative_to(here) else path))


def printable(text: str) -> str:
    """The text without what could steer a terminal."""
    return "".join(character if character.isprintable() else "\ufffd" for character in text)
