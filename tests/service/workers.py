"""Workloads put straight into a store, for tests of what stands before the operations that register them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from rolekeeper.iam.workloads import ASSOCIATED, Function, Instance, ProfileAssociation, Task, Workload
from tests.client import ACCOUNT, LocalWorld

NOW = datetime(2026, 11, 22, tzinfo=UTC)
PLACE: dict[str, Any] = {"account": ACCOUNT, "region": "us-east-1", "created": NOW}


def instance(id: str = "i-0123456789abcdef0", **more: Any) -> Instance:
    """An instance."""
    shown: dict[str, Any] = {"availability_zone": "us-east-1a", "private_ip": "10.0.0.5"}
    return Instance(**PLACE, id=id, **(shown | more))


def function(name: str, role: str) -> Function:
    """A function."""
    return Function(**PLACE, name=name, role=role)


def task(id: str, **roles: str) -> Task:
    """A task."""
    return Task(**PLACE, id=id, cluster="blue", family="web", **roles)


def keep(local: LocalWorld, *workloads: Workload) -> None:
    """Put them into the store."""
    with local.server.store.write() as tx:
        for each in workloads:
            tx.account(ACCOUNT).collection(type(each)).add(each)


def associate(local: LocalWorld, of: Instance, profile_name: str, id: str = "iip-assoc-1") -> None:
    """Give an instance a profile, in place of the one that it has."""
    with local.server.store.write() as tx:
        state = tx.account(ACCOUNT)
        disassociate_in(state, of)
        profile = state.instance_profiles.get(profile_name)
        made = ProfileAssociation(
            account=ACCOUNT,
            id=id,
            instance=of.id,
            profile_id=profile.id,
            profile_name=f"/{profile.name}",
            created=NOW,
        )
        state.collection(ProfileAssociation).add(made)
        state.links.add(ASSOCIATED, of.id, id)


def disassociate_in(state: Any, of: Instance) -> None:
    """Take the profile from an instance."""
    for id in state.links.targets(ASSOCIATED, of.id):
        state.links.remove(ASSOCIATED, of.id, id)
        state.collection(ProfileAssociation).delete(state.collection(ProfileAssociation).get(id))
