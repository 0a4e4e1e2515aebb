"""One request, from bytes to bytes: nothing runs before authorization, or is answered before the audit."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from types import ModuleType
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rolekeeper.audit.event import AuditRecord
from rolekeeper.operations import resources
from rolekeeper.service.call import Call
from rolekeeper.service.dispatch import dispatch
from rolekeeper.service.registry import OperationTable, operation
from rolekeeper.store.contract import Transaction
from rolekeeper.wire.http import HttpRequest
from tests.client import LocalWorld
from tests.people import allow, refused, user

SECRET_DETAIL = "the detail that nobody may read"


def with_operations(world: LocalWorld, *functions: Callable[..., Any]) -> None:
    """Give the world's server these operations in place of its own of the same names."""
    service = world.server._service
    module = ModuleType("functions")
    for function in functions:
        setattr(module, function.__name__, function)
    table = OperationTable({"iam": (module,)})
    world.server._service = replace(service, operations=table)


def raising(call: Call, *, user_name: str, **_: Any) -> None:
    """An operation with a mistake: it changes something and breaks down."""
    call.tx.users.delete(call.tx.users.get("victim"))
    raise RuntimeError(SECRET_DETAIL)


@pytest.fixture
def broken(local: LocalWorld) -> LocalWorld:
    """A server whose CreateUser breaks down in the middle."""
    local.root.iam.create_user(UserName="victim")
    raising.__name__ = "create_user"
    with_operations(local, operation(resource=resources.user, writes=True)(raising))
    return local


def test_a_mistake_is_answered_without_detail_and_changes_nothing(
    broken: LocalWorld, caplog: pytest.LogCaptureFixture
) -> None:
    own = broken.server._service
    with refused("ServiceFailure", 500, "unknown error") as caught:
        broken.root.iam.create_user(UserName="bob")
    assert SECRET_DETAIL not in str(caught.value.response)
    with own.store.read() as tx:
        assert tx.account(broken.root.account).users.find("victim") is not None
    request_id = caught.value.response["ResponseMetadata"]["RequestId"]
    (entry,) = [one for one in caplog.records if one.levelno >= logging.ERROR]
    assert request_id in entry.getMessage()
    event = broken.events()[-1]
    assert (event["errorCode"], event["requestID"]) == ("ServiceFailure", request_id)
    assert SECRET_DETAIL not in str(event)


def test_nothing_runs_before_authorization(local: LocalWorld) -> None:
    ran: list[str] = []

    @operation(resource=resources.users)
    def list_users(call: Call, **_: Any) -> dict[str, Any]:
        ran.append(call.caller.access_key_id)
        return {"Users": [], "IsTruncated": False}

    bob, eve = user(local.root, "bob"), user(local.root, "eve", allow("iam:ListUsers"))
    nobody = local.person({"AccessKeyId": "AKIANOBODYNOBODYNOBO", "SecretAccessKey": "x"})
    forged = local.person({"AccessKeyId": eve.key_id, "SecretAccessKey": "x"})
    with_operations(local, list_users)
    for person, code in (
        (bob, "AccessDenied"),
        (nobody, "InvalidClientTokenId"),
        (forged, "SignatureDoesNotMatch"),
    ):
        with refused(code, 403):
            person.iam.list_users()
    assert ran == []
    eve.iam.list_users()
    assert ran == [eve.key_id]


def test_a_read_operation_cannot_write(local: LocalWorld, caplog: pytest.LogCaptureFixture) -> None:
    @operation(resource=resources.users)
    def list_users(call: Call, **_: Any) -> dict[str, Any]:
        call.tx.users.delete(call.tx.users.get("victim"))
        return {"Users": [], "IsTruncated": False}

    local.root.iam.create_user(UserName="victim")
    own = local.server._service
    with_operations(local, list_users)
    with refused("ServiceFailure", 500):
        local.root.iam.list_users()
    assert caplog.records
    local.server._service = own
    assert [one["UserName"] for one in local.root.iam.list_users()["Users"]] == ["victim"]


class DeafStore:
    """A store that keeps everything but events."""

    def __init__(self, store: Any) -> None:
        self._store = store
        self.journal = self

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def append(self, event: AuditRecord) -> None:
        raise OSError("no space left on device")

    @contextmanager
    def write(self) -> Iterator[Transaction]:
        with self._store.write() as tx:
            yield DeafTransaction(tx)


class DeafTransaction:
    """A transaction that keeps everything but events."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    def __getattr__(self, name: str) -> Any:
        return getattr(self._tx, name)

    def append_event(self, record: AuditRecord) -> None:
        raise OSError("no space left on device")


def test_what_cannot_be_audited_is_not_answered(local: LocalWorld, caplog: pytest.LogCaptureFixture) -> None:
    bob, own = user(local.root, "bob"), local.server._service
    before = len(local.events())
    local.server._service = replace(own, store=DeafStore(own.store))
    root = local.root
    for call in (root.iam.list_users, root.sts.get_caller_identity, root.sts.get_session_token):
        with refused("ServiceFailure", 500):
            call()
    with refused("ServiceFailure", 500):
        root.iam.create_user(UserName="eve")
    with refused("ServiceFailure", 500):
        bob.iam.list_users()
    local.server._service = own
    assert caplog.records
    assert [one["UserName"] for one in root.iam.list_users()["Users"]] == ["bob"]
    assert len(local.events()) == before + 1


def test_an_answer_says_what_it_is(local: LocalWorld) -> None:
    answer = dispatch(local.server._service, HttpRequest(method="GET", path="/"))
    headers = dict(answer.headers)
    assert headers["content-type"] == "text/xml"
    assert headers["x-amzn-requestid"].encode() in answer.body
    assert b"<Code>MissingAction</Code>" in answer.body
    assert b"<Type>Sender</Type>" in answer.body


def test_an_operation_that_is_not_here_yet_says_so(local: LocalWorld) -> None:
    with_operations(local)
    with refused("NotImplemented", 501, "sts:AssumeRoot"):
        local.root.sts.assume_root(TargetPrincipal=local.root.account, TaskPolicyArn={"arn": "none"})


def test_a_refused_change_leaves_no_trace_but_its_event(local: LocalWorld) -> None:
    root = local.root
    root.iam.create_user(UserName="bob")
    with root.world.server._service.store.read() as tx:  # type: ignore[attr-defined]
        before = tx.account(root.account).revision
    with refused("EntityAlreadyExists", 409):
        root.iam.create_user(UserName="bob")
    with root.world.server._service.store.read() as tx:  # type: ignore[attr-defined]
        assert tx.account(root.account).revision == before
    assert local.events()[-1]["errorCode"] == "EntityAlreadyExists"


@pytest.fixture(scope="module")
def server() -> Iterator[LocalWorld]:
    world = LocalWorld()
    yield world
    world.close()


ACTIONS = st.sampled_from(["GetRole", "CreateRole", "AssumeRole", "GetCallerIdentity", "\x00", "x"])
BODIES = st.one_of(
    st.binary(max_size=300),
    st.builds(
        lambda action, rest: f"Version=2010-05-08&Action={action}&".encode() + rest,
        ACTIONS,
        st.binary(max_size=200),
    ),
)
HEADERS = st.dictionaries(
    st.sampled_from(["content-type", "authorization", "x-amz-date", "host", "x-amz-security-token"]),
    st.one_of(
        st.sampled_from(
            ["application/x-www-form-urlencoded", "AWS4-HMAC-SHA256 Credential=a/b/c/d/aws4_request, x"]
        ),
        st.text(max_size=80),
    ),
)


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    method=st.sampled_from(["GET", "POST", "PUT", "", "🙂"]),
    path=st.text(max_size=20),
    query=st.text(max_size=100),
    headers=HEADERS,
    body=BODIES,
)
def test_no_request_makes_it_fail(
    server: LocalWorld, method: str, path: str, query: str, headers: dict[str, str], body: bytes
) -> None:
    request = HttpRequest(method=method, path=path, query=query, headers=tuple(headers.items()), body=body)
    answer = server.server.dispatch(request)
    assert 400 <= answer.status < 500
    assert b"<Code>" in answer.body
