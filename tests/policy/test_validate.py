"""What AWS refuses as a policy, and in which words: the vectors of `validation.jsonl`."""

from __future__ import annotations

import json
from typing import Any

import pytest

from rolekeeper.errors import MalformedPolicyDocument
from rolekeeper.policy.document import PolicySyntaxError
from rolekeeper.policy.validate import PolicyKind, validate

from .cases import VECTORS

CASES = [json.loads(line) for line in (VECTORS / "validation.jsonl").read_text("utf-8").splitlines()]


@pytest.mark.parametrize("case", [pytest.param(case, id=case["id"]) for case in CASES if case["error"]])
def test_refused(case: dict[str, Any]) -> None:
    with pytest.raises(MalformedPolicyDocument) as caught:
        validate(case["document"], PolicyKind(case["kind"]))
    assert caught.value.message == case["error"]
    cause = caught.value.__cause__
    assert isinstance(cause, PolicySyntaxError)
    assert cause.path == case.get("path", cause.path)


@pytest.mark.parametrize("case", [pytest.param(case, id=case["id"]) for case in CASES if not case["error"]])
def test_accepted(case: dict[str, Any]) -> None:
    document = validate(case["document"], PolicyKind(case["kind"]))
    assert document.source == case["document"]


def test_every_kind_has_both() -> None:
    assert {case["kind"] for case in CASES if case["error"]} == {kind.value for kind in PolicyKind}
    assert {case["kind"] for case in CASES if not case["error"]} == {kind.value for kind in PolicyKind}


def test_a_message_has_no_control_characters() -> None:
    text = '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"\\u0000"}}'
    with pytest.raises(MalformedPolicyDocument, match=r'^Resource \\u0000 must be in ARN format or "\*".$'):
        validate(text, PolicyKind.IDENTITY)


def test_a_message_is_bounded() -> None:
    text = json.dumps({"Statement": {"Effect": "Allow", "Action": "*", "Resource": "x" * 100_000}})
    with pytest.raises(MalformedPolicyDocument) as caught:
        validate(text, PolicyKind.IDENTITY)
    assert len(caught.value.message) < 1100


@pytest.mark.fact(99)
def test_fact_099_elements_by_kind() -> None:
    refused = {case["id"] for case in CASES if case["error"]}
    accepted = {case["id"] for case in CASES if not case["error"]}
    assert {"principal-in-an-identity-policy", "resource-policy-without-principal"} <= refused
    assert {"trust-with-resource", "action-and-notaction", "trust-without-principal"} <= refused
    assert {"trust-of-a-service", "resource-policy", "session-policy"} <= accepted
