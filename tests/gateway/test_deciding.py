"""What a request is called before it is read: as it is asked for in policies, so that the trail agrees."""

from __future__ import annotations

from typing import Any, cast

import pytest

from rolekeeper.gateway.classify import classify
from rolekeeper.gateway.deciding import Deciding, Options
from rolekeeper.gateway.foreign import foreign
from rolekeeper.wire import model
from rolekeeper.wire.reading import Route
from tests.gateway.asking import asked

NOTHING = cast(Any, None)
DECIDING = Deciding(NOTHING, NOTHING, Options())


def action(service: str, operation: str) -> str:
    found = model.service(service)
    return DECIDING.action(
        Route(service=found, operation=found.operations[operation], protocol=found.protocol)
    )


@pytest.mark.parametrize(
    ("service", "operation", "called"),
    [
        ("cloudfront", "CreateDistribution", "cloudfront:CreateDistribution"),
        ("cloudfront", "ListDistributions", "cloudfront:ListDistributions"),
        ("s3", "ListObjectsV2", "s3:ListBucket"),
        ("s3", "HeadObject", "s3:GetObject"),
        ("lambda", "Invoke", "lambda:InvokeFunction"),
        ("memorydb", "DescribeACLs", "memorydb:DescribeAcls"),
        ("apigateway", "GetRestApi", "apigateway:GET"),
        ("apigateway", "CreateRestApi", "apigateway:POST"),
        ("kms", "ReEncrypt", "kms:ReEncrypt"),
    ],
)
def test_a_request_is_called_as_policies_call_it(service: str, operation: str, called: str) -> None:
    assert action(service, operation) == called


def test_it_is_called_in_the_trail_as_in_a_refusal() -> None:
    for service, operation, members in (
        ("cloudfront", "GetDistribution", {"Id": "E1"}),
        ("apigateway", "GetRestApi", {"restApiId": "abc"}),
        ("s3", "ListObjectsV2", {"Bucket": "photos"}),
    ):
        assert classify(asked(service, operation, **members))[0].action == action(service, operation)


@pytest.mark.parametrize(
    ("service", "operation", "writes"),
    [
        ("cloudfront", "ListDistributions", False),
        ("cloudfront", "CreateDistribution", True),
        ("apigateway", "GetRestApi", False),
        ("apigateway", "UpdateRestApi", True),
    ],
)
def test_what_only_reads_is_known_by_it(service: str, operation: str, writes: bool) -> None:
    found = model.service(service)
    made = foreign(found, found.operations[operation], action(service, operation))
    assert made.writes is writes


def test_an_operation_that_the_reference_does_not_know_keeps_its_name() -> None:
    dated = model.service("cloudfront").operations["CreateDistribution"]
    found = model.service("rbin")
    assert DECIDING.action(Route(service=found, operation=dated, protocol="rest-json")) == (
        "rbin:CreateDistribution"
    )
