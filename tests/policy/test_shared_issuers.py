"""Issuers that all their customers share: a trust policy must say whose tokens it takes."""

from __future__ import annotations

import json
from typing import Any

import pytest

from rolekeeper.errors import MalformedPolicyDocument
from rolekeeper.policy.shared_issuers import CONTROLS
from rolekeeper.policy.validate import PolicyKind, validate

GITHUB = "token.actions.githubusercontent.com"
WEB = "sts:AssumeRoleWithWebIdentity"


def provider(issuer: str) -> str:
    return f"arn:aws:iam::123456789012:oidc-provider/{issuer}"


def trust(principal: Any, condition: dict[str, Any], action: Any = WEB, effect: str = "Allow") -> str:
    statement = {"Effect": effect, "Principal": {"Federated": principal}, "Action": action}
    return json.dumps({"Version": "2012-10-17", "Statement": statement | {"Condition": condition}})


def check(principal: Any, condition: dict[str, Any], **more: Any) -> None:
    validate(trust(principal, condition, **more), PolicyKind.TRUST)


def test_the_refusal_is_awss() -> None:
    with pytest.raises(MalformedPolicyDocument) as caught:
        check(provider(GITHUB), {"StringEquals": {f"{GITHUB}:aud": "sts.amazonaws.com"}})
    assert caught.value.message == (
        f"Trust policy with trusted principal {provider(GITHUB)} must evaluate, using StringEquals, "
        f"StringLike or StringEqualsIgnoreCase, {GITHUB}:sub which is not scoped to all."
    )


@pytest.mark.parametrize("issuer", CONTROLS)
def test_every_shared_issuers_claim_must_be_asked_for(issuer: str) -> None:
    control = CONTROLS[issuer]
    key = control if control.startswith("sts:") else issuer + control
    principal = issuer if issuer == "cognito-identity.amazonaws.com" else provider(issuer)
    check(principal, {"StringEquals": {key: "one"}})
    with pytest.raises(MalformedPolicyDocument, match="must evaluate"):
        check(principal, {})


@pytest.mark.parametrize(
    "condition",
    [
        {},
        *({operator: {f"{GITHUB}:sub": "repo:o/r:*"}} for operator in ("StringNotEquals", "StringNotLike")),
        {"Null": {f"{GITHUB}:sub": "false"}},
        {"ArnLike": {f"{GITHUB}:sub": "repo:o/r:*"}},
        {"StringLike": {f"{GITHUB}:sub": "*"}},
        {"StringLike": {f"{GITHUB}:sub": "**"}},
        {"StringLike": {f"{GITHUB}:sub": "?*"}},
        {"StringLike": {f"{GITHUB}:sub": ["repo:o/r:*", "*"]}},
        {"StringLike": {f"{GITHUB}:sub": []}},
        {"StringLike": {"other.example:sub": "repo:o/r:*"}},
        {"StringLike": {f"{GITHUB}:actor": "me"}},
        {"StringLike": {"aws:FederatedProvider": provider(GITHUB)}},
    ],
)
def test_no_other_condition_will_do(condition: dict[str, Any]) -> None:
    with pytest.raises(MalformedPolicyDocument, match="must evaluate"):
        check(provider(GITHUB), condition)


@pytest.mark.parametrize(
    ("operator", "value"),
    [
        ("StringEquals", "repo:o/r:ref:refs/heads/main"),
        ("StringLike", "repo:o/*"),
        ("StringLike", ["repo:o/a:*", "repo:o/b:*"]),
        ("StringEqualsIgnoreCase", "REPO:o/r:pull_request"),
        ("ForAnyValue:StringLike", "repo:o/*"),
    ],
)
def test_one_that_names_a_customer_will(operator: str, value: Any) -> None:
    check(provider(GITHUB), {operator: {f"{GITHUB}:sub": value}})
    check(provider(GITHUB), {operator: {f"{GITHUB}:Sub".upper(): value}})


def test_what_lies_under_an_issuer_is_the_issuers() -> None:
    slug = f"{GITHUB}/octo"
    check(provider(slug), {"StringLike": {f"{slug}:sub": "repo:o/*"}})
    for condition in ({}, {"StringLike": {f"{GITHUB}:sub": "repo:o/*"}}):
        with pytest.raises(MalformedPolicyDocument, match=f"{slug}:sub which is not scoped to all"):
            check(provider(slug), condition)
    check(provider(f"{GITHUB}.example"), {})
    check(provider(f"x.{GITHUB}"), {})


def test_each_of_several_principals_counts() -> None:
    own = provider("idp.example")
    check([own, provider("gitlab.com")], {"StringLike": {"gitlab.com:sub": "project_path:o/*"}})
    for principals in ([own, provider("gitlab.com")], [provider("gitlab.com"), provider(GITHUB)]):
        with pytest.raises(MalformedPolicyDocument):
            check(principals, {"StringLike": {f"{GITHUB}:sub": "repo:o/*"}})


@pytest.mark.parametrize("action", ["sts:*", "STS:assumerolewith*", ["sts:TagSession", WEB]])
def test_every_way_to_write_the_action_counts(action: Any) -> None:
    with pytest.raises(MalformedPolicyDocument, match="must evaluate"):
        check(provider(GITHUB), {}, action=action)


def test_what_lets_nobody_in_needs_no_claim() -> None:
    check(provider(GITHUB), {}, effect="Deny")
    check(provider(GITHUB), {}, action="sts:TagSession")
    check("accounts.google.com", {})
    check(provider("idp.example"), {})
