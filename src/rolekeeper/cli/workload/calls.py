"""Calls of the service `rolekeeper` to a running server, as who gives the command.

Only a server that runs here is asked, at the endpoint that it announces itself.
"""

from __future__ import annotations

import http.client
import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import typer

from rolekeeper.cli.terminal import NO, complain
from rolekeeper.errors import ConfigurationError

if TYPE_CHECKING:
    from rolekeeper.cli.credentials import AccessPair
    from rolekeeper.cli.running import Running

TARGET = "RolekeeperWorkloads_20261122"


class WorkloadCalls:
    """Calls by the operation's name, in one region."""

    def __init__(self, server: Running, key: AccessPair, region: str) -> None:
        self._server = server
        self._key = key
        self._region = region

    def call(self, operation: str, **members: Any) -> dict[str, Any]:
        """The answer of an operation; members that are None are not sent. A refusal is a no (exit status 1);
        ConfigurationError where there is no answer."""
        given = {name: value for name, value in members.items() if value is not None}
        status, answer = self._post(operation, json.dumps(given).encode())
        try:
            said: dict[str, Any] = json.loads(answer or b"{}")
        except ValueError:
            raise ConfigurationError(f"{self._who()} answers {status} to {operation}, and no JSON") from None
        if status != 200:
            complain(str(said.get("message") or said.get("__type") or status))
            raise typer.Exit(NO)
        return said

    def every(self, operation: str, name: str, **members: Any) -> Iterator[dict[str, Any]]:
        """What an operation that answers in pages lists under a name."""
        token = None
        while True:
            page = self.call(operation, **members, NextToken=token)
            yield from page[name]
            token = page.get("NextToken")
            if token is None:
                return

    def role_arn(self, given: str | None) -> str | None:
        """A role's ARN, where its ARN or its name is given; a role under a path has no other name."""
        if given is None or given.startswith("arn:"):
            return given
        from rolekeeper.arn import Arn, iam_arn
        from rolekeeper.cli.iam_calls import IamCalls

        identity = IamCalls(self._server, self._key, "sts").call("GetCallerIdentity")
        own = Arn.parse(identity.findtext(".//Arn", ""))
        return iam_arn(own.partition, own.account, "role", "/", given)

    def _post(self, operation: str, body: bytes) -> tuple[int, bytes]:
        from rolekeeper.cli.client import connection
        from rolekeeper.cli.signer import JSON, signed_headers

        headers = signed_headers(
            body,
            host=urlsplit(self._server.endpoint).netloc,
            service="rolekeeper",
            region=self._region,
            key=self._key,
            now=datetime.now(UTC),
            kind=JSON,
            target=f"{TARGET}.{operation}",
        )
        asking = connection(self._server)
        try:
            asking.request("POST", "/", body, headers)
            response = asking.getresponse()
            return response.status, response.read()
        except (OSError, http.client.HTTPException) as error:
            raise ConfigurationError(f"{self._who()} does not answer: {error}") from None
        finally:
            asking.close()

    def _who(self) -> str:
        return f"the server on port {self._server.port}"


def asked(port: int | None, data: Path | None, region: str | None) -> WorkloadCalls:
    """The server that is meant, asked with the key in the environment or else the root user's."""
    from rolekeeper.cli.credentials import operators_key
    from rolekeeper.cli.running import the_running

    server = the_running(os.environ, port=port, data=data)
    return WorkloadCalls(server, operators_key(server, os.environ), region or server.region)
