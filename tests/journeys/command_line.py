"""Calls made by the AWS command line, each by a process of its own, with an option for each argument."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from botocore import xform_name

from tests.journeys.conftest import Running
from tests.journeys.foreign import Order, refusal

_REFUSED = re.compile(r"An error occurred \((\w+)\)[^:]*: (.*)", re.DOTALL)


class CommandLine:
    """The `aws` that is first on the server's PATH."""

    def __init__(self, server: Running) -> None:
        self._server = server

    def __call__(self, order: Order) -> dict[str, Any]:
        if order.operation == "CreateVirtualMFADevice":
            return self._with_seed(order)
        return self._run(order, _options(order.arguments))

    def _with_seed(self, order: Order) -> dict[str, Any]:
        """The one command that writes part of its answer into a file."""
        with TemporaryDirectory() as folder:
            file = Path(folder) / "seed"
            more = ["--bootstrap-method", "Base32StringSeed", "--outfile", str(file)]
            made = self._run(order, [*_options(order.arguments), *more])
            made["VirtualMFADevice"]["Base32StringSeed"] = file.read_text().strip()
        return made

    def _run(self, order: Order, options: list[str]) -> dict[str, Any]:
        command = ["aws", order.service, xform_name(order.operation, "-"), *options, "--output", "json"]
        environment = {
            **self._server.environment,
            "AWS_ENDPOINT_URL": self._server.endpoint,
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": order.access_key_id,
            "AWS_SECRET_ACCESS_KEY": order.secret_access_key,
        }
        if order.session_token is not None:
            environment["AWS_SESSION_TOKEN"] = order.session_token
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120)
        if done.returncode == 0:
            answer: dict[str, Any] = json.loads(done.stdout or "{}")
            return answer
        if "argument operation: Invalid choice" in done.stderr:
            pytest.skip(f"THE AWS COMMAND LINE THAT IS HERE IS OLDER THAN {order.operation}")
        found = _REFUSED.search(done.stderr)
        assert found, f"aws {order.service} {order.operation}: {done.stderr}"
        raise refusal(order.operation, found[1], found[2].strip())


def _options(arguments: Mapping[str, Any]) -> list[str]:
    return [option for name, value in arguments.items() for option in _option(xform_name(name, "-"), value)]


def _option(name: str, value: Any) -> Iterator[str]:
    if isinstance(value, bool):
        yield f"--{name}" if value else f"--no-{name}"
    elif isinstance(value, list | dict):
        yield from (f"--{name}", json.dumps(value))
    else:
        yield f"--{name}={value}"
