"""A shell that is a role: its prompt says so, and its start files change nothing about it.

They may set what AWS clients read. So a file of ours is read instead: it reads them, takes out what they have
set, and sets what this shell is to have.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from rolekeeper.cli.env import Shell, lines
from rolekeeper.cli.launch.environment import NAMES, PREFIXES, ambient


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """The command of a shell, variables that it needs, and the file to write before it starts."""

    command: list[str]
    variables: Mapping[str, str]
    prepare: Callable[[Mapping[str, str]], None]


def started(shell: str, folder: Path, role: str, environment: Mapping[str, str]) -> Started:
    """How to start a shell, whose file will be in a folder of its own."""
    home = Path(environment.get("HOME", "/"))
    name = Path(shell).name
    if name == "bash":
        file, own = folder / "bashrc", [home / ".bashrc"]
        return _posix([shell, "--rcfile", str(file), "-i"], {}, file, own, role)
    if name == "zsh":
        place = Path(environment.get("ZDOTDIR") or home)
        file, own = folder / ".zshrc", [place / ".zshenv", place / ".zshrc"]
        return _posix([shell, "-i"], {"ZDOTDIR": str(folder)}, file, own, role)
    if name == "fish":
        file = folder / "config.fish"
        return Started(
            command=[shell, "-i", "--init-command", f"source {shlex.quote(str(file))}"],
            variables={},
            prepare=lambda variables: _write(file, _fish(variables, role)),
        )
    file = folder / "shrc"
    given = [Path(environment["ENV"])] if environment.get("ENV", "").startswith("/") else []
    return _posix([shell, "-i"], {"ENV": str(file)}, file, given, role)


def _posix(
    command: list[str], variables: Mapping[str, str], file: Path, own: list[Path], role: str
) -> Started:
    def prepare(told: Mapping[str, str]) -> None:
        sourced = "".join(f"if [ -f {_quoted(each)} ]; then . {_quoted(each)}; fi\n" for each in own)
        _write(file, sourced + _TAKE_OUT + _own(told, Shell.SH) + f'\nPS1="({role}) $PS1"\n')

    return Started(command=command, variables=variables, prepare=prepare)


_CASES = "|".join([*(f"{prefix}*" for prefix in PREFIXES), *sorted(NAMES)])
_TAKE_OUT = (
    "for rk_name in $(env | sed -n 's/^\\([A-Za-z_][A-Za-z0-9_]*\\)=.*/\\1/p'); do\n"
    f'  case "$rk_name" in {_CASES}) unset "$rk_name";; esac\n'
    "done\nunset rk_name\n"
)


def _fish(told: Mapping[str, str], role: str) -> str:
    cases = " ".join([*(f"'{prefix}*'" for prefix in PREFIXES), *sorted(NAMES)])
    return (
        f"for name in (set -nx)\n  switch $name\n    case {cases}\n      set -e $name\n  end\nend\n"
        + _own(told, Shell.FISH)
        + "\nfunctions -q rk_prompt; or functions -c fish_prompt rk_prompt\n"
        + f"function fish_prompt\n  echo -n '({role}) '\n  rk_prompt\nend\n"
    )


def _own(told: Mapping[str, str], shell: Shell) -> str:
    return lines({name: value for name, value in told.items() if ambient(name)}, shell)


def _quoted(path: Path) -> str:
    return shlex.quote(str(path))


def _write(file: Path, text: str) -> None:
    # The folder is its user's alone, and gone with the shell.
    file.touch(mode=0o600)
    file.write_text(text)
