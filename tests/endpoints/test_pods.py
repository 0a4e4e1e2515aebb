"""The agent of Pod Identity on the server's port: who gets nothing, and what the paths are."""

from __future__ import annotations

import json
from typing import Any

import pytest

from rolekeeper.endpoints.aws import AwsEndpoint
from tests.client import LocalWorld
from tests.endpoints.asgi import Answer, answer
from tests.operations.eks.world import associate, cluster, pod_role, token

AGENT = "/_rolekeeper/pods/v1/credentials"


@pytest.fixture
def there(local: LocalWorld) -> LocalWorld:
    cluster(local.root)
    associate(local.root._client("eks"), pod_role(local.root))
    return local


def get(world: LocalWorld, path: str = AGENT, method: str = "GET", **headers: Any) -> Answer:
    found = answer(AwsEndpoint(world.server), path=path, method=method, headers=headers)
    assert isinstance(found, Answer)
    return found


@pytest.mark.parametrize("headers", [{"host": "evil.example"}, {"origin": "http://evil.example"}])
def test_a_page_of_a_browser_gets_nothing(there: LocalWorld, headers: dict[str, str]) -> None:
    refused = get(there, authorization=token(there.root), **headers)
    assert (refused.status, refused.body) == (403, b"")


@pytest.mark.parametrize("method", ["POST", "PUT", "HEAD", "DELETE"])
def test_it_is_only_read(there: LocalWorld, method: str) -> None:
    assert get(there, method=method, authorization=token(there.root)).status == 405


@pytest.mark.parametrize("path", ["/_rolekeeper/pods/", "/_rolekeeper/pods/v1", f"{AGENT}/", f"{AGENT}/x"])
def test_no_other_path_is_there(there: LocalWorld, path: str) -> None:
    assert get(there, path, authorization=token(there.root)).status == 404


@pytest.mark.parametrize("headers", [{}, {"authorization": ""}, {"authorization": "Bearer x"}])
def test_without_a_token_there_is_nothing(there: LocalWorld, headers: dict[str, str]) -> None:
    refused = get(there, **headers)
    assert refused.status == 400
    assert refused.body.startswith(b"InvalidTokenException: ")
    assert b"AccessKeyId" not in refused.body


@pytest.mark.parametrize("path", [AGENT, "/v1/credentials"])
def test_a_pod_gets_its_credentials(there: LocalWorld, path: str) -> None:
    given = get(there, path, authorization=token(there.root))
    assert (given.status, given.headers["content-type"]) == (200, "application/json")
    assert json.loads(given.body)["AccountId"] == "111111111111"
