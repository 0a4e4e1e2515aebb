"""Whatever is asked, by whomever: AWS's errors, and never one of ours."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
from botocore import xform_name
from botocore.exceptions import ClientError

from rolekeeper.wire.model import OperationModel, service
from tests.client import OTHER_ACCOUNT
from tests.operations.organizations.conftest import SCP, Org
from tests.wire.samples import sample

OPERATIONS = list(service("organizations").operations.values())
ROUNDS = 12
OF_ALL = {
    "UnrecognizedClientException",  # once the account is closed
    "ValidationException",
}


def known(org: Org, random: Random) -> dict[str, str]:
    """Values that are there, so that the answer does not end at what is not found."""
    return {
        "AccountId": random.choice([org.member_id, org.root.account, OTHER_ACCOUNT]),
        "ParentId": random.choice([org.root_id, org.unit]),
        "SourceParentId": org.unit,
        "DestinationParentId": org.root_id,
        "OrganizationalUnitId": org.unit,
        "TargetId": random.choice([org.root_id, org.unit, org.member_id]),
        "ResourceId": random.choice([org.root_id, org.unit, org.member_id]),
        "ChildId": random.choice([org.unit, org.member_id]),
        "PolicyId": random.choice(["p-FullAWSAccess", "p-RCPFullAWSAccess"]),
        "RootId": org.root_id,
        "PolicyType": SCP,
    }


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_it_is_answered_in_aws_words(org: Org, operation: OperationModel) -> None:
    random = Random(operation.name)
    codes = {error.code for error in operation.errors} | OF_ALL
    for number in range(ROUNDS):
        values: dict[str, Any] = {}
        if operation.input is not None:
            values = sample(operation.input, random, constrained=bool(number % 2))
        if number % 4 > 1:
            values |= {name: value for name, value in known(org, random).items() if name in values}
        for person in (org.root, org.admin, org.member, org.world.other):
            try:
                getattr(person.organizations, xform_name(operation.name))(**values)
            except ClientError as error:
                assert error.response["Error"]["Code"] in codes, error
