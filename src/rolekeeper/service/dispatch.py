"""One request, from bytes to bytes, in one function.

There is no middleware: what happens to a request happens here, in this order. Nothing runs before
authorization, and nothing is answered before the audit.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass

from rolekeeper import ids
from rolekeeper.errors import AwsError, ServiceFailure
from rolekeeper.iam.limits import Limits
from rolekeeper.service.authorizer import Authorizer, admit
from rolekeeper.service.call import Call, Caller
from rolekeeper.service.clock import Clock
from rolekeeper.service.denials import Denials
from rolekeeper.service.doors import Doors
from rolekeeper.service.organization import Organizations
from rolekeeper.service.pods import Pods
from rolekeeper.service.proofs import Proofs, home
from rolekeeper.service.refusals import Refusals
from rolekeeper.service.registry import Operation, OperationTable
from rolekeeper.service.sessions import Sessions
from rolekeeper.service.trail import Trace, record_failure, record_success
from rolekeeper.store.contract import Store, Transaction
from rolekeeper.wire import answer, model
from rolekeeper.wire.http import HttpRequest, HttpResponse

_log = logging.getLogger("rolekeeper")


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """What a request passes through, wired by `app.py`."""

    operations: OperationTable
    store: Store
    sessions: Sessions
    authorizer: Authorizer
    denials: Denials
    refusals: Refusals
    organizations: Organizations
    doors: Doors
    pods: Pods
    proofs: Proofs
    clock: Clock
    limits: Limits
    simulator_ignores_trust: bool = False
    issuer_url: str | None = None


def dispatch(service: Service, request: HttpRequest) -> HttpResponse:
    """Answer one request. It never raises: what goes wrong is answered as AWS answers it."""
    trace = Trace(request=request, request_id=ids.request_id(), now=service.clock.now())
    store = service.store
    try:
        trace.operation = operation = service.operations.find(request)
        with store.write() if operation.writes else store.read() as tx:
            trace.caller = _identify(service, trace, operation, tx)
            call = new_call(service, trace, operation, trace.caller, tx)
            admit(call)
            accesses = operation.accesses(call, call.arguments)
            service.authorizer.require(call, accesses)
            trace.resource = call.resource = accesses[0].resource if accesses else None
            result = operation.handler(call, **call.arguments) or {}
            response = operation.write(result, trace.request_id)
            record_success(trace, result, tx, store)
        return response
    except AwsError as error:
        failure = error
    except Exception:
        _log.exception("request %s failed", trace.request_id)
        failure = ServiceFailure()
    try:
        record_failure(trace, failure, store)
    except Exception:
        # What cannot be audited is not answered as if it had been.
        _log.exception("the event of request %s could not be kept", trace.request_id)
        failure = ServiceFailure()
    return _fault(trace, failure)


def _identify(service: Service, trace: Trace, operation: Operation, tx: Transaction) -> Caller:
    """Who calls: who signed the request or, where such requests are not signed, who is vouched for in it."""
    if operation.proof is not None:
        trace.arguments = operation.read(trace.request)
        arguments = operation.model.arguments(trace.arguments)
        trace.region = home(arguments, trace.request)
        return service.proofs.caller(
            operation.proof,
            arguments,
            request=trace.request,
            now=trace.now,
            region=trace.region,
            store=tx,
        )
    signature = service.sessions.signature(trace.request)
    trace.region = service.sessions.region(signature, operation.service)
    trace.access_key_id = signature.access_key_id
    caller = service.sessions.authenticate(trace.request, signature, operation.service, tx)
    trace.arguments = operation.read(trace.request)
    return caller


def _fault(trace: Trace, error: AwsError) -> HttpResponse:
    service = trace.operation.service if trace.operation else None
    return answer.fault(trace.request, service, error, trace.request_id)


def new_call(
    service: Service,
    trace: Trace,
    operation: Operation,
    caller: Caller,
    tx: Transaction,
    *,
    account: str = "",
) -> Call:
    """A call of that caller's, as its operation is given it. Who is of no account calls in another's."""
    return Call(
        operation=operation,
        request_id=trace.request_id,
        now=trace.now,
        region=trace.region,
        partition=model.partition_of(trace.region),
        caller=caller,
        store=tx,
        tx=tx.account(caller.account or account),
        limits=service.limits,
        sessions=service.sessions,
        denials=service.denials,
        refusals=service.refusals,
        organizations=service.organizations,
        doors=service.doors,
        pods=service.pods,
        request=trace.request,
        arguments=operation.arguments(trace.request, trace.arguments),
        simulator_ignores_trust=service.simulator_ignores_trust,
        issuer_url=service.issuer_url,
    )
