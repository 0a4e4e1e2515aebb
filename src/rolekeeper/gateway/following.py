"""What comes before and after a request goes on: roles of services are made, and what was done is kept.

Most requests have nothing of it, and stream. The answer of one that has is read whole, before the client gets
it: an instance that it names must have its endpoint when the client sees its ID.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial
from typing import Final

from rolekeeper.gateway import consequences, first_use
from rolekeeper.gateway.deciding import Decided
from rolekeeper.gateway.forwarding import Answer
from rolekeeper.gateway.lookups import BackendLookups
from rolekeeper.gateway.owners import Change
from rolekeeper.service.call import Caller
from rolekeeper.service.dispatch import Service
from rolekeeper.service.service_calls import ServiceCalls
from rolekeeper.wire import client

MOST: Final = 16 << 20
"""Bytes of an answer that is read whole."""

_log = logging.getLogger("rolekeeper")


class Following:
    """Makes what comes before and after. Changes of the store run in its lane."""

    def __init__(self, calls: Callable[[], ServiceCalls], lookups: BackendLookups, change: Change) -> None:
        self._calls = calls
        self._lookups = lookups
        self._change = change

    def forget(self) -> None:
        """Nothing that was known of what stands behind holds any more."""
        self._lookups.forget_all()

    async def before(self, service: Service, caller: Caller, decided: Decided) -> None:
        """Make the roles that services need and have not, and refuse what must not be put. AwsError."""
        asked = decided.asked
        for principal in first_use.missing(service.store, asked):
            await self._change(partial(first_use.make, self._calls(), caller, asked, principal))
        if decided.writes:
            self._lookups.forget(asked.service.name, decided.home.account)

    async def after(self, service: Service, caller: Caller, decided: Decided, answer: Answer) -> bytes | None:
        """Keep what was done; the body of the answer where it was read for that."""
        asked = decided.asked
        if decided.writes:
            self._lookups.forget(asked.service.name, decided.home.account)
        if not consequences.has(asked):
            return None
        body = await answer.whole(MOST)
        try:
            members = client.read_answer(
                asked.service.name, asked.operation.name, answer.status, dict(answer.headers), body
            )
        except client.Refused:
            return body
        await self._change(lambda: consequences.after(service, caller, asked, members, decided.referred))
        return body
