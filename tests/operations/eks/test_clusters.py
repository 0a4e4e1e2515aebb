"""Clusters: how many there may be, and that a page of them is of the caller's region alone."""

from __future__ import annotations

import pytest

from rolekeeper.operations.eks import clusters
from tests.client import LocalWorld
from tests.operations.eks.world import cluster, own


def test_there_are_not_too_many(local: LocalWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clusters, "MAX_CLUSTERS", 2)
    for name in ("a", "b"):
        cluster(local.root, name)
    refused = own(local.root, "RegisterCluster", ClusterName="c")
    assert (refused["status"], refused["__type"]) == (400, "ResourceLimitExceededException")
    own(local.root, "DeregisterCluster", ClusterName="a")
    assert own(local.root, "RegisterCluster", ClusterName="c")["status"] == 200


def test_they_are_listed_in_pages(local: LocalWorld) -> None:
    for name in ("a", "b"):
        cluster(local.root, name)
    first = own(local.root, "ListClusters", MaxResults=1)
    second = own(local.root, "ListClusters", MaxResults=1, NextToken=first["NextToken"])
    assert [each["ClusterName"] for each in first["Clusters"] + second["Clusters"]] == ["a", "b"]
    assert "NextToken" not in second
