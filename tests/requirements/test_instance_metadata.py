"""Unmodified SDKs on instances: rows SR-024 and SR-067 to SR-069."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from tests.journeys.conftest import ROOT, Running, serving
from tests.journeys.instances import WHO, advance, fetch, launched, on_instance, whose

requirement = pytest.mark.requirement


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Running]:
    """A server of its own process: SDKs ask for metadata over a network."""
    with serving(tmp_path) as running:
        yield running


@requirement("SR-068")
def test_sr_068_an_sdk_takes_them_with_no_configuration(server: Running) -> None:
    id, endpoint = launched(server, "web")
    _, bare = launched(server)
    run = [sys.executable, "-c", WHO]
    none = subprocess.run(
        run, cwd=ROOT, env=on_instance(server, bare), capture_output=True, text=True, check=False
    )
    assert none.returncode != 0 and "NoCredentialsError" in none.stderr
    found = subprocess.run(
        run, cwd=ROOT, env=on_instance(server, endpoint), capture_output=True, text=True, check=True
    )
    assert json.loads(found.stdout) == {
        "arn": f"arn:aws:sts::123456789012:assumed-role/web/{id}",
        "method": "iam-role",
        "roles": 1,
    }


@requirement("SR-067")
def test_sr_067_and_nobody_else_gets_them(server: Running) -> None:
    _, endpoint = launched(server, "web")
    for wrong in (server.endpoint, endpoint[:-1], f"{endpoint}x"):
        assert fetch(wrong) == {}
    assert fetch(endpoint)["role_name"] == "web"


@requirement("SR-024")
def test_sr_024_credentials_of_an_instance_are_not_cut_to_one_hour(server: Running) -> None:
    _, endpoint = launched(server, "web")
    assert server.client("iam").get_role(RoleName="web")["Role"]["MaxSessionDuration"] == 3600
    found = fetch(endpoint)
    left = datetime.fromisoformat(found["expiry_time"]) - datetime.now(UTC)
    assert timedelta(hours=5, minutes=50) < left <= timedelta(hours=6)
    advance(server, hours=5, minutes=55)
    assert "/web/" in whose(server, found)
    advance(server, minutes=6)
    with pytest.raises(ClientError, match="ExpiredToken"):
        whose(server, found)


@requirement("SR-069")
def test_sr_069_a_valid_set_is_always_there(server: Running) -> None:
    _, endpoint = launched(server, "web")
    first, moved = fetch(endpoint), timedelta(0)
    keys = [first["access_key"]]
    for _ in range(30):
        advance(server, minutes=37)
        moved += timedelta(minutes=37)
        found = fetch(endpoint)
        assert datetime.fromisoformat(found["expiry_time"]) - datetime.now(UTC) - moved > timedelta(
            minutes=15
        )
        assert "/web/" in whose(server, found)
        keys.append(found["access_key"])
    assert 3 <= len(set(keys)) <= 5  # and not another one each time
    with pytest.raises(ClientError, match="ExpiredToken"):
        whose(server, first)
