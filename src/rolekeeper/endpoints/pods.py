"""The agent of EKS Pod Identity: where SDKs in a pod ask, with the token of the pod's service account.

A pod shows its token in `Authorization`, and gets what its service account's association gives; who has no
good token gets nothing. On a node the agent is at 169.254.170.23; here it is among the server's own routes,
or at the root of a listener of its own.
Sources: "How EKS Pod Identity works" and "EKS Pod Identity Agent setup" in the EKS User Guide; "Container
credential provider" in the AWS SDKs and Tools Reference Guide.
"""

from __future__ import annotations

from typing import Final

import msgspec

from rolekeeper.audit.cloudtrail import instant
from rolekeeper.endpoints import ours
from rolekeeper.endpoints.contract import Server
from rolekeeper.errors import AwsError, InvalidTokenException
from rolekeeper.service.pods import PodSession
from rolekeeper.wire.http import HttpRequest, HttpResponse
from rolekeeper.wire.json import error_code
from rolekeeper.wire.model import service

AT_THE_ROOT: Final = "/v1/credentials"
"""Where AWS's own has it: a server at 169.254.170.23:80 is just what SDKs in pods look for."""

PATHS: Final = frozenset({AT_THE_ROOT, f"/_rolekeeper/pods{AT_THE_ROOT}"})
"""All paths that are answered here."""

MAX_TOKEN: Final = 16 << 10
"""Characters of a token that is looked at."""


class PodAgent:
    """The agent of all nodes: a token says of which cluster it is."""

    def __init__(self, server: Server) -> None:
        self._server = server

    def answer(self, request: HttpRequest, address: str, port: int) -> HttpResponse:
        """Answer a request for one of the paths that came in on this address and port of ours."""
        host = self._server.settings.host
        if not (ours.has_our_host(request, address, port, host) and ours.has_our_origin(request)):
            return HttpResponse(status=403)
        if request.method != "GET":
            return _text(405, "Method Not Allowed")
        try:
            found = self._server.pods.session(_token(request))
        except AwsError as error:
            code = error_code(error)
            status = service("eks-auth").statuses.get(code, error.status)
            return _text(status, f"{code}: {error.message}")
        return HttpResponse(status=200, headers=_headers("application/json"), body=_shown(found))


def _token(request: HttpRequest) -> str:
    token = request.header("authorization") or ""
    if not token:
        raise InvalidTokenException("Service account token cannot be empty")
    if len(token) > MAX_TOKEN:
        raise InvalidTokenException("The service account token is too long")
    return token


def _shown(found: PodSession) -> bytes:
    return msgspec.json.encode(
        {
            "AccessKeyId": found.access_key_id,
            "SecretAccessKey": found.secret.reveal(),
            "Token": found.token.reveal(),
            "AccountId": found.account,
            "Expiration": instant(found.expiration),
        }
    )


def _text(status: int, text: str) -> HttpResponse:
    return HttpResponse(status=status, headers=_headers("text/plain"), body=text.encode())


def _headers(kind: str) -> tuple[tuple[str, str], ...]:
    return (("content-type", kind), ("cache-control", "no-store"))
