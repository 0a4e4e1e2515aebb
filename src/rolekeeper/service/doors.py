"""From a secret to the workload whose secret it is, and how a workload comes by one.

A secret of 256 random bits is found by a keyed hash of it: one look-up, however many workloads there are, and
what is stored of it tells nobody how to get in. What was found is held against the secret in the keyring.
"""

from __future__ import annotations

import hashlib
import secrets as randomness

import msgspec

from rolekeeper.iam.secret import Secret
from rolekeeper.iam.workloads import WORKLOADS, Workload, WorkloadDoor
from rolekeeper.service.sessions import is_closed
from rolekeeper.store.contract import AccountState, Transaction

_KINDS = {kind.kind: kind for kind in WORKLOADS}
_OF = "workload-door"
_LONGEST = 128


class Opened(msgspec.Struct, frozen=True, kw_only=True):
    """Who stands in a door: a workload, or the part of it that the door is for."""

    workload: Workload
    part: str


class Doors:
    """Makes secrets and knows them again. `key` is the store's own, for this alone."""

    __slots__ = ("_key",)

    def __init__(self, key: bytes) -> None:
        self._key = key

    def make(self, state: AccountState, workload: Workload, part: str = "") -> Secret:
        """A new secret of a workload, or of one part of it; nobody will see it again."""
        secret = Secret(randomness.token_urlsafe(32))
        door = WorkloadDoor(
            account=state.id,
            digest=self._digest(secret.reveal()),
            workload_kind=workload.kind,
            workload_key=workload.key,
            part=part,
        )
        state.collection(WorkloadDoor).add(door)
        state.links.add(_OF, _source(workload), door.key)
        state.secrets.put(door.kind, door.key, secret)
        return secret

    def close(self, state: AccountState, workload: Workload) -> None:
        """Let no secret open the workload any more."""
        for key in state.links.targets(_OF, _source(workload)):
            self._remove(state, workload, key)

    def count(self, state: AccountState, workload: Workload) -> int:
        """How many secrets open the workload, in all its parts."""
        return len(state.links.targets(_OF, _source(workload)))

    def forget(self, state: AccountState, workload: Workload, secret: str) -> None:
        """Let one secret of the workload open it no more."""
        self._remove(state, workload, self._digest(secret))

    def open(self, tx: Transaction, secret: str) -> Opened | None:
        """Whose secret it is; None where it is nobody's, or of a closed account."""
        if not secret.isascii() or len(secret) > _LONGEST:
            return None
        found = tx.derived(_behind, self._digest(secret))
        if found is None or found[1] != Secret(secret):
            return None
        return found[0]

    def _remove(self, state: AccountState, workload: Workload, key: str) -> None:
        doors = state.collection(WorkloadDoor)
        state.links.remove(_OF, _source(workload), key)
        state.secrets.delete(WorkloadDoor.kind, key)
        doors.delete(doors.get(key))

    def _digest(self, secret: str) -> str:
        return hashlib.blake2b(secret.encode(), key=self._key, digest_size=32).hexdigest()


def _source(workload: Workload) -> str:
    return f"{workload.kind}/{workload.key}"


def _behind(tx: Transaction, digest: str) -> tuple[Opened, Secret] | None:
    door = tx.by_unique_id(f"door:{digest}")
    if not isinstance(door, WorkloadDoor):
        return None
    state = tx.account(door.account)
    if is_closed(state):
        return None
    workload = state.collection(_KINDS[door.workload_kind]).find(door.workload_key)
    secret = state.secrets.get(door.kind, door.key)
    if workload is None or secret is None:
        return None
    return Opened(workload=workload, part=door.part), secret
