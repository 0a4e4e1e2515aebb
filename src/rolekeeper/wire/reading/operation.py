"""One request read and written: the plan of its operation in its protocol, and what stands beside.

Beside the members there are few headers that matter to who answers, and they are listed here; no other header
of a request goes on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final
from urllib.parse import urlsplit

import msgspec

from rolekeeper.errors import MalformedInput, MethodNotAllowed, NotImplementedByServer
from rolekeeper.wire.http import HttpRequest
from rolekeeper.wire.model import OperationModel, Service
from rolekeeper.wire.reading.bodies import unpacked
from rolekeeper.wire.reading.plans import Plan, cbor_plan, form_plan, json_plan
from rolekeeper.wire.reading.rest_plans import rest_plan, streams
from rolekeeper.wire.reading.values import Reading, Route, Written

__all__ = ["read", "write"]

REST: Final = frozenset({"rest-json", "rest-xml"})

_MODE, _KIND, _ORIGIN = "x-amzn-query-mode", "content-type", "origin"
_NOT_KEPT: Final = ("application/x-www-form-urlencoded", "multipart/")


def read(route: Route, request: HttpRequest) -> Reading:
    """What a request has, and how it goes on; an AwsError where it cannot be read.

    Of an operation that `streams`, the body may be missing in `request`: it is not looked at.
    """
    if route.form:  # which is read by its fields, as the request that it stands for
        raise MethodNotAllowed
    plan = _plan(route.service, route.operation, route.protocol)
    if route.protocol in REST:
        members = plan.read(request, route)
    else:
        request = unpacked(request)
        members = plan.read(request, route)
        if "path" in route.labels:
            _read_queue(route, request, members)
    written = plan.write(members)
    beside = tuple(_beside(route, request, written))
    if beside:
        written = msgspec.structs.replace(written, headers=(*written.headers, *beside))
    return Reading(members=members, written=written)


def write(
    service: Service, operation: OperationModel, members: Mapping[str, Any], protocol: str = ""
) -> Written:
    """The request of members, by the model's names, in one of the service's protocols, or its first."""
    return _plan(service, operation, protocol or service.protocol).write(members)


def _plan(service: Service, operation: OperationModel, protocol: str) -> Plan:
    if protocol == "json":
        return json_plan(service, operation)
    if protocol in REST:
        return rest_plan(service, operation)
    if protocol in ("query", "ec2"):
        return form_plan(service, operation, protocol)
    if protocol == "smithy-rpc-v2-cbor":
        return cbor_plan(service, operation)
    raise NotImplementedByServer(f"The protocol {protocol} is not supported")


def _read_queue(route: Route, request: HttpRequest, members: dict[str, Any]) -> None:
    """SQS is asked at the URL of a queue, too, which is then the one that is meant."""
    path = route.labels["path"]
    if route.operation.input is None or "QueueUrl" not in dict(route.operation.members):
        raise MalformedInput("The path of the request must be '/'")
    if "QueueUrl" not in members:
        scheme = "https" if request.secure else "http"
        members["QueueUrl"] = f"{scheme}://{request.index.get('host', 'localhost')}{path}"
    elif _path_of(members["QueueUrl"]) != path:
        raise MalformedInput("The request names two queues")


def _path_of(url: str) -> str:
    try:
        return urlsplit(url).path
    except ValueError:
        return ""


def _beside(route: Route, request: HttpRequest, written: Written) -> Iterator[tuple[str, str]]:
    """The headers of no member that go on."""
    index = request.index
    if _MODE in index and route.service.query_compatible:
        yield _MODE, "true"
    if route.service.name == "s3":
        if _ORIGIN in index and index[_ORIGIN].isascii():
            yield _ORIGIN, index[_ORIGIN]
    elif route.protocol in REST and _KIND in index and (written.body is None or streams(route.operation)):
        kind = index[_KIND]
        if not kind.lower().startswith(_NOT_KEPT) and not any(name == _KIND for name, _ in written.headers):
            yield _KIND, kind
