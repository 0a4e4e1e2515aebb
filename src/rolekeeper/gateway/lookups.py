"""Questions to what stands behind, asked with the gateway's own key there: tags, policies, whole ARNs.

The rule of this file: an answer that is not known is not an empty one. None stands only for a refusal that
says that the thing is not there; any other failure is raised, so that a request is refused whose policies
cannot be known. An answer is kept for a moment, and forgotten as soon as a change of its service in its
account goes through; one that was under way then is not kept at all.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from rolekeeper.errors import NotImplementedByServer, ServiceUnavailable
from rolekeeper.gateway import any_tags
from rolekeeper.gateway.asked import Asked
from rolekeeper.gateway.backends import Backends
from rolekeeper.gateway.signing import NoKey
from rolekeeper.wire import client

KEPT = 2.0
"""Seconds for which an answer is kept."""
MOST = 10_000
"""Answers that are kept."""
LARGEST = 16 * 1024 * 1024
"""Bytes of one answer."""

_NOT_THERE = re.compile(
    r"NotFound|NoSuch|DoesNotExist|NonExist|NotExist|\.Malformed$|^InvalidResourceId$|^404$", re.IGNORECASE
)
_NOT_THERE_TEXT = re.compile(r"\b(?:does not exist|not found)\b", re.IGNORECASE)
_MISSING = frozenset({"NotImplemented", "MethodNotAllowed", "UnsupportedOperation", "501", "405"})

Key = tuple[str, str, str, str, bytes]
Answer = Mapping[str, Any] | None


class BackendLookups:
    """`gateway.rules.Lookups`, asked of backends. `now` is in seconds, of whatever clock."""

    def __init__(self, backends: Backends, *, now: Callable[[], float] = time.monotonic) -> None:
        self._backends = backends
        self._now = now
        self._kept: dict[Key, tuple[float, Answer]] = {}
        self._under_way: dict[Key, asyncio.Task[Answer]] = {}
        self._changes: Counter[tuple[str, str]] = Counter()

    async def ask(self, asked: Asked, service: str, operation: str, **members: Any) -> Answer:
        """A reading operation's answer for the account and region of `asked`; None where nothing is there.

        NotImplementedByServer where nothing behind can tell, ServiceUnavailable where it does not.
        """
        key = (asked.account, service, asked.region, operation, _written(members))
        kept = self._kept.get(key)
        if kept is not None and self._now() < kept[0]:
            return kept[1]
        under_way = self._under_way.get(key)
        if under_way is None:
            under_way = asyncio.get_running_loop().create_task(self._ask(key, members))
            self._under_way[key] = under_way
            under_way.add_done_callback(lambda task: self._ended(key, task))
        return await asyncio.shield(under_way)  # who goes away does not take it from the others

    def forget(self, service: str, account: str) -> None:
        """A change of a service in an account goes through: nothing that was known of it holds any more.

        To be said before the change is sent and again after, for a question may be answered in between.
        """
        changed = {(account, service), (account, any_tags.SERVICE)}  # which tells of all services
        self._changes.update(changed)
        for keys in (self._kept, self._under_way):
            for key in [key for key in keys if key[:2] in changed]:
                del keys[key]

    def forget_all(self) -> None:
        """Nothing that was known holds any more."""
        for account, service in {key[:2] for key in (*self._kept, *self._under_way)}:
            self.forget(service, account)

    async def _ask(self, key: Key, members: Mapping[str, Any]) -> Answer:
        account, service, region, operation, _ = key
        changes = self._changes[account, service]
        answer = await self._answer(account, service, region, operation, members)
        if self._changes[account, service] == changes:
            self._keep(key, answer)
        return answer

    async def _answer(
        self, account: str, service: str, region: str, operation: str, members: Mapping[str, Any]
    ) -> Answer:
        written = client.write_request(service, operation, members)
        try:
            async with self._backends.open(service, written, None, account, region) as answer:
                status, headers, body = answer.status, dict(answer.headers), await answer.whole(LARGEST)
        except NoKey:
            return None  # who has no key there has nothing there
        try:
            return client.read_answer(service, operation, status, headers, body)
        except client.Refused as refused:
            if _is_missing(refused):
                raise NotImplementedByServer(f"{service} cannot tell here: no {operation}") from None
            if _is_not_there(refused):
                return None
            raise ServiceUnavailable(
                f"{service} cannot tell at the moment: {operation} answered {refused.code[:64]}"
            ) from None

    def _keep(self, key: Key, answer: Answer) -> None:
        if len(self._kept) >= MOST:
            now = self._now()
            self._kept = {key: kept for key, kept in self._kept.items() if now < kept[0]}
            if len(self._kept) >= MOST:
                self._kept.clear()
        self._kept[key] = (self._now() + KEPT, answer)

    def _ended(self, key: Key, task: asyncio.Task[Answer]) -> None:
        if self._under_way.get(key) is task:
            del self._under_way[key]
        if not task.cancelled():
            task.exception()  # whoever asked has it; nobody may be left


def _written(members: Mapping[str, Any]) -> bytes:
    return msgspec.json.encode(members, order="deterministic")


def _is_missing(refused: client.Refused) -> bool:
    return refused.status in (405, 501) or refused.code in _MISSING


def _is_not_there(refused: client.Refused) -> bool:
    if not 400 <= refused.status < 500:
        return False
    return _NOT_THERE.search(refused.code) is not None or (
        refused.code == "ValidationError" and _NOT_THERE_TEXT.search(refused.message) is not None
    )
