"""IAM roles for service accounts: a cluster's token, an OIDC provider of the account, and a role's trust.

The server is the issuer itself, and asks nobody for its keys.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.client import LocalWorld
from tests.operations.eks.world import cluster, own, token
from tests.people import refused, role, trusting

AUDIENCE = "sts.amazonaws.com"


@pytest.fixture
def world() -> Iterator[LocalWorld]:
    made = LocalWorld()
    yield made
    made.close()


def prepared(world: LocalWorld, who: str = "shop:cart") -> str:
    """A role for a service account of a new cluster, by the account's provider."""
    issuer = cluster(world.root)["Issuer"]
    made = world.root.iam.create_open_id_connect_provider(Url=issuer, ClientIDList=[AUDIENCE])
    host = issuer.removeprefix("https://")
    trust = trusting(
        {"Federated": made["OpenIDConnectProviderArn"]},
        "sts:AssumeRoleWithWebIdentity",
        Condition={"StringEquals": {f"{host}:aud": AUDIENCE, f"{host}:sub": f"system:serviceaccount:{who}"}},
    )
    return role(world.root, "cart", trust)


def become(world: LocalWorld, role_arn: str, text: str) -> dict[str, Any]:
    found: dict[str, Any] = world.root.unsigned_sts.assume_role_with_web_identity(
        RoleArn=role_arn, RoleSessionName="cart", WebIdentityToken=text
    )
    return found


def test_without_a_provider_the_token_is_worth_nothing(world: LocalWorld) -> None:
    cluster(world.root)
    open_to_all = role(world.root, "cart", world.root.arn)
    with refused("InvalidIdentityToken", 400, "No OpenIDConnect provider"):
        become(world, open_to_all, token(world.root, Audiences=[AUDIENCE]))


def test_a_token_for_pod_identity_is_not_for_sts(world: LocalWorld) -> None:
    arn = prepared(world)
    with refused("InvalidIdentityToken", 400, "audience"):
        become(world, arn, token(world.root))


def test_another_service_account_does_not_get_the_role(world: LocalWorld) -> None:
    arn = prepared(world)
    with refused("AccessDenied", 403):
        become(world, arn, token(world.root, "shop/other", Audiences=[AUDIENCE]))


def test_a_forged_token_is_refused_and_nobody_is_asked(world: LocalWorld) -> None:
    arn = prepared(world)
    good = token(world.root, Audiences=[AUDIENCE])
    said, head = jwt.decode(good, options={"verify_signature": False}), jwt.get_unverified_header(good)
    forged = jwt.encode(
        said, rsa.generate_private_key(public_exponent=65537, key_size=2048), "RS256", headers=head
    )
    with refused("InvalidIdentityToken", 400):
        become(world, arn, forged)


def test_a_deleted_clusters_token_is_refused(world: LocalWorld) -> None:
    arn = prepared(world)
    text = token(world.root, Audiences=[AUDIENCE])
    own(world.root, "DeregisterCluster", ClusterName="prod")
    with refused("IDPCommunicationError", 400):  # an issuer elsewhere, which nothing is asked of here
        become(world, arn, text)


def test_a_service_account_becomes_its_role(world: LocalWorld) -> None:
    arn = prepared(world)
    answer = become(world, arn, token(world.root, Audiences=[AUDIENCE]))
    assert answer["SubjectFromWebIdentityToken"] == "system:serviceaccount:shop:cart"
    assert answer["Audience"] == AUDIENCE
    assert world.person(answer["Credentials"]).arn.endswith("assumed-role/cart/cart")


def test_the_issuer_may_have_a_name_of_the_servers(tmp_path: Any) -> None:
    world = LocalWorld(issuer_url="https://issuers.example/here")
    arn = prepared(world)
    assert cluster(world.root, "more")["Issuer"].startswith("https://issuers.example/here/id/")
    assert become(world, arn, token(world.root, Audiences=[AUDIENCE]))["Provider"]
    world.close()
