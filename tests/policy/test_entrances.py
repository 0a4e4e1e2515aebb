"""Who can assume a role, through what, and what they need, as its trust policy tells."""

from __future__ import annotations

import json
from typing import Any

import pytest

from rolekeeper.policy.document import parse_document
from rolekeeper.policy.entrances import Entrance, entrances, refusals

HERE, THERE = "111111111111", "222222222222"
GITHUB = f"arn:aws:iam::{HERE}:oidc-provider/token.actions.githubusercontent.com"
OWN_POLICY = "a policy of their own that allows it"


def found(*statements: dict[str, Any]) -> list[Entrance]:
    return entrances(parse_document(json.dumps({"Statement": list(statements)})), HERE)


def opening(principal: Any, action: Any = "sts:AssumeRole", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Principal": principal, "Action": action, **more}


@pytest.mark.parametrize(
    ("principal", "kind", "needs"),
    [
        ({"AWS": f"arn:aws:iam::{HERE}:user/team/ana"}, "user", ()),
        ({"AWS": f"arn:aws:iam::{THERE}:user/ana"}, "user", (OWN_POLICY,)),
        ({"AWS": f"arn:aws:iam::{HERE}:role/dev"}, "role", ()),
        ({"AWS": f"arn:aws:iam::{THERE}:role/dev"}, "role", (OWN_POLICY,)),
        ({"AWS": f"arn:aws:sts::{HERE}:assumed-role/dev/ana"}, "session of a role", ()),
        ({"AWS": f"arn:aws:sts::{THERE}:federated-user/ana"}, "federated user", (OWN_POLICY,)),
        ({"AWS": f"arn:aws:iam::{HERE}:root"}, "account", (OWN_POLICY,)),
        ({"AWS": THERE}, "account", (OWN_POLICY,)),
        ("*", "everyone", (f"{OWN_POLICY}, where they are of another account",)),
        ({"AWS": "*"}, "everyone", (f"{OWN_POLICY}, where they are of another account",)),
        ({"Service": "ec2.amazonaws.com"}, "service", ()),
    ],
)
def test_who_may_assume_it(principal: Any, kind: str, needs: tuple[str, ...]) -> None:
    (entrance,) = found(opening(principal))
    assert (entrance.kind, entrance.through, entrance.needs) == (kind, "AssumeRole", needs)


def test_who_is_gone_is_said_to_be() -> None:
    (entrance,) = found(opening({"AWS": "AIDAEXAMPLEEXAMPLE12"}))
    assert entrance.kind == "somebody who is gone"
    assert "nothing helps" in entrance.needs[0]


@pytest.mark.parametrize(
    ("provider", "action", "kind"),
    [
        (GITHUB, "AssumeRoleWithWebIdentity", "OpenID Connect provider"),
        ("accounts.google.com", "AssumeRoleWithWebIdentity", "OpenID Connect provider"),
        (f"arn:aws:iam::{HERE}:saml-provider/corp", "AssumeRoleWithSAML", "SAML provider"),
    ],
)
def test_who_is_vouched_for_comes_through_the_providers_operation(
    provider: str, action: str, kind: str
) -> None:
    (entrance,) = found(opening({"Federated": provider}, f"sts:{action}"))
    assert (entrance.who, entrance.kind, entrance.through) == (provider, kind, action)
    assert entrance.needs == ()
    (other,) = {"AssumeRole", "AssumeRoleWithWebIdentity", "AssumeRoleWithSAML"} - {action, "AssumeRole"}
    for useless in ("AssumeRole", other):
        assert found(opening({"Federated": provider}, f"sts:{useless}")) == []


def test_an_action_with_wildcards_opens_what_it_covers() -> None:
    both = {"AWS": THERE, "Federated": GITHUB}
    through = [each.through for each in found(opening(both, ["STS:assume*"]))]
    assert through == ["AssumeRole", "AssumeRoleWithWebIdentity"]
    assert found(opening(both, "sts:TagSession")) == []


def test_conditions_are_needs_in_words() -> None:
    condition = {
        "StringEquals": {"sts:ExternalId": "unload-7"},
        "Bool": {"aws:MultiFactorAuthPresent": "true"},
    }
    (entrance,) = found(opening({"AWS": THERE}, Condition=condition))
    assert entrance.needs == (OWN_POLICY, "the external ID is unload-7", "MFA")
    assert [each.key for each in entrance.conditions] == ["sts:ExternalId", "aws:MultiFactorAuthPresent"]


def test_what_may_be_brought_along_comes_from_any_statement() -> None:
    ana, bob = (f"arn:aws:iam::{HERE}:user/{name}" for name in ("ana", "bob"))
    tagging = opening({"AWS": ana}, ["sts:TagSession"])
    naming = opening({"AWS": f"arn:aws:iam::{HERE}:root"}, "sts:SetSourceIdentity")
    first, second = found(opening({"AWS": [ana, bob]}), tagging, naming)
    assert first.brings == ("session tags", "a source identity")
    assert second.brings == ("a source identity",)


def test_what_refuses_is_told_beside() -> None:
    deny = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "sts:AssumeRole",
        "Condition": {"NotIpAddress": {"aws:SourceIp": "10.0.0.0/8"}},
    }
    document = parse_document(json.dumps({"Statement": [opening({"AWS": THERE}), deny]}))
    assert len(entrances(document, HERE)) == 1
    (refusal,) = refusals(document)
    assert (refusal.who, refusal.kind, refusal.statement) == ("*", "everyone", 1)
    assert refusal.when == ("their address is not in 10.0.0.0/8",)
