from __future__ import annotations

import pytest

from rolekeeper.policy.accesses import authorize_all
from rolekeeper.policy.context import IamUser, RequestContext
from rolekeeper.policy.decision import Outcome, PolicyLayers
from rolekeeper.policy.document import PolicyDocument, parse_document

A = "123456789012"
ANA = IamUser(arn=f"arn:aws:iam::{A}:user/ana")
EC2 = f"arn:aws:ec2:us-east-1:{A}:"
IMAGE, SUBNET, INSTANCE = "arn:aws:ec2:us-east-1::image/ami-1", f"{EC2}subnet/subnet-1", f"{EC2}instance/*"


def policy(*statements: dict[str, object]) -> PolicyDocument:
    return parse_document({"Version": "2012-10-17", "Statement": list(statements)})


def run(resource: str, **keys: str) -> RequestContext:
    """One of the accesses of RunInstances."""
    return RequestContext(
        principal=ANA, action="ec2:RunInstances", resource=resource, resource_account=A, keys=keys
    )


def launch(effect: str = "Allow", **more: object) -> dict[str, object]:
    return {"Effect": effect, "Action": "ec2:RunInstances", **more}


@pytest.mark.fact(100)
@pytest.mark.parametrize("missing", [IMAGE, SUBNET, INSTANCE])
def test_fact_100_each_access_of_a_call_has_to_be_allowed(missing: str) -> None:
    resources = (IMAGE, SUBNET, INSTANCE)
    some = PolicyLayers(identity=(policy(launch(Resource=[name for name in resources if name != missing])),))
    answer = authorize_all((run(resource), some) for resource in resources)
    assert not answer.allowed
    assert (answer.decision.outcome, answer.access.resource) == (Outcome.IMPLICIT_DENY, missing)
    every = PolicyLayers(identity=(policy(launch(Resource=list(resources))),))
    assert authorize_all((run(resource), every) for resource in resources).allowed


@pytest.mark.fact(100)
def test_fact_100_keys_differ_by_resource() -> None:
    small = {"StringEquals": {"ec2:InstanceType": "t3.micro"}}
    accesses = (run(IMAGE), run(SUBNET), run(INSTANCE, **{"ec2:instancetype": "t3.micro"}))
    # Only the instance has a type: a condition on it that covers all three lets none but the instance pass.
    strict = PolicyLayers(identity=(policy(launch(Resource="*", Condition=small)),))
    answer = authorize_all((access, strict) for access in accesses)
    assert (answer.allowed, answer.access.resource) == (False, IMAGE)
    if_there = {"StringEqualsIfExists": {"ec2:InstanceType": "t3.micro"}}
    lenient = PolicyLayers(identity=(policy(launch(Resource="*", Condition=if_there)),))
    assert authorize_all((access, lenient) for access in accesses).allowed
    large = run(INSTANCE, **{"ec2:instancetype": "x1.32xlarge"})
    answer = authorize_all((access, lenient) for access in (*accesses[:2], large))
    assert (answer.allowed, answer.access.resource) == (False, INSTANCE)


@pytest.mark.fact(100)
def test_fact_100_a_deny_of_one_access_refuses_the_call() -> None:
    layers = PolicyLayers(
        identity=(policy(launch(Resource="*"), launch("Deny", Resource=SUBNET, Sid="NotHere")),)
    )
    answer = authorize_all((run(resource), layers) for resource in (IMAGE, SUBNET, INSTANCE))
    assert (answer.decision.outcome, answer.access.resource) == (Outcome.EXPLICIT_DENY, SUBNET)
    assert answer.decision.determining[0].sid == "NotHere"
    assert authorize_all((run(resource), layers) for resource in (IMAGE, INSTANCE)).allowed


def test_the_first_refusal_is_told_and_nothing_asked_behind_it() -> None:
    def accesses() -> object:
        yield run(IMAGE), PolicyLayers(identity=(policy(launch(Resource=IMAGE)),))
        yield run(SUBNET), PolicyLayers()
        raise AssertionError("asked behind a refusal")

    assert authorize_all(accesses()).access.resource == SUBNET  # type: ignore[arg-type]


def test_each_access_has_its_own_policies() -> None:
    full = PolicyLayers(identity=(policy(launch(Resource="*")),))
    assert not authorize_all([(run(IMAGE), full), (run(SUBNET), PolicyLayers())]).allowed
    assert authorize_all([(run(IMAGE), full), (run(SUBNET), full)]).allowed


def test_a_call_that_asks_for_nothing_is_an_error() -> None:
    with pytest.raises(ValueError, match="at least one access"):
        authorize_all(())
