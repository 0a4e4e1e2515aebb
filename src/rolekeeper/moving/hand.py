"""The hand that moves an account in: operations as a request would run them, in one transaction.

An operation's arguments are held to AWS's model, its own rules and quotas hold, and it leaves its event. What
is not asked is a policy: it is the operator who moves accounts in, and none of their principals. Two things
are other than in a request: the time is that of the dump, so that creation dates stay, and who is trusted
need not be here (`Call.strangers`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any

from rolekeeper import ids
from rolekeeper.errors import ConfigurationError
from rolekeeper.policy.context import AccountRoot
from rolekeeper.service.call import Call, Caller
from rolekeeper.service.dispatch import Service, new_call
from rolekeeper.service.trail import Trace, record_success
from rolekeeper.store.contract import Transaction
from rolekeeper.wire import model, query
from rolekeeper.wire.http import HttpRequest

VERSION = "2010-05-08"
IMPORT, EXPORT = "rolekeeper import authorization-details", "rolekeeper export"
"""What the events say as their user agent."""

Then = Callable[[Mapping[str, Any]], None]


def operator(tx: Transaction, account: str, partition: str) -> Caller:
    """Who moves an account, as its events show it: the root user, without a key. ConfigurationError."""
    if not tx.has_account(account):
        raise ConfigurationError(f"there is no account {account} here: say with --account which is meant")
    return Caller(
        principal=AccountRoot(account=account, partition=partition),
        account=account,
        access_key_id="",
        revision=tx.account(account).revision,
    )


class Hand:
    """Operations on one account, as its root user would run them."""

    def __init__(
        self, service: Service, tx: Transaction, caller: Caller, partition: str, *, agent: str = IMPORT
    ) -> None:
        self.tx = tx.account(caller.account)
        self.store = tx
        self.account = caller.account
        self.partition = partition
        self.limits = service.limits
        self.strangers: list[str] = []
        self.events = 0
        self._service = service
        self._now = service.clock.now()
        self._region = _region(partition)
        self._request = HttpRequest(method="POST", path="/", headers=[("user-agent", agent)])
        self._caller = caller

    def do(
        self, action: str, at: datetime | None = None, then: Then | None = None, /, **members: Any
    ) -> Mapping[str, Any]:
        """Run an operation at a time, and with its answer what is done before its event is kept.

        AwsError where it refuses. None is a member that is not given.
        """
        trace, call = self._prepared(action, at, members)
        result = call.operation.handler(call, **call.arguments) or {}
        if then is not None:
            then(result)
        self._keep(trace, result)
        return result

    def note(self, action: str, **members: Any) -> None:
        """Leave the event of an operation whose work was done otherwise."""
        trace, _ = self._prepared(action, None, members)
        self._keep(trace, {})

    def call(self, action: str) -> Call:
        """A call without arguments, for what operations share."""
        return self._prepared(action, None, None)[1]

    def _prepared(
        self, action: str, at: datetime | None, members: dict[str, Any] | None
    ) -> tuple[Trace, Call]:
        trace = Trace(request=self._request, request_id=ids.request_id(), now=self._now, region=self._region)
        call = self._call(trace, action, at)
        trace.operation, trace.caller = call.operation, self._caller
        if members is not None:
            trace.arguments = query.input_parser(call.operation.model)(query.form_of(members))
            call.arguments = call.operation.model.arguments(trace.arguments)
        return trace, call

    def _call(self, trace: Trace, action: str, at: datetime | None) -> Call:
        operation = self._service.operations.named(VERSION, action)
        call = new_call(self._service, trace, operation, self._caller, self.store)
        call.now, call.strangers = at or self._now, self.strangers
        return call

    def _keep(self, trace: Trace, result: Mapping[str, Any]) -> None:
        record_success(trace, result, self.store, self._service.store)
        self.events += 1


@cache
def _region(partition: str) -> str:
    try:
        return model.global_region("iam", partition)
    except LookupError as error:
        raise ConfigurationError(str(error)) from None


def moment(time: datetime) -> datetime:
    """A time of a dump in UTC and whole seconds; one without an offset is taken as UTC."""
    aware = time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
    return aware.replace(microsecond=0)
