"""Instance metadata of a running server: who is refused, and that nothing is mixed up."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.journeys.conftest import ROOT, Running
from tests.journeys.instances import advance, fetch, launched, whose, workloads


def test_the_profile_goes_and_nothing_is_left(server: Running) -> None:
    id, endpoint = launched(server, "web")
    assert fetch(endpoint)["role_name"] == "web"
    found = workloads(server).list_instance_profile_associations(InstanceIds=[id])
    (only,) = found["IamInstanceProfileAssociations"]
    workloads(server).disassociate_instance_profile(AssociationId=only["AssociationId"])
    assert fetch(endpoint) == {}


def test_a_request_that_somebody_was_tricked_into_gets_nothing(server: Running) -> None:
    _, endpoint = launched(server, "web")
    pages = ("", "latest/meta-data/", "latest/meta-data/iam/security-credentials/web", "latest/user-data")
    for page in pages:
        with pytest.raises(urllib.error.HTTPError, match="401"):
            urllib.request.urlopen(f"{endpoint}/{page}")
    forwarded = {"X-Forwarded-For": "198.51.100.7", "X-aws-ec2-metadata-token-ttl-seconds": "60"}
    asked = urllib.request.Request(f"{endpoint}/latest/api/token", method="PUT", headers=forwarded)
    with pytest.raises(urllib.error.HTTPError, match="403"):
        urllib.request.urlopen(asked)


def test_two_roles_never_mix(server: Running) -> None:
    """Two hundred clients at once, while sessions are renewed under them."""
    names = ("web", "batch")
    endpoints = {name: launched(server, name)[1] for name in names}
    asked = [names[turn % 2] for turn in range(200)]

    def three(name: str) -> tuple[str, list[Mapping[str, str]]]:
        return name, [fetch(endpoints[name]) for _ in range(3)]

    with ThreadPoolExecutor(max_workers=200) as clients:
        waiting = [clients.submit(three, name) for name in asked]
        advance(server, hours=5, minutes=45)
        answers = [each.result() for each in waiting]
    found: dict[str, dict[str, Mapping[str, str]]] = {name: {} for name in names}
    for name, got in answers:
        for each in got:
            assert each["role_name"] == name
            found[name][each["access_key"]] = each
    assert not found["web"].keys() & found["batch"].keys()
    for name, sessions in found.items():
        assert len(sessions) <= 2
        assert all(f"assumed-role/{name}/" in whose(server, each) for each in sessions.values())


def test_the_bench_measures(tmp_path: Path, server: Running) -> None:
    command = [sys.executable, "bench/metadata.py", "--dry", "--rounds", "1", "--seconds", "0.1"]
    run = subprocess.run(
        command, cwd=ROOT, env=server.environment, capture_output=True, text=True, check=True, timeout=120
    )
    found = json.loads(run.stdout)["metadata"]
    assert list(found) == ["credentials", "instance-id"]
    assert all(found[page]["ours"]["requests_per_second"] > 0 for page in found)
