"""Requests as clients make them, and as they should not."""

from __future__ import annotations

from typing import Any

from rolekeeper.wire import reading
from rolekeeper.wire.http import HttpRequest
from rolekeeper.wire.model import Service, service
from rolekeeper.wire.reading import Reading, Route, Written

SIGNED = (
    "AWS4-HMAC-SHA256 Credential=AKIAEXAMPLE/20261122/{}/{}/aws4_request, SignedHeaders=host, Signature=0"
)
FORM = "application/x-www-form-urlencoded"


def asking(
    method: str = "GET",
    path: str = "/",
    query: str = "",
    *,
    signed: str | None = "s3",
    region: str = "eu-west-1",
    host: str = "127.0.0.1:4566",
    body: bytes = b"",
    **headers: str,
) -> HttpRequest:
    """A request whose headers are named with underscores, signed for a service or not at all."""
    found = [("host", host), *((name.replace("_", "-"), value) for name, value in headers.items())]
    if signed is not None:
        found.append(("authorization", SIGNED.format(region, signed)))
    return HttpRequest(method=method, path=path, query=query, headers=found, body=body)


def form(signed: str | None, body: str, **more: Any) -> HttpRequest:
    """A request of the protocols of forms."""
    return asking("POST", signed=signed, body=body.encode(), content_type=FORM, **more)


def target(signed: str, target: str, body: bytes = b"{}", **more: Any) -> HttpRequest:
    """A request of the protocol of JSON."""
    return asking("POST", signed=signed, body=body, x_amz_target=target, **more)


def named(request: HttpRequest) -> str:
    """The operation that a request names: `s3:GetObject`."""
    route = reading.find(request)
    return f"{route.service.name}:{route.operation.name}"


def read(request: HttpRequest) -> Reading:
    return reading.read(reading.find(request), request)


def sent(written: Written, service: Service, *, body: bytes = b"") -> HttpRequest:
    """What was written, as a request that is signed for the service."""
    authorization = SIGNED.format("eu-west-1", service.signing_name)
    return HttpRequest(
        method=written.method,
        path=written.path,
        query=written.query,
        headers=[("host", "127.0.0.1"), ("authorization", authorization), *written.headers],
        body=body if written.body is None else written.body,
    )


def route_of(name: str, operation: str, protocol: str = "") -> Route:
    found = service(name)
    return Route(service=found, operation=found.operations[operation], protocol=protocol or found.protocol)
