"""The seed file: further accounts with root access keys that are known before, for suites that fix them.

[[accounts]]
id = "111122223333"
name = "tests"
root_access_key_id = "tests"
root_secret_access_key = "tests"
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rolekeeper.config import values
from rolekeeper.config.strict import read_toml, refuse_unknown
from rolekeeper.errors import ConfigurationError


@dataclass(frozen=True, slots=True, kw_only=True)
class SeedAccount:
    """A further account with its root access key, made at first start and after a reset."""

    id: str
    name: str
    root_access_key_id: str
    root_secret_access_key: str = field(repr=False)


_READERS: Mapping[str, Callable[[Any], str]] = {
    "id": values.account,
    "name": values.account_name,
    "root_access_key_id": values.key_id,
    "root_secret_access_key": values.secret,
}


def read_seed(path: Path) -> tuple[SeedAccount, ...]:
    """The accounts of a seed file. Raises ConfigurationError."""
    document = read_toml(path)
    refuse_unknown(document, ("accounts",), lambda name: f"{name} in {path}")
    tables = document.get("accounts", [])
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise ConfigurationError(f"accounts in {path}: write each account as a table [[accounts]]")
    return tuple(_account(table, f"accounts[{index}] in {path}") for index, table in enumerate(tables))


def _account(table: Mapping[str, Any], place: str) -> SeedAccount:
    refuse_unknown(table, _READERS, lambda name: f"{place}: {name}")
    read = {}
    for name, reader in _READERS.items():
        if name not in table:
            raise ConfigurationError(f"{place}: {name} is missing")
        try:
            read[name] = reader(table[name])
        except ValueError as error:
            raise ConfigurationError(f"{place}: {name}: {error}") from None
    return SeedAccount(**read)
