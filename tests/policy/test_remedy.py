"""The smallest change that allows a request: in which policy, at which level, and what would do instead."""

from __future__ import annotations

import pytest

from rolekeeper.policy.authorize import authorize
from rolekeeper.policy.changes import MissingAllow, apply
from rolekeeper.policy.context import FederatedUser, RequestContext
from rolekeeper.policy.decision import PolicyLayers
from rolekeeper.policy.remedy import remedy

A, OTHER = "123456789012", "444455556666"
ANA = f"arn:aws:iam::{A}:user/ana"
ROLE = f"arn:aws:iam::{A}:role/app"
SESSION = f"arn:aws:sts::{A}:assumed-role/app/s"
OBJECT = "arn:aws:s3:::reports/x"


def policy(effect="Allow", **more):
    statement = {"Effect": effect, "Action": "*", "Resource": "*", **more}
    return {"Version": "2012-10-17", "Statement": [statement]}


FULL, PUT = policy(), policy(Action="s3:Put*")
WANTED = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": OBJECT}


def ask(policies, *, principal=ANA, action="s3:GetObject", resource=OBJECT, account=A, **context):
    request = {"principal": principal, "action": action, "resource": resource, "resource_account": account}
    return RequestContext.from_json({**request, "context": context}), PolicyLayers.from_json(policies)


def changes(policies, **asked):
    context, layers = ask(policies, **asked)
    found = remedy(context, layers)
    assert found.impossible is None
    assert authorize(context, apply(found.changes, layers)).allowed
    return found.changes


def places(found):
    return [
        (each.layer, each.level) if isinstance(each, MissingAllow) else str(each.reference) for each in found
    ]


def test_what_is_allowed_needs_no_change() -> None:
    assert changes({"identity": [FULL]}) == ()


@pytest.mark.parametrize(
    ("policies", "expected"),
    [
        ({}, [("identity", None)]),
        ({"identity": [PUT], "boundary": [PUT]}, [("boundary", None), ("identity", None)]),
        ({"identity": [FULL], "session": []}, [("session", None)]),
        ({"identity": [FULL], "scp": [[FULL], [PUT], [FULL], []]}, [("scp", 1), ("scp", 3)]),
        ({"identity": [FULL], "scp": []}, [("scp", 0)]),
        ({"identity": [FULL], "rcp": []}, [("rcp", 0)]),
        ({"identity": [FULL], "vpc_endpoint": []}, [("vpc_endpoint", None)]),
        (
            {"identity": [FULL, policy("Deny")], "boundary": [FULL, policy("Deny", Sid="Stop")]},
            ["boundary[1].Statement[0] (Stop)", "identity[1].Statement[0]"],
        ),
        (
            {"scp": [[FULL, policy("Deny")]], "identity": [PUT]},
            ["scp[0][1].Statement[0]", ("identity", None)],
        ),
    ],
)
def test_everything_that_is_missing_is_named(policies, expected) -> None:
    assert places(changes(policies)) == expected


def test_the_missing_statement_is_of_this_action_on_this_resource() -> None:
    (change,) = changes({})
    assert change.statement == WANTED
    assert change.text.startswith('put into an identity-based policy of the caller: {"Effect": "Allow"')


def test_across_accounts_both_sides_are_changed() -> None:
    at_resource, own = changes({}, principal=SESSION, account=OTHER)
    assert (at_resource.layer, own.layer) == ("resource", "identity")
    assert at_resource.statement == {**WANTED, "Principal": {"AWS": ROLE}}
    assert own.statement == WANTED


@pytest.mark.parametrize(
    ("principal", "named"),
    [
        ("ec2.amazonaws.com", {"Service": "ec2.amazonaws.com"}),
        ("anonymous", "*"),
        ("accounts.google.com", {"Federated": "accounts.google.com"}),
    ],
)
def test_whoever_has_no_policies_is_named_at_the_resource(principal, named) -> None:
    (change,) = changes({"identity": [FULL]}, principal=principal)
    assert (change.layer, change.statement["Principal"]) == ("resource", named)


def test_a_role_is_opened_by_its_trust_policy_alone() -> None:
    (change,) = changes({"boundary": [PUT]}, action="sts:AssumeRole", resource=ROLE)
    assert change.layer == "resource"
    assert change.statement == {"Effect": "Allow", "Principal": {"AWS": ANA}, "Action": "sts:AssumeRole"}


def test_a_key_policy_speaks_of_its_key_as_a_star() -> None:
    key = f"arn:aws:kms:us-east-1:{A}:key/1"
    (change,) = changes({"identity": [FULL]}, action="kms:Decrypt", resource=key)
    assert (change.layer, change.statement["Resource"]) == ("resource", "*")


def test_a_resource_policy_keeps_its_statements() -> None:
    written = policy("Deny", Principal={"AWS": OTHER})
    context, layers = ask({"resource": written}, principal="ec2.amazonaws.com")
    changed = apply(remedy(context, layers).changes, layers)
    assert changed.resource is not None and len(changed.resource.statements) == 2


def test_an_action_that_takes_no_resources_is_allowed_on_a_star() -> None:
    (change,) = changes({}, action="s3:ListAllMyBuckets", resource="*")
    assert change.statement["Resource"] == "*"


@pytest.mark.parametrize("version", ["2012-10-17", "2008-10-17"])
def test_a_variable_in_the_name_of_a_resource_is_text(version) -> None:
    named = {**policy("Deny", Principal={"AWS": OTHER}), "Version": version}
    asked = {"resource": "arn:aws:s3:::b/${aws:username}", "principal": "ec2.amazonaws.com"}
    (change,) = changes({"resource": named}, **asked)
    assert change.statement["Resource"] != "*"


def test_a_session_needs_a_new_session() -> None:
    fay = FederatedUser(arn=f"arn:aws:sts::{A}:federated-user/fay", user_arn=ANA)
    context = RequestContext(principal=fay, action="s3:GetObject", resource=OBJECT, resource_account=A)
    layers = PolicyLayers.from_json({"identity": [FULL]})
    (change,) = remedy(context, layers).changes
    assert change.layer == "session"
    assert "with which a new session has to be made" in change.text
    assert authorize(context, apply([change], layers)).allowed


def test_the_root_user_under_an_scp_needs_the_organization() -> None:
    (change,) = changes({"scp": [[FULL, policy("Deny")]]}, principal=f"arn:aws:iam::{A}:root")
    assert str(change.reference) == "scp[0][1].Statement[0]"


def test_a_denying_statement_tells_what_it_spares() -> None:
    denying = policy("Deny", Condition={"StringNotEquals": {"aws:PrincipalTag/team": "red"}})
    (change,) = changes({"identity": [FULL, denying]})
    (spared,) = change.spared_by
    assert spared.text.startswith("Condition StringNotEquals aws:PrincipalTag/team: request has no such key")
    (bare,) = changes({"identity": [FULL, policy("Deny")]})
    assert bare.spared_by == ()


def test_a_near_miss_is_named_and_a_far_one_is_not() -> None:
    near = policy(Sid="Near", Condition={"StringEquals": {"aws:PrincipalTag/team": "red"}})
    far = policy(Sid="Far", Action="ec2:*", Resource="arn:aws:s3:::other")
    (change,) = changes({"identity": [near, far]})
    assert [(each.reference.sid, len(each.failures)) for each in change.near] == [("Near", 1)]


def test_a_near_miss_is_of_the_level_that_lacks_it() -> None:
    near = policy(Resource="arn:aws:s3:::other")
    (change,) = changes({"identity": [FULL], "scp": [[FULL, near], [near]]})
    assert [str(each.reference) for each in change.near] == ["scp[1][0].Statement[0]"]


def test_a_statement_that_names_the_account_only_is_no_near_miss_at_a_role() -> None:
    trust = policy(Principal={"AWS": A}, Condition={"Bool": {"a:b": "true"}})
    del trust["Statement"][0]["Resource"]
    (change,) = changes({"resource": trust}, action="sts:AssumeRole", resource=ROLE)
    assert change.near == ()


def test_what_no_statement_can_say_is_told() -> None:
    context, layers = ask({})
    long = RequestContext(principal=context.principal, action="s3:GetObject", resource="\ud800")
    found = remedy(long, layers)
    assert [change.statement["Resource"] for change in found.changes] == ["*"]
