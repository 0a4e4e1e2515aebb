from __future__ import annotations

from typing import Any

import pytest

from rolekeeper.policy.audience import ACCOUNT, DIRECT, ENTITY, NOBODY, compile_audience
from rolekeeper.policy.context import (
    AccountRoot,
    Anonymous,
    AssumedRole,
    FederatedIdentity,
    FederatedUser,
    IamUser,
    Principal,
    ServicePrincipal,
)
from rolekeeper.policy.document import parse_document

ACCOUNT_ID = "111122223333"
USER_ARN, ROOT_ARN = f"arn:aws:iam::{ACCOUNT_ID}:user/ana", f"arn:aws:iam::{ACCOUNT_ID}:root"
ROLE_ARN, SESSION_ARN = (
    f"arn:aws:iam::{ACCOUNT_ID}:role/team/app",
    f"arn:aws:sts::{ACCOUNT_ID}:assumed-role/app/s",
)
FEDERATED_ARN = f"arn:aws:sts::{ACCOUNT_ID}:federated-user/ana"
USER = IamUser(arn=USER_ARN, user_id="AIDAANA")
SESSION = AssumedRole(arn=SESSION_ARN, role_arn=ROLE_ARN, role_id="AROAAPP", session_name="s")
FEDERATED = FederatedUser(arn=FEDERATED_ARN, user_arn=USER_ARN, user_id="AIDAANA")


def level(
    element: Any,
    principal: Principal,
    *,
    effect: str = "Allow",
    name: str = "Principal",
    bounded: bool = False,
) -> int:
    statement = {"Effect": effect, name: element, "Action": "*", "Resource": "*"}
    audience = compile_audience(parse_document({"Statement": statement}).statements[0], bounded=bounded)
    assert audience is not None
    return audience(principal)


@pytest.mark.parametrize(
    ("names", "principal"),
    [
        ([USER_ARN.upper(), f"arn:aws:iam::{ACCOUNT_ID}:user/*", "arn:aws:iam::444455556666:user/ana"], USER),
        ([f"arn:aws:iam::{ACCOUNT_ID}:role/app", f"arn:aws:sts::{ACCOUNT_ID}:assumed-role/app/*"], SESSION),
        ([USER_ARN, "444455556666", "arn:aws:iam::444455556666:root"], AccountRoot(account=ACCOUNT_ID)),
        ([ACCOUNT_ID, ROOT_ARN, "ec2.amazonaws.com"], ServicePrincipal(name="ec2.amazonaws.com")),
        ([ACCOUNT_ID, "anonymous"], Anonymous()),
        (["accounts.google.com"], FederatedIdentity(provider="accounts.google.com")),
        ([], USER),
    ],
)
def test_a_statement_does_not_speak_of_others(names: list[str], principal: Principal) -> None:
    assert level({"AWS": names}, principal) == NOBODY


@pytest.mark.parametrize(
    ("name", "principal", "expected"),
    [
        (USER_ARN, USER, DIRECT),
        ("AIDAANA", USER, DIRECT),
        (ACCOUNT_ID, USER, ACCOUNT),
        (ROOT_ARN, SESSION, ACCOUNT),
        (ROLE_ARN, SESSION, ENTITY),
        ("AROAAPP", SESSION, ENTITY),
        (SESSION_ARN, SESSION, DIRECT),
        (USER_ARN, FEDERATED, ENTITY),
        (FEDERATED_ARN, FEDERATED, DIRECT),
        (ROOT_ARN, AccountRoot(account=ACCOUNT_ID), DIRECT),
        ("*", Anonymous(), DIRECT),
        ("*", ServicePrincipal(name="ec2.amazonaws.com"), DIRECT),
    ],
)
def test_how_closely_a_name_comes(name: str, principal: Principal, expected: int) -> None:
    assert level({"AWS": name}, principal) == expected


def test_a_service_and_a_provider_are_named_by_their_kind() -> None:
    assert level({"Service": "ec2.amazonaws.com"}, ServicePrincipal(name="ec2.amazonaws.com")) == DIRECT
    assert (
        level({"Federated": "accounts.google.com"}, FederatedIdentity(provider="accounts.google.com"))
        == DIRECT
    )
    assert level({"Service": "ec2.amazonaws.com"}, USER) == NOBODY


def hits(names: list[str], principal: Principal, *, bounded: bool = False) -> bool:
    return bool(level({"AWS": names}, principal, effect="Deny", name="NotPrincipal", bounded=bounded))


@pytest.mark.fact(31)
def test_a_user_is_spared_with_his_account_only() -> None:
    assert hits([USER_ARN], USER)
    assert hits([ROOT_ARN], USER)
    assert not hits([USER_ARN, ROOT_ARN], USER)


@pytest.mark.fact(32)
def test_a_session_is_spared_with_role_and_account_only() -> None:
    assert hits([ROLE_ARN, ROOT_ARN], SESSION)
    assert hits([SESSION_ARN, ROLE_ARN], SESSION)
    assert not hits([SESSION_ARN, ROLE_ARN, ACCOUNT_ID], SESSION)


@pytest.mark.fact(81)
def test_whoever_has_a_boundary_is_never_spared() -> None:
    assert hits([USER_ARN, ROOT_ARN], USER, bounded=True)
    assert hits(["*"], USER, bounded=True)
    assert not hits([ROOT_ARN], AccountRoot(account=ACCOUNT_ID), bounded=True)


def test_an_allow_of_others_is_for_those_whom_the_list_does_not_name() -> None:
    assert level({"AWS": ROOT_ARN}, USER, name="NotPrincipal") == NOBODY
    assert level({"AWS": "444455556666"}, USER, name="NotPrincipal") == DIRECT


def test_an_identity_policy_speaks_of_whoever_has_it() -> None:
    document = parse_document({"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}})
    assert compile_audience(document.statements[0], bounded=False) is None
