"""Delegation requests: one account asks another for permissions, for a while, and somebody there decides.

The requestor's account keeps the request; its owner, who claimed it, and its approver may be of another. What
is asked for is fixed when the request is made: the policy that was read is the policy that is approved. All
that may become of a request is in `MOVES`; a request that nothing becomes of expires by the clock alone.
Source: "Understanding the Request Lifecycle" in "Building your integration" in the IAM User Guide;
"DelegationRequest" in the IAM API Reference.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import msgspec

from rolekeeper.errors import InvalidInput
from rolekeeper.iam.credentials import Session
from rolekeeper.iam.entities import Entity

UNASSIGNED, ASSIGNED, PENDING_APPROVAL = "UNASSIGNED", "ASSIGNED", "PENDING_APPROVAL"
ACCEPTED, REJECTED, FINALIZED, EXPIRED = "ACCEPTED", "REJECTED", "FINALIZED", "EXPIRED"

ROOT_DURATION = 14400
"""The longest session, in seconds, that a root user may approve.

Source: "IAM temporary delegation" in the IAM User Guide.
"""


@dataclass(frozen=True, slots=True)
class Move:
    """What one operation does with a request: from which states it may, and to which it leads."""

    before: tuple[str, ...]
    after: str
    done: str


MOVES: Mapping[str, Move] = {
    "AssociateDelegationRequest": Move((UNASSIGNED,), ASSIGNED, "associated"),
    "UpdateDelegationRequest": Move((ASSIGNED, PENDING_APPROVAL), PENDING_APPROVAL, "updated"),
    "AcceptDelegationRequest": Move((ASSIGNED, PENDING_APPROVAL), ACCEPTED, "accepted"),
    "RejectDelegationRequest": Move((ASSIGNED, PENDING_APPROVAL, ACCEPTED), REJECTED, "rejected"),
    "SendDelegationToken": Move((ACCEPTED,), FINALIZED, "finalized"),
}
"""Every way from one state to another but the one to EXPIRED, by the operation that goes it."""

_DAY = timedelta(days=1)
_LIFETIMES = {UNASSIGNED: _DAY}
_LIFETIME = 7 * _DAY


class Actor(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Somebody who did something to a request. He is known by `id`, which no other ever has.

    `service` and `resource` are of his ARN as it was then, for when he is gone.
    """

    id: str
    """CloudTrail's principal ID: a user's unique ID, a role's with the session's name, the root's account."""
    service: str
    resource: str


class Parameter(msgspec.Struct, frozen=True, kw_only=True):
    """A value, or a list of them, for a place that the template holds open."""

    name: str
    type: str
    values: tuple[str, ...]


class DelegationRequest(Entity, frozen=True, kw_only=True, omit_defaults=True):
    """A request of `account`, the requestor. `since` is when it came into the state that is kept."""

    kind = "delegation-request"
    noun = "delegation request"
    folds = False
    missing = "The delegation request with id {name} cannot be found."

    id: str
    requestor_name: str
    workflow: str
    description: str
    message: str | None = None
    template: str
    parameters: tuple[Parameter, ...] = ()
    policy: str
    channel: str
    redirect_url: str | None = None
    duration: int
    """Seconds that the delegated session lasts."""
    only_owner_sends: bool = False
    created: datetime
    updated: datetime

    state: str = UNASSIGNED
    since: datetime
    owner_account: str | None = None
    owner: Actor | None = None
    approver: Actor | None = None
    approver_session: Session | None = None
    """The approver's session, where it was one: what he delegates has its limits and carries its tags."""
    notes: str | None = None
    rejection_reason: str | None = None

    @property
    def key(self) -> str:
        return self.id

    @property
    def unique_id(self) -> str | None:
        return self.id

    @property
    def expires(self) -> datetime:
        """When it expires if nothing more becomes of it."""
        return self.since + _LIFETIMES.get(self.state, _LIFETIME)

    def state_at(self, now: datetime) -> str:
        """The state at a time: the kept one, or EXPIRED."""
        return self.state if now < self.expires else EXPIRED

    def moved(self, operation: str, now: datetime, **changes: Any) -> DelegationRequest:
        """What an operation makes of it; InvalidInput where it may not in this state."""
        move, state = MOVES[operation], self.state_at(now)
        if state not in move.before:
            raise InvalidInput(
                f"The delegation request {self.id} is in the state {state} and cannot be {move.done}."
            )
        moment = now.replace(microsecond=0)
        since = self.since if state == move.after else moment
        return msgspec.structs.replace(self, state=move.after, since=since, updated=moment, **changes)
