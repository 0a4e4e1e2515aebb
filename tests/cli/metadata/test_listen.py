"""`rolekeeper metadata listen`: who is served, who is not, and where it listens."""

from __future__ import annotations

import json
import socket
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.journeys.conftest import BIN, Running, serving
from tests.journeys.instances import fetch, launched, whose, workloads

COMMAND = [str(BIN / "rolekeeper"), "metadata", "listen"]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Running]:
    with serving(tmp_path) as running:
        yield running


@contextmanager
def listening(server: Running, *flags: str) -> Iterator[str]:
    """Its endpoint."""
    command = [*COMMAND, "--json", *flags]
    with subprocess.Popen(command, env=server.environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield json.loads(process.stdout.readline())["endpoint"]
        finally:
            process.terminate()
            assert process.wait(timeout=120) == 0


def refused(server: Running, *flags: str) -> tuple[int, str]:
    run = subprocess.run(
        [*COMMAND, *flags], env=server.environment, capture_output=True, text=True, check=False, timeout=60
    )
    assert not run.stdout
    return run.returncode, run.stderr


def test_what_is_wrong_is_told(server: Running) -> None:
    for flags in ((), ("--instance", "i-0123456789abcdef0", "--by-source")):
        status, said = refused(server, *flags)
        assert (status, "--instance ID, or --by-source" in said) == (2, True)
    status, said = refused(server, "--by-source", "--host", "0.0.0.0")
    assert (status, "--insecure" in said) == (2, True)
    assert refused(server, "--by-source", "--host", "somewhere")[0] == 2
    status, said = refused(server, "--instance", "i-0123456789abcdef0")
    assert (status, "i-0123456789abcdef0" in said) == (1, True)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        status, said = refused(server, "--by-source", "--port", str(port))
    assert (status, f"port {port} on 127.0.0.1 is in use" in said) == (3, True)


def test_an_instances_own_listener(server: Running) -> None:
    id, _ = launched(server, "web")
    with listening(server, "--instance", id) as endpoint:
        found = fetch(endpoint)
        assert whose(server, found) == f"arn:aws:sts::123456789012:assumed-role/web/{id}"
        pages = urllib.request.Request(f"{endpoint}/latest/meta-data/")
        with pytest.raises(urllib.error.HTTPError, match="401"):
            urllib.request.urlopen(pages)
        asked = {"X-Forwarded-For": "10.0.0.1", "X-aws-ec2-metadata-token-ttl-seconds": "60"}
        token = urllib.request.Request(f"{endpoint}/latest/api/token", method="PUT", headers=asked)
        with pytest.raises(urllib.error.HTTPError, match="403"):
            urllib.request.urlopen(token)
        rebound = urllib.request.Request(f"{endpoint}/", headers={"Host": "rebound.example"})
        with pytest.raises(urllib.error.HTTPError, match="403"):
            urllib.request.urlopen(rebound)
        workloads(server).deregister_instance(InstanceId=id)
        assert fetch(endpoint) == {}


def test_its_secret_opens_nothing_any_more_at_the_end(server: Running) -> None:
    id, _ = launched(server, "web")
    for _ in range(18):  # with its first one, that leaves room for one more
        workloads(server).create_workload_secret(Kind="instance", Id=id)
    for _ in range(2):
        with listening(server, "--instance", id) as endpoint:
            assert fetch(endpoint)["role_name"] == "web"


def test_instances_are_told_by_their_address(server: Running) -> None:
    launched(server, "other", PrivateIpAddress="10.0.0.9")
    with listening(server, "--by-source") as endpoint:
        assert fetch(endpoint) == {}
    launched(server, "web", PrivateIpAddress="127.0.0.1")
    with listening(server, "--by-source") as endpoint:
        assert fetch(endpoint)["role_name"] == "web"
    launched(server, "batch", PrivateIpAddress="127.0.0.1")
    with listening(server, "--by-source") as endpoint:
        assert fetch(endpoint) == {}  # which of the two it is cannot be told
