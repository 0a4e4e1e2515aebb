"""The short reason of a decision: what decided, or what came nearest."""

from __future__ import annotations

import pytest

from rolekeeper.policy.authorize import authorize
from rolekeeper.policy.context import RequestContext
from rolekeeper.policy.decision import PolicyLayers
from rolekeeper.policy.why import why

ANA = "arn:aws:iam::123456789012:user/ana"


def policy(effect="Allow", **more):
    return {"Version": "2012-10-17", "Statement": {"Effect": effect, "Action": "*", "Resource": "*", **more}}


FULL, OTHER = policy(), policy(Resource="arn:aws:s3:::other")
PUT = policy(Action="s3:Put*")
OTHER_TEXT = "Resource: request is for 'arn:aws:s3:::b', statement has 'arn:aws:s3:::other'"


@pytest.mark.parametrize(
    ("policies", "said"),
    [
        ({}, "no identity-based policy allows it: no Allow there speaks of the action"),
        ({"identity": [PUT]}, "no identity-based policy allows it: no Allow there speaks of the action"),
        (
            {"identity": [PUT, OTHER]},
            f"no identity-based policy allows it; nearest is identity[1].Statement[0]: {OTHER_TEXT}",
        ),
        (
            {"identity": [FULL], "boundary": [OTHER]},
            f"no permissions boundary allows it; nearest is boundary[0].Statement[0]: {OTHER_TEXT}",
        ),
        (
            {"scp": [[FULL], [OTHER]]},
            f"no service control policy allows it; nearest is scp[1][0].Statement[0]: {OTHER_TEXT}",
        ),
        ({"identity": [policy("Deny", Sid="Stop")]}, "denied by identity[0].Statement[0] (Stop)"),
        ({"identity": [FULL]}, "allowed by identity[0].Statement[0]"),
    ],
)
def test_the_reason_of_a_decision(policies, said) -> None:
    context = RequestContext.from_json(
        {"principal": ANA, "action": "s3:GetObject", "resource": "arn:aws:s3:::b"}
    )
    layers = PolicyLayers.from_json(policies)
    for _ in range(2):
        assert why(context, layers, authorize(context, layers)) == said


def test_the_root_user_needs_no_policy() -> None:
    context = RequestContext.from_json(
        {"principal": ANA.replace("user/ana", "root"), "action": "s3:GetObject", "resource": "arn:aws:s3:::b"}
    )
    layers = PolicyLayers()
    assert why(context, layers, authorize(context, layers)) == "allowed without a policy that says so"
