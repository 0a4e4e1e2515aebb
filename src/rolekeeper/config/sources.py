"""Where settings come from: defaults < configuration file < environment < flags."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from rolekeeper.config import values
from rolekeeper.config.backend_keys import read_backend_keys
from rolekeeper.config.seed import read_seed
from rolekeeper.config.settings import RAISABLE_LIMITS, Settings
from rolekeeper.config.strict import read_toml, refuse_unknown
from rolekeeper.errors import ConfigurationError, UsageError

PREFIX = "ROLEKEEPER_"

READERS: Mapping[str, Callable[[Any], Any]] = {
    "host": values.text,
    "port": values.port,
    "data": values.path,
    "database_url": values.database_url,
    "ephemeral": values.switch,
    "account": values.account,
    "root_access_key_id": values.key_id,
    "root_secret_access_key": values.secret,
    "seed": lambda value: read_seed(values.path(value)),
    "insecure": values.switch,
    "tls_cert": values.path,
    "tls_key": values.path,
    "trusted_proxies": values.networks,
    "key": values.key,
    "audit_sync": values.switch,
    "simulator_ignores_trust": values.switch,
    "encoded_denials": values.switch,
    "iam_any_region": values.switch,
    "federation_hosts": values.hosts,
    "issuer_url": values.issuer_url,
    "backend": values.backends,
    "backend_keys": lambda value: read_backend_keys(values.path(value)),
    "backend_access_key_id": values.key_id,
    "backend_secret_access_key": values.secret,
    "unclassified": values.choice("deny", "allow"),
    "observe": values.role_names,
    "limits": values.limits(RAISABLE_LIMITS),
}
"""Every setting, with how its value is read."""

ENVIRONMENT_ONLY = frozenset({"key"})
FILE_ONLY = frozenset({"limits"})
_PLACES = ("data", "database_url", "ephemeral")


def load(*, flags: Mapping[str, Any], environment: Mapping[str, str]) -> Settings:
    """The settings that hold; `flags` by setting, and None where not given. Raises ConfigurationError."""
    given = {name: value for name, value in flags.items() if value is not None}
    variables = _variables(environment)
    files = [source.pop("config") for source in (given, variables) if "config" in source]
    layers = [
        _file(Path(files[0])) if files else {},
        _read(variables, lambda name: PREFIX + name.upper()),
        _read(given, lambda name: "--" + name.replace("_", "-"), wrong=UsageError),
    ]
    settled: dict[str, Any] = {}
    for layer in layers:
        if any(layer.get(place) for place in _PLACES):
            # The place of the state is one choice: who makes it unmakes the choice of a weaker source.
            settled = {name: value for name, value in settled.items() if name not in _PLACES}
        settled |= layer
    if not any(settled.get(place) for place in _PLACES):
        settled["data"] = default_data(environment)
    return Settings(**settled)


def default_data(environment: Mapping[str, str]) -> Path:
    """Where the state is when nothing is said. Source: the XDG Base Directory Specification."""
    base = environment.get("XDG_DATA_HOME", "")
    return (Path(base) if base.startswith("/") else Path.home() / ".local" / "share") / "rolekeeper"


def _variables(environment: Mapping[str, str]) -> dict[str, Any]:
    given = {name: value for name, value in environment.items() if name.startswith(PREFIX)}
    known = [PREFIX + name.upper() for name in ("config", *READERS) if name not in FILE_ONLY]
    refuse_unknown(given, known)
    return {name.removeprefix(PREFIX).lower(): value for name, value in given.items() if value}


def _file(path: Path) -> dict[str, Any]:
    document = read_toml(path)
    known = [name for name in READERS if name not in ENVIRONMENT_ONLY]
    refuse_unknown(document, known, lambda name: f"{name} in {path}")
    return _read(document, lambda name: f"{name} in {path}")


def _read(
    given: Mapping[str, Any],
    label: Callable[[str], str],
    *,
    wrong: type[ConfigurationError] = ConfigurationError,
) -> dict[str, Any]:
    read = {}
    for name, value in given.items():
        try:
            read[name] = READERS[name](value)
        except ValueError as error:
            raise wrong(f"{label(name)}: {error}") from None
    return read
