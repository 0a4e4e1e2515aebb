"""The documents of issuers: found by their names, shown to everybody, and nothing else by that way."""

from __future__ import annotations

import json
from typing import Any

import jwt
import pytest

from rolekeeper.endpoints.aws import AwsEndpoint
from tests.client import LocalWorld
from tests.endpoints.asgi import Answer, answer
from tests.operations.eks import world as eks

ENDINGS = ["/.well-known/openid-configuration", "/.well-known/jwks.json"]
NOBODY = "00000000-0000-4000-8000-000000000000"


@pytest.fixture
def there(local: LocalWorld) -> LocalWorld:
    local.root.iam.enable_outbound_web_identity_federation()
    return local


def issuer_id(world: LocalWorld) -> str:
    found: str = world.root.iam.get_outbound_web_identity_federation_info()["IssuerIdentifier"]
    return found.removeprefix("https://").partition(".")[0]


def get(world: LocalWorld, path: str, **more: Any) -> Answer:
    found = answer(AwsEndpoint(world.server), path=path, **({"method": "GET"} | more))
    assert isinstance(found, Answer)
    return found


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("place", [NOBODY, "", "x", "../health", f"{NOBODY}/..", NOBODY.upper()])
def test_an_issuer_that_nobody_has(there: LocalWorld, place: str, ending: str) -> None:
    assert get(there, f"/_rolekeeper/issuers/{place}{ending}").status == 404


@pytest.mark.parametrize("path", ["", "/", "/.well-known", "/.well-known/jwks.json/", "/keys"])
def test_a_document_that_an_issuer_has_not(there: LocalWorld, path: str) -> None:
    assert get(there, f"/_rolekeeper/issuers/{issuer_id(there)}{path}").status == 404


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_foreign_host_gets_nothing_of_our_own_routes(there: LocalWorld, ending: str) -> None:
    path = f"/_rolekeeper/issuers/{issuer_id(there)}{ending}"
    refused = get(there, path, headers={"host": "evil.example"})
    assert (refused.status, refused.body) == (403, b"")


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize(
    "host",
    ["127.0.0.1:4566", "evil.example", "{id}.evil.example", "{id}.tokens.sts.global.api.aws.evil.example"],
)
def test_another_host_is_no_issuer(there: LocalWorld, host: str, ending: str) -> None:
    found = get(there, ending, headers={"host": host.format(id=issuer_id(there))})
    assert found.status == 400
    assert b"MissingAction" in found.body


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "HEAD"])
def test_documents_are_only_read(there: LocalWorld, method: str) -> None:
    path = f"/_rolekeeper/issuers/{issuer_id(there)}{ENDINGS[0]}"
    assert get(there, path, method=method).status == 404


@pytest.mark.parametrize("host", ["{id}.tokens.sts.global.api.aws", "{id}.TOKENS.sts.global.api.aws:443"])
def test_aws_name_of_an_issuer_and_our_own_route_show_the_same(there: LocalWorld, host: str) -> None:
    there.root.iam.disable_outbound_web_identity_federation()
    there.root.iam.enable_outbound_web_identity_federation()
    identifier = issuer_id(there)
    for ending in ENDINGS:
        own = get(there, f"/_rolekeeper/issuers/{identifier}{ending}")
        named = get(there, ending, headers={"host": host.format(id=identifier)})
        assert (own.status, own.headers["content-type"]) == (200, "application/json")
        assert named == own
    assert len(json.loads(own.body)["keys"]) == 2


@pytest.mark.parametrize("host", ["tokens.example", "tokens.example:443", "Tokens.Example"])
def test_the_url_of_the_setting_leads_to_its_issuers(host: str) -> None:
    world = LocalWorld(issuer_url="https://tokens.example/aws")
    issuer = world.root.iam.enable_outbound_web_identity_federation()["IssuerIdentifier"]
    path = issuer.removeprefix("https://tokens.example")
    found = get(world, path + ENDINGS[0], headers={"host": host})
    assert json.loads(found.body)["issuer"] == issuer
    assert get(world, f"/aws/{NOBODY}{ENDINGS[0]}", headers={"host": host}).status == 404
    assert get(world, ENDINGS[0], headers={"host": host}).status == 400
    world.close()


# -- the issuers of clusters ----------------------------------------------------------------------

CLUSTER_ENDINGS = ["/.well-known/openid-configuration", "/keys"]


@pytest.mark.parametrize("ending", CLUSTER_ENDINGS)
@pytest.mark.parametrize("place", ["id/" + "0" * 32, "id/", "0" * 32, "id/../health"])
def test_a_cluster_that_nobody_has(there: LocalWorld, place: str, ending: str) -> None:
    assert get(there, f"/_rolekeeper/issuers/{place}{ending}").status == 404


def test_a_cluster_shows_its_keys_by_both_names(there: LocalWorld) -> None:
    issuer = eks.cluster(there.root)["Issuer"]
    host, _, path = issuer.removeprefix("https://").partition("/")
    for ending in CLUSTER_ENDINGS:
        own = get(there, f"/_rolekeeper/issuers/{path}{ending}")
        assert own.status == 200
        assert get(there, f"/{path}{ending}", headers={"host": host}) == own
    (key,) = json.loads(own.body)["keys"]
    text = eks.token(there.root)
    said = jwt.decode(text, jwt.PyJWK(key).key, algorithms=["RS256"], audience=eks.PODS, issuer=issuer)
    assert said["sub"] == "system:serviceaccount:shop:cart"
    assert said["kubernetes.io"]["serviceaccount"]["name"] == "cart"
    assert "d" not in key
