"""What the issuers of tokens show to everybody: who they are, and the public keys that check their tokens.

An issuer is found by the name that its tokens have: by AWS's host name, where that leads to this server, or
under the setting `issuer_url`; and among the server's own routes. Those of clusters are behind `id/`. Nothing
of it is secret, and no other Host gets any of it.
Sources: OpenID Connect Discovery 1.0, section 4; RFC 7517, section 5; "Outbound identity federation" in the
IAM User Guide.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import msgspec

from rolekeeper.endpoints.contract import Server
from rolekeeper.iam import clusters, issuer_keys
from rolekeeper.iam.account_features import ISSUERS, OutboundFederation
from rolekeeper.iam.clusters import Cluster
from rolekeeper.iam.issuer_keys import DISCOVERY, KEY_SET, IssuerKey
from rolekeeper.wire.http import HttpRequest, HttpResponse

ROUTE = "issuers/"
"""Where the server's own routes have them."""

_ID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_OWN = re.compile(f"({_ID})({re.escape(DISCOVERY)}|{re.escape(KEY_SET)})")
_CLUSTER = re.compile(f"id/([0-9A-F]{{32}})({re.escape(DISCOVERY)}|{re.escape(clusters.KEY_SET)})")
_EKS = re.compile(r"oidc\.eks\.[a-z0-9-]+\.amazonaws\.com(?:\.cn)?(?::[0-9]{1,5})?")
_HOST = re.compile(f"({_ID}){re.escape(ISSUERS)}(?::[0-9]{{1,5}})?")
_DOCUMENTS = (DISCOVERY, KEY_SET, clusters.KEY_SET)
_KEPT = "public, max-age=300"


class Issuers:
    """The documents of all accounts' issuers, and of all clusters'."""

    def __init__(self, server: Server) -> None:
        self._server = server
        base = urlsplit(server.settings.issuer_url or "")
        self._host, self._path = base.netloc, base.path

    def named(self, request: HttpRequest) -> str | None:
        """The issuer's ID and the document, `ID/.well-known/...`, that a request to its host asks for."""
        if request.method != "GET" or not request.path.endswith(_DOCUMENTS):
            return None
        host = (request.header("host") or "").lower()
        if _EKS.fullmatch(host) is not None:
            return request.path.removeprefix("/")
        own = _HOST.fullmatch(host)
        if own is not None:
            return own[1] + request.path
        start = f"{self._path}/"
        if self._host and host in (self._host, f"{self._host}:443") and request.path.startswith(start):
            return request.path.removeprefix(start)
        return None

    def answer(self, name: str) -> HttpResponse:
        """The document of that name; 404 where nobody has that issuer."""
        found, of_cluster = _OWN.fullmatch(name), _CLUSTER.fullmatch(name)
        body = None if found is None else self._document(found[1], found[2])
        if of_cluster is not None:
            body = self._of_cluster(of_cluster[1], of_cluster[2])
        if body is None:
            return HttpResponse(status=404, headers=_headers("no-store"), body=b'{"error":"not_found"}')
        return HttpResponse(status=200, headers=_headers(_KEPT), body=body)

    def _document(self, issuer_id: str, document: str) -> bytes | None:
        with self._server.store.read() as tx:
            federation = tx.by_unique_id(f"issuer:{issuer_id}")
            if not isinstance(federation, OutboundFederation):
                return None
            if document == DISCOVERY:
                issuer = federation.issuer_at(self._server.settings.issuer_url)
                return msgspec.json.encode(issuer_keys.discovery(issuer))
            keys, _ = tx.account(federation.account).collection(IssuerKey).page()
        hidden = {key.id for key in issuer_keys.outdated(keys, self._server.clock.now())}
        return msgspec.json.encode({"keys": [key.view() for key in keys if key.id not in hidden]})

    def _of_cluster(self, issuer_id: str, document: str) -> bytes | None:
        with self._server.store.read() as tx:
            cluster = tx.by_unique_id(clusters.unique_id(issuer_id))
        if not isinstance(cluster, Cluster):
            return None
        if document == DISCOVERY:
            issuer = cluster.issuer_at(self._server.settings.issuer_url)
            return msgspec.json.encode(clusters.discovery(issuer))
        return clusters.key_set(cluster)


def _headers(kept: str) -> tuple[tuple[str, str], ...]:
    return (("content-type", "application/json"), ("cache-control", kept))
