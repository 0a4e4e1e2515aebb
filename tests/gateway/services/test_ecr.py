from __future__ import annotations

from typing import Any

import pytest

from rolekeeper import errors
from tests.gateway.asking import ACCOUNT, OTHER, keys, pairs, policy, tags

ARN = f"arn:aws:ecr:eu-west-1:{ACCOUNT}:repository/team/app"


@pytest.mark.parametrize("operation", ["BatchGetImage", "PutImage", "ListImages", "SetRepositoryPolicy"])
def test_a_repository_is_called_by_its_name(operation: str) -> None:
    assert pairs("ecr", operation, repositoryName="team/app") == [(f"ecr:{operation}", "repository/team/app")]
    assert pairs("ecr", operation, repositoryName="team/app2") == [
        (f"ecr:{operation}", "repository/team/app2")
    ]


def test_a_registry_is_an_account() -> None:
    theirs = ARN.replace(ACCOUNT, OTHER)
    assert pairs("ecr", "BatchGetImage", repositoryName="team/app", registryId=OTHER) == [
        ("ecr:BatchGetImage", theirs)
    ]
    assert pairs("ecr", "DescribeRepositories", registryId=OTHER) == [
        ("ecr:DescribeRepositories", f"arn:aws:ecr:eu-west-1:{OTHER}:repository/*")
    ]


@pytest.mark.parametrize(
    "members",
    [
        {},
        {"repositoryName": "*"},
        {"repositoryName": "Team"},
        {"repositoryName": "a:b"},
        {"repositoryName": ARN},
        {"repositoryName": "app", "registryId": "*"},
    ],
)
def test_what_names_no_repository_is_refused(members: Any) -> None:
    with pytest.raises(errors.ValidationError):
        pairs("ecr", "BatchGetImage", **members)


def test_each_repository_is_asked_or_all_of_them() -> None:
    assert pairs("ecr", "DescribeRepositories", repositoryNames=["aa", "bb"]) == [
        ("ecr:DescribeRepositories", "repository/aa"),
        ("ecr:DescribeRepositories", "repository/bb"),
    ]
    assert pairs("ecr", "DescribeRepositories") == [("ecr:DescribeRepositories", "repository/*")]
    with pytest.raises(errors.ValidationError):
        pairs("ecr", "BatchGetRepositoryScanningConfiguration", repositoryNames=[])


def test_a_repository_made_with_tags_needs_what_tagging_needs() -> None:
    assert pairs("ecr", "CreateRepository", repositoryName="app", tags=[{"Key": "a", "Value": "b"}]) == [
        ("ecr:CreateRepository", "repository/app"),
        ("ecr:TagResource", "repository/app"),
    ]


def test_tags_are_of_a_repository_by_its_arn() -> None:
    assert pairs("ecr", "TagResource", resourceArn=ARN) == [("ecr:TagResource", "repository/team/app")]
    with pytest.raises(errors.ValidationError):
        pairs("ecr", "TagResource", resourceArn=ARN.replace("eu-west-1", "us-east-1"))


def test_condition_keys_are_what_the_request_says() -> None:
    told = keys("ecr", "PutAccountSetting", name="BASIC_SCAN_TYPE_VERSION")
    assert told == {"ecr:accountsetting": "BASIC_SCAN_TYPE_VERSION"}


def test_tags_and_policy_are_read() -> None:
    answers = {
        "ListTagsForResource": {"tags": [{"Key": "a", "Value": "b"}]},
        "GetRepositoryPolicy": lambda members: {"policyText": members["repositoryName"]},
    }
    assert tags("ecr", "repository", ARN, answers) == {"a": "b"}
    assert policy("ecr", "repository", ARN, answers) == "team/app"
    every = f"arn:aws:ecr:eu-west-1:{ACCOUNT}:repository/*"
    assert policy("ecr", "repository", every, answers) is None
    assert tags("ecr", "repository", every, answers) == {}
