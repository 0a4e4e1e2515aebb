"""The catalogue of AWS's own policies: whole, readable by the policy language, and untouched."""

from __future__ import annotations

import json

import pytest

from rolekeeper.iam import aws_policies
from rolekeeper.policy.document import parse_document


def test_there_are_all_of_them() -> None:
    assert len(aws_policies.every()) > 1500
    assert list(aws_policies.every()) == sorted(aws_policies.every())


def test_a_policy_is_found_without_regard_to_case() -> None:
    found = aws_policies.find("readonlyaccess")
    assert found is not None
    assert found.arn("aws-cn") == "arn:aws-cn:iam::aws:policy/ReadOnlyAccess"
    assert aws_policies.find("ReadEverything") is None


def test_a_path_is_part_of_the_arn() -> None:
    found = aws_policies.find("AWSLambdaBasicExecutionRole")
    assert found is not None
    assert found.arn("aws") == "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"


def test_an_earlier_version_has_its_own_document() -> None:
    policy = aws_policies.every()["readonlyaccess"]
    versions = list(aws_policies.versions(policy))
    assert versions[-1] == policy.default_version
    assert len(versions) > 100
    first, last = aws_policies.version(policy, versions[0]), aws_policies.version(policy, versions[-1])
    assert first.created < last.created == policy.updated
    assert json.loads(first.document) != json.loads(last.document)
    with pytest.raises(KeyError):
        aws_policies.version(policy, "v0")


def test_the_ids_are_all_different() -> None:
    identifiers = {policy.id for policy in aws_policies.every().values()}
    assert len(identifiers) == len(aws_policies.every())
    assert {len(identifier) for identifier in identifiers} == {21}


def test_every_document_is_a_policy() -> None:
    for policy in aws_policies.every().values():
        assert parse_document(policy.document).statements
