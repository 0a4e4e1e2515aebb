"""The secrets of one account, sealed by the keyring and bound to account, kind and key: a sealed box that is
moved to another row does not open there."""

from __future__ import annotations

import msgspec

from rolekeeper.iam.secret import Secret
from rolekeeper.store.keyring import Keyring
from rolekeeper.store.state import State


class SealedSecrets:
    """`contract.Secrets` over a state."""

    __slots__ = ("_account", "_keyring", "_state")

    def __init__(self, state: State, account: str, keyring: Keyring) -> None:
        self._state = state
        self._account = account
        self._keyring = keyring

    def get(self, kind: str, key: str) -> Secret | None:
        sealed = self._state.load(("secret", self._account, kind, key))
        if sealed is None:
            return None
        return Secret(self._keyring.open(sealed, self._context(kind, key)).decode())

    def put(self, kind: str, key: str, secret: Secret) -> None:
        sealed = self._keyring.seal(secret.reveal().encode(), self._context(kind, key))
        self._state.change(self._account, f"secret:{kind}", key).put_secret(self._account, kind, key, sealed)
        self._state.set(("secret", self._account, kind, key), sealed)

    def delete(self, kind: str, key: str) -> None:
        if self._state.load(("secret", self._account, kind, key)) is not None:
            self._state.change(self._account, f"secret:{kind}", key).delete_secret(self._account, kind, key)
            self._state.set(("secret", self._account, kind, key), None)

    def _context(self, kind: str, key: str) -> bytes:
        return msgspec.json.encode((self._account, kind, key))
