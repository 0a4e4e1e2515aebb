"""Entities and events for the tests of the store."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

from rolekeeper.audit import cloudtrail
from rolekeeper.audit.event import AuditRecord
from rolekeeper.iam.entities import AccessKey, Account, ManagedPolicy, PolicyVersion, Role, User
from rolekeeper.store.batch import Batch
from rolekeeper.store.contract import Store
from rolekeeper.store.frame import frame_ends, read_frame

ONE, TWO = "111111111111", "222222222222"
NOW = datetime(2024, 2, 29, 12, 30, 15, 123456, tzinfo=UTC)


def account(number: str) -> Account:
    return Account(account=number, name="test", created=NOW, canonical_id="c" * 64)


def role(name: str, **more: Any) -> Role:
    given = {"account": ONE, "id": f"AROA{name}", "created": NOW, "trust": "{}", **more}
    return Role(name=name, **given)


def user(name: str, **more: Any) -> User:
    given = {"account": ONE, "id": f"AIDA{name}", "created": NOW, **more}
    return User(name=name, **given)


def policy(name: str) -> ManagedPolicy:
    version = PolicyVersion(id="v1", document="{}", created=NOW)
    return ManagedPolicy(
        account=ONE, name=name, id=f"ANPA{name}", created=NOW, updated=NOW, versions=(version,)
    )


def access_key(key_id: str, number: str = ONE) -> AccessKey:
    return AccessKey(account=number, id=key_id, user=None, created=NOW)


def event(event_id: str, number: str = ONE) -> AuditRecord:
    return AuditRecord(event_id=event_id, time=NOW, account=number, document=b'{"a":"\xc3\xa9"}')


def use(
    identity: dict[str, Any],
    name: str = "GetRole",
    seconds: float = 0,
    region: str = "us-east-1",
    **more: Any,
) -> AuditRecord:
    """The event of a call of IAM, or of `service`, so many seconds after NOW."""
    time = NOW + timedelta(seconds=seconds)
    document = cloudtrail.record(
        event_id="e",
        time=time,
        service=more.pop("service", "iam"),
        name=name,
        region=region,
        identity=json.dumps(identity, separators=(",", ":")),
        account=ONE,
        source_ip="127.0.0.1",
        user_agent="test",
        request_id="r",
        read_only=True,
        **more,
    )
    return AuditRecord(event_id="e", time=time, account=ONE, document=document)


def by_user(user_id: str, key_id: str = "AKIAused", **more: Any) -> dict[str, Any]:
    """The identity of a user with a key."""
    return {"type": "IAMUser", "principalId": user_id, "accountId": ONE, "accessKeyId": key_id, **more}


def by_role(role_id: str) -> dict[str, Any]:
    """The identity of a role's session."""
    issuer = {"type": "Role", "principalId": role_id, "accountId": ONE}
    return {
        "type": "AssumedRole",
        "principalId": f"{role_id}:session",
        "accessKeyId": "ASIAsession",
        "sessionContext": {"sessionIssuer": issuer, "attributes": {"mfaAuthenticated": "false"}},
    }


def settle(store: Store) -> Store:
    """The store with its two accounts."""
    with store.write() as tx:
        tx.add_account(account(ONE))
        tx.add_account(account(TWO))
    return store


def names(store: Store) -> list[str]:
    """The names of the roles of account ONE."""
    with store.read() as tx:
        return [found.name for found in tx.account(ONE).roles.page(limit=100_000)[0]]


def add_role(store: Store, name: str) -> None:
    with store.write() as tx:
        tx.account(ONE).roles.add(role(name))


def batched_ids(batches: Iterable[Batch]) -> list[str]:
    """The IDs of the events in batches."""
    places = [(batch.events, edge) for batch in batches for edge in pairwise([0, *frame_ends(batch.events)])]
    records = [read_frame(data, start, end) for data, (start, end) in places]
    return [record.event_id for record in records if record is not None]


def event_ids(store: Store) -> list[str]:
    return [record.event_id for _, record in store.events(limit=1_000_000)]
