"""The server's own routes under `/_rolekeeper/`: health and issuers of tokens; for an ephemeral server reset,
clock and audit; and for who has the operator's token import and export.

A page in a browser must not reach them, not even through a name that it makes resolve to this machine: a
request whose Host or Origin is not ours gets an empty 403.
"""

from __future__ import annotations

import hmac
import importlib.metadata
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any
from urllib.parse import parse_qs

import msgspec

from rolekeeper.endpoints import ours
from rolekeeper.endpoints.contract import Server
from rolekeeper.endpoints.issuers import ROUTE, Issuers
from rolekeeper.errors import ConfigurationError
from rolekeeper.iam.secret import Secret
from rolekeeper.wire.http import HttpRequest, HttpResponse

PREFIX = "/_rolekeeper/"
RESET = f"{PREFIX}reset"
ENFORCED = (
    "identity policies",
    "permissions boundaries",
    "session policies",
    "role trust policies",
    "resource policies",
    "service and resource control policies",
)
MOST_EVENTS = 1000
FURTHEST = 10 * 366 * 24 * 3600
"""Seconds that the clock may be moved in one step."""
LATEST = datetime(9000, 1, 1, tzinfo=UTC)
"""Where the clock stops, well before there are no more dates to compute with."""


class _Order(msgspec.Struct, forbid_unknown_fields=True):
    advance_seconds: float


class Control:
    """The routes. Without a token there is no audit route, and nothing is moved in or out."""

    def __init__(self, server: Server, token: Secret | None, issuers: Issuers) -> None:
        self._server = server
        self._token = token
        self._issuers = issuers
        self._routes: Mapping[str, tuple[str, Callable[[HttpRequest], HttpResponse]]] = {
            "health": ("GET", self._health)
        }
        if token is not None:
            self._routes |= {"import": ("POST", self._import), "export": ("GET", self._export)}
        if server.settings.ephemeral:
            self._routes |= {"reset": ("POST", self._reset), "clock": ("POST", self._clock)}
            if token is not None:
                self._routes |= {"audit": ("GET", self._audit)}

    def answer(self, request: HttpRequest, address: str, port: int) -> HttpResponse:
        """Answer a request that came in on this address and port of ours."""
        if not self._is_for_us(request, address, port):
            return HttpResponse(status=403)
        name = request.path.removeprefix(PREFIX)
        if request.method == "GET" and name.startswith(ROUTE):
            return self._issuers.answer(name.removeprefix(ROUTE))
        route = self._routes.get(name)
        if route is None:
            return _json(404, {"error": "there is no such route"})
        method, handler = route
        if request.method != method:
            return _json(405, {"error": f"this route takes {method}"}, ("allow", method))
        return handler(request)

    def _is_for_us(self, request: HttpRequest, address: str, port: int) -> bool:
        host = self._server.settings.host
        return ours.has_our_host(request, address, port, host) and ours.has_our_origin(request)

    def _health(self, request: HttpRequest) -> HttpResponse:
        settings = self._server.settings
        return _json(
            200,
            {
                "status": "ok",
                "version": version(),
                "account": settings.account,
                "authorization": "on, for every call",
                "enforced": ENFORCED,
                "behind": self._server.behind,
                "unclassified": settings.unclassified,
                "observed": settings.observe,
                "ephemeral": settings.ephemeral,
                "time": self._server.clock.now(),
            },
        )

    def _reset(self, request: HttpRequest) -> HttpResponse:
        self._server.reset()
        return _json(200, {"status": "reset"})

    def _clock(self, request: HttpRequest) -> HttpResponse:
        seconds = _step(request.body)
        if seconds is None:
            return _json(400, {"error": f'send {{"advance_seconds": N}}, with N from 0 to {FURTHEST}'})
        clock = self._server.clock
        if clock.now() + timedelta(seconds=seconds) > LATEST:
            return _json(400, {"error": f"the clock does not go past {LATEST:%Y}"})
        clock.advance(seconds)
        return _json(200, {"time": clock.now()})

    def _import(self, request: HttpRequest) -> HttpResponse:
        if not self._is_operator(request):
            return HttpResponse(status=401)
        (account,) = _parameters(request, "account")
        try:
            return _json(200, self._server.bring(account, request.body))
        except ConfigurationError as error:
            return _json(400, {"error": str(error)})

    def _export(self, request: HttpRequest) -> HttpResponse:
        if not self._is_operator(request):
            return HttpResponse(status=401)
        account, partition, marker = _parameters(request, "account", "partition", "marker")
        try:
            return _json(200, self._server.show(account, partition or "aws", marker or None))
        except ConfigurationError as error:
            return _json(400, {"error": str(error)})

    def _audit(self, request: HttpRequest) -> HttpResponse:
        if not self._is_operator(request):
            return HttpResponse(status=401)
        query = {"after": ["0"], "limit": ["1000"], "latest": ["0"]} | parse_qs(request.query[:200])
        try:
            after, limit, latest = (int(query[name][-1]) for name in ("after", "limit", "latest"))
        except ValueError:
            return _json(400, {"error": "after, limit and latest are numbers"})
        store = self._server.store
        if latest > 0:
            events = store.latest(min(latest, MOST_EVENTS))
        else:
            events = store.events(after=max(after, 0), limit=min(max(limit, 1), MOST_EVENTS))
        shown = [{"sequence": number, "event": msgspec.Raw(event.document)} for number, event in events]
        return _json(200, {"events": shown})

    def _is_operator(self, request: HttpRequest) -> bool:
        if self._token is None:
            return False
        authorization = request.header("authorization") or ""
        expected = b"Bearer " + self._token.reveal().encode()
        return hmac.compare_digest(authorization.encode("latin-1"), expected)


def _parameters(request: HttpRequest, *names: str) -> list[str]:
    """The parameters of the query string by name; the empty text where there is none."""
    given = parse_qs(request.query[:4096])
    return [given.get(name, [""])[-1] for name in names]


def _step(body: bytes) -> float | None:
    """The seconds in an order to the clock; None where it is not one."""
    try:
        order = msgspec.json.decode(body, type=_Order)
    except (msgspec.DecodeError, RecursionError):
        return None
    return order.advance_seconds if 0 <= order.advance_seconds <= FURTHEST else None


def _json(status: int, value: Any, *headers: tuple[str, str]) -> HttpResponse:
    return HttpResponse(
        status=status,
        headers=(("content-type", "application/json"), ("cache-control", "no-store"), *headers),
        body=msgspec.json.encode(value),
    )


@cache
def version() -> str:
    """The version that is installed."""
    return importlib.metadata.version("rolekeeper")
