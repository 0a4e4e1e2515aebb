"""Documents of ours are read strictly: what is not known is refused, with the nearest right name."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from rolekeeper.errors import ConfigurationError


def read_toml(path: Path) -> dict[str, Any]:
    """The document in a TOML file. Raises ConfigurationError."""
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ConfigurationError(f"{path} is not UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(f"{path} is not TOML: {error}") from None


def refuse_unknown(given: Iterable[str], known: Iterable[str], label: Callable[[str], str] = str) -> None:
    """Raise ConfigurationError for the first name that is not known; `label` says where it stands."""
    names = list(known)
    for name in given:
        if name not in names:
            raise ConfigurationError(f"{label(name)} is not known; did you mean {nearest(name, names)}?")


def nearest(name: str, names: Iterable[str]) -> str:
    """The one of the names that is most like this one."""
    return difflib.get_close_matches(name, list(names), n=1, cutoff=0.0)[0]
