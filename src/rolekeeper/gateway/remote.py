"""A backend at a URL: an object store, a queue, a database, a whole emulator.

It is told who calls by the key that signs, and by nothing else: an account has the key that the settings give
it there, and none of another account's. Where they give one key for every account, the backend does not keep
accounts apart, which is then the one who says so in the settings.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from urllib.parse import urlsplit

from rolekeeper.config import BackendAccess
from rolekeeper.gateway.forwarding import Address, Answer
from rolekeeper.gateway.signing import BackendKey, NoKey
from rolekeeper.iam.secret import Secret

EVERY = "*"


class Remote:
    """What answers at a URL, for whoever has a key there."""

    def __init__(self, url: str, keys: Iterable[BackendAccess]) -> None:
        self.shown = url
        self._address = Address(url=url, host=urlsplit(url).netloc)
        self._keys = {(key.backend, key.account): key for key in keys}

    def has(self, service: str) -> bool:
        """Whatever it is asked for: it answers by itself what it does not have."""
        return True

    def key(self, account: str, service: str) -> BackendKey:
        """The key that is nearest: of this service and account, of the account, of the service, of all."""
        for named in ((service, account), (EVERY, account), (service, EVERY), (EVERY, EVERY)):
            found = self._keys.get(named)
            if found is not None:
                return _signing(found, account)
        raise NoKey(f"account {account} has no access key at what stands behind {service}")

    def headers(self, account: str, service: str, region: str) -> Mapping[str, str]:
        """None: the key says it all."""
        return {}

    async def address(self) -> Address:
        """The URL. Whether something listens there shows when it is called."""
        return self._address

    def checked(self, answer: Answer) -> Answer:
        """Every answer is the service's."""
        return answer

    async def start(self) -> None:
        """It runs by itself."""

    async def reset(self) -> None:
        """What it keeps is not ours."""

    async def close(self) -> None:
        """It runs on."""


def _signing(key: BackendAccess, account: str) -> BackendKey:
    return BackendKey(
        access_key_id=key.access_key_id.replace("{account}", account),
        secret=Secret(key.secret_access_key),
        token=None if key.session_token is None else Secret(key.session_token),
    )
