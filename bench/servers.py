"""The servers that are measured, each a process of its own: the ceiling, and Rolekeeper in its two ways."""

from __future__ import annotations

import os
import secrets
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from issuer import Issuer
from signed import World, make_world

HERE = Path(__file__).parent
COMMAND = str(Path(sys.executable).parent / "rolekeeper")
PATIENCE = 20.0


@contextmanager
def ceiling() -> Iterator[tuple[str, int]]:
    """A bare uvicorn; yields its address."""
    with bare("ceiling:app") as address:
        yield address


@contextmanager
def bare(application: str, **environment: str) -> Iterator[tuple[str, int]]:
    """A uvicorn with an application of this folder, which answers `GET /100`; yields its address."""
    port = free_port()
    command = [sys.executable, "-m", "uvicorn", application, "--app-dir", str(HERE), "--port", str(port)]
    command += ["--loop", "uvloop", "--http", "httptools", "--no-access-log", "--lifespan", "off"]
    health = f"http://127.0.0.1:{port}/100"
    with _process([*command, "--log-level", "error"], health, dict(os.environ) | environment):
        yield "127.0.0.1", port


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """A Rolekeeper that runs, and how long it took until it answered."""

    url: str
    key: str
    secret: str = field(repr=False)
    process: int
    seconds: float


@contextmanager
def rolekeeper(folder: Path, *, ephemeral: bool, issuer: Issuer) -> Iterator[World]:
    """A Rolekeeper with its state in memory, or on disk in the folder, which knows where an issuer is."""
    key, secret = new_key()
    with started(folder, key, secret, ephemeral=ephemeral, issuer=issuer) as server:
        yield make_world(server.url, key, secret, issuer=issuer)


def new_key() -> tuple[str, str]:
    """An access key ID and a secret."""
    return "AKIA" + secrets.token_hex(8).upper(), secrets.token_hex(20)


@contextmanager
def started(
    folder: Path,
    key: str,
    secret: str,
    *,
    ephemeral: bool,
    issuer: Issuer | None = None,
    backend: str = "none",
) -> Iterator[Started]:
    """A Rolekeeper whose root user has that key, where it is the first time that it starts in the folder."""
    port = free_port()
    config = folder / "bench.toml"
    config.write_text("[limits]\nroles = 10000000\n")
    place = ["--ephemeral"] if ephemeral else ["--data", str(folder / "data")]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ROLEKEEPER_")}
    environment |= {"ROLEKEEPER_ROOT_ACCESS_KEY_ID": key, "ROLEKEEPER_ROOT_SECRET_ACCESS_KEY": secret}
    if issuer is not None:
        environment |= {"ROLEKEEPER_FEDERATION_HOSTS": issuer.setting}
    command = [COMMAND, "up", "--port", str(port), "--config", str(config), "--backend", backend]
    command += place
    url = f"http://127.0.0.1:{port}"
    begun = time.monotonic()
    environment |= {"ROLEKEEPER_BACKEND_ACCESS_KEY_ID": key, "ROLEKEEPER_BACKEND_SECRET_ACCESS_KEY": secret}
    with _process(command, f"{url}/_rolekeeper/health", environment) as process:
        seconds = time.monotonic() - begun
        yield Started(url=url, key=key, secret=secret, process=process, seconds=seconds)


def cpu_seconds(process: int) -> float:
    """The processor time that a process has taken so far, all its threads together (Linux)."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


@contextmanager
def _process(command: list[str], health: str, environment: dict[str, str]) -> Iterator[int]:
    server = subprocess.Popen(
        command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    try:
        _wait(server, health)
        yield server.pid
    finally:
        server.terminate()
        server.communicate(timeout=PATIENCE)


def _wait(server: subprocess.Popen[str], health: str) -> None:
    give_up = time.monotonic() + PATIENCE
    while time.monotonic() < give_up:
        if server.poll() is not None:
            raise SystemExit(f"{server.args!r} ended: {server.communicate()[1]}")
        try:
            urllib.request.urlopen(health, timeout=1).close()
        except urllib.error.HTTPError as error:
            raise SystemExit(f"{health} answers {error.code}") from None
        except OSError:
            time.sleep(0.02)
        else:
            return
    raise SystemExit(f"{server.args!r} is not ready after {PATIENCE} seconds")
