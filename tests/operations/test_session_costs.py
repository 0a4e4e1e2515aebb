"""What opening a session costs the database: nothing, whichever way. The trail gets its event."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from rolekeeper import app
from rolekeeper.config import Settings
from rolekeeper.store.sql import SqlStore
from tests import saml_world
from tests.authenticator import enabled
from tests.client import ACCOUNT, OTHER, OTHER_ACCOUNT, LocalWorld, Person
from tests.issuers import Issuer
from tests.operations.organizing import organized
from tests.operations.test_web_identity import federate, provider, trusting_role
from tests.people import allow, assume, policy, role, trusting, user
from tests.saml_idp import signed

TASK = "arn:aws:iam::aws:policy/root-task/IAMAuditRootUserCredentials"
ALL = ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"]


@pytest.fixture(scope="module")
def issuer() -> Iterator[Issuer]:
    with Issuer() as found:
        yield found


@pytest.fixture(params=["in memory", "in a folder"])
def world(request: pytest.FixtureRequest, issuer: Issuer, tmp_path: Path) -> Iterator[LocalWorld]:
    """A server of each kind, with everything in it that sessions are opened by."""
    found = LocalWorld(federation_hosts=issuer.hosts)
    if request.param == "in a folder":
        found.close()
        settings = Settings(data=tmp_path, account=ACCOUNT, seed=(OTHER,), federation_hosts=issuer.hosts)
        found.server = app.build(settings)
        found.root = Person(found, found.server.root_access_key_id, found.server.root_secret.reveal())
        found.root.account = ACCOUNT
    organized(found, ACCOUNT, OTHER_ACCOUNT)
    yield found
    found.close()


@contextmanager
def statements(world: LocalWorld) -> Iterator[list[str]]:
    """What SQLite is told meanwhile, but for questions."""
    store = world.server.store
    assert isinstance(store, SqlStore)
    store.empty_journal()
    told: list[str] = []
    connections = store._connections
    for connection in connections:
        connection.set_trace_callback(lambda text: None if _asks(text) else told.append(text))
    try:
        yield told
    finally:
        for connection in connections:
            connection.set_trace_callback(None)


def _asks(statement: str) -> bool:
    return statement.lstrip().upper().startswith(("SELECT", "PRAGMA"))


def _everybody(world: LocalWorld, issuer: Issuer) -> dict[str, Callable[[], Any]]:
    """Each way to open a session."""
    root = world.root
    provider(root, issuer)
    trusting_role(root, issuer, {f"{issuer.name}:sub": "alice"}, name="web")
    saml_world.with_provider(world)
    saml_world.trust_all(world)
    ana = user(root, "ana", allow("sts:*"))
    first = role(root, "first", trusting(ACCOUNT, ALL), allow("sts:*"))
    second = role(root, "second", trusting(ACCOUNT, ALL))
    inside, phone = assume(ana, first), enabled(root, "ana")
    code = {"SerialNumber": phone.serial, "TokenCode": phone.next(root)}
    more: dict[str, Any] = {
        "Tags": [{"Key": "Project", "Value": "x"}],
        "TransitiveTagKeys": ["Project"],
        "SourceIdentity": "ana",
        "Policy": policy(allow("iam:*")),
    }
    return {
        "AssumeRole": lambda: assume(ana, first, **more, **code),
        "AssumeRole by a role": lambda: assume(inside, second, **more),
        "AssumeRoleWithWebIdentity": lambda: federate(world, issuer.token(), role="web"),
        "AssumeRoleWithSAML": lambda: saml_world.federate(world, signed()),
        "AssumeRoot": lambda: ana.sts.assume_root(
            TargetPrincipal=OTHER_ACCOUNT, TaskPolicyArn={"arn": TASK}, DurationSeconds=900
        ),
        "GetSessionToken": ana.sts.get_session_token,
        "GetFederationToken": lambda: ana.sts.get_federation_token(
            Name="fed", Tags=more["Tags"], Policy=more["Policy"]
        ),
    }


def test_the_count_sees_a_change(world: LocalWorld) -> None:
    with statements(world) as told:
        world.root.iam.create_user(UserName="new")
    assert any("INSERT" in each.upper() for each in told)


def test_no_way_to_open_a_session_writes_to_the_database(world: LocalWorld, issuer: Issuer) -> None:
    for name, begin in _everybody(world, issuer).items():
        before = len(world.events())
        with statements(world) as told:
            begin()
        assert told == [], name
        assert len(world.events()) - before in (1, 2), name  # two where both accounts are told
