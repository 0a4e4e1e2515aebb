"""The layers as the batch contract gives them, and what a decision shows."""

from __future__ import annotations

from typing import Any

import pytest

from rolekeeper.policy.context import AccountRoot, RequestContext
from rolekeeper.policy.decision import Decision, Outcome, PolicyLayers, StatementReference, door
from rolekeeper.policy.document import PolicySyntaxError

A = "123456789012"
MINE: dict[str, Any] = {"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}
OPEN: dict[str, Any] = {"Statement": {**MINE["Statement"], "Principal": "*"}}


@pytest.mark.parametrize(
    ("policies", "said"),
    [
        ({"identities": []}, "'identity'"),
        ({"boundry": []}, "'boundary'"),
        ({"identity": MINE}, "identity must be a list"),
        ({"scp": [MINE]}, r"scp\[0\] must be a list"),
        ({"scp": MINE}, "list of levels"),
        ({"identity": [5]}, r"identity\[0\] must be"),
        ({"resource": [OPEN]}, "resource must be"),
    ],
)
def test_layers_that_are_none_are_refused(policies: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        PolicyLayers.from_json(policies)


@pytest.mark.fact(99)
@pytest.mark.parametrize(
    ("policies", "path"),
    [
        ({"identity": [MINE, OPEN]}, "identity[1].Statement[0]"),
        ({"boundary": [OPEN]}, "boundary[0].Statement[0]"),
        ({"scp": [[MINE], [OPEN]]}, "scp[1][0].Statement[0]"),
        ({"rcp": [[MINE]]}, "rcp[0][0].Statement[0]"),
        ({"vpc_endpoint": [MINE]}, "vpc_endpoint[0].Statement[0]"),
        ({"resource": MINE}, "resource.Statement[0]"),
        ({"identity": [{"Statement": {"Effect": "Allow", "Action": "*"}}]}, "identity[0].Statement[0]"),
        (
            {"identity": [{"Statement": [{**MINE["Statement"], "NotAction": "*"}]}]},
            "identity[0].Statement[0]",
        ),
    ],
)
def test_fact_099_elements_where_they_may_not_be(policies: dict[str, Any], path: str) -> None:
    with pytest.raises(PolicySyntaxError) as caught:
        PolicyLayers.from_json(policies)
    assert caught.value.path == path


def test_absent_is_not_empty() -> None:
    assert PolicyLayers.from_json({}) == PolicyLayers()
    assert PolicyLayers.from_json({"boundary": None}).boundary is None
    layers = PolicyLayers.from_json({"boundary": [], "session": [], "scp": [], "rcp": [[]]})
    assert (layers.boundary, layers.session, layers.scp, layers.rcp) == ((), (), (), ((),))


def test_every_layer_is_read() -> None:
    layers = PolicyLayers.from_json(
        {"identity": [MINE], "scp": [[MINE], [MINE, MINE]], "resource": OPEN, "vpc_endpoint": [OPEN]}
    )
    assert [len(level) for level in layers.scp or ()] == [1, 2]
    assert layers.resource is not None
    assert layers.resource == (layers.vpc_endpoint or ())[0]


ROLE, KEY = f"arn:aws:iam::{A}:role/app", f"arn:aws:kms:us-east-1:{A}:key/k"


@pytest.mark.fact(17)
@pytest.mark.parametrize(
    ("action", "resource", "expected"),
    [
        ("sts:AssumeRole", ROLE, "trust"),
        ("STS:assumerolewithsaml", ROLE, "trust"),
        ("sts:TagSession", ROLE, "trust"),
        ("sts:SetSourceIdentity", ROLE, "trust"),
        ("sts:AssumeRole", f"arn:aws:iam::{A}:user/x", None),
        ("iam:GetRole", ROLE, None),
        ("kms:Decrypt", KEY, "kms"),
        ("kms:CreateAlias", f"arn:aws:kms:us-east-1:{A}:alias/a", None),
        ("kms:ListKeys", "*", None),
        ("s3:GetObject", KEY, None),
    ],
)
def test_fact_017_doors_are_seen(action: str, resource: str, expected: str | None) -> None:
    context = RequestContext(principal=AccountRoot(account=A), action=action, resource=resource)
    assert door(context, PolicyLayers()) == expected


def test_a_named_door_is_taken() -> None:
    context = RequestContext(principal=AccountRoot(account=A), action="s3:GetObject", resource="*")
    assert door(context, PolicyLayers(resource_kind="kms")) == "kms"


def test_only_an_allow_is_allowed() -> None:
    assert [Decision(outcome=outcome).allowed for outcome in Outcome] == [True, False, False]


def test_a_reference_shows_its_place() -> None:
    named = StatementReference(layer="scp", level=1, document=2, statement=3, sid="Stop")
    assert str(named) == "scp[1][2].Statement[3] (Stop)"
    assert str(StatementReference(layer="identity", document=0, statement=0)) == "identity[0].Statement[0]"
