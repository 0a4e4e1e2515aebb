"""Web identities in an organization: an RCP holds who comes in, an SCP what the session does."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.client import LocalWorld, Person
from tests.issuers import Issuer
from tests.operations.organizations.conftest import RCP, Org
from tests.operations.test_web_identity import provider
from tests.people import allow, deny, policy, refused, role, trusting

WEB = "sts:AssumeRoleWithWebIdentity"


@pytest.fixture(scope="module")
def issuer() -> Iterator[Issuer]:
    with Issuer() as found:
        yield found


@pytest.fixture
def local(issuer: Issuer, world_with: Callable[..., LocalWorld]) -> LocalWorld:
    return world_with(federation_hosts=issuer.hosts)


def app(person: Person, issuer: Issuer) -> str:
    """A role of an account for everybody whom the issuer vouches for."""
    named = {"Federated": provider(person, issuer)}
    return role(person, "app", trusting(named, WEB), allow("*"))


def federate(world: LocalWorld, issuer: Issuer, arn: str, **claims: Any) -> Person:
    answer = Person(world, "", "").unsigned_sts.assume_role_with_web_identity(
        RoleArn=arn, RoleSessionName="session", WebIdentityToken=issuer.token(**claims)
    )
    return world.person(answer["Credentials"])


def test_an_rcp_says_whose_tokens_an_account_takes(org: Org, issuer: Issuer) -> None:
    arn = app(org.member, issuer)
    federate(org.world, issuer, arn)
    others = {"StringNotEquals": {f"{issuer.name}:sub": "alice"}}
    org.attach(org.unit, policy(deny(WEB, Principal="*", Condition=others)), RCP)
    federate(org.world, issuer, arn)
    with refused("AccessDenied", 403, f"Not authorized to perform {WEB}"):
        federate(org.world, issuer, arn, sub="bob")


def test_who_comes_in_is_nobody_of_the_organization_yet(org: Org, issuer: Issuer) -> None:
    arn = app(org.member, issuer)
    own = org.root.organizations.describe_organization()["Organization"]["Id"]
    strangers = {"StringNotEqualsIfExists": {"aws:PrincipalOrgID": own}}
    org.attach(org.unit, policy(deny("sts:*", Principal="*", Condition=strangers)), RCP)
    with refused("AccessDenied", 403, f"Not authorized to perform {WEB}"):
        federate(org.world, issuer, arn)


def test_an_scp_does_not_say_who_comes_in_but_what_they_do(org: Org, issuer: Issuer) -> None:
    arn = app(org.member, issuer)
    org.attach(org.unit, policy(deny(WEB, "iam:CreateUser")))
    session = federate(org.world, issuer, arn)
    session.iam.list_users()
    with refused("AccessDenied", 403, "with an explicit deny in a service control policy"):
        session.iam.create_user(UserName="bob")


def test_a_stranger_does_not_take_the_scp_from_the_root_user(org: Org, issuer: Issuer) -> None:
    other = org.world.other
    invited = org.root.organizations.invite_account_to_organization(
        Target={"Type": "ACCOUNT", "Id": other.account}
    )
    other.organizations.accept_handshake(HandshakeId=invited["Handshake"]["Id"])
    arn = app(other, issuer)
    org.attach(other.account, policy(deny("iam:CreateUser")))
    with refused("AccessDenied", 403, f"Not authorized to perform {WEB}"):
        federate(org.world, issuer, arn.replace("app", "none"))
    with refused("AccessDenied", 403, "with an explicit deny in a service control policy"):
        other.iam.create_user(UserName="bob")
