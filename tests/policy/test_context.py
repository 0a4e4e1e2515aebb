"""The request: who asks, and the condition keys that follow from it."""

from __future__ import annotations

from typing import Any

import pytest

from rolekeeper.policy.context import (
    AccountRoot,
    Anonymous,
    AssumedRole,
    FederatedIdentity,
    FederatedUser,
    IamRole,
    IamUser,
    Principal,
    RequestContext,
    ServicePrincipal,
    parse_principal,
)

A, B = "123456789012", "210987654321"
USER = f"arn:aws:iam::{A}:user/team/ana"
SESSION = f"arn:aws:sts::{A}:assumed-role/app/s1"


def ask(principal: Principal, resource: str = "*", **more: Any) -> RequestContext:
    return RequestContext(principal=principal, action="s3:GetObject", resource=resource, **more)


def request(**more: Any) -> dict[str, Any]:
    return {"principal": USER, "action": "s3:GetObject", "resource": "*", **more}


@pytest.mark.parametrize(
    "text",
    [
        *("", "ana", "12345", "ec2 amazonaws com", "*.amazonaws.com", "arn:aws:iam::1:user/a", "arn:aws"),
        *("arn:aws:iam::123456789012:group/g", "arn:aws:sts::123456789012:assumed-role/app"),
        *("arn:aws:iam::123456789012:user", "arn:aws:iam::123456789012:root/x"),
        *("arn:aws:s3:::bucket", "arn:aws:sts::123456789012:assumed-role/a/b/c"),
    ],
)
def test_what_names_nobody_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"principal|ARN"):
        parse_principal(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (USER, IamUser(arn=USER)),
        (f"arn:aws:iam::{A}:role/p/app", IamRole(arn=f"arn:aws:iam::{A}:role/p/app")),
        (f"arn:aws-cn:iam::{A}:root", AccountRoot(account=A, partition="aws-cn")),
        (A, AccountRoot(account=A)),
        (f"arn:aws:sts::{A}:federated-user/f", FederatedUser(arn=f"arn:aws:sts::{A}:federated-user/f")),
        ("ec2.amazonaws.com", ServicePrincipal(name="ec2.amazonaws.com")),
        ("accounts.google.com", FederatedIdentity(provider="accounts.google.com")),
        ("*", Anonymous()),
        ("anonymous", Anonymous()),
    ],
)
def test_every_kind_of_principal_is_read(text: str, expected: Principal) -> None:
    assert parse_principal(text) == expected


@pytest.mark.fact(36)
def test_fact_036_a_session_has_its_role() -> None:
    role = f"arn:aws:iam::{A}:role/team/app"
    principal = parse_principal(SESSION, {"aws:principalarn": role, "aws:userid": "AROAX:s1"})
    assert principal == AssumedRole(arn=SESSION, role_arn=role, role_id="AROAX", session_name="s1")


@pytest.mark.parametrize("claimed", [f"arn:aws:iam::{B}:role/app", f"arn:aws:iam::{A}:role/other", "x", USER])
def test_a_session_is_of_no_role_but_its_own(claimed: str) -> None:
    principal = parse_principal(SESSION, {"aws:principalarn": claimed})
    assert isinstance(principal, AssumedRole)
    assert principal.role_arn == f"arn:aws:iam::{A}:role/app"


@pytest.mark.parametrize(
    "bad",
    [
        *({"principal": 1}, {"action": ""}, {"resource": None}, {"color": "red"}, {"context": []}),
        *({"context": {"k": {}}}, {"context": {"k": [["x"]]}}, {"resource_account": 5}),
        {"context": {"aws:PrincipalTag/Team": "a", "aws:PrincipalTag/team": "b"}},
    ],
)
def test_a_request_that_is_none_is_refused(bad: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="request"):
        RequestContext.from_json(request(**bad))


@pytest.mark.fact(67)
def test_fact_067_keys_ignore_case() -> None:
    context = RequestContext.from_json(request(context={"aws:PrincipalTag/TEAM": "Red"}))
    assert context.value("aws:principaltag/team") == "Red"


def test_values_become_text() -> None:
    given = {"aws:A": True, "aws:B": 5, "aws:C": [1, False], "aws:D": None}
    context = RequestContext.from_json(request(context=given))
    values = [context.value(f"aws:{key}") for key in "abcd"]
    assert values == ["true", "5", ("1", "false"), None]


def test_an_empty_list_is_no_value() -> None:
    assert RequestContext.from_json(request(context={"aws:TagKeys": []})).value("aws:tagkeys") is None


def test_a_given_key_is_preferred() -> None:
    assert ask(IamUser(arn=USER), keys={"aws:username": "bob"}).value("aws:username") == "bob"


@pytest.mark.fact(16)
@pytest.mark.parametrize(
    ("resource", "given", "owner", "same"),
    [
        ("arn:aws:s3:::bucket", None, A, True),
        ("arn:aws:s3:::bucket", B, B, False),
        (f"arn:aws:iam::{B}:role/x", None, B, False),
        (f"arn:aws:iam::{A}:role/x", None, A, True),
        ("arn:aws:iam::aws:policy/x", None, A, True),
        ("*", None, A, True),
    ],
)
def test_fact_016_the_owner_of_the_resource(resource: str, given: str | None, owner: str, same: bool) -> None:
    context = ask(IamUser(arn=USER), resource, resource_account=given)
    assert (context.owner, context.same_account) == (owner, same)
    assert context.value("aws:resourceaccount") == owner


@pytest.mark.parametrize("principal", [ServicePrincipal(name="x.amazonaws.com"), Anonymous()])
def test_strangers_are_of_no_account(principal: Principal) -> None:
    context = ask(principal, "arn:aws:s3:::bucket")
    assert (context.owner, context.same_account) == (None, False)


ROLE = f"arn:aws:iam::{A}:role/p/app"
FAY = f"arn:aws:sts::{A}:federated-user/fay"
IDENTITIES = {
    "user": (IamUser(arn=USER, user_id="AIDAX"), USER, A, "User", "AIDAX", "ana"),
    "session": (
        AssumedRole(arn=SESSION, role_arn=ROLE, role_id="AROAX", session_name="s1"),
        *(ROLE, A, "AssumedRole", "AROAX:s1", None),
    ),
    "federated": (FederatedUser(arn=FAY), FAY, A, "FederatedUser", f"{A}:fay", None),
    "root": (AccountRoot(account=A), f"arn:aws:iam::{A}:root", A, "Account", A, None),
    "anonymous": (Anonymous(), None, "anonymous", "Anonymous", None, None),
    "service": (ServicePrincipal(name="x.amazonaws.com"), None, None, None, None, None),
    "provider": (FederatedIdentity(provider="x.example.com"), None, None, None, None, None),
    "role": (IamRole(arn=ROLE, role_id="AROAX"), ROLE, A, "AssumedRole", None, None),
}


@pytest.mark.fact(83)
@pytest.mark.fact(84)
@pytest.mark.fact(85)
@pytest.mark.parametrize("kind", IDENTITIES)
def test_facts_083_to_085_keys_of_the_principal(kind: str) -> None:
    principal, *expected = IDENTITIES[kind]
    assert not isinstance(principal, str)
    assert principal is not None
    names = ("principalarn", "principalaccount", "principaltype", "userid", "username")
    assert [ask(principal).value(f"aws:{name}") for name in names] == expected


@pytest.mark.fact(90)
def test_fact_090_keys_of_a_service() -> None:
    service, user = ask(ServicePrincipal(name="x.amazonaws.com")), ask(IamUser(arn=USER))
    assert service.value("aws:principalisawsservice") == "true"
    assert service.value("aws:principalservicenameslist") == ("x.amazonaws.com",)
    assert user.value("aws:principalisawsservice") == "false"
    assert user.value("aws:principalservicename") is None


@pytest.mark.fact(34)
def test_fact_034_anonymous_has_no_service_key() -> None:
    assert ask(Anonymous()).value("aws:principalisawsservice") is None


@pytest.mark.fact(86)
@pytest.mark.parametrize("key", ["aws:multifactorauthpresent", "aws:tokenissuetime", "aws:sourceip"])
def test_fact_086_nothing_is_made_up(key: str) -> None:
    assert ask(IamUser(arn=USER)).value(key) is None
