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


def ask(server: Running, path: str) -> dict[str, Any]:
    """The JSON of a control route. ConfigurationError where the server does not answer as it should."""
    asking = connection(server)
    try:
        asking.request("GET", f"/_rolekeeper/{path}", headers=_headers(server))
        response = asking.getresponse()
        body = response.read()
    except (OSError, http.client.HTTPException) as error:
        raise ConfigurationError(f"the server on port {server.port} does not answer: {error}") from None
    finally:
        asking.close()
    if response.status != 200:
        raise ConfigurationError(f"the server on port {server.port} answers {response.status} to {path}")
    document: dict[str, Any] = json.loads(body)
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


def _headers(server: Running) -> dict[str, str]:
    return {"authorization": f"Bearer {server.token}"} if server.token else {}
