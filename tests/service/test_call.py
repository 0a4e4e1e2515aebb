"""Callers: what they are, and whose tags they have."""

from __future__ import annotations

from datetime import UTC, datetime

from rolekeeper.iam.credentials import RoleSession, UserSession
from rolekeeper.iam.entities import Role, User
from rolekeeper.policy.context import AccountRoot, AssumedRole, IamUser
from rolekeeper.service.call import Caller

ACCOUNT, NOW = "111111111111", datetime(2026, 1, 1, tzinfo=UTC)
ROLE = Role(
    account=ACCOUNT, name="dev", id="AROA1", created=NOW, trust="{}", tags={"Team": "web", "Cost": "1"}
)
USER = User(account=ACCOUNT, name="bob", id="AIDA1", created=NOW, tags={"Team": "hr"})


def session(**tags: str) -> Caller:
    found = RoleSession(
        access_key_id="ASIA1", account=ACCOUNT, issued=1, expires=2, role_id="AROA1", name="ses", tags=tags
    )
    principal = AssumedRole(
        arn=f"arn:aws:sts::{ACCOUNT}:assumed-role/dev/ses",
        role_arn=f"arn:aws:iam::{ACCOUNT}:role/dev",
        role_id="AROA1",
        session_name="ses",
    )
    return Caller(
        principal=principal, account=ACCOUNT, access_key_id="ASIA1", revision=1, role=ROLE, session=found
    )


def test_root_is_who_has_neither_user_nor_role() -> None:
    principal = AccountRoot(account=ACCOUNT, partition="aws")
    root = Caller(principal=principal, account=ACCOUNT, access_key_id="AKIA1", revision=1)
    bob = Caller(
        principal=IamUser(arn=f"arn:aws:iam::{ACCOUNT}:user/bob", user_id="AIDA1"),
        account=ACCOUNT,
        access_key_id="AKIA1",
        revision=1,
        user=USER,
    )
    assert (root.is_root, bob.is_root, session().is_root) == (True, False, False)
    assert (root.tags, bob.tags) == ({}, {"Team": "hr"})


def test_only_a_role_session_is_one() -> None:
    one = UserSession(access_key_id="ASIA1", account=ACCOUNT, issued=1, expires=2, user_id=None)
    root = Caller(
        principal=AccountRoot(account=ACCOUNT, partition="aws"),
        account=ACCOUNT,
        access_key_id="ASIA1",
        revision=1,
        session=one,
    )
    assert root.role_session is None
    assert session().role_session is not None


def test_a_sessions_tags_win_over_the_roles_without_regard_to_case() -> None:
    assert session().tags == {"Team": "web", "Cost": "1"}
    assert session(TEAM="db").tags == {"TEAM": "db", "Cost": "1"}
    assert ROLE.tags == {"Team": "web", "Cost": "1"}
