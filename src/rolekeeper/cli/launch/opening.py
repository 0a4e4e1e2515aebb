"""The credentials that a workload's secret opens, as the server's endpoint of containers gives them."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import Any, Final

import typer

from rolekeeper.cli.client import connection
from rolekeeper.cli.credentials import AccessPair
from rolekeeper.cli.iam_calls import CallRefused
from rolekeeper.cli.launch.assuming import Session
from rolekeeper.cli.running import Running
from rolekeeper.cli.workload.calls import WorkloadCalls
from rolekeeper.errors import ConfigurationError
from rolekeeper.iam.secret import Secret

CREDENTIALS: Final = "/_rolekeeper/containers/credentials"
AGENTS: Final = "/_rolekeeper/containers/agent/credentials"


@contextmanager
def secret_of(calls: WorkloadCalls, kind: str, id: str, part: str = "application") -> Iterator[Secret]:
    """A secret of a workload, which opens nothing any more at the end."""
    secret = Secret(str(calls.call("CreateWorkloadSecret", Kind=kind, Id=id, Part=part)["Secret"]))
    try:
        yield secret
    finally:
        # A server that is gone has no secrets, and one that refuses has said so: how the program has ended is
        # what the command tells.
        with suppress(ConfigurationError, typer.Exit):
            calls.call("DeleteWorkloadSecret", Secret=secret.reveal())


def opened(server: Running, secret: Secret, path: str = CREDENTIALS) -> Session:
    """What a secret opens. CallRefused, or ConfigurationError where there is no answer."""
    asking = connection(server)
    try:
        asking.request("GET", path, headers={"authorization": secret.reveal()})
        response = asking.getresponse()
        status, answer = response.status, json.loads(response.read())
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise ConfigurationError(f"the server on port {server.port} does not answer: {error}") from None
    finally:
        asking.close()
    if status != 200:
        raise CallRefused(str(answer.get("code", status)), str(answer.get("message", status)))
    return _session(answer)


def _session(answer: dict[str, Any]) -> Session:
    return Session(
        key=AccessPair(
            access_key_id=answer["AccessKeyId"],
            secret=Secret(answer["SecretAccessKey"]),
            token=Secret(answer["Token"]),
        ),
        expiration=datetime.fromisoformat(answer["Expiration"]),
        arn=answer["RoleArn"],
    )
