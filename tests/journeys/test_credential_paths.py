"""One journey by every way to credentials: who it is, past a rotation, and to its end when the role is gone.

The clients are boto3, the AWS command line and the SDK for JavaScript, unmodified.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.journeys import delivery
from tests.journeys.conftest import Running
from tests.journeys.delivery import ROLE, Site, Way, can_run
from tests.journeys.instances import advance
from tests.journeys.javascript_sdk import OWN, sdk

BOTO3 = "import boto3; print(boto3.client('sts').get_caller_identity()['Arn'])"
CLIENTS = {
    "boto3": [sys.executable, "-c", BOTO3],
    "aws": ["aws", "sts", "get-caller-identity", "--query", "Arn", "--output", "text"],
}
SDK = sdk()


def has(way: Way) -> bool:
    """Whether the SDK for JavaScript is here, with a provider for that way."""
    if SDK is None or not way.provider:
        return False
    whole = way.provider == "fromTemporaryCredentials"
    return not whole or (SDK / "node_modules/@aws-sdk/credential-providers").is_dir()


def ask(way: Way, client: list[str]) -> subprocess.CompletedProcess[str]:
    command = [*way.before, *client]
    return subprocess.run(command, env=dict(way.environment), capture_output=True, text=True, timeout=120)


def clients(way: Way) -> dict[str, list[str]]:
    """The clients that know the way."""
    found = dict(CLIENTS)
    if has(way):
        found["javascript"] = [
            "node",
            str(OWN / "identity.mjs"),
            str(SDK),
            way.provider,
            json.dumps(way.told),
        ]
    return found


def needing(flag: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(not can_run(flag), reason=f"ROLEKEEPER RUN HAS NO {flag.upper()} YET")


@pytest.mark.requirement("SR-133")
@pytest.mark.skipif("JOURNEYS" not in os.environ, reason="takes its time: make journeys")
@pytest.mark.parametrize(
    "made",
    [
        delivery.instance_metadata,
        delivery.container,
        delivery.pod,
        delivery.web_identity,
        delivery.assumed,
        delivery.credential_process,
        delivery.certificate,
        delivery.run_as_role,
        pytest.param(delivery.run_on_instance, marks=needing("--instance")),
        pytest.param(delivery.run_in_task, marks=needing("--task")),
        pytest.param(delivery.run_in_pod, marks=needing("--pod")),
    ],
)
def test_a_way_to_credentials(server: Running, tmp_path: Path, made: Callable[[Site], Way]) -> None:
    site = Site(server, tmp_path)
    way = made(site)
    for _ in range(2):
        for name, client in clients(way).items():
            told = ask(way, client)
            assert told.returncode == 0, (name, told.stderr)
            assert f":assumed-role/{ROLE}/" in told.stdout, name
        advance(server, hours=5, minutes=50)
        way.renew()
    site.take_away()
    way.renew()
    for name, client in clients(way).items():
        assert ask(way, client).returncode != 0, name


@pytest.mark.skipif(SDK is None, reason="THE AWS SDK FOR JAVASCRIPT IS NOT HERE")
def test_the_javascript_sdk_knows_its_ways() -> None:
    assert has(Way(environment={}, provider="fromProcess"))
    if not has(Way(environment={}, provider="fromTemporaryCredentials")):
        pytest.skip("THE PACKAGE @aws-sdk/credential-providers IS NOT HERE: npm install")
