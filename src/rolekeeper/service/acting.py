"""An operation for somebody whose request was not signed here: one who is signed in to the console, or a
service that works as its role.

It goes the way of a signed call (`dispatch`): the arguments are held to AWS's model, the policies decide, the
audit trail has the event. Only who calls was found out otherwise.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from rolekeeper import ids
from rolekeeper.errors import AwsError
from rolekeeper.service.authorizer import admit
from rolekeeper.service.call import Caller
from rolekeeper.service.dispatch import Service, new_call
from rolekeeper.service.registry import Operation
from rolekeeper.service.trail import Trace, record_failure, record_success
from rolekeeper.store.contract import Transaction
from rolekeeper.wire import json, query
from rolekeeper.wire.constraints import validation_error
from rolekeeper.wire.http import HttpRequest

IAM, STS = "2010-05-08", "2011-06-15"
"""The versions of the two services' models."""

Who = Callable[[Operation, Mapping[str, Any], Transaction], Caller]
"""Finds the caller of an operation with those arguments, by the names of its function; AwsError."""


def perform(
    service: Service,
    request: HttpRequest,
    operation: tuple[str, str],
    parameters: Mapping[str, Any],
    who: Who,
    *,
    region: str,
    invoked_by: str = "",
    via: tuple[str, ...] = (),
) -> Mapping[str, Any]:
    """The answer of an operation, by its version and name, with those parameters of the query protocol; of
    the JSON protocol by its target and name, with the members.

    `request` is what came from outside: its address and user agent are those of the event. `invoked_by` is
    the service that calls, `via` the services that it came through on the caller's behalf. AwsError where
    the operation is refused or fails, with its event.
    """
    store = service.store
    trace = Trace(
        request=inner(request),
        request_id=ids.request_id(),
        now=service.clock.now(),
        region=region,
        invoked_by=invoked_by,
    )
    try:
        trace.operation = found = service.operations.named(*operation)
        trace.arguments = _read(found, parameters)
        with store.write() if found.writes else store.read() as tx:
            trace.caller = who(found, found.model.arguments(trace.arguments), tx)
            call = new_call(service, trace, found, trace.caller, tx)
            call.via = via
            admit(call)
            accesses = found.accesses(call, call.arguments)
            service.authorizer.require(call, accesses)
            trace.resource = call.resource = accesses[0].resource if accesses else None
            result = found.handler(call, **call.arguments) or {}
            record_success(trace, result, tx, store)
        return result
    except AwsError as error:
        record_failure(trace, error, store)
        raise


def _read(operation: Operation, parameters: Mapping[str, Any]) -> Mapping[str, Any]:
    """The members of a request, held to the model; ValidationError."""
    if operation.service.protocol == "query":
        return query.input_parser(operation.model)(parameters)
    members, violations = json.input_parser(operation.model)(msgspec.json.encode(parameters))
    if violations:
        raise validation_error(violations)
    return members


def inner(request: HttpRequest) -> HttpRequest:
    """A request as an operation sees it: where it came from, and nothing of its form or cookies."""
    agent = request.header("user-agent")
    return HttpRequest(
        method="POST",
        path="/",
        headers=[] if agent is None else [("user-agent", agent)],
        source_ip=request.source_ip,
        secure=request.secure,
    )
