"""The composition root: a server from settings, its first state, and what is left of it after a restart."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from rolekeeper import app
from rolekeeper.config import SeedAccount, Settings
from rolekeeper.errors import StoreError
from tests.client import OTHER, LocalWorld, Person, World
from tests.people import allow, assume, refused, role, user


class KeptWorld(World):
    """A server whose state is in a folder."""

    def __init__(self, data: Path, **settings: Any) -> None:
        self.server = app.build(Settings(data=data, account="111111111111", **settings))
        self.root = Person(self, self.server.root_access_key_id, self.server.root_secret.reveal())

    answer = LocalWorld.answer

    def close(self) -> None:
        self.server.close()


def test_the_first_start_makes_the_accounts_and_the_next_does_not(tmp_path: Path) -> None:
    first = KeptWorld(tmp_path, seed=(OTHER,))
    assert first.server.first_start
    with first.server.store.read() as tx:
        assert [account.account for account in tx.accounts()] == ["111111111111", "222222222222"]
    first.close()
    second = KeptWorld(
        tmp_path,
        seed=(SeedAccount(id="3" * 12, name="x", root_access_key_id="xxx", root_secret_access_key="x"),),
    )
    assert not second.server.first_start
    with second.server.store.read() as tx:
        assert [account.account for account in tx.accounts()] == ["111111111111", "222222222222"]
    with refused("InvalidClientTokenId", 403):
        second.root.sts.get_caller_identity()
    second.close()


def test_entities_keys_and_sessions_outlive_a_restart(tmp_path: Path) -> None:
    first = KeptWorld(tmp_path)
    bob = user(first.root, "bob", allow("sts:AssumeRole"))
    arn = role(first.root, "dev", "111111111111", allow("iam:ListRoles"))
    session = assume(bob, arn)
    people = [Person(first, *person._keys) for person in (first.root, bob, session)]
    first.close()
    second = KeptWorld(tmp_path)
    root, bob, session = (Person(second, *person._keys) for person in people)
    assert [one["RoleName"] for one in session.iam.list_roles()["Roles"]] == ["dev"]
    assert bob.arn.endswith(":user/bob")
    root.iam.delete_role_policy(RoleName="dev", PolicyName="own")
    with refused("AccessDenied", 403):
        session.iam.list_roles()
    second.close()


def test_two_servers_do_not_share_a_folder(tmp_path: Path) -> None:
    first = KeptWorld(tmp_path)
    with pytest.raises(StoreError):
        KeptWorld(tmp_path)
    first.root.sts.get_caller_identity()
    first.close()
    KeptWorld(tmp_path).close()


def test_only_an_ephemeral_server_is_reset(tmp_path: Path) -> None:
    kept = KeptWorld(tmp_path)
    kept.root.iam.create_user(UserName="bob")
    with pytest.raises(RuntimeError, match="only an ephemeral server"):
        kept.server.reset()
    assert len(kept.root.iam.list_users()["Users"]) == 1
    kept.close()


def test_a_reset_restores_the_first_state_with_its_keys(local: LocalWorld) -> None:
    local.root.iam.create_user(UserName="bob")
    local.other.iam.create_user(UserName="bob")
    local.server.reset()
    for root in (local.root, local.other):
        assert root.iam.list_users()["Users"] == []


def test_the_root_key_is_random_or_chosen() -> None:
    chosen = app.build(
        Settings(ephemeral=True, root_access_key_id="chosen", root_secret_access_key="chosen_secret")
    )
    random = app.build(Settings(ephemeral=True))
    assert (chosen.root_access_key_id, chosen.root_secret.reveal()) == ("chosen", "chosen_secret")
    assert random.root_access_key_id.startswith("AKIA")
    assert random.root_access_key_id != app.build(Settings(ephemeral=True)).root_access_key_id
    assert random.root_secret.reveal() not in repr(vars(random))


def test_each_account_has_a_canonical_id_of_its_own(local: LocalWorld) -> None:
    with local.server.store.read() as tx:
        found = [account.canonical_id for account in tx.accounts()]
    assert len(set(found)) == 2
    assert {len(one) for one in found} == {64}
