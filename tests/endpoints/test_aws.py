from __future__ import annotations

import asyncio
import json
from contextlib import closing

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from rolekeeper.app import build
from rolekeeper.config import Settings
from rolekeeper.endpoints.arrivals import MAX_BODY
from rolekeeper.endpoints.aws import AwsEndpoint
from tests.endpoints.asgi import answer, ask

FORM = "application/x-www-form-urlencoded; charset=utf-8"
IDENTITY = "Action=GetCallerIdentity&Version=2011-06-15"


@pytest.fixture(params=["memory", "disk"])
def server(request, tmp_path):
    place = {"ephemeral": True} if request.param == "memory" else {"data": tmp_path / "state"}
    with closing(build(Settings(**place))) as server:
        yield server


@pytest.fixture
def app(server):
    return AwsEndpoint(server)


def signed(server, body, service="sts"):
    request = AWSRequest("POST", "http://127.0.0.1:4566/", data=body, headers={"Content-Type": FORM})
    request.context["timestamp"] = None
    credentials = Credentials(server.root_access_key_id, server.root_secret.reveal())
    SigV4Auth(credentials, service, "us-east-1").add_auth(request)
    return {
        "body": body.encode(),
        "headers": {name.lower(): value for name, value in request.headers.items()},
    }


def test_a_body_over_the_limit_is_an_error_of_aws_and_ends_the_connection(app):
    refused = answer(app, parts=[b"x" * MAX_BODY, b"x"])
    assert refused.status == 413
    assert refused.headers["connection"] == "close"
    assert b"<Code>RequestEntityTooLarge</Code>" in refused.body
    assert refused.headers["x-amzn-requestid"].encode() in refused.body


def test_a_client_that_goes_away_is_not_answered(app):
    assert answer(app, parts=[b"Action=", None]) is None


@pytest.mark.parametrize(
    "request_of",
    [
        {},
        {"method": "GET"},
        {"method": "BREW"},
        {"path": "/%00%ff/../\xff"},
        {"path": ""},
        {"query": b"%zz=\xff"},
        {"body": b"Action=\x00&Action=%ff"},
        {"body": IDENTITY.encode(), "headers": {"content-type": "application/json"}},
        {"headers": {"authorization": "\xff" * 1000}},
    ],
)
def test_no_input_is_a_fault_of_the_server(app, request_of):
    refused = answer(app, **request_of)
    assert 400 <= refused.status < 500
    assert b"<ErrorResponse" in refused.body


def test_there_is_no_permission_for_pages_of_other_origins(app):
    asked = {"origin": "http://evil.example", "access-control-request-method": "POST"}
    refused = answer(app, method="OPTIONS", headers=asked)
    assert refused.status >= 400
    assert not any(name.startswith("access-control") for name in refused.headers)


def test_a_foreign_host_does_not_matter_to_the_api_itself(app, server):
    request = signed(server, IDENTITY)
    request["headers"]["host"] = "iam.example"  # and so the signature is another
    assert answer(app, **request).status == 403


def test_a_signed_read_is_answered(app, server):
    identity = answer(app, **signed(server, IDENTITY))
    assert identity.status == 200
    assert identity.headers["content-length"] == str(len(identity.body))
    assert identity.headers["x-amzn-requestid"].encode() in identity.body


def test_a_body_in_parts_is_the_same_body(app, server):
    request = signed(server, IDENTITY)
    request["parts"] = [request.pop("body")[:9], IDENTITY.encode()[9:], b""]
    assert answer(app, **request).status == 200


def test_many_writes_at_once_all_happen(app, server):
    async def create():
        names = [f"user{number}" for number in range(50)]
        bodies = [f"Action=CreateUser&Version=2010-05-08&UserName={name}" for name in names]
        return await asyncio.gather(
            *(ask(app, **signed(server, body, "iam")) for body in [*bodies, bodies[0]])
        )

    answers = asyncio.run(create())
    assert [made.status for made in answers] == [200] * 50 + [409]
    with server.store.read() as tx:
        assert tx.account(server.settings.account).users.count() == 50


def test_the_life_of_the_application_moves_the_journal(app, server):
    async def live():
        told, told_back = asyncio.Queue(), asyncio.Queue()
        life = asyncio.create_task(app({"type": "lifespan"}, told.get, told_back.put))
        await told.put({"type": "lifespan.startup"})
        started = await told_back.get()
        await ask(app, **signed(server, IDENTITY))
        await told.put({"type": "lifespan.shutdown"})
        stopped = await told_back.get()
        await life
        return started["type"], stopped["type"]

    assert asyncio.run(live()) == ("lifespan.startup.complete", "lifespan.shutdown.complete")
    assert server.store.drain_journal() == 0
    [(_, record)] = server.store.events()
    assert json.loads(record.document)["eventName"] == "GetCallerIdentity"


def test_it_speaks_http_only(app):
    with pytest.raises(NotImplementedError):
        asyncio.run(app({"type": "websocket"}, None, None))
