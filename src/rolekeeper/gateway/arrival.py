"""A request as far as it has come when it is known who asks for what: a head, and a body or how that comes.

The rule of this file: nobody's body is read before its signature is verified, but where the body is a part of
what is signed, or names the operation; such a one is bounded, and short where the head names no key that is
known. A form of a browser's says who signed it in its fields, which come before its file.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from typing import Final, Protocol

import msgspec

from rolekeeper.errors import MissingAuthenticationToken
from rolekeeper.gateway.foreign import foreign
from rolekeeper.gateway.head import Head
from rolekeeper.gateway.holding import SHORT, Holding
from rolekeeper.gateway.payload import Payload, Receive, says_nothing
from rolekeeper.gateway.post_form import PostForm
from rolekeeper.service.call import ANONYMOUS, Caller
from rolekeeper.service.dispatch import Service
from rolekeeper.service.registry import Operation
from rolekeeper.service.trail import Trace
from rolekeeper.wire import reading
from rolekeeper.wire.content import SHA256
from rolekeeper.wire.http import HttpRequest
from rolekeeper.wire.reading import Route
from rolekeeper.wire.signature import Signature
from rolekeeper.wire.sigv4_ahead import S3_NAMES, Seal
from rolekeeper.wire.sigv4a import AsymmetricSignature

MOST: Final = 17 << 20
"""Bytes of a body that is read whole: a batch of DynamoDB's has 16 MB."""
MOST_OF: Final[Mapping[str, int]] = {"lambda": 96 << 20}
"""The same for services that take more: a function's code, in Base64."""
MOST_OF_NOBODY: Final = 2 << 20
"""The same of who has not signed: a thousand keys of objects to be deleted."""

HOLDING: Final = Holding()
"""The process's, as its memory is."""


class Arrived(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """A request of which it is known who asks for what."""

    route: Route
    operation: Operation
    caller: Caller
    request: HttpRequest
    """With its body, where that was read whole."""
    payload: Payload | None = None
    """What is still to come of it."""
    form: PostForm | None = None
    claimed: Signature | None = None
    """The signature, which was verified."""

    def __repr__(self) -> str:
        # What came with it may hold secrets.
        return f"Arrived({self.operation.action})"

    @property
    def length(self) -> int | None:
        """The bytes of a body that is still to come, where that is known."""
        return self.payload.length if self.payload is not None else None

    async def content(self) -> bytes | AsyncIterator[bytes]:
        """The body: all of it where it is short or was read, else what gives it piece by piece."""
        if self.form is not None:
            return await self.form.ready()
        return await self.payload.ready() if self.payload is not None else self.request.body


class Exchange(Protocol):
    """Who answers the request, which has to know in which form."""

    route: Route | None


Action = Callable[[Route], str]
"""What a request is called in policies, before it is read."""


async def arrive(
    service: Service, trace: Trace, exchange: Exchange, head: Head, receive: Receive, action: Action
) -> Arrived:
    """Find out who asks for what; AwsError where that is nobody who may ask, or nothing that is known."""
    request = trace.request = head.request
    if _is_s3s_post(request):
        form = await PostForm.read(head, receive)
        if form is not None:
            return _of_form(service, trace, exchange, form, action)
    if head.came:
        return _of_one(service, trace, exchange, head, receive, action)
    payload: Payload | None = None
    if not _comes_after(request):
        payload = Payload.of(head, None, receive)
        if payload.length is None or payload.length > SHORT:
            _require_known(service, trace, exchange, action)
        scope = reading.scope_of(request)
        with HOLDING.body() as take:
            body = await payload.whole(MOST_OF.get(scope[1] if scope else "", MOST), take=take)
        request = trace.request = msgspec.structs.replace(request, body=body, _form=None)
    exchange.route = route = reading.find(request)
    trace.operation = operation = foreign(route.service, route.operation, action(route))
    claimed = service.sessions.claimed(request)
    caller, seal = _identified(service, trace, route, claimed)
    if payload is not None:
        return Arrived(route=route, operation=operation, caller=caller, request=request, claimed=claimed)
    payload = Payload.of(head, seal, receive)
    if reading.streams(route.operation):
        return Arrived(
            route=route,
            operation=operation,
            caller=caller,
            request=payload.request,
            payload=payload,
            claimed=claimed,
        )
    most = MOST_OF.get(route.service.name, MOST) if caller is not ANONYMOUS else MOST_OF_NOBODY
    with HOLDING.body() as take:
        body = await payload.whole(most, take=take)
    whole = msgspec.structs.replace(payload.request, body=body, _form=None)
    return Arrived(route=route, operation=operation, caller=caller, request=whole, claimed=claimed)


def _of_one(
    service: Service, trace: Trace, exchange: Exchange, head: Head, receive: Receive, action: Action
) -> Arrived:
    """The same of a request whose body came with its head: there is nothing to wait for."""
    request, ahead = head.request, _comes_after(head.request)
    if ahead and request.body:  # the signature is of what the head says of it
        trace.request = msgspec.structs.replace(request, body=b"")
    exchange.route = route = reading.find(request)
    trace.operation = operation = foreign(route.service, route.operation, action(route))
    claimed = service.sessions.claimed(request)
    caller, seal = _identified(service, trace, route, claimed)
    if not says_nothing(request, seal):
        payload = Payload.of(head, seal, receive)
        body = payload.given(request.body)
        request = trace.request = msgspec.structs.replace(payload.request, body=body, _form=None)
    return Arrived(route=route, operation=operation, caller=caller, request=request, claimed=claimed)


def _is_s3s_post(request: HttpRequest) -> bool:
    if request.method != "POST" or "x-amz-target" in request.index:
        return False
    service, _ = reading.seems(request)
    return service is not None and service.name == "s3"


def _comes_after(request: HttpRequest) -> bool:
    """Whether the head says all that is needed to know who asks for what."""
    if reading.named_in_body(request):
        return False
    scope = reading.scope_of(request)
    return SHA256 in request.index or scope is None or scope[1] in S3_NAMES


def _require_known(service: Service, trace: Trace, exchange: Exchange, action: Action) -> None:
    """Return where a long body may come before it is known who has signed it. Otherwise the error is the one
    that would be found then, as far as the head tells."""
    request = trace.request
    if not reading.named_in_body(request):
        exchange.route = route = reading.find(request)
        trace.operation = foreign(route.service, route.operation, action(route))
    claimed = service.sessions.claimed(request)
    if claimed is None:
        raise MissingAuthenticationToken
    trace.region, trace.access_key_id = claimed.region, claimed.access_key_id
    with service.store.read() as tx:
        service.sessions.require_known(claimed, tx)


def _identified(
    service: Service, trace: Trace, route: Route, claimed: Signature | None
) -> tuple[Caller, Seal | None]:
    """Who signed the request. S3 may be asked by anybody, as nobody known."""
    if claimed is None:
        if route.service.name != "s3":
            raise MissingAuthenticationToken
        return _nobody(trace, route), None
    _note(service, trace, route, claimed)
    with service.store.read() as tx:
        seal = None
        if _comes_after(trace.request) or isinstance(claimed, AsymmetricSignature):
            caller, seal = service.sessions.authenticate_ahead(trace.request, claimed, route.service, tx)
        else:
            caller = service.sessions.authenticate(trace.request, claimed, route.service, tx)
    trace.caller = caller
    return caller, seal


def _of_form(service: Service, trace: Trace, exchange: Exchange, form: PostForm, action: Action) -> Arrived:
    request = trace.request = form.request
    exchange.route = route = reading.find(request)
    trace.operation = operation = foreign(route.service, route.operation, action(route))
    with service.store.read() as tx:
        found = service.sessions.authenticate_form(form.fields, route.labels["Bucket"], tx)
    claimed = None
    if found is None:
        caller = _nobody(trace, route)
    else:
        caller, claimed = found
        _note(service, trace, route, claimed)
        trace.caller = caller
    return Arrived(
        route=route, operation=operation, caller=caller, request=request, form=form, claimed=claimed
    )


def _nobody(trace: Trace, route: Route) -> Caller:
    trace.region, trace.caller = route.region or trace.region, ANONYMOUS
    return ANONYMOUS


def _note(service: Service, trace: Trace, route: Route, claimed: Signature) -> None:
    trace.region = service.sessions.region(claimed, route.service)
    trace.access_key_id = claimed.access_key_id
