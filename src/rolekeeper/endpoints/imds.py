"""The EC2 instance metadata service, at an URL that says by a secret which instance it is for.

`/_rolekeeper/imds/SECRET/latest/...`: what is behind the secret is what EC2 has at 169.254.169.254. A request
that somebody was tricked into sending (SSRF) gets nothing where tokens are required: it would have to be a
PUT first, with a header of its own, past no proxy, and have read the answer. A page in a browser gets nothing
at all. What is served most, a role's credentials, comes from memory.
Source: "Use the Instance Metadata Service to access instance metadata" and "Retrieve security credentials
from instance metadata" in the EC2 User Guide.
"""

from __future__ import annotations

from functools import lru_cache
from urllib.parse import unquote

from rolekeeper.endpoints import ours
from rolekeeper.endpoints.contract import Server
from rolekeeper.iam.instance_metadata import VERSIONS, versions
from rolekeeper.iam.workloads import Instance
from rolekeeper.service.grants import Version
from rolekeeper.service.instance_identity import InstanceIdentity
from rolekeeper.service.instance_metadata import InstanceMetadata, NeedsIdentity, Place
from rolekeeper.service.metadata_tokens import LONGEST, MetadataTokens
from rolekeeper.store.contract import Store, Transaction
from rolekeeper.wire.http import HttpRequest, HttpResponse

PREFIX = "/_rolekeeper/imds/"
CERTIFICATE = "certificate.pem"
"""In the place of a secret: by what the signatures of identity documents are checked."""

TOKEN = "x-aws-ec2-metadata-token"  # noqa: S105 (a header's name)
TTL = f"{TOKEN}-ttl-seconds"
HOPS = "x-rolekeeper-hop-limit"
"""With a token: how far it may go. Who has sockets of the instance's own keeps to it; here there are none."""
TOKEN_PATH = "latest/api/token"  # noqa: S105 (a path)

_COMMON = (("server", "EC2ws"), ("cache-control", "no-store"))
_TEXT = (("content-type", "text/plain"), *_COMMON)
_LONGEST_PATH = 1024
_LONGEST_HOST = 300
_KEPT = 10_000
_VERSIONS = frozenset(VERSIONS)


class _Room:
    """What belongs to one store: after a reset it is another one."""

    def __init__(self, server: Server) -> None:
        self.store: Store = server.store
        self.tokens = MetadataTokens(self.store.keyring.derive("instance metadata tokens"))
        self.identity = InstanceIdentity(self.store, server.settings.account, server.clock)
        self.pages = InstanceMetadata(
            deliveries=server.deliveries, identity=self.identity, clock=server.clock
        )
        self.edition: int | None = None
        self.places: dict[str, Place] = {}
        """The places that secrets have led to since something changed last."""


class InstanceMetadataService:
    """The service for all instances."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._room: _Room | None = None

    def answer(self, request: HttpRequest, address: str, port: int) -> HttpResponse | None:
        """Answer a request that came in on this address and port; None where `prepare` has to run first."""
        host, setting = request.header("host") or "", self._server.settings.host
        known = len(host) <= _LONGEST_HOST and _is_ours(host, request.secure, address, port, setting)
        if not known or request.header("origin") is not None:
            return HttpResponse(status=403)
        secret, _, path = request.path.removeprefix(PREFIX).partition("/")
        room = self._here()
        with room.store.read() as tx:
            try:
                if secret == CERTIFICATE:
                    return _shown(request, path, room.pages.certificate(tx))
                place = self._place(room, tx, secret)
                return _error(404) if place is None else self._serve(room, tx, place, request, path)
            except NeedsIdentity:
                return None

    def prepare(self) -> None:
        """Make what has to be made once. It changes what is kept."""
        self._here().identity.make()

    def _here(self) -> _Room:
        room = self._room
        if room is None or room.store is not self._server.store:
            room = self._room = _Room(self._server)
        return room

    def _place(self, room: _Room, tx: Transaction, secret: str) -> Place | None:
        edition = tx.edition
        if edition != room.edition or edition is None:
            room.places.clear()
            room.edition = edition
        found = room.places.get(secret)
        if found is not None:
            return found
        opened = self._server.attest(secret)
        if opened is None or not isinstance(opened.workload, Instance):
            return None
        found = room.pages.place(tx, opened.workload.account, opened.workload.id)
        if found is not None:
            if len(room.places) >= _KEPT:
                room.places.clear()
            room.places[secret] = found
        return found

    def _serve(
        self, room: _Room, tx: Transaction, place: Place, request: HttpRequest, path: str
    ) -> HttpResponse:
        instance = place.instance
        if instance.http_endpoint == "disabled":
            return _error(403)
        if path == TOKEN_PATH:
            return self._token(room, instance, request)
        if request.method != "GET":
            return _error(405)
        headers: tuple[tuple[str, str], ...] = _TEXT
        version: Version = "1.0"
        token = request.header(TOKEN)
        if token is not None:
            left = room.tokens.left(instance, token, self._server.clock.now().timestamp())
            if left is None:
                return _error(401)
            headers = (*_TEXT, (TTL, str(left)))
            version = "2.0"
        elif instance.http_tokens == "required":
            return _error(401)
        body = self._page(room, tx, place, path, version)
        return _error(404) if body is None else HttpResponse(status=200, headers=headers, body=body)

    def _page(self, room: _Room, tx: Transaction, place: Place, path: str, version: Version) -> bytes | None:
        if len(path) > _LONGEST_PATH:
            return None
        dated, _, page = (unquote(path) if "%" in path else path).partition("/")
        if not dated:
            return None if page else versions().encode()
        if dated not in _VERSIONS:
            return None
        return room.pages.page(tx, place, page, version)

    def _token(self, room: _Room, instance: Instance, request: HttpRequest) -> HttpResponse:
        if request.method != "PUT":
            return _error(405)
        if request.header("x-forwarded-for") is not None:
            return _error(403)  # a proxy that was not meant to pass it on says so
        asked = request.header(TTL) or ""
        if not (asked.isascii() and asked.isdigit() and len(asked) <= 5 and 1 <= int(asked) <= LONGEST):
            return _error(400)
        made = room.tokens.make(instance, int(asked), self._server.clock.now().timestamp())
        headers = (*_TEXT, (TTL, str(int(asked))), (HOPS, str(instance.hop_limit)))
        return HttpResponse(status=200, headers=headers, body=made.encode())


@lru_cache(maxsize=256)
def _is_ours(host: str, secure: bool, address: str, port: int, setting: str) -> bool:
    request = HttpRequest(method="GET", path="/", headers=[("host", host)], secure=secure)
    return ours.has_our_host(request, address, port, setting)


def _shown(request: HttpRequest, path: str, body: bytes) -> HttpResponse:
    if path or request.method != "GET":
        return _error(404 if path else 405)
    return HttpResponse(status=200, headers=(("content-type", "application/x-pem-file"), *_COMMON), body=body)


_REASONS = {
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
}


@lru_cache(maxsize=8)
def _error(status: int) -> HttpResponse:
    """A small page, as EC2 has for each refusal."""
    title = f"{status} - {_REASONS[status]}"
    body = (
        '<?xml version="1.0" encoding="iso-8859-1"?>\n'
        '<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN"\n'
        '\t"http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd">\n'
        '<html xmlns="http://www.w3.org/1999/xhtml" xml:lang="en" lang="en">\n'
        f" <head>\n  <title>{title}</title>\n </head>\n"
        f" <body>\n  <h1>{title}</h1>\n </body>\n</html>\n"
    )
    return HttpResponse(status=status, headers=(("content-type", "text/html"), *_COMMON), body=body.encode())
