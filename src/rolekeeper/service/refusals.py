"""The refusals of late, each as the question that was asked: so that it can be asked again, and explained.

A question has the request with every condition key that it had, and the text of every policy that was read,
as `rolekeeper explain` takes them; what a policy is called stands beside it. They are memory, bounded, of one
process: the trail tells that something was refused, this tells why. Nothing here is told to anybody but whom
the account of the caller allows to see it; what stands on another account's resources is left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from threading import Lock
from typing import Any, Final

import msgspec

from rolekeeper.errors import RolekeeperError
from rolekeeper.policy.context import RequestContext

MOST: Final = 2_000
"""Refusals that are kept; the oldest one goes first."""

Text = tuple[str, str]
"""What a policy is called, and its text."""


class NotKept(RolekeeperError):
    """Of that request no refusal is kept, for that account."""


class PolicyTexts(msgspec.Struct, frozen=True, kw_only=True):
    """Every policy that was read for a decision. Guards that do not apply are None."""

    identity: tuple[Text, ...] = ()
    boundary: tuple[Text, ...] | None = None
    session: tuple[Text, ...] | None = None
    resource: Text | None = None
    scp: tuple[tuple[Text, ...], ...] | None = None
    rcp: tuple[tuple[Text, ...], ...] | None = None

    def places(self) -> Iterator[tuple[str, str]]:
        """Where an explanation has each policy (`identity[0]`), and what it is called."""
        for kind in ("identity", "boundary", "session"):
            for number, (name, _) in enumerate(getattr(self, kind) or ()):
                yield f"{kind}[{number}]", name
        if self.resource is not None:
            yield "resource[0]", self.resource[0]
        for kind in ("scp", "rcp"):
            for level, found in enumerate(getattr(self, kind) or ()):
                for number, (name, _) in enumerate(found):
                    yield f"{kind}[{level}][{number}]", name


class Refusal(msgspec.Struct, frozen=True, kw_only=True):
    """One request that was refused."""

    account: str
    """The caller's account."""
    request_id: str
    time: datetime
    context: RequestContext
    keys: Mapping[str, str | tuple[str, ...]]
    texts: PolicyTexts
    observed: bool = False
    """It was let through all the same, for a role that is observed."""

    def __repr__(self) -> str:
        return f"Refusal({self.request_id}, {self.context.action})"

    @property
    def question(self) -> dict[str, Any]:
        """The form that `rolekeeper authorize` and `rolekeeper explain` read; policies are JSON text."""
        context = self.context
        texts = self.texts
        policies: dict[str, Any] = {"identity": [_raw(text) for _, text in texts.identity]}
        for kind, found in (("boundary", texts.boundary), ("session", texts.session)):
            if found is not None:
                policies[kind] = [_raw(text) for _, text in found]
        if texts.resource is not None:
            policies["resource"] = _raw(texts.resource[1])
        for kind, levels in (("scp", texts.scp), ("rcp", texts.rcp)):
            if levels is not None:
                policies[kind] = [[_raw(text) for _, text in level] for level in levels]
        request = {
            "principal": context.principal.arn,
            "action": context.action,
            "resource": context.resource,
            "resource_account": context.owner,
            "context": self.keys,
        }
        return {"request": request, "policies": policies}


class Refusals:
    """The last ones. Any thread may keep and find."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], Refusal] = {}
        self._lock = Lock()

    def keep(self, refusal: Refusal) -> None:
        """Have one more."""
        with self._lock:
            if len(self._kept) >= MOST:
                del self._kept[next(iter(self._kept))]
            self._kept[refusal.account, refusal.request_id] = refusal

    def observe(self, account: str, request_id: str) -> None:
        """Note that a request was let through all the same."""
        with self._lock:
            found = self._kept.get((account, request_id))
            if found is not None:
                self._kept[account, request_id] = msgspec.structs.replace(found, observed=True)

    def find(self, account: str, request_id: str) -> Refusal:
        """The refusal of a request of that account; NotKept."""
        found = self._kept.get((account, request_id))
        if found is None:
            raise NotKept(f"no refusal of request {request_id} is kept")
        return found


def _raw(text: str) -> msgspec.Raw:
    return msgspec.Raw(text.encode())
