from __future__ import annotations

import pytest

from rolekeeper.policy.accesses import CallDecision, authorize_all
from rolekeeper.policy.context import IamUser, RequestContext
from rolekeeper.policy.decision import PolicyLayers
from rolekeeper.policy.document import parse_document
from rolekeeper.policy.kms_aliases import alias_accesses

A = "123456789012"
ANA = f"arn:aws:iam::{A}:user/ana"
ALIAS, KEY, NEW_KEY = (f"arn:aws:kms:us-east-1:{A}:{name}" for name in ("alias/app", "key/1", "key/2"))


def call(accesses: tuple[tuple[str, str], ...], own: list[str], opened: list[str]) -> CallDecision:
    """Ana's call: her policies allow the resources of `own`, and the keys of `opened` name her."""
    identity = parse_document(
        {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "kms:*", "Resource": own}}
    )
    by_key = parse_document(
        {
            "Version": "2012-10-17",
            "Statement": {"Effect": "Allow", "Principal": {"AWS": ANA}, "Action": "kms:*", "Resource": "*"},
        }
    )
    return authorize_all(
        (
            RequestContext(principal=IamUser(arn=ANA), action=action, resource=resource),
            PolicyLayers(identity=(identity,), resource=by_key if resource in opened else None),
        )
        for action, resource in accesses
    )


@pytest.mark.fact(29)
@pytest.mark.parametrize("action", ["kms:CreateAlias", "kms:DeleteAlias"])
def test_fact_029_an_alias_needs_permission_on_alias_and_key(action: str) -> None:
    accesses = alias_accesses(action, alias=ALIAS, key=KEY)
    assert call(accesses, own=[ALIAS], opened=[KEY]).allowed
    assert call(accesses, own=[ALIAS], opened=[]).access.resource == KEY
    assert call(accesses, own=[ALIAS, KEY], opened=[]).access.resource == KEY
    assert call(accesses, own=[KEY], opened=[KEY]).access.resource == ALIAS


@pytest.mark.fact(29)
def test_fact_029_a_move_needs_permission_on_both_keys() -> None:
    accesses = alias_accesses("kms:UpdateAlias", alias=ALIAS, key=KEY, new_key=NEW_KEY)
    assert call(accesses, own=[ALIAS], opened=[KEY, NEW_KEY]).allowed
    assert call(accesses, own=[ALIAS], opened=[KEY]).access.resource == NEW_KEY
    assert call(accesses, own=[ALIAS], opened=[NEW_KEY]).access.resource == KEY
    assert call(accesses, own=[KEY], opened=[KEY, NEW_KEY]).access.resource == ALIAS


@pytest.mark.parametrize(
    ("action", "new_key"),
    [("kms:UpdateAlias", None), ("kms:CreateAlias", NEW_KEY), ("kms:Encrypt", None), ("s3:GetObject", None)],
)
def test_what_is_no_such_call_is_an_error(action: str, new_key: str | None) -> None:
    with pytest.raises(ValueError, match="alias"):
        alias_accesses(action, alias=ALIAS, key=KEY, new_key=new_key)


def test_an_action_is_named_as_aws_names_it() -> None:
    assert alias_accesses("KMS:createalias", alias=ALIAS, key=KEY)[0] == ("kms:CreateAlias", ALIAS)
