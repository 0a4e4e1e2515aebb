"""The properties of an account: whether role manager is enabled, and who may enable it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.client import Person
from tests.people import allow, deny, refused, role, user

ROLE = "AWSServiceRoleForIAMRoleManager"
SWITCH = "RoleManager/Enabled"


def _enabled(person: Person) -> str:
    properties: dict[str, str] = person.iam.get_account_properties()["Properties"]
    assert set(properties) == {SWITCH}
    return properties[SWITCH]


def _in_namespace(name: str) -> dict[str, Any]:
    return {"Condition": {"ForAnyValue:StringEquals": {"iam:AccountPropertyNamespaces": name}}}


def test_each_needs_its_permission(root: Person) -> None:
    bob = user(root, "bob", allow("iam:CreateServiceLinkedRole"))
    with refused("AccessDenied", 403, "iam:GetAccountProperties on resource: *"):
        bob.iam.get_account_properties()
    with refused("AccessDenied", 403, "iam:PutAccountProperties on resource: *"):
        bob.iam.put_account_properties(Properties={SWITCH: "false"})


def test_enabling_needs_the_permission_to_make_the_role(root: Person) -> None:
    bob = user(root, "bob", allow("iam:PutAccountProperties"))
    arn = f"arn:aws:iam::{root.account}:role/aws-service-role/role-manager.iam.amazonaws.com/{ROLE}"
    with refused("AccessDenied", 403, f"iam:CreateServiceLinkedRole on resource: {arn}"):
        bob.iam.put_account_properties(Properties={SWITCH: "true"})
    assert _enabled(root) == "false"
    with refused("NoSuchEntity", 404):
        root.iam.get_role(RoleName=ROLE)
    bob.iam.put_account_properties(Properties={SWITCH: "false"})
    named = {"Condition": {"StringEquals": {"iam:AWSServiceName": "role-manager.iam.amazonaws.com"}}}
    eve = user(
        root, "eve", allow("iam:PutAccountProperties"), allow("iam:CreateServiceLinkedRole", on=arn, **named)
    )
    eve.iam.put_account_properties(Properties={SWITCH: "true"})
    assert _enabled(root) == "true"


@pytest.mark.parametrize(("namespace", "fine"), [("RoleManager", True), ("Other", False)])
def test_the_namespace_is_a_condition_key(root: Person, namespace: str, fine: bool) -> None:
    bob = user(root, "bob", allow("iam:*AccountProperties", **_in_namespace(namespace)))
    if fine:
        bob.iam.put_account_properties(Properties={SWITCH: "false"})
        assert _enabled(bob) == "false"
    else:
        for call in (
            bob.iam.get_account_properties,
            lambda: bob.iam.put_account_properties(Properties={SWITCH: "false"}),
        ):
            with refused("AccessDenied", 403, "AccountProperties"):
                call()


def test_a_denied_namespace_is_denied_among_others(root: Person) -> None:
    bob = user(root, "bob", allow("*"), deny("iam:PutAccountProperties", **_in_namespace("RoleManager")))
    with refused("AccessDenied", 403, "explicit deny"):
        bob.iam.put_account_properties(Properties={"A/B": "c", SWITCH: "true"})


@pytest.mark.parametrize(
    ("properties", "text"),
    [
        ({"RoleManager": "true"}, "Property key must be in format Namespace/PropertyName: RoleManager"),
        ({"RoleManager/Enabled/Other": "true"}, "RoleManager namespace requires Enabled property"),
        ({"RoleManager/Other": "true"}, "RoleManager namespace requires Enabled property"),
        ({"Other/Enabled": "true"}, "Unsupported namespace: Other"),
        ({SWITCH: "false", "Other/Enabled": "x"}, "All properties must belong to the same namespace"),
        ({SWITCH: "FALSE"}, "Enabled must be 'true' or 'false'"),
        ({SWITCH: "0"}, "Enabled must be 'true' or 'false'"),
    ],
)
def test_what_is_no_property(root: Person, properties: dict[str, str], text: str) -> None:
    with refused("InvalidInput", 400, text):
        root.iam.put_account_properties(Properties=properties)
    assert _enabled(root) == "false"


def test_the_model_is_held(root: Person) -> None:
    for wrong in ({}, {"1/2": "x"}, {"A/" + "b" * 49: "x"}):
        with refused("ValidationError", 400):
            root.iam.put_account_properties(Properties=wrong)


def test_a_customers_role_of_the_name_is_not_taken_for_the_services(root: Person) -> None:
    role(root, ROLE, root.account)
    with refused("InvalidInput", 400, f"Service role name {ROLE} has been taken in this account"):
        root.iam.put_account_properties(Properties={SWITCH: "true"})
    assert _enabled(root) == "false"


def test_the_role_is_made_once_and_stays(root: Person, other: Person) -> None:
    assert _enabled(root) == "false"
    root.iam.put_account_properties(Properties={SWITCH: "true", "RoleManager/Later": "1"})
    made = root.iam.get_role(RoleName=ROLE)["Role"]
    (policy,) = root.iam.list_attached_role_policies(RoleName=ROLE)["AttachedPolicies"]
    assert policy["PolicyName"] == "AWSIAMRoleManagerServiceRolePolicy"
    root.iam.put_account_properties(Properties={SWITCH: "true"})
    assert (_enabled(root), _enabled(other)) == ("true", "false")
    root.iam.put_account_properties(Properties={SWITCH: "false"})
    assert _enabled(root) == "false"
    assert root.iam.get_role(RoleName=ROLE)["Role"]["RoleId"] == made["RoleId"]
