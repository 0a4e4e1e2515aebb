"""The socket that is bound before anything else, so that a busy port is known before anything is made."""

from __future__ import annotations

import errno
import ipaddress
import socket

from rolekeeper.config import Settings
from rolekeeper.errors import ConfigurationError


def bind(settings: Settings) -> socket.socket:
    """A socket on the settings' address, which does not listen yet. Raises ConfigurationError."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            settings.host, settings.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except OSError:
        raise ConfigurationError(f"--host: {settings.host} is not an address") from None
    listener = socket.socket(family, kind, protocol)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        _check_reach(settings, listener)
    except OSError as error:
        listener.close()
        raise unavailable(settings, error) from None
    except BaseException:
        listener.close()
        raise
    return listener


def unavailable(settings: Settings, error: OSError) -> ConfigurationError:
    """Why the address cannot be had, in words."""
    reasons = {
        errno.EADDRINUSE: f"port {settings.port} on {settings.host} is in use; stop what uses it, or choose "
        "another with --port",
        errno.EADDRNOTAVAIL: f"{settings.host} is not an address of this machine",
        errno.EACCES: f"this user may not listen on port {settings.port}; choose another with --port",
    }
    fallback = f"cannot listen on port {settings.port} of {settings.host}: {error.strerror}"
    return ConfigurationError(reasons.get(error.errno or 0, fallback))


def endpoint(settings: Settings, listener: socket.socket) -> str:
    """The URL for clients on this machine."""
    address, port = listener.getsockname()[:2]
    host = settings.host
    if ipaddress.ip_address(address).is_unspecified:
        host = "[::1]" if ":" in address else "127.0.0.1"
    elif ":" in host:
        host = f"[{host}]"
    return f"{'https' if settings.tls_cert else 'http'}://{host}:{port}"


def _check_reach(settings: Settings, listener: socket.socket) -> None:
    # The name `localhost` is what a file says it is.
    address = ipaddress.ip_address(listener.getsockname()[0].partition("%")[0])
    if not (address.is_loopback or settings.tls_cert or settings.insecure):
        raise ConfigurationError(f"{settings.host} is {address}, which is not a loopback address")
