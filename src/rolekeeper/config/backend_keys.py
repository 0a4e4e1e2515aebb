"""The file of access keys at backends: which key the gateway signs with, for whom and where.

[[keys]]
backend = "s3"
account = "111122223333"
access_key_id = "minio"
secret_access_key = "..."

`backend` is a service, or `*` for every one; `account` is a number, or `*` for every account, which a backend
then tells apart only where the key says it: `{account}` in an access key ID stands for the number.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rolekeeper.config import values
from rolekeeper.config.strict import read_toml, refuse_unknown
from rolekeeper.errors import ConfigurationError

EVERY = "*"


@dataclass(frozen=True, slots=True, kw_only=True)
class BackendAccess:
    """An access key at a backend."""

    access_key_id: str
    secret_access_key: str = field(repr=False)
    session_token: str | None = field(default=None, repr=False)
    backend: str = EVERY
    account: str


_READERS: Mapping[str, Callable[[Any], str]] = {
    "backend": values.matching(r"\*|[a-z0-9-]{1,64}", "a service such as s3, or *"),
    "account": values.matching(r"\*|[0-9]{12}", "an account number of 12 digits, or *"),
    "access_key_id": values.matching(
        r"[!-~]{1,128}", "an access key ID of 1 to 128 printable ASCII characters without spaces"
    ),
    "secret_access_key": values.secret,
    "session_token": values.matching(r"[!-~]{1,4096}", "a token of printable ASCII characters"),
}
_NEEDED = ("account", "access_key_id", "secret_access_key")
_PLACEHOLDER = re.compile(r"\{[^}]*\}?")


def read_backend_keys(path: Path) -> tuple[BackendAccess, ...]:
    """The keys of such a file. Raises ConfigurationError."""
    document = read_toml(path)
    refuse_unknown(document, ("keys",), lambda name: f"{name} in {path}")
    tables = document.get("keys", [])
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise ConfigurationError(f"keys in {path}: write each key as a table [[keys]]")
    found: dict[tuple[str, str], BackendAccess] = {}
    for index, table in enumerate(tables):
        key = _key(table, f"keys[{index}] in {path}")
        if (key.backend, key.account) in found:
            raise ConfigurationError(f"keys[{index}] in {path}: this backend and account have a key already")
        found[key.backend, key.account] = key
    return tuple(found.values())


def _key(table: Mapping[str, Any], place: str) -> BackendAccess:
    refuse_unknown(table, _READERS, lambda name: f"{place}: {name}")
    for name in _NEEDED:
        if name not in table:
            raise ConfigurationError(f"{place}: {name} is missing")
    read = {}
    for name, value in table.items():
        try:
            read[name] = _READERS[name](value)
        except ValueError as error:
            raise ConfigurationError(f"{place}: {name}: {error}") from None
    if set(_PLACEHOLDER.findall(read["access_key_id"])) - {"{account}"}:
        raise ConfigurationError(f"{place}: access_key_id: the one placeholder that there is is {{account}}")
    return BackendAccess(**read)
