"""The shape of a decision, and what only the compiled evaluator has; the rules are in `test_facts`."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Mapping

import pytest

from rolekeeper.policy.authorize import authorize
from rolekeeper.policy.context import IamUser, RequestContext
from rolekeeper.policy.decision import Outcome, PolicyLayers
from rolekeeper.policy.plan import MAX_PLANS, prepare

ACCOUNT = "111122223333"
ANA = IamUser(arn=f"arn:aws:iam::{ACCOUNT}:user/ana", user_id="AIDAANA")


def request(action: str = "s3:GetObject", keys: Mapping[str, str] | None = None) -> RequestContext:
    return RequestContext(
        principal=ANA,
        action=action,
        resource="arn:aws:s3:::b/x",
        resource_account=ACCOUNT,
        keys={} if keys is None else keys,
    )


def statement(effect: str, **more: object) -> dict[str, object]:
    return {"Effect": effect, "Action": "s3:*", "Resource": "*", **more}


def identity(*statements: dict[str, object]) -> PolicyLayers:
    return PolicyLayers.from_json({"identity": [{"Version": "2012-10-17", "Statement": list(statements)}]})


def test_nothing_allows() -> None:
    decision = authorize(request(), PolicyLayers())
    assert (decision.outcome, decision.layer, decision.determining) == (Outcome.IMPLICIT_DENY, "identity", ())


def test_a_deny_names_its_statement() -> None:
    decision = authorize(request(), identity(statement("Allow"), statement("Deny", Sid="Never")))
    assert (decision.outcome, decision.layer) == (Outcome.EXPLICIT_DENY, "identity")
    assert [str(each) for each in decision.determining] == ["identity[0].Statement[1] (Never)"]


def test_an_allow_names_the_first_statement_that_applies() -> None:
    other = statement("Allow", Resource="arn:aws:s3:::c")
    decision = authorize(request(), identity(other, statement("Allow"), statement("Allow")))
    assert decision.allowed
    assert [str(each) for each in decision.determining] == ["identity[0].Statement[1]"]


def test_equal_layers_decide_alike_however_they_are_made() -> None:
    one, other = identity(statement("Allow")), identity(statement("Allow"))
    assert authorize(request(), one) == authorize(request(), other) == authorize(request(), one)


def test_a_decision_is_not_kept_for_another_request() -> None:
    layers = identity(statement("Allow", Condition={"StringEquals": {"a:b": "x"}}))
    assert authorize(request(keys={"a:b": "x"}), layers).allowed
    assert not authorize(request(keys={"a:b": "y"}), layers).allowed
    assert not authorize(request(), layers).allowed


def test_the_plans_are_bounded() -> None:
    layers = identity(statement("Allow", Action="s3:Get*"))
    for number in range(MAX_PLANS + 10):
        assert authorize(request(f"s3:Get{number}"), layers).allowed
    assert not authorize(request("s3:Put"), layers).allowed
    assert len(prepare(layers).plans) <= MAX_PLANS


class Counting(Mapping[str, str]):
    """Keys that count how often they are asked for."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def __getitem__(self, key: str) -> str:
        self.asked.append(key)
        return "x"

    def __iter__(self) -> Iterator[str]:
        raise AssertionError("only get() is called while deciding")

    def __len__(self) -> int:
        raise AssertionError("only get() is called while deciding")


def test_a_key_is_asked_for_once_and_only_when_needed() -> None:
    keys = Counting()
    condition = {"Condition": {"StringEquals": {"a:b": "y"}}}
    layers = identity(
        *[statement("Allow", **condition)] * 3,
        statement("Allow", Action="ec2:*", Condition={"Null": {"a:c": "true"}}),
    )
    assert not authorize(request(keys=keys), layers).allowed
    assert keys.asked == ["a:b"]


@pytest.mark.fact(25)
def test_get_caller_identity_is_never_denied() -> None:
    layers = identity(statement("Deny", Action="*"))
    assert authorize(request("sts:GetCallerIdentity"), layers).allowed
    assert not authorize(request("sts:GetAccessKeyInfo"), layers).allowed


def test_it_needs_the_standard_library_only() -> None:
    foreign = "botocore sqlalchemy msgspec uvicorn cryptography alembic typer rich"
    program = (
        f"import sys, rolekeeper.policy.authorize; print([m for m in {foreign.split()} if m in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
