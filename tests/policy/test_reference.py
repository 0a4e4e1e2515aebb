"""The reference: what no batch line can say, the words of an explanation, and hostile patterns.

The facts that a batch line can say are in `test_facts`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from rolekeeper.policy.authorize import authorize
from rolekeeper.policy.context import (
    AccountRoot,
    Anonymous,
    AssumedRole,
    FederatedUser,
    IamRole,
    IamUser,
    KeyValue,
    Principal,
    RequestContext,
)
from rolekeeper.policy.decision import Outcome, PolicyLayers
from rolekeeper.policy.document import PolicyDocument, parse_document
from rolekeeper.policy.explanation import Explanation
from rolekeeper.policy.reference import explain

A = "123456789012"
ANA = f"arn:aws:iam::{A}:user/ana"
USER = IamUser(arn=ANA)
FAY = FederatedUser(arn=f"arn:aws:sts::{A}:federated-user/fay", user_arn=ANA, user_id="AIDAANA")
ROLE = IamRole(arn=f"arn:aws:iam::{A}:role/app")
SESSION = AssumedRole(
    arn=f"arn:aws:sts::{A}:assumed-role/app/s", role_arn=ROLE.arn, role_id="AROAAPP", session_name="s"
)
OBJECT = "arn:aws:s3:::bucket/key"


def policy(effect: str = "Allow", **more: Any) -> PolicyDocument:
    statement = {"Effect": effect, "Action": "*", "Resource": "*", **more}
    return parse_document({"Version": "2012-10-17", "Statement": statement})


def naming(*names: str) -> PolicyDocument:
    return policy(Principal={"AWS": list(names)})


def ask(principal: Principal, layers: PolicyLayers, resource: str = OBJECT, **keys: str) -> Explanation:
    context = RequestContext(
        principal=principal,
        action="s3:GetObject",
        resource=resource,
        resource_account=A,
        keys={f"aws:{name}": value for name, value in keys.items()},
    )
    return explain(context, layers)


FULL, DENY, NOTHING = policy(), policy("Deny"), policy(Action="ec2:Nothing")


@pytest.mark.fact(7)
@pytest.mark.parametrize("name", [ANA, "AIDAANA"])
def test_fact_007_naming_the_user_of_a_federated_session_is_limited(name: str) -> None:
    named = naming(name)
    assert ask(FAY, PolicyLayers(resource=named, session=(NOTHING,))).decision.layer == "session"
    bounded = PolicyLayers(resource=named, session=(FULL,), boundary=(NOTHING,))
    assert ask(FAY, bounded).decision.layer == "boundary"
    assert ask(FAY, PolicyLayers(resource=named, session=(FULL,))).decision.allowed


@pytest.mark.fact(97)
def test_fact_097_a_federated_session_is_an_intersection() -> None:
    assert ask(FAY, PolicyLayers(identity=(FULL,), session=(FULL,))).decision.allowed
    assert ask(FAY, PolicyLayers(identity=(FULL,), session=(NOTHING,))).decision.layer == "session"
    assert ask(FAY, PolicyLayers(identity=(NOTHING,), session=(FULL,))).decision.layer == "identity"


def test_a_session_that_root_federated_has_its_session_policy() -> None:
    fed = FederatedUser(arn=FAY.arn, user_arn=f"arn:aws:iam::{A}:root")
    assert ask(fed, PolicyLayers(session=(FULL,))).decision.allowed
    assert ask(fed, PolicyLayers(session=(NOTHING,))).decision.layer == "session"


def test_a_root_user_has_a_session_policy_where_the_session_is_limited() -> None:
    root = AccountRoot(account=A)
    assert ask(root, PolicyLayers(session=(FULL,), identity=(DENY,), boundary=(NOTHING,))).decision.allowed
    assert ask(root, PolicyLayers(session=(NOTHING,))).decision.layer == "session"
    assert ask(root, PolicyLayers(session=(FULL, DENY))).decision.outcome is Outcome.EXPLICIT_DENY


def test_a_role_without_a_session_is_named_by_its_arn_only() -> None:
    assert ask(ROLE, PolicyLayers(resource=naming(ROLE.arn))).decision.layer == "resource"
    assert not ask(ROLE, PolicyLayers(resource=naming(SESSION.arn))).decision.allowed


@pytest.mark.fact(82)
def test_fact_082_an_unknown_id_is_nobodys() -> None:
    assert not ask(USER, PolicyLayers(resource=naming("AIDAGONE"))).decision.allowed
    assert not ask(SESSION, PolicyLayers(resource=naming("AROAGONE"))).decision.allowed
    assert ask(SESSION, PolicyLayers(resource=naming("AROAAPP"))).decision.allowed


@pytest.mark.fact(101)
def test_fact_101_a_group_is_no_principal() -> None:
    group = naming(f"arn:aws:iam::{A}:group/admins")
    assert not ask(USER, PolicyLayers(resource=group)).decision.allowed
    assert ask(USER, PolicyLayers(identity=(NOTHING, FULL))).decision.allowed


@pytest.mark.fact(105)
@pytest.mark.parametrize(
    ("layers", "said"),
    [
        (PolicyLayers(scp=((NOTHING,),)), "because no service control policy allows the s3:GetObject action"),
        (PolicyLayers(rcp=()), "because no resource control policy allows the s3:GetObject action"),
        (PolicyLayers(vpc_endpoint=()), "because no VPC endpoint policy allows the s3:GetObject action"),
        (PolicyLayers(boundary=()), "because no permissions boundary allows the s3:GetObject action"),
        (PolicyLayers(session=()), "because no session policy allows the s3:GetObject action"),
        (PolicyLayers(), "because no identity-based policy allows the s3:GetObject action"),
        (PolicyLayers(scp=((DENY,),)), "with an explicit deny in a service control policy"),
        (PolicyLayers(boundary=(DENY,)), "with an explicit deny in a permissions boundary"),
        (PolicyLayers(session=(DENY,)), "with an explicit deny in a session policy"),
        (PolicyLayers(identity=(DENY,)), "with an explicit deny in an identity-based policy"),
        (
            PolicyLayers(resource=policy("Deny", Principal="*")),
            "with an explicit deny in a resource-based policy",
        ),
        (
            PolicyLayers(rcp=((policy("Deny", Principal="*"),),)),
            "with an explicit deny in a resource control policy",
        ),
        (
            PolicyLayers(vpc_endpoint=(policy("Deny", Principal="*"),)),
            "with an explicit deny in a VPC endpoint policy",
        ),
    ],
)
def test_fact_105_the_text_of_a_denial(layers: PolicyLayers, said: str) -> None:
    assert ask(USER, layers).denial_text("s3:GetObject") == said


def test_a_stranger_is_told_of_the_resource() -> None:
    said = "because no resource-based policy allows the s3:GetObject action"
    assert ask(Anonymous(), PolicyLayers()).denial_text("s3:GetObject") == said


def test_an_allowed_request_has_no_denial() -> None:
    assert ask(USER, PolicyLayers(identity=(FULL,))).denial_text("s3:GetObject") == ""


def test_an_explanation_names_what_determined_it() -> None:
    explanation = ask(USER, PolicyLayers(identity=(FULL, policy("Deny", Sid="Stop"))))
    assert (
        explanation.why
        == "a statement of the identity-based policies denies it: identity[1].Statement[0] (Stop)"
    )
    assert explanation.decision.outcome is Outcome.EXPLICIT_DENY


def test_the_closest_grant_determines() -> None:
    two = parse_document(
        {
            "Statement": [
                {"Effect": "Allow", "Action": "*", "Resource": "*", "Principal": {"AWS": A}},
                {"Effect": "Allow", "Action": "*", "Resource": "*", "Principal": {"AWS": ANA}},
            ]
        }
    )
    (reference,) = ask(USER, PolicyLayers(resource=two)).decision.determining
    assert reference.statement == 1


class Broken(dict[str, KeyValue]):
    """Condition keys of which one cannot be found out."""

    def get(self, name: str, default: Any = None) -> Any:
        if name == "aws:sourceip":
            raise OSError("no such socket")
        return super().get(name, default)


@pytest.mark.fact(110)
@pytest.mark.parametrize("evaluate", [authorize, explain])
@pytest.mark.parametrize("effect", ["Allow", "Deny"])
def test_fact_110_an_error_in_between_is_no_allow(effect: str, evaluate: Callable[..., object]) -> None:
    asking = policy(effect, Condition={"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}})
    layers = PolicyLayers(identity=(FULL, asking) if effect == "Deny" else (asking,))
    context = RequestContext(
        principal=USER, action="s3:GetObject", resource=OBJECT, resource_account=A, keys=Broken()
    )
    with pytest.raises(OSError, match="no such socket"):
        evaluate(context, layers)


@pytest.mark.fact(110)
def test_fact_110_a_deny_that_is_found_first_needs_no_more() -> None:
    asking = policy(Condition={"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}})
    context = RequestContext(
        principal=USER, action="s3:GetObject", resource=OBJECT, resource_account=A, keys=Broken()
    )
    assert authorize(context, PolicyLayers(identity=(asking, DENY))).outcome is Outcome.EXPLICIT_DENY


@pytest.mark.fact(49)
def test_fact_049_a_refusal_says_that_only_the_star_would_do() -> None:
    roles = policy(Action="iam:ListRoles", Resource=f"arn:aws:iam::{A}:role/*")
    context = RequestContext(principal=USER, action="iam:ListRoles", resource=f"arn:aws:iam::{A}:role/")
    explanation = explain(context, PolicyLayers(identity=(roles,)))
    assert explanation.decision.layer == "identity"
    (layer,) = explanation.layers
    (element,) = layer.statements[0].failures
    assert element.element == "Resource"
    assert element.notes == ("the action takes no resources, and so is asked on '*'",)


@pytest.mark.parametrize("star", ["*a" * 500, "*?a" * 500, "?*" * 500, "*" * 1000])
def test_hostile_patterns_end(star: str) -> None:
    text = OBJECT + "a" * 2000
    assert ask(USER, PolicyLayers(identity=(policy(Resource=f"arn:aws:s3:::{star}"),)), text).decision.allowed
    refused = PolicyLayers(identity=(policy(Resource=f"arn:aws:s3:::{star}b"),))
    assert not ask(USER, refused, text).decision.allowed


def test_hostile_variables_end() -> None:
    many = policy(Resource="arn:aws:s3:::" + "${aws:a}" * 5000)
    assert not ask(USER, PolicyLayers(identity=(many,)), a="").decision.allowed
    unclosed = policy(Resource="arn:aws:s3:::" + "${" * 5000)
    assert not ask(USER, PolicyLayers(identity=(unclosed,))).decision.allowed
