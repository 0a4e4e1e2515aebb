"""The one place from which the server opens a connection: it gets a small document of an identity provider.

Whom to ask is said by a provider's URL, which somebody who may be a stranger to this network has written.
Hence only public addresses are connected to, and the address that was looked at is the one that is used; a
setting names the hosts that may stand elsewhere. There are no redirects, no proxies and no other protocol
than HTTPS; the document is bounded in size and in time.

A host's certificate is verified against the machine's authorities. Where that fails, the provider's
thumbprints decide, as with AWS: one of them must be that of a certificate of the host's chain, which then is
the only authority.
Source: "Obtain the thumbprint for an OpenID Connect identity provider" in the IAM User Guide.
"""

from __future__ import annotations

import hashlib
import http.client
import ipaddress
import socket
import ssl
import threading
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

MAX_DOCUMENT = 256 << 10
"""Bytes: the largest public key sets have about 20,000."""

PATIENCE = 5.0
"""Seconds for a document, from looking up the host's address to the last byte."""

_NAT64 = ipaddress.ip_network("64:ff9b::/96")


class Unreachable(Exception):
    """The document could not be had. The text says why, for an administrator."""


class Outgoing:
    """Gets documents. `hosts` are those that may be private: to each an `address[:port]`, or nothing."""

    def __init__(self, hosts: Mapping[str, str] | None = None, *, patience: float = PATIENCE) -> None:
        self._hosts = {name.lower(): place for name, place in (hosts or {}).items()}
        self._patience = patience

    def get(self, url: str, thumbprints: Iterable[str] = ()) -> bytes:
        """The document at an HTTPS URL; Unreachable."""
        parts = urlsplit(url)
        if parts.scheme != "https" or not parts.hostname or parts.username is not None:
            raise Unreachable(f"{url[:256]} is no HTTPS URL")
        try:
            place = self._place(parts.hostname, parts.port or 443)
            return self._get(place, parts.hostname, parts.path or "/", frozenset(thumbprints))
        except (OSError, ValueError, http.client.HTTPException) as error:
            raise Unreachable(f"{parts.hostname}: {error or type(error).__name__}") from None

    def _get(self, place: tuple[str, int], host: str, path: str, thumbprints: frozenset[str]) -> bytes:
        try:
            return self._read(_Connection(host, place, ssl.create_default_context(), self._patience), path)
        except ssl.SSLCertVerificationError:
            if not thumbprints:
                raise
        context = _pinned(_chain(host, place, self._patience), thumbprints)
        return self._read(_Connection(host, place, context, self._patience), path)

    def _read(self, connection: _Connection, path: str) -> bytes:
        # A host that sends a byte now and then is never late for a timeout of the socket.
        watch = threading.Timer(self._patience, connection.cut)
        watch.daemon = True
        watch.start()
        try:
            connection.request("GET", path, headers={"Accept": "application/json"})
            answer = connection.getresponse()
            if answer.status != 200:
                raise Unreachable(f"{connection.host} answered {path[:256]} with status {answer.status}")
            document = answer.read(MAX_DOCUMENT + 1)
            if len(document) > MAX_DOCUMENT:
                raise Unreachable(f"{connection.host} has a document of more than {MAX_DOCUMENT} bytes")
            if answer.length:
                raise Unreachable(f"{connection.host} sent a part of the document only")
            return document
        finally:
            watch.cancel()
            connection.close()

    def _place(self, host: str, port: int) -> tuple[str, int]:
        """Where a host stands: what the setting says, or its first public address."""
        known = self._hosts.get(host.lower())
        if known:
            address, other = split_place(known)
            return address, other or port
        found = [str(entry[4][0]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
        for address in found:
            if known is not None or is_public(address):
                return address, port
        raise Unreachable(f"{host} has no public address; the setting federation_hosts can allow it")


def split_place(place: str) -> tuple[str, int | None]:
    """An address and a port where there is one: `10.0.0.1:8443`, `[fd00::1]:8443`, `fd00::1`."""
    address, _, port = place.rpartition(":")
    if port.isdigit() and (":" not in address or address.endswith("]")):
        return address.strip("[]"), int(port)
    return place.strip("[]"), None


def is_public(address: str) -> bool:
    """Whether an address is of the internet: not of this machine, its networks or its cloud's metadata."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address) and _holds_another(found):
        return False
    return found.is_global and not found.is_multicast


def _holds_another(address: ipaddress.IPv6Address) -> bool:
    """Whether an address of version 4, which may be any, stands in it."""
    return bool(address in _NAT64 or address.ipv4_mapped or address.sixtofour or address.teredo)


class _Connection(http.client.HTTPSConnection):
    """A connection to a place that was chosen, in the name of a host."""

    def __init__(self, host: str, place: tuple[str, int], context: ssl.SSLContext, patience: float) -> None:
        super().__init__(host, place[1], timeout=patience, context=context)
        self._place = place
        self._tls = context

    def connect(self) -> None:
        self.sock = self._tls.wrap_socket(
            socket.create_connection(self._place, self.timeout), server_hostname=self.host
        )

    def cut(self) -> None:
        """End it under the hands of who waits for it."""
        if self.sock is not None:
            with suppress(OSError):
                self.sock.shutdown(socket.SHUT_RDWR)


def _chain(host: str, place: tuple[str, int], patience: float) -> list[bytes]:
    """The certificates that a host shows, unverified, in DER."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    with (
        socket.create_connection(place, patience) as connection,
        context.wrap_socket(connection, server_hostname=host) as secured,
    ):
        inner: Any = getattr(secured, "_sslobj", None)  # public from Python 3.13 on
        chain = inner.get_unverified_chain() if hasattr(inner, "get_unverified_chain") else None
        if chain:
            return [ssl.PEM_cert_to_DER_cert(each.public_bytes()) for each in chain]
        leaf = secured.getpeercert(binary_form=True)
        return [leaf] if leaf else []


def _pinned(chain: Iterable[bytes], thumbprints: frozenset[str]) -> ssl.SSLContext:
    """A context that trusts those of a chain's certificates whose SHA-1 is named, and nobody else."""
    wanted = {each.lower() for each in thumbprints}
    trusted = [each for each in chain if hashlib.sha1(each, usedforsecurity=False).hexdigest() in wanted]
    if not trusted:
        raise Unreachable("the host's HTTPS certificate doesn't match the configured thumbprint")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    for each in trusted:
        context.load_verify_locations(cadata=each)
    return context
