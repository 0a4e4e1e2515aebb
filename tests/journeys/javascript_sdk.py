"""Calls made by the AWS SDK for JavaScript, in one process that is told of each on a line.

The SDK is looked for where `javascript/package.json` puts it, or in the folder that `JAVASCRIPT_SDK` names.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from tests.journeys.conftest import ROOT, Running
from tests.journeys.foreign import Make, Order, refusal

OWN = ROOT / "tests/journeys/javascript"
_DOCUMENTS = {"PolicyDocument", "AssumeRolePolicyDocument", "Document"}


def sdk() -> Path | None:
    """The folder that has the SDK in its `node_modules`."""
    folder = Path(os.environ.get("JAVASCRIPT_SDK", OWN))
    there = shutil.which("node") and (folder / "node_modules/@aws-sdk/client-iam").is_dir()
    return folder if there else None


@contextmanager
def javascript(server: Running) -> Iterator[Make]:
    """Node with the SDK, for as long as it is used."""
    with subprocess.Popen(
        ["node", str(OWN / "play.mjs"), str(sdk())],
        env=dict(server.environment),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        yield lambda order: _call(process, server, order)
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(timeout=120) == 0


def _call(process: subprocess.Popen[str], server: Running, order: Order) -> dict[str, Any]:
    assert process.stdin is not None and process.stdout is not None
    credentials = {
        "accessKeyId": order.access_key_id,
        "secretAccessKey": order.secret_access_key,
        "sessionToken": order.session_token,
    }
    told = {
        "endpoint": server.endpoint,
        "service": order.service,
        "operation": order.operation,
        "input": order.arguments,
        "credentials": {name: value for name, value in credentials.items() if value is not None},
    }
    process.stdin.write(json.dumps(told) + "\n")
    process.stdin.flush()
    answer = json.loads(process.stdout.readline())
    if "error" in answer:
        found = answer["error"]
        raise refusal(order.operation, found["code"], found["message"], found["status"])
    read: dict[str, Any] = _read(answer["output"])
    return read


def _read(value: Any, name: str = "") -> Any:
    """The answer with its policies read, which this SDK leaves as they come."""
    if isinstance(value, dict):
        return {key: _read(member, key) for key, member in value.items()}
    if isinstance(value, list):
        return [_read(member) for member in value]
    return json.loads(unquote(value)) if name in _DOCUMENTS and isinstance(value, str) else value
