"""The doors of workloads: a secret opens its own, and nothing else opens anything."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from rolekeeper import app
from rolekeeper.config import Settings
from rolekeeper.iam.entities import Account
from rolekeeper.iam.secret import Secret
from rolekeeper.iam.workloads import AGENT, Instance, WorkloadDoor
from rolekeeper.service.doors import Doors
from tests.client import ACCOUNT, LocalWorld
from tests.service.workers import NOW, instance, keep, task


def doors(local: LocalWorld) -> Doors:
    return local.server._service.doors


def made(local: LocalWorld, workload: object, part: str = "") -> Secret:
    with local.server.store.write() as tx:
        return doors(local).make(tx.account(ACCOUNT), workload, part)  # type: ignore[arg-type]


@pytest.mark.parametrize("wrong", ["", "x", "é", "A" * 43, "A" * 5000, "../..", "door:"])
def test_what_nobody_was_given_opens_nothing(local: LocalWorld, wrong: str) -> None:
    keep(local, instance())
    made(local, instance())
    assert local.server.attest(wrong) is None


def test_a_secret_opens_its_own_workload(local: LocalWorld) -> None:
    first, second = instance("i-1"), instance("i-2")
    keep(local, first, second)
    secrets = [made(local, first), made(local, second)]
    opened = [local.server.attest(secret.reveal()) for secret in secrets]
    assert [each.workload for each in opened if each is not None] == [first, second]


def test_the_agents_door_is_not_the_applications(local: LocalWorld) -> None:
    keep(local, task("t1"))
    for part in ("", AGENT):
        opened = local.server.attest(made(local, task("t1"), part).reveal())
        assert opened is not None
        assert opened.part == part


def test_a_closed_door_stays_closed(local: LocalWorld) -> None:
    keep(local, instance())
    secret = made(local, instance())
    with local.server.store.write() as tx:
        doors(local).close(tx.account(ACCOUNT), instance())
    assert local.server.attest(secret.reveal()) is None
    with local.server.store.read() as read:
        assert read.account(ACCOUNT).collection(WorkloadDoor).count() == 0


def test_a_closed_account_has_no_doors(local: LocalWorld) -> None:
    """Its workloads are shut down: no user data, and no signed document by which another would know them."""
    keep(local, instance())
    secret = made(local, instance())
    assert local.server.attest(secret.reveal()) is not None
    with local.server.store.write() as tx:
        accounts = tx.account(ACCOUNT).collection(Account)
        open_ = accounts.get(ACCOUNT)
        accounts.put(msgspec.structs.replace(open_, closed=NOW))
    assert local.server.attest(secret.reveal()) is None
    with local.server.store.write() as tx:
        tx.account(ACCOUNT).collection(Account).put(open_)
    assert local.server.attest(secret.reveal()) is not None


def test_a_workload_that_is_gone_is_not_opened(local: LocalWorld) -> None:
    keep(local, instance())
    secret = made(local, instance())
    with local.server.store.write() as tx:
        tx.account(ACCOUNT).collection(type(instance())).delete(instance())
    assert local.server.attest(secret.reveal()) is None


def test_the_secret_is_in_no_entity_and_another_key_finds_nothing(local: LocalWorld) -> None:
    keep(local, instance())
    secret = made(local, instance())
    with local.server.store.read() as tx:
        found, _ = tx.account(ACCOUNT).collection(WorkloadDoor).page()
        assert secret.reveal() not in repr(found)
        assert Doors(bytes(32)).open(tx, secret.reveal()) is None


def test_a_secret_opens_after_a_restart_too(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path, account=ACCOUNT)
    server = app.build(settings)
    with server.store.write() as tx:
        state = tx.account(ACCOUNT)
        state.collection(Instance).add(instance())
        secret = server._service.doors.make(state, instance())
    server.close()
    assert secret.reveal().encode() not in b"".join(
        path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()
    )
    again = app.build(settings)
    opened = again.attest(secret.reveal())
    again.close()
    assert opened is not None
    assert opened.workload == instance()
