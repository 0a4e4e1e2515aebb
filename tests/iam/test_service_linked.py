"""The table of service-linked roles: every row stands on a policy that AWS made for it."""

from __future__ import annotations

import json

import pytest

from rolekeeper.iam import aws_policies
from rolekeeper.iam.service_linked import SERVICES, LinkedService


@pytest.mark.parametrize("service", SERVICES.values(), ids=SERVICES)
def test_every_service_has_its_policy_its_name_and_its_trust(service: LinkedService) -> None:
    policy = aws_policies.find(service.policy)
    assert policy is not None
    assert (policy.name, policy.path) == (service.policy, "/aws-service-role/")
    assert service.role_name.startswith("AWSServiceRoleFor")
    assert len(service.role_name) <= 64
    (statement,) = json.loads(service.trust)["Statement"]
    assert statement["Principal"] == {"Service": [service.principal]}


def test_no_two_share_a_role_or_a_policy() -> None:
    assert len({service.role_name for service in SERVICES.values()}) == len(SERVICES) > 100
    assert len({service.policy for service in SERVICES.values()}) == len(SERVICES)


def test_these_take_a_suffix() -> None:
    taking = {name for name, service in SERVICES.items() if service.suffixed}
    assert taking == {"autoscaling.amazonaws.com", "connect.amazonaws.com", "lexv2.amazonaws.com"}
    assert SERVICES["autoscaling.amazonaws.com"].name("blue") == "AWSServiceRoleForAutoScaling_blue"
