"""The views that operations see: one account, and the whole store, over committed or pending state."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from types import TracebackType
from typing import Any, TypeVar

from rolekeeper.audit.event import AuditRecord
from rolekeeper.errors import EntityAlreadyExists, StoreError
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
from rolekeeper.iam.kinds import KINDS
from rolekeeper.store.collections import EntityCollection
from rolekeeper.store.commit import Pending
from rolekeeper.store.keyring import Keyring
from rolekeeper.store.links import AccountLinks
from rolekeeper.store.sealed import SealedSecrets
from rolekeeper.store.state import Committed, State
from rolekeeper.store.usage import StoredUsage, Waiting

E = TypeVar("E", bound=Entity)
T = TypeVar("T")

_LONGEST_ID = 128  # IDs come from callers who are not known yet: a longer one is not worth a query
_DERIVED = 50_000  # results that are remembered
_TYPES: dict[str, type[Entity]] = {kind.kind: kind for kind in KINDS}


class AccountView:
    """`contract.AccountState` over a state."""

    __slots__ = (
        *("_collections", "_state", "access_keys", "groups", "id", "instance_profiles"),
        *("links", "policies", "roles", "secrets", "usage", "users"),
    )

    def __init__(self, state: State, account: str, keyring: Keyring, waiting: Waiting) -> None:
        self._state = state
        self.id = account
        self.roles = EntityCollection(state, account, Role)
        self.users = EntityCollection(state, account, User)
        self.groups = EntityCollection(state, account, Group)
        self.policies = EntityCollection(state, account, ManagedPolicy)
        self.instance_profiles = EntityCollection(state, account, InstanceProfile)
        self.access_keys = EntityCollection(state, account, AccessKey)
        self._collections: dict[type[Entity], EntityCollection[Any]] = {
            Role: self.roles,
            User: self.users,
            Group: self.groups,
            ManagedPolicy: self.policies,
            InstanceProfile: self.instance_profiles,
            AccessKey: self.access_keys,
        }
        self.links = AccountLinks(state, account)
        self.secrets = SealedSecrets(state, account, keyring)
        self.usage = StoredUsage(state, waiting)

    @property
    def revision(self) -> int:
        return self._state.revision(self.id) or 0

    def collection(self, entity_type: type[E]) -> EntityCollection[E]:
        found = self._collections.get(entity_type)
        return EntityCollection(self._state, self.id, entity_type) if found is None else found


class _Derived(dict[tuple[object, ...], Any]):
    """What functions made of the committed state, as of one edition of it."""

    def __init__(self, edition: int | None) -> None:
        super().__init__()
        self.edition = edition


class _View:
    """What reading and writing transactions share."""

    __slots__ = ("_keyring", "_state", "_views", "_waiting")

    def __init__(self, state: State, keyring: Keyring, waiting: Waiting) -> None:
        self._state = state
        self._keyring = keyring
        self._waiting = waiting
        self._views: dict[str, AccountView] = {}

    def account(self, account_id: str) -> AccountView:
        view = self._views.get(account_id)
        if view is None:
            if self._state.revision(account_id) is None:
                raise LookupError(f"there is no account {account_id}")
            view = self._views[account_id] = AccountView(
                self._state, account_id, self._keyring, self._waiting
            )
        return view

    @property
    def edition(self) -> int | None:
        return self._state.edition

    def has_account(self, account_id: str) -> bool:
        return self._state.revision(account_id) is not None

    def accounts(self) -> list[Account]:
        return self._state.rows.every(Account.kind)

    def by_unique_id(self, identifier: str) -> Entity | None:
        place = self._state.load(("place", identifier)) if len(identifier) <= _LONGEST_ID else None
        if place is None:
            return None
        account, kind, key = place
        found = self.account(account).collection(_TYPES[kind]).find(key)
        # Between the two looks another commit may have put something else in the place.
        return found if found is not None and found.unique_id == identifier else None


class ReadTransaction(_View):
    """Committed state. It holds nothing open, so one object serves every `read()` of a store."""

    __slots__ = ("_derived",)

    def __init__(self, state: Committed, keyring: Keyring, waiting: Waiting) -> None:
        super().__init__(state, keyring, waiting)
        self._derived = _Derived(state.edition)

    def derived(self, work: Callable[..., T], *about: Hashable) -> T:
        # The edition is read before what it is to stand for, so that it never is too new. Another thread may
        # put an older one in the place: then something is worked out once more.
        edition, kept = self._state.edition, self._derived
        if kept.edition != edition:
            kept = self._derived = _Derived(edition)
        key = (work, about)
        known: T | _Derived = kept.get(key, kept)
        if not isinstance(known, _Derived):
            return known
        found = work(self, *about)
        if len(kept) >= _DERIVED:
            kept.clear()
        kept[key] = found
        return found

    def __enter__(self) -> ReadTransaction:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return None

    def add_account(self, account: Account) -> None:
        raise StoreError("a read transaction changes nothing")

    def append_event(self, record: AuditRecord) -> None:
        raise StoreError("a read transaction changes nothing")


class WriteTransaction(_View):
    """One `write()`."""

    __slots__ = ("_pending",)

    def __init__(self, pending: Pending, keyring: Keyring, waiting: Waiting) -> None:
        super().__init__(pending, keyring, waiting)
        self._pending = pending

    def derived(self, work: Callable[..., T], *about: Hashable) -> T:
        return work(self, *about)

    def add_account(self, account: Account) -> None:
        if self.has_account(account.account):
            raise EntityAlreadyExists(f"Account with number {account.account} already exists.")
        rows = self._pending.change(account.account, Account.kind, account.account)
        rows.add_account(account.account)
        self.account(account.account).collection(Account).add(account)

    def append_event(self, record: AuditRecord) -> None:
        self._pending.append_event(record)
