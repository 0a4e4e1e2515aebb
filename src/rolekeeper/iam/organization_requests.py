"""What an organization has asked for: accounts that are to be made, and others that are to agree.

Both are kept in the management account. Whoever is asked finds a handshake by a link `ASKED` in its own
account, from nothing to `MANAGEMENT/ID`.
Source: "CreateAccountStatus" and "Handshake" in the Organizations API Reference.
"""

from __future__ import annotations

from datetime import datetime

from rolekeeper.iam.entities import Entity, Tags

ASKED = "handshake"
"""The kind of the links from an account to the handshakes that it is asked for."""

WAITING = ("REQUESTED", "OPEN")
"""The states of a handshake to which there can still be an answer."""


class AccountRequest(Entity, frozen=True, kw_only=True, omit_defaults=True):
    """A request to make an account: done, or failed and why."""

    kind = "account-request"
    noun = "create account request"

    id: str
    name: str
    requested: datetime
    account_id: str | None = None
    failure: str | None = None

    @property
    def key(self) -> str:
        return self.id

    @property
    def state(self) -> str:
        """SUCCEEDED or FAILED: nothing is left for later."""
        return "SUCCEEDED" if self.failure is None else "FAILED"


class Handshake(Entity, frozen=True, kw_only=True, omit_defaults=True):
    """A question of an organization to an account (`target`), or to its own management account."""

    kind = "organization-handshake"
    noun = "handshake"

    id: str
    organization: str
    action: str
    """INVITE, ENABLE_ALL_FEATURES or APPROVE_ALL_FEATURES."""
    target: str
    """The account that answers."""
    email: str | None = None
    """By which the account was invited, where not by its number."""
    parent: str | None = None
    requested: datetime
    expires: datetime
    answered: str = "OPEN"
    """The state that it was brought to; see `state`."""
    notes: str | None = None
    tags: Tags = {}
    """Of the account, once it has joined."""

    @property
    def key(self) -> str:
        return self.id

    def state(self, now: datetime) -> str:
        """The state by then: what nobody has answered in time has expired."""
        return "EXPIRED" if self.answered in WAITING and now >= self.expires else self.answered
