"""The routes by which accounts are moved: for who has the operator's token, and nobody else."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path

import pytest

from rolekeeper.app import build
from rolekeeper.config import Settings
from rolekeeper.endpoints.aws import AwsEndpoint
from rolekeeper.iam.secret import Secret
from tests.endpoints.asgi import answer
from tests.moving.dumps import page, user

TOKEN = "the-token"
ACCOUNT = "123456789012"
ROUTES = [("POST", f"import?account={ACCOUNT}"), ("GET", f"export?account={ACCOUNT}")]
BODY = json.dumps(page(users=[user("bob", account=ACCOUNT)])).encode()


@pytest.fixture(params=["ephemeral", "data"])
def server(request, tmp_path: Path):
    settings = Settings(ephemeral=True) if request.param == "ephemeral" else Settings(data=tmp_path / "state")
    with closing(build(settings)) as server:
        yield server


@pytest.fixture
def app(server):
    return AwsEndpoint(server, token=Secret(TOKEN))


def ask(app, method, route, token=TOKEN, **more):
    path, _, query = route.partition("?")
    headers = {"authorization": f"Bearer {token}"} | more.pop("headers", {})
    place = {"path": f"/_rolekeeper/{path}", "query": query.encode()}
    return answer(app, method=method, headers=headers, **place, **more)


@pytest.mark.parametrize("token", ["", "the-toke", "the-token2", "thé-token"])
@pytest.mark.parametrize(("method", "route"), ROUTES)
def test_who_has_not_the_token_gets_and_changes_nothing(app, server, method, route, token):
    refused = ask(app, method, route, token, body=BODY)
    assert (refused.status, refused.body) == (401, b"")
    with server.store.read() as tx:
        assert tx.account(ACCOUNT).users.count() == 0


@pytest.mark.parametrize(("method", "route"), ROUTES)
def test_a_page_in_a_browser_gets_nothing(app, method, route):
    for foreign in ({"host": "evil.example"}, {"origin": "http://evil.example"}):
        assert ask(app, method, route, body=BODY, headers=foreign).status == 403


@pytest.mark.parametrize(("method", "route"), ROUTES)
def test_without_a_token_there_is_no_route(server, method, route):
    assert ask(AwsEndpoint(server), method, route, body=BODY).status == 404


@pytest.mark.parametrize(
    ("route", "body", "complaint"),
    [
        ("import", b'{"Policies": []}', "there is no account"),
        ("import?account=1", b'{"Policies": []}', "there is no account"),
        ("import?account=1", BODY, "not of account 1"),
        (f"import?account={ACCOUNT}", BODY.replace(b"arn:aws:", b"arn:nowhere:"), "no partition is named"),
        (f"import?account={ACCOUNT}", BODY.replace(b"arn:aws:iam:", b"x"), "not an ARN"),
        (f"import?account={ACCOUNT}", b"{", "no JSON"),
        (f"import?account={ACCOUNT}", b"[]", "there is nothing in it"),
        (f"import?account={ACCOUNT}", b'{"Policies": 1}', "at `$.Policies`"),
        (f"import?account={ACCOUNT}", b"[%s, %s]" % (BODY, BODY), "not one page"),
        (f"import?account={ACCOUNT}", BODY.replace(ACCOUNT.encode(), b"999999999999"), "not of account"),
    ],
)
def test_a_page_that_is_none(app, route, body, complaint):
    refused = ask(app, "POST", route, body=body)
    assert refused.status == 400
    assert complaint in json.loads(refused.body)["error"]


def test_an_export_of_nothing(app):
    for route in ("export", "export?account=1", f"export?account={ACCOUNT}&partition=x"):
        assert ask(app, "GET", route).status == 400
    assert ask(app, "GET", f"export?account={ACCOUNT}&marker=x").status == 400


def test_in_and_out(app):
    report = json.loads(ask(app, "POST", f"import?account={ACCOUNT}", body=BODY).body)
    assert report["counts"]["user"]["made"] == 1
    (shown,) = json.loads(ask(app, "GET", f"export?account={ACCOUNT}").body)["UserDetailList"]
    assert shown["UserName"] == "bob"
