"""The credentials of a kept session, as containers get theirs: a URL, and a token that opens it.

Source: "Container credential provider" in the AWS SDKs and Tools Reference Guide.
"""

from __future__ import annotations

import hmac
import json
import secrets
from typing import Any, Final

from rolekeeper.cli.iam_calls import CallRefused
from rolekeeper.cli.launch.keeping import Kept
from rolekeeper.cli.launch.listener import Answer, Asked
from rolekeeper.errors import ConfigurationError
from rolekeeper.iam.secret import Secret

PATH: Final = "/credentials"


class HandingOut:
    """Answers GET /credentials to who has the token, and nothing else to anybody."""

    def __init__(self, kept: Kept) -> None:
        self._kept = kept
        self.token = Secret(secrets.token_urlsafe(32))

    def variables(self, endpoint: str) -> dict[str, str]:
        """What tells a program of it."""
        return {
            "AWS_CONTAINER_CREDENTIALS_FULL_URI": endpoint + PATH,
            "AWS_CONTAINER_AUTHORIZATION_TOKEN": self.token.reveal(),
        }

    def __call__(self, asked: Asked) -> Answer:
        given = asked.headers.get("authorization", "").encode("latin-1", "replace")
        if not hmac.compare_digest(given, self.token.reveal().encode()):
            return _json(403, {"code": "AccessDenied", "message": "the authorization token is not valid"})
        if asked.target != PATH:
            return _json(404, {"code": "NotFound", "message": "there is nothing here"})
        if asked.method != "GET":
            return _json(405, {"code": "MethodNotAllowed", "message": "this is read with GET"})
        try:
            session = self._kept.current()
        except CallRefused as error:
            return _json(403, {"code": error.code, "message": str(error)})
        except ConfigurationError as error:
            return _json(503, {"code": "ServiceUnavailable", "message": str(error)})
        return _json(200, {**session.fields("Token"), "AccountId": session.account})


def _json(status: int, value: dict[str, Any]) -> Answer:
    headers = {"Content-Type": "application/json", "Cache-Control": "no-store"}
    return Answer(status=status, headers=headers, body=json.dumps(value).encode())
