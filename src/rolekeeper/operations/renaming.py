"""What another name needs: the permission on both, and the links in which an entity stands by its name."""

from __future__ import annotations

from collections.abc import Iterator

from rolekeeper.arn import iam_arn
from rolekeeper.iam.entities import Group, User
from rolekeeper.service.call import Access, Call, Resource
from rolekeeper.store.contract import Links


def target(
    call: Call, kind: type[User | Group], name: str, new_path: str | None, new_name: str | None
) -> Iterator[Access]:
    """The permission on what the entity is to become: nobody moves one to where they may not reach.

    Source: "UpdateUser" and "UpdateGroup" in the IAM API Reference.
    """
    if new_path is None and new_name is None:
        return
    found = call.tx.collection(kind).find(name)
    path = new_path or (found.path if found is not None else "/")
    arn = iam_arn(call.partition, call.account, kind.resource_type, path, new_name or name)
    yield Access(action=call.operation.action, resource=Resource(arn=arn, account=call.account))


def move_source(links: Links, kind: str, old: str, new: str) -> None:
    """Make every link of a kind that starts at `old` start at `new`."""
    for target in links.targets(kind, old):
        links.remove(kind, old, target)
        links.add(kind, new, target)


def move_target(links: Links, kind: str, old: str, new: str) -> None:
    """Make every link of a kind that leads to `old` lead to `new`."""
    for source in links.sources(kind, old):
        links.remove(kind, source, old)
        links.add(kind, source, new)
