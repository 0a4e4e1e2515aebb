"""A real server on a free port, and a machine around it that has no AWS configuration of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
LONG = frozenset(
    {
        *("test_break_glass", "test_console_sign_in_page", "test_gateway_objects", "test_organizations"),
        *("test_passing_roles_page", "test_role_chains_page", "test_run_page", "test_web_identity_page"),
        "test_workloads_page",
    }
)
"""The journeys that take a command line a quarter of a minute and more: `make journeys` has them."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave out what takes its time, loudly."""
    if "JOURNEYS" in os.environ:
        return
    here = [item for item in items if item.path.parent == ROOT / "tests" / "journeys"]
    for item in here:
        if item.path.stem in LONG:
            item.add_marker(pytest.mark.skip(reason="takes its time: make journeys"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """A running server, and the environment in which its clients live."""

    endpoint: str
    access_key_id: str
    secret_access_key: str
    environment: Mapping[str, str]
    pid: int = 0

    def client(self, service: str, key_id: str | None = None, secret: str | None = None) -> Any:
        """boto3's client of a service, as the root user or with another key."""
        return boto3.client(
            service,
            endpoint_url=self.endpoint,
            region_name="us-east-1",
            aws_access_key_id=key_id or self.access_key_id,
            aws_secret_access_key=secret or self.secret_access_key,
        )


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Running]:
    """`rolekeeper up --ephemeral`, ready; and ended as Ctrl-C ends it."""
    with serving(tmp_path) as running:
        yield running


@contextmanager
def serving(home: Path, *more: str, **settings: str) -> Iterator[Running]:
    """The same with more on its command line, and settings of its own."""
    own = {f"ROLEKEEPER_{name.upper()}": value for name, value in settings.items()}
    with up(bare_environment(home) | own, "--ephemeral", *more) as running:
        yield running


_ROOT = "ROLEKEEPER_ROOT"
"""What begins the variables with the root user's key, which a server that is started again does not tell."""


@contextmanager
def up(environment: Mapping[str, str], *arguments: str) -> Iterator[Running]:
    """`rolekeeper up` on a free port, ready; and ended as Ctrl-C ends it."""
    command = [str(BIN / "rolekeeper"), "up", "--port", "0", "--json", *arguments]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        ready = json.loads(process.stdout.readline())
        try:
            yield Running(
                endpoint=ready["endpoint"],
                access_key_id=ready.get("root_access_key_id") or environment[f"{_ROOT}_ACCESS_KEY_ID"],
                secret_access_key=ready.get("root_secret_access_key")
                or environment[f"{_ROOT}_SECRET_ACCESS_KEY"],
                environment=environment,
                pid=ready["pid"],
            )
        finally:
            process.terminate()
            assert process.wait(timeout=120) == 0


def bare_environment(home: Path) -> dict[str, str]:
    """The environment without anything of AWS's or ours, and with a home of its own."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "ROLEKEEPER_"))}
    return kept | {
        "HOME": str(home),
        "XDG_RUNTIME_DIR": str(home),
        "AWS_CONFIG_FILE": str(home / "no-config"),
        "AWS_SHARED_CREDENTIALS_FILE": str(home / "no-credentials"),
        "AWS_EC2_METADATA_DISABLED": "true",
        # What asks for them waits for a second, and asks once: a machine at work takes longer.
        "AWS_METADATA_SERVICE_TIMEOUT": "30",
        "AWS_METADATA_SERVICE_NUM_ATTEMPTS": "3",
        "AWS_PAGER": "",
        "PATH": os.pathsep.join([str(BIN), os.environ.get("PATH", os.defpath)]),
    }
