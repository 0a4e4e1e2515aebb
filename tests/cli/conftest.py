"""Servers as child processes in a home of their own, and commands in this process."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from rolekeeper.cli import main
from tests.cli.places import Place

BIN = Path(sys.executable).parent


@dataclass(frozen=True)
class Home:
    """A home folder, and an environment which knows nothing else."""

    path: Path

    @property
    def environment(self):
        places = {
            "HOME": self.path,
            "XDG_RUNTIME_DIR": self.path / "run",
            "XDG_DATA_HOME": self.path / "share",
            "ROLEKEEPER_BACKEND": "none",  # most tests ask for nothing behind
        }
        return {"PATH": f"{BIN}:{os.environ['PATH']}"} | {name: str(place) for name, place in places.items()}

    def up(self, *arguments, **variables):
        return Up(self.environment | variables, arguments)


class Up:
    """`rolekeeper up --json` on a free port, which has said that it is ready, or has ended."""

    def __init__(self, environment, arguments):
        command = [BIN / "rolekeeper", "up", "--json", *(() if "--port" in arguments else ("--port", "0"))]
        self.process = subprocess.Popen(
            [*command, *arguments],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        line = self.process.stdout.readline()
        self.ready = json.loads(line) if line else None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate()

    def stop(self, number=signal.SIGTERM):
        """Its exit status, and what it printed on standard error until its end."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.end()

    def end(self):
        """The same of one that ends by itself."""
        _, complaint = self.process.communicate(timeout=60)
        return self.process.returncode, complaint


@dataclass(frozen=True)
class Result:
    status: int
    out: str
    err: str


@pytest.fixture
def home(tmp_path):
    return Home(tmp_path)


@pytest.fixture(scope="package")
def shared_home(tmp_path_factory):
    return Home(tmp_path_factory.mktemp("home"))


@pytest.fixture(scope="package")
def running(shared_home):
    """One ephemeral server for all tests that only look at it."""
    with shared_home.up("--ephemeral") as server:
        assert server.ready
        yield server


@pytest.fixture
def command(monkeypatch, capsys):
    """Run a command in this process, with this environment and no other."""

    def run(*arguments, home, **variables):
        for name in list(os.environ):
            if name.startswith(("AWS_", "ROLEKEEPER_", "XDG_")):
                monkeypatch.delenv(name)
        for name, value in (home.environment | variables).items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(sys, "argv", ["rolekeeper", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        printed = capsys.readouterr()
        return Result(int(ended.value.code or 0), printed.out, printed.err)

    return run


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A server of one module's own, whose clock it may move."""
    home = Home(tmp_path_factory.mktemp("home"))
    with home.up("--ephemeral") as server:
        yield Place(home, server.ready)


@pytest.fixture(scope="module")
def bob(place):
    """A user's key, as variables; allowed all of STS."""
    return place.user("bob")


@pytest.fixture(scope="module")
def reader(place):
    """A role that bob may assume."""
    return place.role("reader", path="/team/")
