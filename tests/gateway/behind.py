"""What stands behind the gateway, as far as lookups see it: answers from a table, by account."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from typing import Any, TypeVar

from rolekeeper.gateway.asked import Asked, Wanted
from rolekeeper.gateway.resources import Resources
from rolekeeper.gateway.rules import Rules
from rolekeeper.service.call import ANONYMOUS, Access, Caller, Resource
from rolekeeper.store.contract import Store
from rolekeeper.wire import model
from tests.asking import _asked, ask
from tests.client import ACCOUNT, LocalWorld, Person

T = TypeVar("T")
NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
QUESTIONS = {"account", "service", "operation"}


class Behind:
    """`gateway.rules.Lookups`: what was told to it, and which questions it was asked."""

    def __init__(self) -> None:
        self.buckets: dict[str, list[str]] = {}
        self.answers: dict[tuple[str, str, str], Mapping[str, Any]] = {}
        self.asked: list[tuple[str, str]] = []

    async def ask(
        self, asked: Asked, service: str, operation: str, **members: Any
    ) -> Mapping[str, Any] | None:
        self.asked.append((asked.account, operation))
        if operation == "ListBuckets":
            return {"Buckets": [{"Name": name} for name in self.buckets.get(asked.account, ())]}
        return self.answers.get((asked.account, operation, next(iter(members.values()), "")))


async def at_once(work: Callable[[], T]) -> T:
    return work()


def asked(service: str, operation: str, account: str = ACCOUNT, **members: Any) -> Asked:
    """A request as it was read."""
    found = model.service(service)
    return Asked(
        service=found,
        operation=found.operations[operation],
        members=members,
        account=account,
        region="us-east-1",
        partition="aws",
    )


class Gateway:
    """The resources of a world's requests, with decisions about them."""

    def __init__(self, world: LocalWorld, **rules: Rules) -> None:
        self.world = world
        self.behind = Behind()
        self.resources = resources(world.server.store, self.behind, rules)

    def of(
        self, asking: Asked, action: str, arn: str, kind: str = "", named: str = "", **keys: str
    ) -> Resource:
        """What an access is about."""
        wanted = Wanted(action=action, resource=arn, type=kind, named=named, keys=keys)
        return wait(self.resources.of(asking, wanted))

    def try_it(self, person: Person, action: str, arn: str, kind: str = "", **keys: str) -> None:
        """Return where the person may; AccessDenied where not."""
        service = action.partition(":")[0]
        asking = asked(service, next(iter(model.service(service).operations)), person.account)
        wanted = Wanted(action=action, resource=arn, type=kind)
        found = wait(self.resources.of(asking, wanted, caller_of(person)))
        more = {"policy": found.policy, "policy_kind": found.policy_kind, "tags": found.tags}
        ask(person, action, found.arn, account=found.account, keys=keys, **more)


def resources(store: Store, behind: Behind, rules: Mapping[str, Rules]) -> Resources:
    """What is looked at, with those rules by service."""
    return Resources(store, behind, lambda each: rules.get(each.name), at_once, lambda: NOW, home=ACCOUNT)


def wait(work: Awaitable[T]) -> T:
    """What an asynchronous function gives."""

    async def whole() -> T:
        return await work

    return asyncio.run(whole())


class S3(Gateway):
    """The gateway in front of S3: operations that were allowed, done here or by what stands behind."""

    def call(self, person: Person, operation: str, *, service: str = "s3", **members: Any) -> Any:
        """The answer of an operation; where the backend does it, what it has answered, or nothing."""
        asking = asked(service, operation, person.account, **members)
        caller = caller_of(person)
        answer = wait(self.resources.answer(asking, caller))
        if answer is None:
            key = str(members.get("Key", members.get("Bucket", "")))
            answer = self.behind.answers.get((person.account, operation, key), {})
            if self.resources.follows(asking):
                wait(self.resources.after(asking, caller, answer))
        return answer

    def try_anonymously(self, action: str, arn: str, kind: str = "object", **keys: str) -> None:
        """Return where somebody without credentials may; AccessDenied where not."""
        asking = asked("s3", "GetObject", "")
        found = self.of(asking, action, arn, kind)
        with _asked(self.world.root) as (service, call):
            call.caller = ANONYMOUS
            service.authorizer.require(call, [Access(action=action, resource=found, keys=lambda: keys)])


def caller_of(person: Person) -> Caller:
    """Who signs as that person."""
    with _asked(person) as (_, call):
        return call.caller
