"""A server that is killed in the middle of its work has lost nothing that it acknowledged."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

BIN = Path(sys.executable).parent
TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": {
            "Effect": "Allow",
            "Principal": {"Service": "ec2.amazonaws.com"},
            "Action": "sts:AssumeRole",
        },
    }
)
KEY = {"ROLEKEEPER_ROOT_ACCESS_KEY_ID": "root_key", "ROLEKEEPER_ROOT_SECRET_ACCESS_KEY": "root_secret"}


def _start(home: Path) -> tuple[subprocess.Popen[str], dict[str, Any]]:
    environment = {"PATH": os.environ["PATH"], "HOME": str(home), "XDG_RUNTIME_DIR": str(home / "run")}
    process = subprocess.Popen(
        [BIN / "rolekeeper", "up", "--json", "--port", "0", "--data", home / "data"],
        env=environment | KEY,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    return process, json.loads(process.stdout.readline())


def _client(ready: dict[str, Any]) -> Any:
    return boto3.client(
        "iam",
        endpoint_url=ready["endpoint"],
        region_name="us-east-1",
        aws_access_key_id="root_key",
        aws_secret_access_key="root_secret",
        config=Config(retries={"total_max_attempts": 1}),
    )


def _make_roles(client: Any, writer: str, acknowledged: list[str]) -> None:
    """Make roles until the server is gone; each that it acknowledged is told."""
    try:
        for number in range(10_000):
            client.create_role(RoleName=f"{writer}-{number}", AssumeRolePolicyDocument=TRUST)
            acknowledged.append(f"{writer}-{number}")
    except (BotoCoreError, ClientError):
        return


def _write_until_killed(process: subprocess.Popen[str], ready: dict[str, Any], turn: int) -> list[str]:
    acknowledged: list[str] = []
    writers = [
        threading.Thread(target=_make_roles, args=(_client(ready), f"t{turn}w{number}", acknowledged))
        for number in range(4)
    ]
    for writer in writers:
        writer.start()
    while len(acknowledged) < 40 and process.poll() is None:
        writers[0].join(timeout=0.01)
    process.send_signal(signal.SIGKILL)
    for writer in writers:
        writer.join()
    process.communicate()
    return acknowledged


def _kept(client: Any) -> set[str]:
    pages = client.get_paginator("list_roles").paginate()
    return {role["RoleName"] for page in pages for role in page["Roles"]}


def _created_in_trail(home: Path) -> list[str]:
    lines = subprocess.run(
        [BIN / "rolekeeper", "audit", "tail", "--json", "--limit", "100000", "--data", home / "data"],
        env={"PATH": os.environ["PATH"], "HOME": str(home)},
        check=True,
        capture_output=True,
        text=True,
    ).stdout.splitlines()
    events = [json.loads(line) for line in lines]
    return [
        event["requestParameters"]["roleName"]
        for event in events
        if event["eventName"] == "CreateRole" and "errorCode" not in event
    ]


def test_a_killed_server_loses_nothing_that_it_acknowledged(tmp_path: Path) -> None:
    acknowledged: list[str] = []
    for turn in range(3):
        process, ready = _start(tmp_path)
        assert set(acknowledged) <= _kept(_client(ready))
        acknowledged += _write_until_killed(process, ready, turn)
    process, ready = _start(tmp_path)
    kept = _kept(_client(ready))
    process.terminate()
    assert process.wait(timeout=60) == 0
    process.communicate()
    assert len(acknowledged) >= 120
    assert set(acknowledged) <= kept
    created = _created_in_trail(tmp_path)
    assert len(created) == len(set(created)), "an event was doubled"
    assert set(created) == kept, "a change and its event must survive together"
