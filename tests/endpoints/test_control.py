from __future__ import annotations

import json
from contextlib import closing
from datetime import datetime
from pathlib import Path

import pytest

from rolekeeper.app import build
from rolekeeper.config import Settings
from rolekeeper.endpoints.aws import AwsEndpoint
from rolekeeper.iam.secret import Secret
from tests.endpoints.asgi import answer

TOKEN = "the-token"
ROUTES = [("GET", "health"), ("POST", "reset"), ("POST", "clock"), ("GET", "audit")]
FOREIGN_HOSTS = [
    None,
    "",
    "evil.example:4566",
    "localhost.evil.example:4566",
    "127.0.0.1.evil.example:4566",
    "127.0.0.1",
    "127.0.0.1:4567",
    "127.0.0.1:4566:4566",
    "127.0.0.1:4566,evil.example",
    "192.0.2.1:4566",
    "user@127.0.0.1:4566",
    "[::1:4566",
    "2130706433:4566",
]


@pytest.fixture
def server():
    with closing(build(Settings(ephemeral=True))) as server:
        yield server


@pytest.fixture
def app(server):
    return AwsEndpoint(server, token=Secret(TOKEN))


def ask(app, method, route, **more):
    return answer(app, method=method, path=f"/_rolekeeper/{route}", **more)


@pytest.mark.parametrize("host", FOREIGN_HOSTS)
@pytest.mark.parametrize(("method", "route"), ROUTES)
def test_a_foreign_host_gets_nothing(app, method, route, host):
    refused = ask(app, method, route, headers={"host": host, "authorization": f"Bearer {TOKEN}"})
    assert (refused.status, refused.body) == (403, b"")


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "null", "https://127.0.0.1:4566", "http://127.0.0.1:4580", ""]
)
@pytest.mark.parametrize(("method", "route"), ROUTES)
def test_a_foreign_origin_gets_nothing(app, method, route, origin):
    refused = ask(app, method, route, headers={"origin": origin, "authorization": f"Bearer {TOKEN}"})
    assert (refused.status, refused.body) == (403, b"")


def test_a_foreign_origin_changes_nothing(app, server):
    before = server.clock.now().year
    ask(
        app, "POST", "clock", body=b'{"advance_seconds": 99999999}', headers={"origin": "http://evil.example"}
    )
    assert server.clock.now().year == before


@pytest.mark.parametrize(
    "host", ["127.0.0.1:4566", "localhost:4566", "LOCALHOST:4566", "[::1]:4566", "127.1.2.3:4566"]
)
def test_this_machine_is_answered(app, host):
    assert ask(app, "GET", "health", headers={"host": host}).status == 200
    assert ask(app, "GET", "health", headers={"host": host, "origin": f"http://{host}"}).status == 200


def test_the_configured_host_is_answered():
    with closing(build(Settings(ephemeral=True, host="iam.example", insecure=True))) as server:
        app = AwsEndpoint(server)
        assert ask(app, "GET", "health", headers={"host": "iam.example:4566"}).status == 200
        assert ask(app, "GET", "health", headers={"host": "other.example:4566"}).status == 403


def test_health_says_what_is_enforced(app):
    healthy = ask(app, "GET", "health")
    report = json.loads(healthy.body)
    assert (healthy.status, report["status"], report["ephemeral"]) == (200, "ok", True)
    assert report["authorization"] == "on, for every call"
    assert "role trust policies" in report["enforced"]
    assert not any(name.startswith("access-control") for name in healthy.headers)


@pytest.mark.parametrize("route", ["", "healthy", "health/", "../health", "Health", "reset%20"])
def test_another_route_is_not_there(app, route):
    assert ask(app, "GET", route).status == 404


@pytest.mark.parametrize(("method", "route"), ROUTES)
def test_another_method_is_refused(app, method, route):
    refused = ask(app, "DELETE", route)
    assert (refused.status, refused.headers["allow"]) == (405, method)


@pytest.mark.parametrize(("method", "route"), ROUTES[1:])
def test_a_durable_server_has_health_only(tmp_path: Path, method, route):
    with closing(build(Settings(data=tmp_path / "state"))) as server:
        app = AwsEndpoint(server, token=Secret(TOKEN))
        assert ask(app, method, route, headers={"authorization": f"Bearer {TOKEN}"}).status == 404
        assert json.loads(ask(app, "GET", "health").body)["ephemeral"] is False


@pytest.mark.parametrize(
    "order",
    [
        b"",
        b"5",
        b"{}",
        b'{"advance_seconds": "5"}',
        b'{"advance_seconds": true}',
        b'{"advance_seconds": -1}',
        b'{"advance_seconds": 1e999}',
        b'{"advance_seconds": NaN}',
        b'{"advance_seconds": 5, "more": 1}',
        b"[" * 100_000,
        b"\xff",
    ],
)
def test_what_is_no_order_to_the_clock_is_refused(app, order):
    assert ask(app, "POST", "clock", body=order).status == 400


def test_the_clock_goes_forward_and_back_only_with_a_reset(app, server):
    before = server.clock.now()
    moved = ask(app, "POST", "clock", body=b'{"advance_seconds": 7200}')
    assert 7200 <= (datetime.fromisoformat(json.loads(moved.body)["time"]) - before).total_seconds() < 7300
    assert ask(app, "POST", "reset").status == 200
    assert (server.clock.now() - before).total_seconds() < 3600


def test_the_clock_does_not_run_out_of_time(app):
    answers = {ask(app, "POST", "clock", body=b'{"advance_seconds": 316224000}').status for _ in range(900)}
    assert answers == {200, 400}
    assert ask(app, "GET", "health").status == 200


def test_a_reset_restores_the_first_state(app, server):
    key = server.root_access_key_id
    with server.store.write() as tx:
        state = tx.account(server.settings.account)
        state.access_keys.delete(state.access_keys.get(key))
    ask(app, "POST", "reset")
    with server.store.read() as tx:
        assert tx.account(server.settings.account).access_keys.get(key).active


@pytest.mark.parametrize(
    "shown", [None, "", TOKEN, "Bearer ", "Bearer x", f"bearer {TOKEN}", f"Bearer {TOKEN}\xff"]
)
def test_the_audit_trail_needs_the_token(app, shown):
    refused = ask(app, "GET", "audit", headers={"authorization": shown})
    assert (refused.status, refused.body) == (401, b"")


def test_without_a_token_there_is_no_audit_route(server):
    assert ask(AwsEndpoint(server), "GET", "audit", headers={"authorization": "Bearer "}).status == 404


def test_the_audit_trail_goes_on_after_a_number(app):
    def events(query=b""):
        shown = ask(app, "GET", "audit", query=query, headers={"authorization": f"Bearer {TOKEN}"})
        return json.loads(shown.body)["events"]

    for _ in range(3):
        answer(app, body=b"Action=ListRoles&Version=2010-05-08")
    numbers = [event["sequence"] for event in events()]
    assert len(numbers) == 3
    assert [event["sequence"] for event in events(b"after=%d&limit=1" % numbers[0])] == [numbers[1]]
    assert events()[0]["event"]["errorCode"] == "MissingAuthenticationToken"


def test_the_end_of_the_audit_trail_is_shown(app):
    def numbers(query=b""):
        shown = ask(app, "GET", "audit", query=query, headers={"authorization": f"Bearer {TOKEN}"})
        return [event["sequence"] for event in json.loads(shown.body)["events"]]

    for _ in range(3):
        answer(app, body=b"Action=ListRoles&Version=2010-05-08")
    assert numbers(b"latest=2") == numbers()[1:]
    assert numbers(b"latest=9") == numbers(b"latest=0") == numbers()


@pytest.mark.parametrize("query", [b"after=x", b"limit=", b"limit=1e3", b"latest=x"])
def test_a_number_that_is_none_is_refused(app, query):
    headers = {"authorization": f"Bearer {TOKEN}"}
    expected = 200 if query == b"limit=" else 400  # an empty parameter is as good as none
    assert ask(app, "GET", "audit", query=query, headers=headers).status == expected
