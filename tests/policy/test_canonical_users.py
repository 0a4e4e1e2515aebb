from __future__ import annotations

import json
from typing import Any

import pytest

from rolekeeper.errors import MalformedPolicyDocument
from rolekeeper.policy.authorize import authorize
from rolekeeper.policy.canonical_users import name_accounts
from rolekeeper.policy.context import AccountRoot, RequestContext
from rolekeeper.policy.decision import PolicyLayers
from rolekeeper.policy.document import PolicySyntaxError, parse_document
from rolekeeper.policy.validate import PolicyKind, validate

THEIRS = "210987654321"
ROOT = f"arn:aws:iam::{THEIRS}:root"
USER = "c0ffee" * 10 + "c0de"
ACCOUNTS = {USER: THEIRS}


def bucket_policy(principal: Any, **more: Any) -> str:
    statement = {"Effect": "Allow", "Principal": principal, "Action": "*", "Resource": "*", **more}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def opens(text: str) -> bool:
    """Whether the other account's root user reads an object by the policy."""
    root = AccountRoot(account=THEIRS)
    context = RequestContext(
        principal=root,
        action="s3:GetObject",
        resource="arn:aws:s3:::bucket/key",
        resource_account="123456789012",
    )
    return authorize(context, PolicyLayers(resource=parse_document(text))).allowed


@pytest.mark.fact(102)
def test_fact_102_a_canonical_user_is_read_as_its_account() -> None:
    text = bucket_policy({"CanonicalUser": USER})
    assert not opens(text)
    named = name_accounts(text, ACCOUNTS)
    assert json.loads(named)["Statement"][0]["Principal"] == {"AWS": [ROOT]}
    assert opens(named)


@pytest.mark.fact(102)
def test_fact_102_no_other_policy_has_canonical_users() -> None:
    trust = json.loads(bucket_policy({"CanonicalUser": USER}, Action="sts:AssumeRole"))
    del trust["Statement"][0]["Resource"]
    with pytest.raises(MalformedPolicyDocument, match=f'"CANONICAL_USER":"{USER}"'):
        validate(json.dumps(trust), PolicyKind.TRUST)
    trust["Statement"][0]["Principal"] = {"AWS": ROOT}
    validate(json.dumps(trust), PolicyKind.TRUST)
    validate(bucket_policy({"CanonicalUser": USER}), PolicyKind.RESOURCE)


def test_it_stands_beside_the_others() -> None:
    text = bucket_policy({"AWS": "123456789012", "CanonicalUser": [USER], "Service": "x.amazonaws.com"})
    found = json.loads(name_accounts(text, ACCOUNTS, partition="aws-cn"))["Statement"][0]["Principal"]
    assert found == {
        "AWS": ["123456789012", f"arn:aws-cn:iam::{THEIRS}:root"],
        "Service": "x.amazonaws.com",
    }


def test_a_statement_without_a_list_and_not_principal() -> None:
    statement = {
        "Effect": "Deny",
        "NotPrincipal": {"CanonicalUser": USER},
        "Action": "s3:*",
        "Resource": "*",
    }
    text = json.dumps({"Version": "2012-10-17", "Statement": statement})
    assert json.loads(name_accounts(text, ACCOUNTS))["Statement"]["NotPrincipal"] == {"AWS": [ROOT]}


def test_a_policy_without_one_is_left_as_it_is() -> None:
    text = bucket_policy("*") + "\n"
    assert name_accounts(text, {}) is text


def test_an_id_of_no_account_is_refused() -> None:
    with pytest.raises(PolicySyntaxError) as caught:
        name_accounts(bucket_policy({"CanonicalUser": [USER, "0" * 64]}), ACCOUNTS)
    assert caught.value.named == "Invalid principal in policy"
    assert caught.value.path == "$.Statement[0].Principal.CanonicalUser"
    assert "0" * 64 in caught.value.reason


def test_what_is_no_policy_is_refused() -> None:
    with pytest.raises(PolicySyntaxError):
        name_accounts("CanonicalUser", ACCOUNTS)
