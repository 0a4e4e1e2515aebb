"""Which operation a method and a path lead to, and for which service."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rolekeeper.wire.canonical import canonical_path
from rolekeeper.wire.http import HttpRequest
from rolekeeper.wire.model import service
from rolekeeper.wire.rest_routes import MOST_SEGMENTS, Route, lead, route, scope

SIGNED = (
    "AWS4-HMAC-SHA256 Credential=AKIA/20261122/eu-west-1/{}/aws4_request, SignedHeaders=host, Signature=0"
)


def asking(
    method: str, path: str, *, signed: str | None = "eks", query: str = "", **headers: str
) -> HttpRequest:
    if signed is not None:
        headers["authorization"] = SIGNED.format(signed)
    return HttpRequest(method=method, path=path, query=query, headers=list(headers.items()))


def led(*given: Any, **more: Any) -> tuple[str, dict[str, str]]:
    found = route(asking(*given, **more))
    assert isinstance(found, Route)
    assert found.operation is not None
    return found.operation.name, dict(found.labels)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PUT", "/clusters"),
        ("GET", "/"),
        ("GET", "/clusters/a/pod-identity-association"),
        ("GET", "/Clusters"),
        ("GET", "/clusters/a/pod-identity-associations/a-1/more"),
        ("BREW", "/clusters"),
        ("GET", "/clusters" + "/x" * MOST_SEGMENTS * 2),
    ],
)
def test_no_operation_has_that_method_and_path(method: str, path: str) -> None:
    found = route(asking(method, path))
    assert found is not None
    assert (found.service, found.operation) == (service("eks"), None)


@pytest.mark.parametrize("signed", ["sts", "iam", "s3", "eks-"])
def test_what_is_signed_for_another_service_is_none_of_these(signed: str) -> None:
    assert route(asking("GET", "/clusters", signed=signed)) is None


def test_a_target_is_of_another_protocol() -> None:
    asked = HttpRequest(
        method="POST",
        path="/clusters",
        headers=[("authorization", SIGNED.format("eks")), ("x-amz-target", "A.B")],
    )
    assert route(asked) is None


@pytest.mark.parametrize(
    ("method", "path", "operation", "labels"),
    [
        ("GET", "/clusters", "ListClusters", {}),
        ("GET", "/clusters/", "ListClusters", {}),
        ("GET", "//clusters", "ListClusters", {}),
        (
            "POST",
            "/clusters/prod/pod-identity-associations",
            "CreatePodIdentityAssociation",
            {"name": "prod"},
        ),
        ("GET", "/clusters/a%2Fb%20c", "DescribeCluster", {"name": "a/b c"}),
        ("GET", "/clusters/a/../b", "DescribeCluster", {"name": "b"}),
        ("GET", "/clusters/a+b", "DescribeCluster", {"name": "a+b"}),
        ("GET", "/clusters/%C3%A9", "DescribeCluster", {"name": "é"}),
    ],
)
def test_a_method_and_a_path_lead_to_an_operation(
    method: str, path: str, operation: str, labels: dict[str, str]
) -> None:
    assert led(method, path) == (operation, labels)


def test_without_a_signature_the_path_alone_leads() -> None:
    found = route(asking("POST", "/clusters/prod/assume-role-for-pod-identity", signed=None))
    assert found is not None
    assert found.service is service("eks-auth")
    assert route(asking("GET", "/nowhere", signed=None)) is None


def test_the_scope_is_read_of_any_kind_of_signature() -> None:
    credential = "1234567890/20261122/us-west-2/rolesanywhere/aws4_request"
    x509 = f"AWS4-X509-RSA-SHA256 Credential={credential}, SignedHeaders=host, Signature=0"
    asked = HttpRequest(method="POST", path="/sessions", headers=[("authorization", x509)])
    assert scope(asked) == ("us-west-2", "rolesanywhere")
    query = "X-Amz-Credential=AKIA%2F20261122%2Feu-west-1%2Feks%2Faws4_request"
    assert scope(asking("GET", "/clusters", signed=None, query=query)) == ("eu-west-1", "eks")
    assert scope(asking("GET", "/clusters", signed=None, query="X-Amz-Credential=AKIA")) is None


def test_a_literal_wins_over_a_label_and_a_greedy_label_takes_slashes() -> None:
    media = service("mediastore-data")
    found = lead(media, asking("GET", "/a/b%2Fc/d"))
    assert (found.operation and found.operation.name, found.labels) == ("GetObject", {"Path": "a/b/c/d"})
    chime = service("chime-sdk-identity")
    for action in ("tag", "untag"):
        asked = asking("POST", "/tags", query=f"operation={action}-resource")
        operation = lead(chime, asked).operation
        assert operation is not None
        assert operation.name == f"{action.capitalize()}Resource"
    assert lead(chime, asking("POST", "/tags")).operation is None


@given(st.text(alphabet="abc/.%2F+", max_size=30), st.text(alphabet="abc/.%2F+", max_size=30))
def test_paths_that_are_signed_alike_lead_alike(one: str, other: str) -> None:
    first, second = asking("GET", f"/clusters/{one}"), asking("GET", f"/clusters/{other}")
    if canonical_path(first.path) == canonical_path(second.path):
        assert route(first) == route(second)
