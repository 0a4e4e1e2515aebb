"""The bench still measures: every operation, against a server that is given. How fast is not asked here."""

from __future__ import annotations

import json
import subprocess
import sys
from urllib.parse import quote

from tests.journeys.conftest import ROOT, Running

SHORT = ["--rounds", "1", "--seconds", "0.1", "--creations", "8", "--different", "4", "--connections", "2"]


def test_a_server_that_refuses_is_not_measured(server: Running) -> None:
    run = _bench(server, "wrong")
    assert run.returncode != 0 and "(SignatureDoesNotMatch)" in run.stderr
    assert not run.stdout


def test_every_operation_is_measured_beside_the_ceiling(server: Running) -> None:
    run = _bench(server, server.secret_access_key)
    assert run.returncode == 0, run.stderr
    found = json.loads(run.stdout)["wire"]
    assert list(found) == ["GetCallerIdentity", "GetRole", "AssumeRole", "CreateRole"]
    for operation in found.values():
        assert {name: one["requests_per_second"] > 0 for name, one in operation.items()} == {
            "ceiling": True,
            "ours": True,
        }


def _bench(server: Running, secret: str) -> subprocess.CompletedProcess[str]:
    url = server.endpoint.replace("://", f"://{server.access_key_id}:{quote(secret, safe='')}@")
    command = [sys.executable, "bench/wire.py", *SHORT, "--endpoint", f"ours={url}"]
    return subprocess.run(
        command, cwd=ROOT, env=server.environment, capture_output=True, text=True, timeout=120
    )
