"""Secrets under keys: what is asked of what stands behind, and what is not."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from rolekeeper.gateway.asked import Wanted
from rolekeeper.gateway.services.secretsmanager import RULES
from tests.gateway.asking import ACCOUNT, REGION, Behind, answer, asked

ARN = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:db-abcdef"
KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/1234"


def besides(behind: Behind, operation: str, **members: Any) -> tuple[Wanted, ...]:
    request = asked("secretsmanager", operation, SecretId="db", **members)
    return asyncio.run(RULES.besides[operation](behind, request, ())).wanted  # type: ignore[arg-type]


def test_of_a_secret_without_a_key_only_what_was_asked_anyway_is_asked() -> None:
    behind = Behind({"DescribeSecret": {"ARN": ARN, "Name": "db"}})
    request = asked("secretsmanager", "GetSecretValue", SecretId="db")
    find = RULES.answered["GetSecretValue"]
    body = json.dumps({"ARN": ARN, "VersionId": "1", "SecretString": "x"}).encode()
    assert list(asyncio.run(find(behind, request, request, answer(body)))) == []  # type: ignore[arg-type]
    assert besides(behind, "PutSecretValue", SecretString="x") == ()
    assert {call[1] for call in behind.calls} == {"DescribeSecret"}
    assert besides(Behind({}), "UpdateSecret", Description="x") == ()


def test_an_empty_key_is_that_of_aws() -> None:
    behind = Behind({"DescribeSecret": {"ARN": ARN, "KmsKeyId": KEY}})
    assert besides(behind, "UpdateSecret", SecretString="x", KmsKeyId="") == ()
    assert {each.resource for each in besides(behind, "UpdateSecret", SecretString="x")} == {KEY}


def test_a_replica_is_asked_for_the_key_of_its_region_beside_that_of_the_secret() -> None:
    behind = Behind({"DescribeSecret": {"ARN": ARN, "KmsKeyId": KEY}})
    regions = [{"Region": "us-east-1", "KmsKeyId": "5678"}, {"Region": "us-east-2"}]
    found = besides(behind, "ReplicateSecretToRegions", AddReplicaRegions=regions)
    there = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/5678"
    assert [(each.action, each.resource) for each in found] == [
        ("kms:Decrypt", KEY),
        ("kms:GenerateDataKey", there),
        ("kms:Encrypt", there),
    ]
    assert found[1].keys["kms:viaservice"] == "secretsmanager.us-east-1.amazonaws.com"
