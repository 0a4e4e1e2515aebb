"""The one place from which the server opens a connection: it gets a small document of an identity provider.

Whom to ask is said by a provider's URL, which somebody who may be a stranger to this network has written.
Hence only public addresses are connected to (`addresses`), and the address that was looked at is the one that
is used; a setting names the hosts that may stand elsewhere. There are no redirects, no proxies, no ports and
no other protocol than HTTPS; the document is bounded in size and, with all that it takes, in time.

A host's certificate is verified against the machine's authorities. Where that fails, the provider's
thumbprints decide, as with AWS: one of them must be that of a certificate of the host's chain, which then is
the only authority.
Source: "Obtain the thumbprint for an OpenID Connect identity provider" in the IAM User Guide.
"""

from __future__ import annotations

import hashlib
import http.client
import queue
import socket
import ssl
import threading
import time
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple
from urllib.parse import SplitResult, urlsplit

from rolekeeper.service.addresses import is_public, split_place

MAX_DOCUMENT = 256 << 10
"""Bytes: the largest public key sets have about 20,000."""

PATIENCE = 5.0
"""Seconds for a document, from looking up the host's address to the last byte."""

_MAX_WORDS = 512  # characters of a reason: some of it may be the host's own
_PORT = 443

Places = list[tuple[str, int]]
"""Addresses and ports at which a host stands."""


class Unreachable(Exception):
    """The document could not be had. The text says why, for an administrator: plain, short and printable."""

    def __init__(self, reason: str) -> None:
        plain = reason[:_MAX_WORDS].encode("ascii", "backslashreplace").decode()
        super().__init__("".join(letter if letter.isprintable() else "?" for letter in plain))


class Document(NamedTuple):
    """What a host has sent, and whether a thumbprint had to vouch for its certificate."""

    text: bytes
    by_thumbprint: bool


class Outgoing:
    """Gets documents. `hosts` are those that may be private: to each an `address[:port]`, or nothing."""

    def __init__(self, hosts: Mapping[str, str] | None = None, *, patience: float = PATIENCE) -> None:
        self._hosts = {name.lower(): place for name, place in (hosts or {}).items()}
        self._patience = patience

    def get(self, url: str, thumbprints: Iterable[str] = ()) -> Document:
        """The document at an HTTPS URL; Unreachable."""
        deadline = time.monotonic() + self._patience
        host = "the host"
        try:
            parts = _https(url)
            host = str(parts.hostname)
            places = self._places(host, deadline)
            path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
            return _get(_Errand(host, places, deadline), path, frozenset(thumbprints))
        except (OSError, ValueError, http.client.HTTPException) as error:
            raise Unreachable(f"{host}: {error or type(error).__name__}") from None

    def _places(self, host: str, deadline: float) -> Places:
        """Where a host stands: what the setting says, or its public addresses."""
        known = self._hosts.get(host.lower())
        if known:
            address, port = split_place(known)
            return [(address, port or _PORT)]
        found = _looked_up(host, deadline)
        allowed = [(address, _PORT) for address in found if known is not None or is_public(address)]
        if not allowed:
            raise Unreachable(f"{host} has no public address; the setting federation_hosts can allow it")
        return allowed


def _https(url: str) -> SplitResult:
    """The parts of a URL; ValueError unless it is one of a host alone."""
    parts = urlsplit(url)
    if parts.scheme != "https" or not parts.hostname or "@" in parts.netloc:
        raise ValueError(f"{url[:256]} is no HTTPS URL")
    if parts.port not in (None, _PORT):
        raise ValueError(f"{url[:256]} names a port")
    return parts


def _looked_up(host: str, deadline: float) -> list[str]:
    """The addresses of a host. Nothing bounds the system's resolver, so it is left alone when time is up."""
    answers: queue.SimpleQueue[list[str] | Exception] = queue.SimpleQueue()

    def look() -> None:
        try:
            found = socket.getaddrinfo(host, _PORT, type=socket.SOCK_STREAM)
            answers.put(list(dict.fromkeys(str(entry[4][0]) for entry in found)))
        except socket.gaierror:
            answers.put([])  # the same as a private address: which names a network has is not told
        except (OSError, ValueError) as error:
            answers.put(error)

    threading.Thread(target=look, name="lookup", daemon=True).start()
    try:
        answer = answers.get(timeout=max(0.0, deadline - time.monotonic()))
    except queue.Empty:
        raise TimeoutError("its address could not be looked up in time") from None
    if isinstance(answer, Exception):
        raise answer
    return answer


class _Errand:
    """A host, where it stands, and when all must be done."""

    def __init__(self, host: str, places: Places, deadline: float) -> None:
        self.host = host
        self.places = places
        self.deadline = deadline

    def secured(self, context: ssl.SSLContext) -> ssl.SSLSocket:
        """A connection to the first of the places that answers."""
        failure: OSError = TimeoutError("it did not answer in time")
        for place in self.places:
            try:
                plain = socket.create_connection(place, self.left())
            except OSError as error:
                failure = error
                continue
            return self._wrapped(plain, context)
        raise failure

    def _wrapped(self, plain: socket.socket, context: ssl.SSLContext) -> ssl.SSLSocket:
        context.sslsocket_class = _Timed
        try:
            plain.settimeout(self.left())  # all of the handshake ends then
            found = context.wrap_socket(plain, server_hostname=self.host)
        except BaseException:
            plain.close()
            raise
        assert isinstance(found, _Timed)
        found.deadline = self.deadline
        return found

    def left(self) -> float:
        """Seconds; TimeoutError when there are none."""
        seconds = self.deadline - time.monotonic()
        if seconds <= 0:
            raise TimeoutError("it did not answer in time")
        return seconds


class _Timed(ssl.SSLSocket):
    """A connection whose reads end at one moment together, however few bytes each of them brings."""

    deadline = 0.0

    def recv_into(self, *args: Any, **more: Any) -> int:
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("it did not answer in time")
        self.settimeout(left)
        return super().recv_into(*args, **more)


class _Connection(http.client.HTTPSConnection):
    """HTTP on a connection to a place that was chosen, in the name of a host."""

    def __init__(self, errand: _Errand, context: ssl.SSLContext) -> None:
        super().__init__(errand.host, _PORT, context=context)
        self._errand, self._tls = errand, context

    def connect(self) -> None:
        self.sock = self._errand.secured(self._tls)


def _get(errand: _Errand, path: str, thumbprints: frozenset[str]) -> Document:
    try:
        return Document(_read(errand, ssl.create_default_context(), path), by_thumbprint=False)
    except ssl.SSLCertVerificationError:
        if not thumbprints:
            raise
    return Document(_read(errand, _pinned(_chain(errand), thumbprints), path), by_thumbprint=True)


def _read(errand: _Errand, context: ssl.SSLContext, path: str) -> bytes:
    connection = _Connection(errand, context)
    try:
        connection.request("GET", path, headers={"Accept": "application/json"})
        with connection.getresponse() as answer:
            if answer.status != 200:
                raise Unreachable(f"{errand.host} answered {path[:256]} with status {answer.status}")
            document = answer.read(MAX_DOCUMENT + 1)
            if len(document) > MAX_DOCUMENT:
                raise Unreachable(f"{errand.host} has a document of more than {MAX_DOCUMENT} bytes")
            if answer.length:
                raise Unreachable(f"{errand.host} sent a part of the document only")
            return document
    finally:
        connection.close()


def _chain(errand: _Errand) -> list[bytes]:
    """The certificates that a host shows, unverified, in DER."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    with errand.secured(context) as secured:
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
