"""The key with which this server says what an instance is: made when it is first asked for, and kept sealed.

It is the server's own, in the keyring of its first account; instances of all accounts are vouched for by it.
"""

from __future__ import annotations

from rolekeeper.iam import identity_document
from rolekeeper.iam.secret import Secret
from rolekeeper.service.clock import Clock
from rolekeeper.store.contract import Store, Transaction

_KIND, _KEY = "instance-identity", "key"


class InstanceIdentity:
    """The key of a store's server."""

    def __init__(self, store: Store, account: str, clock: Clock) -> None:
        self._store = store
        self._account = account
        self._clock = clock

    def key(self, tx: Transaction) -> Secret | None:
        """The private key and its certificate, in PEM; None where `make` has to be called first."""
        return tx.derived(_kept, self._account)

    def make(self) -> None:
        """Make the key, if there is none. It changes what is kept."""
        with self._store.read() as tx:
            if self.key(tx) is not None:
                return
        made = identity_document.generate(self._clock.real())
        with self._store.write() as tx:
            tx.account(self._account).secrets.put(_KIND, _KEY, made)


def _kept(tx: Transaction, account: str) -> Secret | None:
    return tx.account(account).secrets.get(_KIND, _KEY)
