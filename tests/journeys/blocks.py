"""The shell blocks of a Markdown page, each with the output that the page shows under it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

_BLOCK = re.compile(r"^```sh\n(.*?)^```\n(?:```output\n(.*?)^```\n)?", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Commands, and what they print."""

    commands: str
    output: str


def blocks(page: Path) -> list[Block]:
    """The blocks of a page that are marked `sh`, in their order."""
    found = _BLOCK.findall(page.read_text())
    return [Block(commands=commands, output=output.strip()) for commands, output in found]


def script(page: Path) -> str:
    """One shell script of all blocks, which prints a line between the outputs of two."""
    return "exec 2>&1\n" + f"\necho '{SEPARATOR}'\n".join(block.commands for block in blocks(page))


def outputs(printed: str) -> list[str]:
    """What each block of `script` printed."""
    return [part.strip() for part in printed.split(SEPARATOR)]


SEPARATOR = "--8<--"
