"""The credentials endpoint of containers: a secret opens just what it is for, nothing else opens anything."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from rolekeeper.endpoints.aws import AwsEndpoint
from rolekeeper.iam.workloads import AGENT, Instance, Workload
from tests.client import ACCOUNT, LocalWorld, Person
from tests.endpoints.asgi import Answer, answer
from tests.people import allow, policy, refused, role, trusting
from tests.service.workers import function, instance, keep, task

PREFIX = "/_rolekeeper/containers"
ECS = {"Service": "ecs-tasks.amazonaws.com"}
ID = "0f" * 16


class Started(msgspec.Struct, frozen=True):
    """A task with both roles, and both its secrets."""

    world: LocalWorld
    app: str
    agent: str

    def __repr__(self) -> str:
        return "a task"


@pytest.fixture
def started(local: LocalWorld) -> Started:
    made = task(
        ID,
        task_role=role(local.root, "web", ECS, allow("iam:ListRoles")),
        execution_role=role(local.root, "pulls", ECS, allow("iam:ListUsers")),
    )
    keep(local, made)
    return Started(local, door(local, made), door(local, made, AGENT))


def door(world: LocalWorld, workload: Workload, part: str = "") -> str:
    """A new secret of a workload, or of a part of it."""
    with world.server.store.write() as tx:
        return world.server._service.doors.make(tx.account(ACCOUNT), workload, part).reveal()


def close(world: LocalWorld, workload: Workload) -> None:
    """Let a workload go."""
    with world.server.store.write() as tx:
        state = tx.account(ACCOUNT)
        world.server._service.doors.close(state, workload)
        state.collection(type(workload)).delete(workload)


def get(world: LocalWorld, path: str, token: str | None = None, **more: Any) -> Answer:
    headers = {"authorization": token} | more.pop("headers", {})
    shown = {"path": path, "method": "GET", "headers": headers} | more
    found = answer(AwsEndpoint(world.server), **shown)
    assert isinstance(found, Answer)
    return found


def told(found: Answer) -> tuple[int, str]:
    """The status and the code of a refusal, which has no credentials in it."""
    body = json.loads(found.body)
    assert set(body) == {"code", "message", "HTTPErrorCode"}
    assert found.headers["content-type"] == "application/json"
    assert body["HTTPErrorCode"] == found.status
    return found.status, body["code"]


def become(world: LocalWorld, found: Answer) -> Person:
    """Who has the credentials of an answer."""
    assert found.status == 200, found.body
    shown = json.loads(found.body)
    return world.person(shown | {"SessionToken": shown["Token"]})


@pytest.mark.parametrize(
    "guess",
    [
        ID,
        "0" * 43,
        "00000000-0000-4000-8000-000000000000",
        "..",
        "x" * 5000,
        "%00",
        "{app}/",
        "{app}/..",
        "{app}%2f",
        "/{app}",
        "{app}x",
        "../credentials/{app}",
        "{agent}",
        "../../agent/credentials/{app}",
    ],
)
@pytest.mark.parametrize("place", [PREFIX, ""])
def test_an_id_that_nobody_has_opens_nothing(started: Started, place: str, guess: str) -> None:
    path = f"{place}/v2/credentials/{guess.format(app=started.app, agent=started.agent)}"
    assert told(get(started.world, path)) == (400, "InvalidIdInRequest")


@pytest.mark.parametrize("path", [f"{PREFIX}/v2/credentials/", "/v2/credentials/"])
@pytest.mark.parametrize("query", [b"", b"id={}"])
def test_no_id_in_the_path(started: Started, path: str, query: bytes) -> None:
    found = get(started.world, path, started.app, query=query.replace(b"{}", started.app.encode()))
    assert told(found) == (400, "NoIdInRequest")


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/v2",
        "/v1/credentials",
        "/v2/credentialsx/{app}",
        "/V2/credentials/{app}",
        "//v2/credentials/{app}",
        "/agent",
        "/agent/",
        "/agent/credentials/",
        "/agent/v2/credentials/{agent}",
        "/credentials/",
        "/credentials/../agent/credentials",
        "/agent%2fcredentials",
        "/./credentials",
        "/v2/../credentials",
    ],
)
def test_what_is_not_exactly_a_path_is_not_there(started: Started, path: str) -> None:
    shown = PREFIX + path.format(app=started.app, agent=started.agent)
    for token in (started.app, started.agent):
        assert told(get(started.world, shown, token)) == (404, "NotFound")


@pytest.mark.parametrize(
    "token",
    [
        None,
        "",
        " ",
        "x",
        "0" * 43,
        "{app}x",
        "Bearer {app}",
        "{app} ",
        "{app},{app}",
        "\xe9" * 43,
        "x" * 9000,
    ],
)
@pytest.mark.parametrize("path", ["/credentials", "/agent/credentials"])
def test_a_token_that_nobody_has_opens_nothing(started: Started, path: str, token: str | None) -> None:
    given = None if token is None else token.format(app=started.app)
    assert told(get(started.world, PREFIX + path, given)) == (403, "AccessDenied")


def test_neither_part_of_a_task_gets_the_others_role(started: Started) -> None:
    world, app, agent = started.world, started.app, started.agent
    assert told(get(world, f"{PREFIX}/credentials", agent)) == (403, "AccessDenied")
    assert told(get(world, f"{PREFIX}/agent/credentials", app)) == (403, "AccessDenied")
    assert told(get(world, f"/v2/credentials/{agent}", app)) == (400, "InvalidIdInRequest")
    for path in (f"{PREFIX}/credentials", f"{PREFIX}/v2/credentials/{app}", f"/v2/credentials/{app}"):
        assert become(world, get(world, path, app)).arn.endswith(f":assumed-role/web/{ID}")
    found = get(world, f"{PREFIX}/agent/credentials", agent)
    assert become(world, found).arn.endswith(f":assumed-role/pulls/{ID}")
    assert become(world, get(world, f"/v2/credentials/{app}", agent)).arn.endswith(f":assumed-role/web/{ID}")


@pytest.mark.parametrize("path", ["/v2/credentials/{app}", PREFIX + "/credentials", PREFIX + "/x"])
def test_a_foreign_host_or_page_gets_an_empty_answer(started: Started, path: str) -> None:
    shown = path.format(app=started.app)
    foreign = [
        {"host": "evil.example:4566"},
        {"host": None},
        {"host": "169.254.170.2"},
        {"origin": "http://evil.example"},
        {"origin": "null"},
    ]
    for headers in foreign:
        found = get(started.world, shown, started.app, headers=headers)
        assert (found.status, found.body) == (403, b"")


@pytest.mark.parametrize("method", ["POST", "PUT", "HEAD", "OPTIONS", "DELETE", "get"])
def test_credentials_are_only_read(started: Started, method: str) -> None:
    found = get(started.world, f"{PREFIX}/credentials", started.app, method=method)
    assert told(found) == (405, "MethodNotAllowed")
    assert found.headers["allow"] == "GET"


def test_a_task_without_a_role_has_no_credentials(local: LocalWorld) -> None:
    bare = task("1" * 32)
    keep(local, bare)
    found = get(local, f"/v2/credentials/{door(local, bare)}")
    assert told(found) == (404, "NoCredentialsAssociated")


def test_an_instance_has_its_credentials_elsewhere(local: LocalWorld) -> None:
    mine: Instance = instance()
    keep(local, mine)
    assert told(get(local, f"{PREFIX}/credentials", door(local, mine))) == (403, "AccessDenied")


def test_a_part_that_a_workload_has_not(local: LocalWorld) -> None:
    arn = role(local.root, "runs", {"Service": "lambda.amazonaws.com"})
    mine = function("mine", arn)
    keep(local, mine)
    token = door(local, mine)
    assert told(get(local, f"{PREFIX}/agent/credentials", token)) == (403, "AccessDenied")
    assert become(local, get(local, f"{PREFIX}/credentials", token)).arn.endswith("/runs/mine")


def test_it_shows_what_sdks_look_for(started: Started) -> None:
    found = get(started.world, f"{PREFIX}/credentials", started.app)
    shown = json.loads(found.body)
    assert set(shown) == {"RoleArn", "AccessKeyId", "SecretAccessKey", "Token", "Expiration"}
    assert shown["RoleArn"] == f"arn:aws:iam::{ACCOUNT}:role/web"
    left = datetime.fromisoformat(shown["Expiration"]) - datetime.now(UTC)
    assert timedelta(hours=5, minutes=58) < left <= timedelta(hours=6)
    assert found.headers["cache-control"] == "no-store"
    assert get(started.world, f"{PREFIX}/credentials", started.app).body == found.body


def test_a_task_that_is_gone_answers_nothing(started: Started) -> None:
    world = started.world
    session = become(world, get(world, f"{PREFIX}/credentials", started.app))
    close(world, task(ID))
    assert told(get(world, f"{PREFIX}/credentials", started.app)) == (403, "AccessDenied")
    assert told(get(world, f"/v2/credentials/{started.app}")) == (400, "InvalidIdInRequest")
    assert told(get(world, f"{PREFIX}/agent/credentials", started.agent)) == (403, "AccessDenied")
    session.iam.list_roles()  # as with AWS: it ends by itself


@pytest.mark.parametrize("part", ["app", "agent"])
def test_a_session_gives_way_before_it_ends(started: Started, part: str) -> None:
    world = started.world
    path = PREFIX + ("/credentials" if part == "app" else "/agent/credentials")
    ask: Callable[[], bytes] = lambda: get(world, path, getattr(started, part)).body  # noqa: E731
    first = ask()
    world.advance(5.5 * 3600)
    assert ask() == first
    world.advance(15 * 60)
    second = ask()
    assert second != first
    left = datetime.fromisoformat(json.loads(second)["Expiration"]) - world.server.clock.now()
    assert left > timedelta(hours=5, minutes=58)


def test_a_role_that_is_gone_is_gone_at_once(started: Started) -> None:
    world = started.world
    session = become(world, get(world, f"{PREFIX}/credentials", started.app))
    world.root.iam.delete_role_policy(RoleName="web", PolicyName="own")
    world.root.iam.delete_role(RoleName="web")
    assert told(get(world, f"{PREFIX}/credentials", started.app)) == (403, "AccessDenied")
    with refused("InvalidClientTokenId", 403):
        session.iam.list_roles()


def test_a_role_that_no_longer_trusts_is_refused_at_the_next_rotation(started: Started) -> None:
    world = started.world
    session = become(world, get(world, f"{PREFIX}/credentials", started.app))
    other = policy(trusting({"Service": "ec2.amazonaws.com"}))
    world.root.iam.update_assume_role_policy(RoleName="web", PolicyDocument=other)
    world.advance(5.75 * 3600)
    found = get(world, f"{PREFIX}/credentials", started.app)
    assert told(found) == (403, "AccessDenied")
    assert b"ecs-tasks.amazonaws.com is not authorized to perform: sts:AssumeRole" in found.body
    session.iam.list_roles()  # until its end, as with AWS
    world.advance(15 * 60)
    with refused("ExpiredToken", 403):
        session.iam.list_roles()


def test_secrets_are_in_no_event(started: Started) -> None:
    world = started.world
    found = json.loads(get(world, f"{PREFIX}/credentials", started.app).body)
    world.server.store.drain_journal()
    kept = json.dumps(world.events())
    for secret in (started.app, started.agent, found["SecretAccessKey"], found["Token"]):
        assert secret not in kept
