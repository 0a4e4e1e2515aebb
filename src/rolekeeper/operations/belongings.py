"""What belongs to a user, or to the root user: credentials of all kinds, each with a link from its owner.

An owner is a user's key, or an empty text for the root user. The links are named after the kind of entity,
so that renaming a user moves them (`operations.users`) and nothing in the entities changes.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple, TypeVar

from rolekeeper.errors import DeleteConflict, LimitExceeded, NoSuchEntity
from rolekeeper.iam.certificates import SigningCertificate
from rolekeeper.iam.devices import MfaDevice
from rolekeeper.iam.entities import Account, Entity, User
from rolekeeper.iam.service_credentials import ServiceCredential
from rolekeeper.iam.ssh_keys import SshPublicKey
from rolekeeper.service.call import Call

E = TypeVar("E", bound=Entity)

_MUST_GO: dict[type[Entity], str] = {
    MfaDevice: "Cannot delete entity, must delete MFA device first.",
    SigningCertificate: "Cannot delete entity, must delete signing certificates first.",
    SshPublicKey: "Cannot delete entity, must remove referenced objects first.",
    ServiceCredential: "Cannot delete entity, must remove referenced objects first.",
}
KINDS = tuple(kind.kind for kind in _MUST_GO)
"""The links that a user keeps under a new name."""


class Owner(NamedTuple):
    """Whose things are meant: the key in links, and the name in answers."""

    key: str
    name: str


def owner(user: User) -> Owner:
    """A user as the owner of things."""
    return Owner(user.key, user.name)


def root(call: Call) -> Owner:
    """The root user as the owner of things; it is shown by the account's name, as GetUser shows it."""
    return Owner("", call.tx.collection(Account).get(call.account).name)


def of(call: Call, kind: type[E], whose: Owner) -> list[E]:
    """The things of one kind that somebody has."""
    found = (call.tx.collection(kind).find(key) for key in call.tx.links.targets(kind.kind, whose.key))
    return [entity for entity in found if entity is not None]


def every(call: Call, kind: type[E]) -> Iterator[E]:
    """All things of one kind in the account, by key."""
    after, more = None, True
    while more:
        page, more = call.tx.collection(kind).page(after=after, limit=1000)
        yield from page
        after = page[-1].key if page else None


def one(call: Call, kind: type[E], whose: Owner, key: str) -> E:
    """A thing that somebody has; NoSuchEntity where it is not there, or is another's."""
    found = call.tx.collection(kind).find(key)
    if found is None or not call.tx.links.has(kind.kind, whose.key, found.key):
        raise NoSuchEntity(kind.missing.format(noun=kind.noun, name=key))
    return found


def refuse_over(quota: int, name: str, present: int) -> None:
    """LimitExceeded where there are as many as there may be."""
    if present >= quota:
        raise LimitExceeded(f"Cannot exceed quota for {name}: {quota}")


def refuse_while_any(call: Call, user: User) -> None:
    """DeleteConflict while a user has anything of these kinds."""
    for kind, text in _MUST_GO.items():
        if call.tx.links.targets(kind.kind, user.key):
            raise DeleteConflict(text)
