"""Clusters: whose issuer a URL is, and what a token says."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from rolekeeper.iam import clusters, issuer_keys, web_identity
from rolekeeper.iam.clusters import Cluster, ServiceAccount

NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)
WHO = ServiceAccount(namespace="shop", name="cart", pod="cart-1", pod_id="p-1")
NEW, PRIVATE = clusters.make("111111111111", "eu-west-1", "prod", NOW, {})
ID = "14113BDDC61E5D6F5C0F464CB406E53C"
MADE = msgspec.structs.replace(NEW, issuer_id=ID)  # the names of tests must be the same each time


@pytest.mark.parametrize(
    "url",
    [
        "",
        ID,
        f"https://evil.example/id/{ID}",
        f"https://oidc.eks.eu-west-1.amazonaws.com.evil.example/id/{ID}",
        f"https://oidc.eks.eu-west-1.amazonaws.com/id/{ID}/",
        f"https://oidc.eks.eu-west-1.amazonaws.com/id/{ID.lower()}x",
        f"https://oidc.eks.eu-west-1.amazonaws.com/x/{ID}",
        f"https://issuers.example/id/{ID}",
    ],
)
def test_a_url_of_no_cluster(url: str) -> None:
    assert clusters.issuer_id(url, None) is None
    assert clusters.issuer_id(url, "https://other.example") is None


@pytest.mark.parametrize("base", [None, "https://issuers.example/here"])
def test_a_cluster_is_found_by_its_issuer(base: str | None) -> None:
    assert clusters.issuer_id(MADE.issuer_at(base), base) == ID
    assert clusters.issuer_id(MADE.issuer_at(base).removeprefix("https://"), base) == ID
    assert MADE.unique_id == clusters.unique_id(ID)


def test_the_issuer_has_awss_name_in_its_partition() -> None:
    assert MADE.issuer_at(None) == f"https://oidc.eks.eu-west-1.amazonaws.com/id/{ID}"
    china, _ = clusters.make("111111111111", "cn-north-1", "prod", NOW, {})
    assert china.issuer_at(None).startswith("https://oidc.eks.cn-north-1.amazonaws.com.cn/id/")
    assert clusters.issuer_id(china.issuer_at(None), None) == china.issuer_id


def test_the_clusters_key_signs_and_another_does_not() -> None:
    said = clusters.claims("https://x", WHO, ["a"], NOW, 600)
    token = web_identity.read(issuer_keys.sign(said, MADE.signer, PRIVATE))
    assert web_identity.verify(token, clusters.keys(MADE)) == said
    other, _ = clusters.make("111111111111", "eu-west-1", "prod", NOW, {})
    with pytest.raises(web_identity.InvalidIdentityToken):
        web_identity.verify(token, clusters.keys(other))
    assert PRIVATE.reveal() not in repr(MADE)


def test_a_token_says_whose_it_is() -> None:
    assert clusters.bearer(clusters.claims("https://x", WHO, ["a"], NOW, 600)) == WHO


@pytest.mark.parametrize(
    "changed",
    [
        {"sub": "system:serviceaccount:shop"},
        {"sub": "system:serviceaccount:shop:cart:more"},
        {"sub": "system:serviceaccount:shop:cart\n"},
        {"sub": ["system:serviceaccount:shop:cart"]},
        {"kubernetes.io": None},
        {"kubernetes.io": {"pod": "x"}},
        {"kubernetes.io": {"pod": {"name": "Cart", "uid": "x"}}},
        {"kubernetes.io": {"pod": {"name": "cart", "uid": 7}}},
    ],
)
def test_claims_of_no_pod(changed: dict[str, Any]) -> None:
    said = clusters.claims("https://x", WHO, ["a"], NOW, 600)
    assert clusters.bearer({**said, **changed}) is None


@pytest.mark.parametrize("name", ["", "-a", "a-", "A", "a_b", "a" * 64, "a.b"])
def test_what_is_no_namespace(name: str) -> None:
    assert not clusters.is_name(name)
    assert clusters.is_name("a-1")
    assert clusters.is_long_name("a.b")


def test_a_cluster_is_kept_in_its_region() -> None:
    assert isinstance(MADE, Cluster)
    assert MADE.key == "eu-west-1/prod"
    assert MADE.arn("aws") == "arn:aws:eks:eu-west-1:111111111111:cluster/prod"
