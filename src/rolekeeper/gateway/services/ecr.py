"""ECR: repositories of images, by their names in a registry, which is an account's.

Where a request names no repository it is about all there are.
Source: "Actions, resources, and condition keys for Amazon Elastic Container Registry" in the Service
Authorization Reference; "Using tag-based access control" in the Amazon ECR User Guide.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from rolekeeper.gateway.asked import Asked, Wanted
from rolekeeper.gateway.naming import Asking, Kind, all_of, kind_of_all, on, refuse, required, strings
from rolekeeper.gateway.rules import Lookups, Rules
from rolekeeper.policy.context import KeyValue

REPOSITORY = Kind(type="repository", service="ecr", before="repository/", name="[a-z0-9._/-]{2,256}")

_OPERATIONS = (
    *("BatchCheckLayerAvailability", "BatchDeleteImage", "BatchGetImage", "CompleteLayerUpload"),
    *(
        "DeleteLifecyclePolicy",
        "DeleteRepository",
        "DeleteRepositoryPolicy",
        "DescribeImageReplicationStatus",
    ),
    *("DescribeImageScanFindings", "DescribeImages", "GetDownloadUrlForLayer", "GetLifecyclePolicy"),
    *("GetLifecyclePolicyPreview", "GetRepositoryPolicy", "InitiateLayerUpload", "ListImages", "PutImage"),
    *("PutImageScanningConfiguration", "PutImageTagMutability", "PutLifecyclePolicy", "SetRepositoryPolicy"),
    *("StartImageScan", "StartLifecyclePolicyPreview", "UploadLayerPart"),
)


def _registry(asked: Asked) -> str:
    """The account whose registry is meant."""
    account = str(asked.members.get("registryId") or asked.account)
    if not re.fullmatch("[0-9]{12}", account):
        refuse(f"Invalid parameter at 'registryId' failed to satisfy constraint: {account}")
    return account


def _repository(asked: Asked, action: str, name: str) -> Wanted:
    resource = REPOSITORY.arn(asked, name, _registry(asked))
    return Wanted(action=f"ecr:{action}", resource=resource, type=REPOSITORY.type)


def _on_repository(asked: Asked) -> Iterator[Wanted]:
    yield _repository(asked, asked.operation.name, required(asked, "repositoryName"))


def _on_repositories(*, every: bool) -> Asking:
    def asking(asked: Asked) -> Iterator[Wanted]:
        names = asked.members.get("repositoryNames") or ()
        if not names and not every:
            refuse("Missing required parameter repositoryNames")
        for name in dict.fromkeys(names):
            yield _repository(asked, asked.operation.name, name)
        if not names:
            resource = kind_of_all(asked, REPOSITORY).replace(asked.account, _registry(asked), 1)
            yield Wanted(action=f"ecr:{asked.operation.name}", resource=resource, type=REPOSITORY.type)

    return asking


def _create(asked: Asked) -> Iterator[Wanted]:
    name = required(asked, "repositoryName")
    yield _repository(asked, "CreateRepository", name)
    if asked.members.get("tags"):
        yield _repository(asked, "TagResource", name)


def _keys(asked: Asked) -> Mapping[str, KeyValue]:
    if asked.operation.name in ("GetAccountSetting", "PutAccountSetting"):
        return strings(asked.members, **{"ecr:accountsetting": "name"})
    return {}


async def _tags(lookups: Lookups, asked: Asked, arn: str) -> Mapping[str, str]:
    if arn.endswith("*"):
        return {}
    answer = await lookups.ask(asked, "ecr", "ListTagsForResource", resourceArn=arn)
    return {tag["Key"]: tag["Value"] for tag in (answer or {}).get("tags") or ()}


async def _policy(lookups: Lookups, asked: Asked, arn: str) -> str | None:
    if arn.endswith("*"):
        return None
    name = arn.partition(":repository/")[2]
    answer = await lookups.ask(asked, "ecr", "GetRepositoryPolicy", repositoryName=name)
    policy: str | None = (answer or {}).get("policyText")
    return policy


RULES = Rules(
    prefix="ecr",
    special={
        **all_of(_OPERATIONS, _on_repository),
        **all_of(
            ("TagResource", "UntagResource", "ListTagsForResource"),
            on("ecr", REPOSITORY, "resourceArn", whole=True),
        ),
        "BatchGetRepositoryScanningConfiguration": _on_repositories(every=False),
        "CreateRepository": _create,
        "DescribeRepositories": _on_repositories(every=True),
    },
    keys=_keys,
    tags={REPOSITORY.type: _tags},
    policies={REPOSITORY.type: _policy},
)
