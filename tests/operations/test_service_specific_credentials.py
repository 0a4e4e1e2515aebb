"""Service-specific credentials: for one service, two of each, and their secrets shown once."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from tests.client import LocalWorld, Person
from tests.people import allow, refused, user

GIT, BEDROCK = "codecommit.amazonaws.com", "bedrock.amazonaws.com"


@pytest.fixture
def bob(root: Person) -> Person:
    """A user who may manage his own credentials."""
    return user(root, "bob", allow("iam:*ServiceSpecificCredential*", on="arn:aws:iam::*:user/bob"))


def create(person: Person, service: str = GIT, name: str = "bob", **more: Any) -> dict[str, Any]:
    answer = person.iam.create_service_specific_credential(UserName=name, ServiceName=service, **more)
    made: dict[str, Any] = answer["ServiceSpecificCredential"]
    return made


def of(made: dict[str, Any]) -> dict[str, str]:
    return {name: made[name] for name in ("UserName", "ServiceSpecificCredentialId")}


def test_only_some_services_have_credentials(bob: Person) -> None:
    with refused("NotSupportedService", 404, "s3.amazonaws.com"):
        create(bob, "s3.amazonaws.com")
    with refused("NotSupportedService", 404):
        bob.iam.list_service_specific_credentials(ServiceName="s3.amazonaws.com")


@pytest.mark.parametrize("service", [GIT, "cassandra.amazonaws.com"])
def test_a_user_name_and_a_password(root: Person, bob: Person, service: str) -> None:
    first, second = create(bob, service), create(bob, service)
    assert first["ServiceUserName"] == f"bob-at-{root.account}"
    assert second["ServiceUserName"] == f"bob+1-at-{root.account}"
    assert first["ServicePassword"] != second["ServicePassword"]
    assert first["ServiceSpecificCredentialId"].startswith("ACCA")
    with refused("LimitExceeded", 409, "Cannot exceed quota for ServiceSpecificCredentialsPerUser: 2"):
        create(bob, service)
    create(bob, BEDROCK)


@pytest.mark.parametrize(("service", "start"), [(BEDROCK, "ABSK"), ("logs.amazonaws.com", "ACWL")])
def test_an_api_key_has_its_alias_in_it_and_may_expire(bob: Person, service: str, start: str) -> None:
    made = create(bob, service, CredentialAgeDays=1)
    assert "ServicePassword" not in made
    secret = made["ServiceCredentialSecret"]
    assert secret.startswith(start)
    assert base64.b64decode(secret[4:]).decode().startswith(made["ServiceCredentialAlias"] + ":")
    assert (made["ExpirationDate"] - made["CreateDate"]).days == 1
    bob.world.advance(86_401)
    (shown,) = bob.iam.list_service_specific_credentials()["ServiceSpecificCredentials"]
    assert shown["Status"] == "Expired"
    with refused("ValidationError", 400, "CredentialAgeDays"):
        create(bob, GIT, CredentialAgeDays=1)


def test_a_secret_is_shown_once_and_is_in_no_event(local: LocalWorld) -> None:
    root = local.root
    root.iam.create_user(UserName="bob")
    made, key = create(root), create(root, BEDROCK)
    (shown,) = root.iam.list_service_specific_credentials(UserName="bob", ServiceName=GIT)[
        "ServiceSpecificCredentials"
    ]
    assert shown == {name: value for name, value in made.items() if name != "ServicePassword"}
    anew = root.iam.reset_service_specific_credential(**of(made))["ServiceSpecificCredential"]
    assert anew["ServicePassword"] != made["ServicePassword"]
    assert anew["ServiceUserName"] == made["ServiceUserName"]
    events = json.dumps(local.events())
    for secret in (made["ServicePassword"], anew["ServicePassword"], key["ServiceCredentialSecret"]):
        assert secret not in events


def test_a_credential_is_switched_and_deleted_by_its_owner(root: Person, bob: Person) -> None:
    made = create(bob)
    eve = user(root, "eve", allow("iam:*"))
    missing = f"No such credential {made['ServiceSpecificCredentialId']} exists"
    with refused("NoSuchEntity", 404, missing):
        eve.iam.delete_service_specific_credential(
            ServiceSpecificCredentialId=made["ServiceSpecificCredentialId"]
        )
    bob.iam.update_service_specific_credential(**of(made), Status="Inactive")
    (shown,) = bob.iam.list_service_specific_credentials()["ServiceSpecificCredentials"]
    assert shown["Status"] == "Inactive"
    bob.iam.delete_service_specific_credential(**of(made))
    with refused("NoSuchEntity", 404, missing):
        bob.iam.reset_service_specific_credential(**of(made))


def test_a_renamed_user_keeps_them_and_is_not_deleted(root: Person) -> None:
    root.iam.create_user(UserName="bob")
    made = create(root)
    root.iam.update_user(UserName="bob", NewUserName="robert")
    with refused("DeleteConflict", 409, "must remove referenced objects first"):
        root.iam.delete_user(UserName="robert")
    root.iam.create_user(UserName="bob")
    assert create(root)["ServiceUserName"] == f"bob+1-at-{root.account}"
    root.iam.delete_service_specific_credential(**of(made) | {"UserName": "robert"})
    root.iam.delete_user(UserName="robert")


def test_those_of_all_users(root: Person, bob: Person) -> None:
    root.iam.create_user(UserName="eve")
    made = {create(bob)["ServiceUserName"], create(root, name="eve")["ServiceUserName"]}
    found = root.iam.list_service_specific_credentials(AllUsers=True)["ServiceSpecificCredentials"]
    assert {one["ServiceUserName"] for one in found} == made
    with refused("ValidationError", 400):
        root.iam.list_service_specific_credentials(AllUsers=True, UserName="bob")
    with refused("AccessDenied", 403, "user/*"):
        bob.iam.list_service_specific_credentials(AllUsers=True)


def test_conditions_on_the_service_and_the_age(root: Person) -> None:
    short = {
        "StringEquals": {"iam:ServiceSpecificCredentialServiceName": BEDROCK},
        "NumericLessThanEquals": {"iam:ServiceSpecificCredentialAgeDays": "90"},
    }
    own = {"StringEquals": {"iam:ServiceSpecificCredentialServiceName": BEDROCK}}
    bob = user(
        root,
        "bob",
        allow("iam:CreateServiceSpecificCredential", Condition=short),
        allow("iam:ResetServiceSpecificCredential", Condition=own),
    )
    cases: list[tuple[str, dict[str, Any]]] = [(GIT, {}), (BEDROCK, {}), (BEDROCK, {"CredentialAgeDays": 91})]
    for service, more in cases:
        with refused("AccessDenied", 403, "iam:CreateServiceSpecificCredential"):
            create(bob, service, **more)
    made = create(bob, BEDROCK, CredentialAgeDays=90)
    bob.iam.reset_service_specific_credential(**of(made))
    with refused("AccessDenied", 403, "iam:ResetServiceSpecificCredential"):
        bob.iam.reset_service_specific_credential(**of(create(root)))
