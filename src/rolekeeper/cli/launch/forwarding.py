"""Where a workload looks for its credentials, at the root of a port of its own: passed on to the server.

Some SDKs drop the path of an endpoint that they are given. So a program gets a listener at whose root its
endpoint is, and the listener adds what the program need not know: the workload's secret.
Sources: "Use the Instance Metadata Service to access instance metadata" in the EC2 User Guide; "Container
credential provider" in the AWS SDKs and Tools Reference Guide; "How EKS Pod Identity works" in the EKS User
Guide.
"""

from __future__ import annotations

import hmac
import http.client
import json
import secrets
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

from rolekeeper.cli.client import connection
from rolekeeper.cli.launch.keeping import Clock
from rolekeeper.cli.launch.listener import Answer, Asked
from rolekeeper.cli.running import Running
from rolekeeper.errors import ConfigurationError
from rolekeeper.iam.secret import Secret

METADATA: Final = "/_rolekeeper/imds/"
CONTAINERS: Final = "/_rolekeeper/containers/credentials"
PODS: Final = "/_rolekeeper/pods/v1/credentials"

HOPS: Final = "x-rolekeeper-hop-limit"
"""With a token of the metadata service: how many routers may pass it on."""

_PASSED_ON: Final = ("x-aws-ec2-metadata-token", "x-aws-ec2-metadata-token-ttl-seconds", "x-forwarded-for")
_KEPT: Final = ("content-type", "cache-control", "server", "allow", "x-aws-ec2-metadata-token-ttl-seconds")


class Metadata:
    """The instance metadata of one instance."""

    def __init__(self, server: Running, secret: Secret, clock: Clock) -> None:
        self._server, self._secret, self._clock = server, secret, clock

    def variables(self, endpoint: str) -> dict[str, str]:
        """What tells a program of it."""
        return {"AWS_EC2_METADATA_SERVICE_ENDPOINT": endpoint, "AWS_EC2_METADATA_DISABLED": "false"}

    def __call__(self, asked: Asked) -> Answer:
        if not asked.target.startswith("/"):
            return Answer(status=404)
        headers = {name: asked.headers[name] for name in _PASSED_ON if name in asked.headers}
        path = f"{METADATA}{self._secret.reveal()}{asked.target}"
        return _forwarded(self._server, asked.method, path, headers, self._clock)


class Container:
    """The credentials of a container, for who has a token of this listener's own."""

    def __init__(self, server: Running, path: str, token: Callable[[], Secret], clock: Clock) -> None:
        """`path` is the server's, and `token` what opens it, asked for each time."""
        self._server, self._path, self._token, self._clock = server, path, token, clock
        self.token = Secret(secrets.token_urlsafe(32))

    def __call__(self, asked: Asked) -> Answer:
        given = asked.headers.get("authorization", "").encode("latin-1", "replace")
        if not hmac.compare_digest(given, self.token.reveal().encode()):
            return _fault(403, "AccessDenied", "the authorization token is not valid")
        if asked.target != self.path:
            return _fault(404, "NotFound", "there is nothing here")
        try:
            headers = {"authorization": self._token().reveal()}
        except ConfigurationError as error:
            return _fault(403, "AccessDenied", str(error))
        return _forwarded(self._server, asked.method, self._path, headers, self._clock)

    @property
    def path(self) -> str:
        """Where it is on the listener: as on the server, but at its root."""
        return "/v1/credentials" if self._path == PODS else "/credentials"


def _forwarded(server: Running, method: str, path: str, headers: Mapping[str, str], clock: Clock) -> Answer:
    asking = connection(server)
    try:
        asking.request(method, path, headers=dict(headers))
        response = asking.getresponse()
        body = response.read()
        kept = {name.title(): value for name, value in response.getheaders() if name.lower() in _KEPT}
        hops = response.getheader(HOPS)
    except (OSError, http.client.HTTPException):
        return _fault(503, "ServiceUnavailable", f"the server on port {server.port} does not answer")
    finally:
        asking.close()
    return Answer(
        status=response.status,
        headers=kept,
        body=_in_local_time(body, clock),
        hops=None if hops is None else int(hops),
    )


def _in_local_time(body: bytes, clock: Clock) -> bytes:
    """An answer with credentials, whose end clients hold against this machine's clock; any other as it is."""
    if b'"Expiration"' not in body:
        return body
    try:
        told = json.loads(body)
        end = datetime.fromisoformat(told["Expiration"])
    except (ValueError, LookupError, TypeError):
        return body
    clock()
    told["Expiration"] = clock.here(end).strftime("%Y-%m-%dT%H:%M:%SZ")
    return json.dumps(told).encode()


def _fault(status: int, code: str, message: str) -> Answer:
    headers = {"Content-Type": "application/json", "Cache-Control": "no-store"}
    body = json.dumps({"code": code, "message": message}).encode()
    return Answer(status=status, headers=headers, body=body)
