"""The credentials endpoint of containers: who has a workload's secret gets its role's session, nobody else.

The secret is in the path, where AWS has an unguessable ID (a relative URI), or in `Authorization` (a full
URI, with a token). The application has the task role. The execution role is its agent's: that has a secret
and a path of its own, and neither of the two secrets opens anything at the other's path. What is not exactly
one of the paths is not there.
Sources: "Amazon ECS task IAM role" in the ECS Developer Guide; "Container credential provider" in the AWS
SDKs and Tools Reference Guide. Errors have the form and the codes of the ECS container agent.
"""

from __future__ import annotations

from typing import Final

import msgspec

from rolekeeper.audit.cloudtrail import instant
from rolekeeper.endpoints import ours
from rolekeeper.endpoints.contract import Server
from rolekeeper.iam.workloads import AGENT, Function, ServiceRole, Task
from rolekeeper.service.delivery import Delivered, NotDelivered
from rolekeeper.service.grants import grant_for
from rolekeeper.wire.http import HttpRequest, HttpResponse

PREFIX: Final = "/_rolekeeper/containers"
"""Where the server's own routes have it."""

RELATIVE: Final = "/v2/credentials"
"""The relative URI, without the ID. It is served at the root, too: a server at 169.254.170.2:80 is just what
SDKs in containers look for."""

FULL: Final = "/credentials"
"""Behind the prefix: for a token."""

AGENTS: Final = "/agent/credentials"
"""Behind the prefix: for the token of an agent."""

PATHS: Final = (PREFIX + "/", RELATIVE + "/")
"""How all paths begin that are answered here."""

_APPLICATION: Final = ""
_SERVED: Final = (Task, Function, ServiceRole)
"""What has such an endpoint; instances and pods have others."""

_SHOWN: Final = "container"
_WRONG: Final = "The authorization token is not valid"


class _Fault(Exception):
    """What is answered in place of credentials."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(status, code, message)
        self.status, self.code, self.message = status, code, message


class Containers:
    """The endpoint of all containers of the server."""

    def __init__(self, server: Server) -> None:
        self._server = server

    def answer(self, request: HttpRequest, address: str, port: int) -> HttpResponse:
        """Answer a request that came in on this address and port of ours. It waits for nothing."""
        host = self._server.settings.host
        if not (ours.has_our_host(request, address, port, host) and ours.has_our_origin(request)):
            return HttpResponse(status=403)
        try:
            if request.method != "GET":
                raise _Fault(405, "MethodNotAllowed", "Credentials are read with GET")
            return HttpResponse(status=200, headers=_HEADERS, body=self._credentials(request))
        except _Fault as fault:
            return _refusal(fault)

    def _credentials(self, request: HttpRequest) -> bytes:
        path = request.path.removeprefix(PREFIX)
        secret, part, unknown = _asked(path, request.header("authorization") or "")
        opened = self._server.attest(secret)
        if opened is None or opened.part != part or not isinstance(opened.workload, _SERVED):
            raise unknown
        with self._server.store.read() as tx:
            grant = grant_for(tx, opened.workload, part)
        if grant is None:
            raise _Fault(404, "NoCredentialsAssociated", f"The {opened.workload.noun} has no role")
        try:
            return _shown(self._server.deliveries.credentials(grant))
        except NotDelivered as error:
            raise _Fault(403, "AccessDenied", str(error)) from None


def _asked(path: str, token: str) -> tuple[str, str, _Fault]:
    """The secret that a request shows, for which part of a workload, and the answer where it is wrong."""
    if path in (FULL, AGENTS):
        wrong = _Fault(403, "AccessDenied", _WRONG)
        return token, AGENT if path == AGENTS else _APPLICATION, wrong
    if not path.startswith(RELATIVE + "/"):
        raise _Fault(404, "NotFound", "There is nothing here")
    credentials_id = path.removeprefix(RELATIVE + "/")
    if not credentials_id:
        raise _Fault(400, "NoIdInRequest", "CredentialsV2Request: No ID in the request")
    wrong = _Fault(400, "InvalidIdInRequest", "CredentialsV2Request: Credentials not found")
    return credentials_id, _APPLICATION, wrong


def _shown(delivered: Delivered) -> bytes:
    """The credentials as containers get them; put together once for each session."""
    shown = delivered.shown.get(_SHOWN)
    if shown is None:
        credentials = delivered.credentials
        shown = delivered.shown[_SHOWN] = msgspec.json.encode(
            {
                "RoleArn": delivered.role_arn,
                "AccessKeyId": credentials.access_key_id,
                "SecretAccessKey": credentials.secret.reveal(),
                "Token": credentials.token.reveal(),
                "Expiration": instant(delivered.expiration),
            }
        )
    return shown


def _refusal(fault: _Fault) -> HttpResponse:
    body = {"code": fault.code, "message": fault.message, "HTTPErrorCode": fault.status}
    more = (("allow", "GET"),) if fault.status == 405 else ()
    return HttpResponse(status=fault.status, headers=(*_HEADERS, *more), body=msgspec.json.encode(body))


_HEADERS: Final = (("content-type", "application/json"), ("cache-control", "no-store"))
