"""Service-linked roles appear when a service is first used, for who may make them."""

from __future__ import annotations

from typing import Any

import pytest

from rolekeeper.errors import AccessDenied
from rolekeeper.gateway import first_use
from rolekeeper.gateway.asked import Asked
from rolekeeper.iam.service_linked import SERVICES
from rolekeeper.service.call import Caller
from tests.asking import _asked
from tests.client import LocalWorld, Person
from tests.gateway.behind import asked
from tests.people import allow, user

GROUP = asked("autoscaling", "CreateAutoScalingGroup", AutoScalingGroupName="g")
PRINCIPAL = "autoscaling.amazonaws.com"


def caller(person: Person) -> Caller:
    with _asked(person) as (_, call):
        return call.caller


def make(local: LocalWorld, person: Person, request: Asked) -> None:
    for principal in first_use.missing(local.server.store, request):
        first_use.make(local.server.service_calls, caller(person), request, principal)


def test_the_role_is_made_once_on_behalf_of_the_caller(local: LocalWorld) -> None:
    bob = user(local.root, "bob", allow("iam:CreateServiceLinkedRole"))
    assert first_use.missing(local.server.store, GROUP) == (PRINCIPAL,)
    make(local, bob, GROUP)
    assert first_use.missing(local.server.store, GROUP) == ()
    found = local.root.iam.get_role(RoleName="AWSServiceRoleForAutoScaling")["Role"]
    assert found["Path"] == f"/aws-service-role/{PRINCIPAL}/"
    event = [each for each in local.events() if each["eventName"] == "CreateServiceLinkedRole"][-1]
    assert event["userIdentity"]["userName"] == "bob"
    assert event["userIdentity"]["invokedBy"] == PRINCIPAL


def test_who_may_not_make_it_is_refused(local: LocalWorld) -> None:
    other = {"StringEquals": {"iam:AWSServiceName": "ecs.amazonaws.com"}}
    bob = user(local.root, "bob", allow("iam:CreateServiceLinkedRole", Condition=other))
    with pytest.raises(AccessDenied, match="iam:CreateServiceLinkedRole"):
        make(local, bob, GROUP)
    assert first_use.missing(local.server.store, GROUP) == (PRINCIPAL,)


@pytest.mark.parametrize(
    ("service", "operation", "members", "principals"),
    [
        ("autoscaling", "CreateAutoScalingGroup", {"ServiceLinkedRoleARN": "arn"}, ()),
        ("ecs", "CreateCluster", {}, ("ecs.amazonaws.com",)),
        ("ecs", "CreateService", {"role": "ecsServiceRole"}, ()),
        ("elbv2", "CreateLoadBalancer", {}, ("elasticloadbalancing.amazonaws.com",)),
        ("rds", "CreateDBInstance", {}, ("rds.amazonaws.com",)),
        ("kms", "CreateKey", {}, ()),
        ("kms", "CreateKey", {"MultiRegion": True}, ("mrk.kms.amazonaws.com",)),
        (
            "application-autoscaling",
            "RegisterScalableTarget",
            {"ServiceNamespace": "dynamodb"},
            ("dynamodb.application-autoscaling.amazonaws.com",),
        ),
        ("s3", "CreateBucket", {}, ()),
    ],
)
def test_which_role_a_request_needs(
    service: str, operation: str, members: dict[str, Any], principals: tuple[str, ...]
) -> None:
    assert first_use.principals(asked(service, operation, **members)) == principals


def test_every_row_is_about_an_operation_and_a_role_that_there_are() -> None:
    for (service, operation), rows in first_use._FIRST.items():
        request = asked(service, operation)
        assert {principal for principal, _ in rows} <= set(SERVICES)
        names = {name for name, _ in request.operation.members}
        assert all(not condition or condition[1:] in names for _, condition in rows)
