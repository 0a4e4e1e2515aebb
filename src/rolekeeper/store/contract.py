"""What a store must do, in words. `tests/contracts/test_store.py` runs the same suite on every kind of store.

A store keeps the entities of accounts, the links between them, their secrets, and the audit trail. The rules:

- What a `write()` changed must be durable before it (or the `group()` around it) returns, all of it or none.
- `read()` must show committed state only, and of one thing never an older state than it has shown before. It
  is no snapshot: a commit may come between two looks, and a page may be ahead of a single look for a moment.
- A `write()` must see what the ones before it did, and its own changes.
- A failed `write()` must leave nothing behind, neither in the tables nor in a cache, and must not disturb the
  others of its group.
- An account's `revision` must grow, once for each `write()` that changed something in it, and a number that
  was given to a change which did not happen must not be used again while the process lives.
- Secrets must be kept sealed, and must not open in another place than their own.
- What was last used must be known of every call whose event was appended, also when the process dies, and of
  nothing that is not there any more.
- An event must be kept once for each time it was appended: neither lost nor doubled, whenever the process
  dies. Events have growing numbers, in the order in which they came into the trail: what was appended to the
  journal, and what to transactions, each in its order. Between the two, the order is not the clock's.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from contextlib import AbstractContextManager
from datetime import datetime
from typing import NamedTuple, Protocol, TypeVar

from rolekeeper.audit.event import AuditRecord
from rolekeeper.iam.entities import (
    AccessKey,
    Account,
    Entity,
    Group,
    InstanceProfile,
    ManagedPolicy,
    Role,
    User,
)
from rolekeeper.iam.secret import Secret

E = TypeVar("E", bound=Entity)
T = TypeVar("T")


class Collection(Protocol[E]):
    """The entities of one kind in one account, by key: names in any case, access key IDs exactly."""

    def get(self, name: str) -> E:
        """The entity of that name. Must raise NoSuchEntity in AWS's words where there is none."""
        ...

    def find(self, name: str) -> E | None:
        """The entity of that name, or None."""
        ...

    def add(self, entity: E) -> None:
        """Keep a new entity. Must raise EntityAlreadyExists where its key or its unique ID is taken."""
        ...

    def put(self, entity: E) -> None:
        """Replace an entity. Must raise NoSuchEntity where there is none of that key."""
        ...

    def delete(self, entity: E) -> None:
        """Remove an entity, and nothing else: links and secrets are the caller's. NoSuchEntity if gone."""
        ...

    def page(
        self, *, path_prefix: str = "/", after: str | None = None, limit: int = 100
    ) -> tuple[list[E], bool]:
        """Up to `limit` entities by key, with such a path and a key behind `after`; and are there more."""
        ...

    def count(self) -> int:
        """How many there are."""
        ...


class Links(Protocol):
    """Named arrows between things of one account. Neither end must exist: a link is only what it says."""

    def add(self, kind: str, source: str, target: str) -> bool:
        """Make a link; False where it was there."""
        ...

    def remove(self, kind: str, source: str, target: str) -> bool:
        """Take a link away; False where there was none."""
        ...

    def targets(self, kind: str, source: str) -> list[str]:
        """Where the source's links lead, in the order in which they were made."""
        ...

    def sources(self, kind: str, target: str) -> list[str]:
        """Whose links lead to the target, sorted."""
        ...

    def has(self, kind: str, source: str, target: str) -> bool:
        """Whether there is such a link."""
        ...

    def next_target(self, kind: str, after: str) -> str | None:
        """The first text behind `after` to which a link leads, or None: one look-up, however many links."""
        ...


class Secrets(Protocol):
    """Secrets by kind and key. At rest they are sealed, bound to account, kind and key."""

    def get(self, kind: str, key: str) -> Secret | None:
        """The secret, or None. Must raise StoreError where what is stored does not open."""
        ...

    def put(self, kind: str, key: str, secret: Secret) -> None:
        """Keep a secret, in place of the one that was there."""
        ...

    def delete(self, kind: str, key: str) -> None:
        """Forget a secret, if there is one."""
        ...


class LastUse(NamedTuple):
    """When something was last used, with which service, named as in `iam:GetRole`, and in which region."""

    time: datetime
    service: str
    region: str


class Usage(Protocol):
    """When users, roles, access keys and accounts were last used, as the audit trail tells it.

    Every call counts whose signature was right, also one that was refused: for the user or the role that made
    it, for their account, and for the access key where it is a long-lived one. Every event that was appended
    to the journal must count, and those of changes that are durable. The cost must not grow with the trail.
    """

    def last(self, entity: User | Role | AccessKey) -> LastUse | None:
        """The last use of all; None where there was none. Must be cheap, as a look at the entity is."""
        ...

    def services(self, entity: User | Role | AccessKey | Account) -> Mapping[str, LastUse]:
        """The last use of each service."""
        ...

    def actions(self, entity: User | Role, service: str) -> Mapping[str, LastUse]:
        """The last use of each operation of a service, by its name: `GetRole`. Of keys it is not kept."""
        ...


class AccountState(Protocol):
    """What is kept of one account. On a `read()`, whatever would change something must raise StoreError."""

    @property
    def id(self) -> str:
        """The account's number."""
        ...

    @property
    def revision(self) -> int:
        """Grows with every change of the account; must not cost a query."""
        ...

    @property
    def roles(self) -> Collection[Role]: ...
    @property
    def users(self) -> Collection[User]: ...
    @property
    def groups(self) -> Collection[Group]: ...
    @property
    def policies(self) -> Collection[ManagedPolicy]: ...
    @property
    def instance_profiles(self) -> Collection[InstanceProfile]: ...
    @property
    def access_keys(self) -> Collection[AccessKey]: ...
    @property
    def links(self) -> Links: ...
    @property
    def secrets(self) -> Secrets: ...
    @property
    def usage(self) -> Usage: ...

    def collection(self, entity_type: type[E]) -> Collection[E]:
        """The collection of any kind of entity."""
        ...


class Transaction(Protocol):
    """A view of the whole store."""

    def account(self, account_id: str) -> AccountState:
        """One account. Must raise LookupError where there is none."""
        ...

    def has_account(self, account_id: str) -> bool:
        """Whether there is such an account."""
        ...

    def accounts(self) -> list[Account]:
        """All accounts, by number."""
        ...

    def add_account(self, account: Account) -> None:
        """Make an account. Must raise EntityAlreadyExists where there is one of that number."""
        ...

    def by_unique_id(self, identifier: str) -> Entity | None:
        """The entity, of whatever account, that has this unique ID or is this access key."""
        ...

    @property
    def edition(self) -> int | None:
        """Goes up with each change in any account; None inside a transaction that may change something."""
        ...

    def derived(self, work: Callable[..., T], *about: Hashable) -> T:
        """`work(self, *about)`, which is remembered until something changes in any account.

        It must follow from the entities and links of accounts, and from `about`, alone.
        """
        ...

    def append_event(self, record: AuditRecord) -> None:
        """Keep an event in the same commit as this transaction's changes."""
        ...


class Journal(Protocol):
    """Events of calls that changed nothing."""

    def append(self, record: AuditRecord, caller: str | None = None) -> None:
        """Keep an event. It must survive a killed process from now on, and a power cut within a second.

        `caller` is the ID of the user or the role whom it counts for, empty where there is none. Where it is
        None, that is read from the event.
        """
        ...


class KeySource(Protocol):
    """Keys that follow from the store's master key."""

    def derive(self, purpose: str) -> bytes:
        """32 bytes, the same ones for the same purpose whenever the store is opened with the same key."""
        ...


class Store(Protocol):
    """A place where everything is kept."""

    @property
    def concurrent(self) -> bool:
        """Whether `read()` may be used by other threads while one writes. False: one thread does everything,
        and must not begin a `read()` inside a `write()`."""
        ...

    @property
    def journal(self) -> Journal: ...

    @property
    def keyring(self) -> KeySource: ...

    def read(self) -> AbstractContextManager[Transaction]:
        """Committed state. Must be cheap: a thing that was read lately must not cost a query."""
        ...

    def write(self) -> AbstractContextManager[Transaction]:
        """A change: committed at the end, undone where an exception leaves it. One at a time; others wait."""
        ...

    def group(self) -> AbstractContextManager[None]:
        """Several `write()` of this thread, made durable together at the end, even where others failed.
        Where that fails StoreError must be raised, and none of them has happened."""
        ...

    def drain_journal(self) -> int:
        """Move the journal's oldest events into the audit trail, durably; how many. It must be short:
        where many wait, some may be left for the next call. Not in a write or a group."""
        ...

    def events(
        self, *, after: int | None = None, limit: int = 1000, account: str | None = None
    ) -> list[tuple[int, AuditRecord]]:
        """Events with their sequence numbers, oldest first, from behind `after`; the journal's too."""
        ...

    def latest(self, limit: int) -> list[tuple[int, AuditRecord]]:
        """The last so many of all events, oldest first. The cost must not grow with the trail."""
        ...

    def close(self) -> None:
        """Let everything go; what is in the journal is moved first. Calling it again must do nothing."""
        ...
