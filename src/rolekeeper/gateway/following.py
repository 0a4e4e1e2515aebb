"""What comes before and after a request goes on: roles of services are made, and what was done is kept.

Most requests have nothing of it, and stream. The answer of one that has is read whole, before the client gets
it: an instance that it names must have its endpoint when the client sees its ID. Some operations are done
here and never go on: those which say who may use a bucket.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final

from rolekeeper.gateway import consequences, first_use
from rolekeeper.gateway.buckets import KEPT_BACK
from rolekeeper.gateway.deciding import Decided
from rolekeeper.gateway.forwarding import Answer
from rolekeeper.gateway.lookups import BackendLookups
from rolekeeper.gateway.owners import Change
from rolekeeper.gateway.resources import Resources
from rolekeeper.service.call import Caller
from rolekeeper.service.dispatch import Service
from rolekeeper.service.service_calls import ServiceCalls
from rolekeeper.wire import client
from rolekeeper.wire.reading import Reading, Written, write

MOST: Final = 16 << 20
"""Bytes of an answer that is read whole."""


class Following:
    """Makes what comes before and after. Changes of the store run in its lane."""

    def __init__(
        self,
        calls: Callable[[], ServiceCalls],
        resources: Callable[[], Resources],
        lookups: BackendLookups,
        change: Change,
    ) -> None:
        self._calls = calls
        self._resources = resources
        self._lookups = lookups
        self._change = change

    def forget(self) -> None:
        """Nothing that was known of what stands behind holds any more."""
        self._lookups.forget_all()

    async def before(self, caller: Caller, service: Service, decided: Decided) -> Mapping[str, Any] | None:
        """Make the roles that services need and have not; the answer, where the operation is done here.
        AwsError where it must not be done."""
        asked = decided.asked
        for principal in first_use.missing(service.store, asked):
            await self._change(partial(first_use.make, self._calls(), caller, asked, principal))
        self._forget(decided)
        return await self._resources().answer(asked, caller)

    async def after(self, caller: Caller, service: Service, decided: Decided, answer: Answer) -> bytes | None:
        """Keep what was done; the body of the answer where it was read for that."""
        asked = decided.asked
        self._forget(decided)
        resources = self._resources()
        kept = decided.writes and resources.follows(asked)
        shown = resources.shows_owners(asked) and answer.status < 300
        if not (kept or shown or consequences.has(asked)):
            return None
        body = await answer.whole(MOST)
        if shown:
            return resources.owners_told(asked, body)
        try:
            members = client.read_answer(
                asked.service.name, asked.operation.name, answer.status, dict(answer.headers), body
            )
        except client.Refused:
            return body
        if kept:
            await resources.after(asked, caller, members, decided.resources)
        if consequences.has(asked):
            follow = partial(consequences.after, service, caller, asked, members, decided.referred)
            await self._change(follow)
        return body

    def _forget(self, decided: Decided) -> None:
        if decided.unsettles:
            self._lookups.forget(decided.asked.service.name, decided.home.account)


def told(decided: Decided, found: Reading) -> Written:
    """The request as it goes on: as it was decided, and without what is seen to here."""
    asked = decided.asked
    plain = asked.service.name != "s3" or KEPT_BACK.isdisjoint(found.members)
    if plain and not decided.members:
        return found.written
    members = {name: value for name, value in found.members.items() if plain or name not in KEPT_BACK}
    return write(asked.service, asked.operation, {**members, **decided.members})
