"""Sections of the AWS configuration files, changed as text: what is not ours stays as it is, byte for byte.

A section is ours when it carries the mark. Values are whatever the AWS SDKs read there.
Source: "Configuration and credential file settings" in the AWS SDKs and Tools Reference Guide.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping

from rolekeeper.errors import ConfigurationError

MARK = "# managed by rolekeeper: `rolekeeper profile write` replaces this section"

_HEADER = re.compile(r"\s*\[(?P<name>[^\]]*)\]")


def with_section(text: str, name: str, values: Mapping[str, str]) -> str:
    """The text with our section of that name in it. ConfigurationError where there is one not ours."""
    section = [f"[{name}]", MARK, *(f"{key} = {value}" for key, value in values.items())]
    lines = text.split("\n")
    ours = _ours(lines, name)
    if ours is None:
        gap = "" if not text.strip() else "\n" if text.endswith("\n") else "\n\n"
        return text + gap + "\n".join(section) + "\n"
    return "\n".join([*lines[: ours.start], *section, *(lines[ours.stop :] or [""])])


def without_section(text: str, name: str) -> str:
    """The text without our section of that name. ConfigurationError where there is one not ours."""
    lines = text.split("\n")
    ours = _ours(lines, name)
    if ours is None:
        return text
    before, after = lines[: ours.start], lines[ours.stop :]
    if before and not before[-1] and after and not after[0]:
        after = after[1:]  # the blank line between it and the next
    return "\n".join([*before, *after])


def _ours(lines: list[str], name: str) -> range | None:
    """The lines of our section; None where there is none of that name."""
    starts = [number for number, line in enumerate(lines) if _names(line, name)]
    if not starts:
        return None
    start, end = starts[0], _end(lines, starts[0])
    if len(starts) > 1 or MARK not in lines[start:end]:
        raise ConfigurationError(f"[{name}] is there and not written by rolekeeper: choose another --name")
    return range(start, end)


def _names(line: str, name: str) -> bool:
    header = _HEADER.match(line)
    if header is None:
        return False
    try:
        return shlex.split(header["name"]) == name.split(" ")
    except ValueError:
        return False


def _end(lines: list[str], start: int) -> int:
    """Behind the section's last setting: blank lines and comments above the next header belong to that."""
    end = start + 1
    for number in range(start + 1, len(lines)):
        if _HEADER.match(lines[number]):
            break
        if lines[number].strip() and (lines[number] == MARK or lines[number].lstrip()[0] not in "#;"):
            end = number + 1
    return end
