"""Which files are test files: those that are named, and those of a folder that end as test files do."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from rolekeeper.errors import ConfigurationError, UsageError

ENDINGS = (".rk.yaml", ".rk.yml")


def test_files(paths: Sequence[Path]) -> list[Path]:
    """The files to test, each once, in the order of the paths, those of a folder by name.

    Raises UsageError for a path that does not exist and ConfigurationError where no file is found.
    Hidden folders are not looked into, and links to folders are not followed.
    """
    found: dict[Path, Path] = {}
    for path in paths or (Path(),):
        if not path.exists():
            raise UsageError(f"{path} does not exist; name files or folders with tests of policies")
        for file in _below(path) if path.is_dir() else (path,):
            found.setdefault(file.resolve(), file)
    if not found:
        where = ", ".join(map(str, paths)) or "this folder"
        raise ConfigurationError(
            f"no test file (*{ENDINGS[0]}) in {where}; write one, or name another path: rolekeeper test PATH"
        )
    return list(found.values())


def _below(folder: Path) -> Iterator[Path]:
    for parent, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            if name.endswith(ENDINGS):
                yield Path(parent, name)


def shown(path: Path) -> str:
    """A path as the reader can use it: from the current folder where it is below, else in full."""
    whole, here = path.absolute(), Path.cwd()
    normal = Path(os.path.normpath(whole))
    return normal.relative_to(here).as_posix() if normal.is_relative_to(here) else str(normal)
