"""One request read and written: the plan of its operation in its protocol, and the headers beside."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from rolekeeper.errors import NotImplementedByServer
from rolekeeper.wire.http import HttpRequest
from rolekeeper.wire.model import OperationModel, Service
from rolekeeper.wire.reading.plans import Plan, form_plan, json_plan
from rolekeeper.wire.reading.rest_plans import rest_plan
from rolekeeper.wire.reading.values import Reading, Route, Written

__all__ = ["read", "write"]

KEPT: Final = ("x-amzn-query-mode", "accept", "origin")


def read(route: Route, request: HttpRequest) -> Reading:
    """What a request has, and how it goes on; an AwsError where it cannot be read.

    Of an operation that `streams`, the body may be missing in `request`: it is not looked at.
    """
    plan = _plan(route.service, route.operation, route.protocol)
    members = plan.read(request, route)
    return Reading(members=members, written=plan.write(members))


def write(
    service: Service, operation: OperationModel, members: Mapping[str, Any], protocol: str = ""
) -> Written:
    """The request of members, by the model's names, in one of the service's protocols, or its first."""
    return _plan(service, operation, protocol or service.protocol).write(members)


def _plan(service: Service, operation: OperationModel, protocol: str) -> Plan:
    if protocol == "json":
        return json_plan(service, operation)
    if protocol in ("rest-xml", "rest-json"):
        return rest_plan(service, operation)
    if protocol in ("query", "ec2"):
        return form_plan(service, operation, protocol)
    raise NotImplementedByServer(f"The protocol {protocol} is not supported")
