"""The bench still measures: every operation, against a server that is given. How fast is not asked here."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

from tests.journeys.conftest import ROOT, Running, bare_environment

SHORT = ["--rounds", "1", "--seconds", "0.1", "--creations", "8", "--different", "4", "--connections", "2"]


def test_a_server_that_refuses_is_not_measured(server: Running) -> None:
    run = _bench(server, "wrong")
    assert run.returncode != 0 and "(SignatureDoesNotMatch)" in run.stderr
    assert not run.stdout


def test_every_operation_is_measured_beside_the_ceiling(server: Running) -> None:
    run = _bench(server, server.secret_access_key)
    assert run.returncode == 0, run.stderr
    found = json.loads(run.stdout)["wire"]
    assert list(found) == [
        *("GetCallerIdentity", "GetRole", "GetRole by a session", "AssumeRole", "CreateRole"),
    ]
    for operation in found.values():
        assert {name: one["requests_per_second"] > 0 for name, one in operation.items()} == {
            "ceiling": True,
            "ours": True,
        }


def test_a_crowd_is_moved_in_and_asked(tmp_path: Path) -> None:
    command = [sys.executable, "bench/population.py", "--roles", "120", "--rounds", "1", "--seconds", "0.05"]
    environment = bare_environment(tmp_path)
    run = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=240)
    assert run.returncode == 0, run.stderr
    found = json.loads(run.stdout)["population"]
    assert found["size"] == {"roles": 120, "users": 60, "policies": 18}
    assert all(found[operation]["ratio"] > 0 for operation in ("GetRole", "ListRoles"))
    assert found["GetAccountAuthorizationDetails"]["large"]["pages"] > 1
    assert found["memory"]["large"]["mib"] > 0 and found["start"]["large"]["seconds"] > 0


def test_web_identities_are_measured_on_our_own_servers_only(server: Running) -> None:
    asked = ["--operation", "AssumeRoleWithWebIdentity"]
    run = _run(server, *asked)
    assert run.returncode == 0, run.stderr
    [measured] = json.loads(run.stdout)["wire"].values()
    assert list(measured) == ["ceiling", "rolekeeper --ephemeral", "rolekeeper --data"]
    assert all(one["requests_per_second"] > 0 for one in measured.values())
    run = _bench(server, server.secret_access_key, *asked)
    assert run.returncode != 0 and "needs a server that knows our issuer" in run.stderr


def _bench(server: Running, secret: str, *more: str) -> subprocess.CompletedProcess[str]:
    url = server.endpoint.replace("://", f"://{server.access_key_id}:{quote(secret, safe='')}@")
    return _run(server, "--endpoint", f"ours={url}", *more)


def _run(server: Running, *more: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "bench/wire.py", *SHORT, *more]
    return subprocess.run(
        command, cwd=ROOT, env=server.environment, capture_output=True, text=True, timeout=120
    )
