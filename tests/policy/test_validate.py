"""What AWS refuses as a policy, and in which words: the vectors of `validation.jsonl`."""

from __future__ import annotations

import json
from typing import Any

import pytest

from rolekeeper.errors import LimitExceeded, MalformedPolicyDocument
from rolekeeper.policy import catalog
from rolekeeper.policy.document import PolicySyntaxError
from rolekeeper.policy.validate import SIZES, TOO_LARGE, PolicyKind, validate

from .cases import VECTORS

CASES = [json.loads(line) for line in (VECTORS / "validation.jsonl").read_text("utf-8").splitlines()]


@pytest.mark.parametrize("case", [pytest.param(case, id=case["id"]) for case in CASES if case["error"]])
def test_refused(case: dict[str, Any]) -> None:
    too_large = case["error"] == TOO_LARGE
    with pytest.raises(LimitExceeded if too_large else MalformedPolicyDocument) as caught:
        validate(case["document"], PolicyKind(case["kind"]))
    assert caught.value.message == case["error"]
    cause = caught.value.__cause__
    if not too_large:
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


@pytest.mark.fact(33)
def test_fact_033_a_wildcard_in_a_principal_is_refused() -> None:
    refused = {case["id"] for case in CASES if case["error"]}
    assert {"resource-policy-of-wildcard-in-an-arn", "endpoint-wildcard-in-a-principal"} <= refused
    assert "trust-no-principal-arn:aws:iam::123456789012:user/*" in refused


@pytest.mark.fact(104)
def test_fact_104_an_scp_takes_the_whole_language() -> None:
    of_the_language = [case for case in CASES if case["id"].startswith("scp-full-language-")]
    assert len(of_the_language) == 5
    assert not any(case["error"] for case in of_the_language)


@pytest.mark.parametrize("service", sorted(filter(catalog.takes_rcps, catalog.services())))
def test_each_service_that_has_rcps_may_be_named(service: str) -> None:
    statement = {"Effect": "Deny", "Principal": "*", "Action": f"{service}:*", "Resource": "*"}
    validate(json.dumps({"Version": "2012-10-17", "Statement": statement}), PolicyKind.RCP)


@pytest.mark.parametrize("kind", SIZES)
def test_a_text_that_is_too_large_is_not_read(kind: PolicyKind) -> None:
    with pytest.raises(LimitExceeded):
        validate("[" * (SIZES[kind] + 1), kind)


def test_the_reason_names_the_place_where_aws_does_not() -> None:
    statement = {"Effect": "Deny", "Principal": "*", "Action": "ec2:*", "Resource": "*"}
    with pytest.raises(MalformedPolicyDocument) as caught:
        validate(json.dumps({"Version": "2012-10-17", "Statement": statement}), PolicyKind.RCP)
    assert "ec2 does not support RCPs" in str(caught.value.__cause__)


def test_a_size_is_counted_in_characters() -> None:
    statement = {
        "Effect": "Deny",
        "Action": "s3:*",
        "Resource": "*",
        "Condition": {"Null": {"é" * 6_000: "true"}},
    }
    text = json.dumps({"Version": "2012-10-17", "Statement": statement}, ensure_ascii=False)
    assert len(text) < SIZES[PolicyKind.SCP] < len(text.encode())
    assert validate(text, PolicyKind.SCP) == validate(text.encode(), PolicyKind.SCP)
