"""An organization put into a server's store, with root sessions switched on, for tests that only need one."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from rolekeeper.iam.organizations import ATTACHED, Membership, Organization, OrganizationAccount
from rolekeeper.service.organization import FULL_ACCESS, RCP, SCP
from tests.client import LocalWorld

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def organized(world: LocalWorld, management: str, *members: str, **more: Any) -> LocalWorld:
    terms = {"services": {"iam.amazonaws.com": NOW}, "root_features": ("RootSessions",)} | more
    with world.server.store.write() as tx:
        state = tx.account(management)
        state.collection(Organization).add(
            Organization(
                account=management,
                id="o-example",
                root_id="r-root",
                created=NOW,
                email="a@b.example",
                policy_types=(SCP, RCP),
                **terms,
            )
        )
        for account in (management, *members):
            state.collection(OrganizationAccount).add(
                OrganizationAccount(
                    account=management,
                    id=account,
                    name=account,
                    email="a@b.example",
                    parent="r-root",
                    joined=NOW,
                )
            )
            tx.account(account).collection(Membership).add(Membership(account=account, management=management))
        for target in ("r-root", management, *members):
            for id, _ in FULL_ACCESS.values():
                state.links.add(ATTACHED, target, id)
    return world
