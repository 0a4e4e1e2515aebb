"""How a command asks a running server: its control routes, directly, past every proxy of the environment."""

from __future__ import annotations

import http.client
import json
import ssl
from typing import Any
from urllib.parse import urlsplit

from rolekeeper.cli.running import Running
from rolekeeper.errors import ConfigurationError

TIMEOUT = 10.0


def ask(server: Running, path: str, body: bytes | None = None) -> dict[str, Any]:
    """The JSON of a control route, which is sent a body where there is one.

    ConfigurationError where the server does not answer as it should, with what it says.
    """
    asking = connection(server)
    try:
        asking.request("GET" if body is None else "POST", f"/_rolekeeper/{path}", body, _headers(server))
        response = asking.getresponse()
        answer = response.read()
    except (OSError, http.client.HTTPException) as error:
        raise ConfigurationError(f"the server on port {server.port} does not answer: {error}") from None
    finally:
        asking.close()
    if response.status != 200:
        raise ConfigurationError(
            _complaint(answer) or f"the server on port {server.port} answers {response.status} to {path}"
        )
    document: dict[str, Any] = json.loads(answer)
    return document


def connection(server: Running) -> http.client.HTTPConnection:
    """A connection to a running server, not yet open."""
    url = urlsplit(server.endpoint)
    host = url.hostname or ""
    if url.scheme == "http":
        return http.client.HTTPConnection(host, url.port, timeout=TIMEOUT)
    # The server's own certificate is the one to expect, whatever name it is made for.
    context = ssl.create_default_context(cafile=server.tls_cert)
    context.check_hostname = False
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    return http.client.HTTPSConnection(host, url.port, timeout=TIMEOUT, context=context)


def _complaint(answer: bytes) -> str | None:
    """What a route says that it could not do, and why."""
    try:
        said = json.loads(answer)
    except ValueError:
        return None
    return str(said["error"]) if isinstance(said, dict) and "error" in said else None


def _headers(server: Running) -> dict[str, str]:
    return {"authorization": f"Bearer {server.token}"} if server.token else {}
