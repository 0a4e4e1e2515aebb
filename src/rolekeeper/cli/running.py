"""The files by which commands find running servers: one for each port, readable by its owner alone.

A server holds a lock on its file for as long as it lives. The operating system drops the lock whatever way
the server dies, so a file without a lock is a leftover and is ignored, and no process ID is ever mistaken.
"""

from __future__ import annotations

import fcntl
import json
import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path

from rolekeeper.errors import ConfigurationError


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """A running server. Only an ephemeral one says its root key here: that key is gone with the server."""

    endpoint: str
    port: int
    pid: int
    account: str
    region: str = "us-east-1"
    tls_cert: str | None = None
    data: str | None = None
    access_key_id: str | None = None
    secret_access_key: str | None = field(default=None, repr=False)
    token: str | None = field(default=None, repr=False)
    """Opens the audit route of an ephemeral server."""


def folder(environment: Mapping[str, str]) -> Path:
    """Where the files are. Source: the XDG Base Directory Specification."""
    base = environment.get("XDG_RUNTIME_DIR", "")
    if base.startswith("/"):
        return Path(base) / "rolekeeper"
    return Path.home() / ".local" / "state" / "rolekeeper" / "run"


@contextmanager
def announced(server: Running, environment: Mapping[str, str]) -> Iterator[None]:
    """Let the server be found meanwhile. Raises ConfigurationError where the file cannot be written."""
    place = folder(environment)
    path = place / f"{server.port}.json"
    try:
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        place.chmod(0o700)
        descriptor, draft = tempfile.mkstemp(dir=place)  # mode 0600
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        os.write(descriptor, json.dumps(asdict(server)).encode())
        Path(draft).replace(path)
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be written: {error.strerror}") from None
    try:
        yield
    finally:
        with suppress(OSError):
            if path.stat().st_ino == os.fstat(descriptor).st_ino:
                path.unlink()
        os.close(descriptor)


def running(environment: Mapping[str, str]) -> list[Running]:
    """The servers that run, by port."""
    found = [_read(path) for path in folder(environment).glob("*.json")]
    return sorted((server for server in found if server), key=lambda server: server.port)


def the_running(
    environment: Mapping[str, str], *, port: int | None = None, data: Path | None = None
) -> Running:
    """The one server that is meant. Raises ConfigurationError where there is none, or more than one."""
    place = None if data is None else str(data.expanduser().absolute())
    meant = [
        server
        for server in running(environment)
        if (port is None or server.port == port) and (place is None or server.data == place)
    ]
    if not meant:
        what = "" if port is None else f" on port {port}"
        what += "" if place is None else f" with the data of {place}"
        raise ConfigurationError(f"no server is running{what}; start one with: rolekeeper up")
    if len(meant) > 1:
        ports = ", ".join(str(server.port) for server in meant)
        raise ConfigurationError(f"several servers are running, on the ports {ports}: say which with --port")
    return meant[0]


def _read(path: Path) -> Running | None:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        return None
    with os.fdopen(descriptor, encoding="utf-8") as file:
        if os.fstat(descriptor).st_uid != os.geteuid():
            return None  # who plants a file must not lead our commands to an endpoint of theirs
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            with suppress(ValueError, TypeError):  # of another version of ours
                return Running(**json.load(file))
        return None
