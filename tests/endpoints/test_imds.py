"""The instance metadata service: who gets in, and with what."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rolekeeper.endpoints.imds import PREFIX, InstanceMetadataService
from rolekeeper.wire.http import HttpRequest
from tests.client import LocalWorld
from tests.endpoints.instances import HEADER, ROLES, Inside, launched, nothing
from tests.workers import instance

TTL = f"{HEADER}-ttl-seconds"
TOKEN = "latest/api/token"


@pytest.mark.parametrize("path", ["", "latest/meta-data/", ROLES, f"{ROLES}web", "latest/nothing"])
def test_a_request_without_a_token_gets_nothing(local: LocalWorld, path: str) -> None:
    _, inside = launched(local, "web")
    nothing(inside.ask(path), 401)
    nothing(inside.ask(path, **{HEADER: ""}), 401)


@pytest.mark.parametrize("wrong", ["AQAE", "0" * 56, "=" * 56, "é" * 56, "A" * 5000])
def test_a_token_that_was_never_given_out(local: LocalWorld, wrong: str) -> None:
    _, inside = launched(local, "web")
    nothing(inside.ask(ROLES, **{HEADER: wrong}), 401)
    nothing(inside.ask(ROLES, **{HEADER: inside.token()[:-1] + "!"}), 401)


def test_a_token_of_another_instance(local: LocalWorld) -> None:
    _, inside = launched(local, "web")
    _, other = launched(local, "batch")
    stolen = inside.token()
    assert inside.ask(ROLES, **{HEADER: stolen}).body == b"web"
    nothing(other.ask(ROLES, **{HEADER: stolen}), 401)
    assert inside.ask(ROLES, **{HEADER: stolen}).body == b"web"


def test_a_token_ends(local: LocalWorld) -> None:
    _, inside = launched(local, "web")
    token = inside.token(60)
    assert int(inside.ask(ROLES, **{HEADER: token}).headers[TTL]) in (59, 60)
    local.advance(61)
    nothing(inside.ask(ROLES, **{HEADER: token}), 401)


@pytest.mark.parametrize(
    "ttl", [None, "", "0", "21601", "-1", "1.5", "+60", " ", "999999999999", "٣", "60,60"]
)
def test_a_token_for_no_time_or_too_long(local: LocalWorld, ttl: str | None) -> None:
    _, inside = launched(local, "web")
    if ttl == "٣":
        ttl = ttl.encode().decode("latin-1")
    nothing(inside.ask(TOKEN, "PUT", **{TTL: ttl}), 400)


def test_a_token_is_for_who_asks_from_the_instance_itself(local: LocalWorld) -> None:
    _, inside = launched(local, "web")
    nothing(inside.ask(TOKEN, "PUT", **{TTL: "60"}, x_forwarded_for="10.0.0.1"), 403)
    nothing(inside.ask(TOKEN, "PUT", **{TTL: "60"}, x_forwarded_for=""), 403)


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE", "HEAD", "OPTIONS", "PATCH"])
def test_a_token_is_put(local: LocalWorld, method: str) -> None:
    _, inside = launched(local, "web")
    nothing(inside.ask(TOKEN, method, **{TTL: "60"}), 405)


@pytest.mark.parametrize("method", ["PUT", "POST", "DELETE", "HEAD", "OPTIONS"])
def test_all_else_is_only_read(local: LocalWorld, method: str) -> None:
    _, inside = launched(local, "web")
    nothing(inside.ask(ROLES, method, **{HEADER: inside.token()}), 405)


def test_a_secret_that_nobody_has(local: LocalWorld) -> None:
    _, inside = launched(local, "web")
    for secret in ("", "0" * 43, inside.secret[:-1], inside.secret + "x", "..", "%00"):
        nothing(Inside(local, secret).ask(TOKEN, "PUT", **{TTL: "60"}), 404)


def test_an_instance_that_is_gone(local: LocalWorld) -> None:
    id, inside = launched(local, "web")
    token = inside.token()
    local.root.workloads.deregister_instance(InstanceId=id)
    nothing(inside.ask(ROLES, **{HEADER: token}), 404)


def test_a_page_in_a_browser_gets_nothing(local: LocalWorld) -> None:
    _, inside = launched(local, "web", MetadataOptions={"HttpTokens": "optional"})
    assert inside.ask(ROLES).body == b"web"
    for headers in ({"host": "rebound.example:4566"}, {"origin": "http://evil.example"}):
        assert inside.ask(ROLES, **headers).status == 403
        assert inside.ask(TOKEN, "PUT", **{TTL: "60"}, **headers).status == 403


def test_version_1_where_it_is_allowed(local: LocalWorld) -> None:
    id, inside = launched(local, "web", MetadataOptions={"HttpTokens": "optional"})
    found = inside.ask(ROLES + "web")
    assert (found.status, json.loads(found.body)["Code"]) == (200, "Success")
    nothing(inside.ask(ROLES, **{HEADER: "wrong"}), 401)
    assert found.body != inside.get(ROLES + "web").body  # the two are told apart by ec2:RoleDelivery
    local.root.workloads.modify_instance_metadata_options(InstanceId=id, HttpTokens="required")
    nothing(inside.ask(ROLES + "web"), 401)


def test_the_endpoint_can_be_off(local: LocalWorld) -> None:
    id, inside = launched(local, "web")
    token = inside.token()
    local.root.workloads.modify_instance_metadata_options(InstanceId=id, HttpEndpoint="disabled")
    nothing(inside.ask(ROLES, **{HEADER: token}), 403)
    nothing(inside.ask(TOKEN, "PUT", **{TTL: "60"}), 403)
    local.root.workloads.modify_instance_metadata_options(InstanceId=id, HttpEndpoint="enabled")
    assert inside.ask(ROLES, **{HEADER: token}).status == 200


@pytest.mark.parametrize(
    "path",
    [
        "latest/meta-data/nothing",
        "latest/meta-data/ami-id/",
        "latest/meta-data//ami-id",
        "latest/meta-data/../meta-data/ami-id",
        "latest/meta-data/iam/security-credentials/other",
        "latest/meta-data/iam/security-credentials/WEB",
        "latest/user-data",
        "latest/meta-data/tags/instance/",
        "2999-01-01/meta-data/",
        "/latest/meta-data/",
        "latest/" + "x" * 5000,
    ],
)
def test_what_is_not_there(local: LocalWorld, path: str) -> None:
    _, inside = launched(local, "web", Tags=[{"Key": "Name", "Value": "one"}])
    nothing(inside.get(path), 404)


def test_after_a_reset_nothing_is_known(local: LocalWorld) -> None:
    _, inside = launched(local, "web")
    token = inside.token()
    assert inside.ask(ROLES, **{HEADER: token}).status == 200
    local.server.reset()
    for _ in range(20):  # as many changes as there were before
        nothing(inside.ask(ROLES, **{HEADER: token}), 404)
        instance(local.root)


@given(
    method=st.sampled_from(["GET", "PUT", "POST", "HEAD"]),
    path=st.one_of(
        st.text(st.characters(max_codepoint=255)),
        st.lists(
            st.sampled_from(["latest", "meta-data", "iam", "security-credentials", "web", "%2e", ""])
        ).map("/".join),
    ),
    token=st.none() | st.text(st.characters(max_codepoint=255)) | st.text("AQ_-=", min_size=56, max_size=56),
    ttl=st.none() | st.text(st.characters(max_codepoint=255)),
)
def test_whatever_is_sent_nothing_is_got_without_a_token(
    refusing: tuple[InstanceMetadataService, str], method: str, path: str, token: str | None, ttl: str | None
) -> None:
    service, secret = refusing
    given = {HEADER: token, TTL: ttl, "host": "127.0.0.1:4566"}
    request = HttpRequest(
        method=method,
        path=f"{PREFIX}{secret}/{path}",
        headers=[(name, value) for name, value in given.items() if value is not None],
    )
    found = service.answer(request, "127.0.0.1", 4566)
    assert found is not None
    got_token = path == TOKEN and method == "PUT"
    assert found.status in ((200, 400) if got_token else (401, 405))
    assert b"SecretAccessKey" not in found.body and found.body != b"web"


@pytest.fixture(scope="module")
def refusing() -> Iterator[tuple[InstanceMetadataService, str]]:
    """A service, and the secret of an instance in it."""
    world = LocalWorld()
    _, inside = launched(world, "web")
    yield InstanceMetadataService(world.server), inside.secret
    world.close()
