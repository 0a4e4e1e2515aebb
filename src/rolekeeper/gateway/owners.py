"""Which account has a bucket: its ARN names none.

Who makes a bucket through the gateway has it. One that was made otherwise (it was there before, or a stack
has made it) belongs to the account that the backend shows it to; where it shows it to several, which is what
a backend of one tenant does, to the server's own account. That is found out once, and kept.
Source: "Amazon S3 bucket and object ownership" in the Amazon S3 User Guide.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Protocol, TypeVar

import msgspec

from rolekeeper.errors import EntityAlreadyExists
from rolekeeper.gateway.asked import Asked
from rolekeeper.gateway.rules import Lookups
from rolekeeper.iam.buckets import ASPECTS, EVERYTHING_BLOCKED, Bucket, Grants, Ownership, bucket_id
from rolekeeper.store.contract import Store, Transaction

T = TypeVar("T")


class Change(Protocol):
    """Runs work that changes the store, where such work runs: one after the other."""

    def __call__(self, work: Callable[[], T], /) -> Awaitable[T]: ...


class Owners:
    """Finds the owners of buckets, and keeps them. `home` is the server's own account."""

    def __init__(
        self, store: Store, lookups: Lookups, change: Change, now: Callable[[], datetime], *, home: str
    ) -> None:
        self._store = store
        self._lookups = lookups
        self._change = change
        self._now = now
        self._home = home

    def known(self, partition: str, name: str) -> Bucket | None:
        """What is kept of a bucket."""
        with self._store.read() as tx:
            return tx.derived(find, partition, name)

    async def of(self, asked: Asked, name: str) -> Bucket | None:
        """A bucket by its name; None where there is none."""
        known = self.known(asked.partition, name)
        if known is not None:
            return known
        owner = await self._shown_to(asked, name)
        if owner is None:
            return None
        bucket = Bucket(account=owner, partition=asked.partition, name=name, created=self._moment())
        return await self._change(lambda: self._keep(bucket))

    async def made(self, asked: Asked, owner: str, name: str, ownership: Ownership, grants: Grants) -> None:
        """Keep a bucket that was just made: all of its public access is blocked, and nothing else is set."""
        bucket = Bucket(
            account=owner,
            partition=asked.partition,
            name=name,
            created=self._moment(),
            told=ASPECTS,
            ownership=ownership,
            public_access=EVERYTHING_BLOCKED,
            grants=grants,
        )
        await self._change(lambda: self._keep(bucket))

    async def gone(self, partition: str, name: str) -> None:
        """Forget a bucket that was deleted."""

        def forget() -> None:
            with self._store.write() as tx:
                found = find(tx, partition, name)
                if found is not None:
                    tx.account(found.account).collection(Bucket).delete(found)

        await self._change(forget)

    async def is_there(self, asked: Asked, bucket: Bucket) -> bool:
        """Whether the backend still has a bucket that is kept here."""
        return await self._shows(asked, bucket.account, bucket.name)

    def _keep(self, bucket: Bucket) -> Bucket:
        """Keep a new bucket, unless somebody was faster."""
        try:
            with self._store.write() as tx:
                tx.account(bucket.account).collection(Bucket).add(bucket)
        except EntityAlreadyExists:
            known = self.known(bucket.partition, bucket.name)
            return known if known is not None else bucket
        return bucket

    async def _shown_to(self, asked: Asked, name: str) -> str | None:
        with self._store.read() as tx:
            accounts = [each.account for each in tx.accounts() if each.closed is None]
        shown = [account for account in accounts if await self._shows(asked, account, name)]
        if not shown:
            return None
        return self._home if self._home in shown else shown[0]

    async def _shows(self, asked: Asked, account: str, name: str) -> bool:
        theirs = msgspec.structs.replace(asked, account=account)
        listed = await self._lookups.ask(theirs, "s3", "ListBuckets")
        buckets = (listed or {}).get("Buckets") or ()
        return any(each.get("Name") == name for each in buckets)

    def _moment(self) -> datetime:
        return self._now().replace(microsecond=0)


def find(tx: Transaction, partition: str, name: str) -> Bucket | None:
    """A bucket that is kept, whichever account has it."""
    found = tx.by_unique_id(bucket_id(partition, name))
    return found if isinstance(found, Bucket) else None
