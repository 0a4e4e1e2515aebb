"""The embedded backend has the services that people use most, in the protocol that our own questions have."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from rolekeeper.gateway.backends import Backends
from rolekeeper.gateway.embedded import Embedded, installed
from rolekeeper.wire.client import read_answer, write_request

ACCOUNT = "111111111111"
QUESTIONS: list[tuple[str, str, dict[str, Any], str]] = [
    ("acm", "ListCertificates", {}, "CertificateSummaryList"),
    ("apigateway", "GetRestApis", {}, "items"),
    ("apigatewayv2", "GetApis", {}, "Items"),
    ("autoscaling", "DescribeAutoScalingGroups", {}, "AutoScalingGroups"),
    ("cloudformation", "DescribeStacks", {}, "Stacks"),
    ("cloudwatch", "ListMetrics", {}, "Metrics"),
    ("dynamodb", "ListTables", {}, "TableNames"),
    ("dynamodbstreams", "ListStreams", {}, "Streams"),
    ("ec2", "DescribeVpcs", {}, "Vpcs"),
    ("ecr", "DescribeRepositories", {}, "repositories"),
    ("ecs", "ListClusters", {}, "clusterArns"),
    ("elb", "DescribeLoadBalancers", {}, "LoadBalancerDescriptions"),
    ("elbv2", "DescribeLoadBalancers", {}, "LoadBalancers"),
    ("events", "ListRules", {}, "Rules"),
    ("firehose", "ListDeliveryStreams", {}, "DeliveryStreamNames"),
    ("glue", "GetDatabases", {}, "DatabaseList"),
    ("kinesis", "ListStreams", {}, "StreamNames"),
    ("kms", "ListKeys", {}, "Keys"),
    ("lambda", "ListFunctions", {}, "Functions"),
    ("logs", "DescribeLogGroups", {}, "logGroups"),
    ("rds", "DescribeDBInstances", {}, "DBInstances"),
    ("route53", "ListHostedZones", {}, "HostedZones"),
    ("s3", "ListBuckets", {}, "Buckets"),
    ("s3control", "ListAccessPoints", {"AccountId": ACCOUNT}, "AccessPointList"),
    ("secretsmanager", "ListSecrets", {}, "SecretList"),
    ("sns", "ListTopics", {}, "Topics"),
    ("sqs", "ListQueues", {"QueueNamePrefix": "x"}, ""),
    ("ssm", "DescribeParameters", {}, "Parameters"),
    ("stepfunctions", "ListStateMachines", {}, "stateMachines"),
]
pytestmark = pytest.mark.skipif(not installed(), reason="the extra `local` is not installed")


@pytest.fixture(scope="module")
def behind() -> Iterator[tuple[asyncio.Runner, Backends]]:
    with asyncio.Runner() as runner:
        backends = Backends({"*": Embedded()})
        runner.run(backends.start())
        yield runner, backends
        runner.run(backends.close())


async def answered(
    backends: Backends, service: str, operation: str, members: dict[str, Any]
) -> dict[str, Any]:
    written = write_request(service, operation, members)
    async with backends.open(service, written, None, ACCOUNT, "eu-west-1") as answer:
        body = await answer.whole(10 << 20)
        return read_answer(service, operation, answer.status, dict(answer.headers), body)


@pytest.mark.parametrize(
    ("service", "operation", "members", "found"), QUESTIONS, ids=lambda each: str(each)[:20]
)
def test_a_service_answers(
    behind: tuple[asyncio.Runner, Backends],
    service: str,
    operation: str,
    members: dict[str, Any],
    found: str,
) -> None:
    runner, backends = behind
    answer = runner.run(answered(backends, service, operation, members))
    assert isinstance(answer.get(found, []), list)
    assert not found or found in answer
