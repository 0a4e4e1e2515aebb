"""One message to one URL that the caller has named: bounded in time and size, past every proxy.

Only HTTPS, or plain HTTP to this machine itself. A redirect is not followed: the message goes where it was
sent, or it is told that it did not arrive. The path of such a URL is often a secret, so it is never shown.
"""

from __future__ import annotations

import http.client
import json
import socket
import ssl
import threading
from contextlib import suppress
from typing import Any, Final
from urllib.parse import SplitResult, urlsplit

from rolekeeper.config import is_loopback
from rolekeeper.errors import ConfigurationError, UsageError

PATIENCE: Final = 10.0
"""Seconds to connect, and once more from there to the answer's status."""


def checked(url: str) -> SplitResult:
    """The URL, taken apart; UsageError where no message may go there."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise UsageError("--webhook is no URL") from None
    if not host or parts.scheme not in ("https", "http"):
        raise UsageError("--webhook is an https:// URL")
    if parts.scheme == "http" and not is_loopback(host):
        raise UsageError(f"--webhook is an https:// URL; http:// goes to this machine only, not to {host}")
    if parts.username is not None:
        raise UsageError("--webhook has no user name in it")
    if not url.isascii() or any(character <= " " for character in url):
        raise UsageError("--webhook is written in ASCII without spaces, the rest in %XX")
    return parts


def post(url: SplitResult, message: dict[str, Any]) -> int:
    """Send the message; the status of the answer, a good one. ConfigurationError where it did not arrive."""
    host = url.hostname or ""
    asking = _connection(url, host)
    # A host that sends a byte now and then is never late for a timeout of the socket.
    watch = threading.Timer(PATIENCE, _cut, [asking])
    watch.daemon = True
    try:
        asking.connect()
        watch.start()
        target = (url.path or "/") + (f"?{url.query}" if url.query else "")
        asking.request("POST", target, json.dumps(message).encode(), {"content-type": "application/json"})
        status = asking.getresponse().status
    except (OSError, ValueError, http.client.HTTPException) as error:
        # What Python says of a bad answer can hold what was sent, but not the URL.
        raise ConfigurationError(f"{host} was not told: {error or type(error).__name__}") from None
    finally:
        watch.cancel()
        asking.close()
    if not 200 <= status < 300:
        raise ConfigurationError(f"{host} was not told: it answers with status {status}")
    return status


def _connection(url: SplitResult, host: str) -> http.client.HTTPConnection:
    if url.scheme == "http":
        return http.client.HTTPConnection(host, url.port, timeout=PATIENCE)
    return http.client.HTTPSConnection(host, url.port, timeout=PATIENCE, context=ssl.create_default_context())


def _cut(asking: http.client.HTTPConnection) -> None:
    if asking.sock is not None:
        with suppress(OSError):
            asking.sock.shutdown(socket.SHUT_RDWR)
