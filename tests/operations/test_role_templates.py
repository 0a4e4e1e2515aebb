"""Roles from templates: read, made, found again, and left alone once somebody has changed them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.client import LocalWorld, Person
from tests.people import allow, managed, policy, refused, role, trusting, user

OF_AWS = "arn:aws:iam::aws:role-template"
POWER = f"{OF_AWS}/iam.amazonaws.com/PowerUserRoleTemplate:1"
BACKUP = f"{OF_AWS}/backup.amazonaws.com/AWSBackupDefaultServiceRoleTemplate:1"
POWER_USER = "arn:aws:iam::aws:policy/PowerUserAccess"
LAMBDA = "lambda.amazonaws.com"
READ = allow("iam:GetRoleTemplateVersion", on=POWER)


def acquire(person: Person, name: str | None = "it", service: str = LAMBDA, **more: Any) -> dict[str, Any]:
    values = {"AWSServiceName": service} | ({} if name is None else {"RoleName": name})
    given = {key: {"Values": [value]} for key, value in values.items()}
    made = person.iam.acquire_role(**{"TemplateArn": POWER, "ReplacementValues": given} | more)
    found: dict[str, Any] = made["Role"]
    return found


def test_reading_needs_the_permission(root: Person) -> None:
    bob = user(root, "bob", allow("iam:GetRoleTemplateVersion", on=BACKUP))
    with refused("AccessDenied", 403, f"iam:GetRoleTemplateVersion on resource: {POWER}"):
        bob.iam.get_role_template_version(TemplateArn=POWER)
    bob.iam.get_role_template_version(TemplateArn=BACKUP)


@pytest.mark.parametrize(
    "wrong",
    [
        {"TemplateArn": POWER[:-1] + "2"},
        {"TemplateArn": POWER.replace("aws:iam", "aws-cn:iam")},
        {"TemplateArn": POWER.replace("::aws:", "::111111111111:")},
        {"TemplateArn": f"{OF_AWS}/secretsmanager.amazonaws.com/AWSSecretsManagerRotationRoleTemplate:1"},
    ],
)
def test_a_template_that_is_not_there(root: Person, wrong: dict[str, str]) -> None:
    text = f"Role template not found in repository: {wrong['TemplateArn']}"
    for call in (root.iam.get_role_template_version, root.iam.acquire_role):
        with refused("NoSuchEntity", 404, text):
            call(**wrong)


def test_a_version_that_is_not_there(root: Person) -> None:
    for minor in (1, -1):
        with refused("NoSuchEntity", 404, POWER):
            root.iam.get_role_template_version(TemplateArn=POWER, MinorVersion=minor)
        with refused("NoSuchEntity", 404, POWER):
            acquire(root, TemplateMinorVersion=minor)
    found = root.iam.get_role_template_version(TemplateArn=POWER, MinorVersion=0)["RoleTemplateVersion"]
    assert found["MinorVersion"] == found["DefaultMinorVersion"] == 0


def test_what_a_template_shows(root: Person) -> None:
    found = root.iam.get_role_template_version(TemplateArn=POWER)["RoleTemplateVersion"]
    assert (found["TemplateArn"], found["TemplateName"]) == (POWER, "PowerUserRoleTemplate")
    assert found["ManagedPolicyArns"] == [POWER_USER]
    (statement,) = found["AssumeRolePolicyDocumentTemplate"]["Statement"]
    assert statement["Principal"] == {"Service": "@{AWSServiceName}"}
    assert {one["Name"]: one.get("DefaultValue") for one in found["ParametersDefinition"]} == {
        "AWSServiceName": None,
        "RoleName": "PowerUserRole",
    }
    assert (found["Enabled"], found["VersionEnabled"], found["ManagedByValue"]) == (
        True,
        True,
        "iam.amazonaws.com",
    )


MAKING = ("iam:GetRoleTemplateVersion", "iam:CreateRole", "iam:AttachRolePolicy")


@pytest.mark.parametrize("missing", MAKING)
def test_making_needs_what_it_does(root: Person, missing: str) -> None:
    bob = user(root, "bob", allow(*(one for one in MAKING if one != missing)))
    with refused("AccessDenied", 403, f"perform: {missing} on resource"):
        acquire(bob)
    with refused("NoSuchEntity", 404):
        root.iam.get_role(RoleName="it")
    eve = user(root, "eve", allow(*MAKING))
    acquire(eve)


def test_finding_needs_to_read_the_role(root: Person) -> None:
    made = acquire(root)
    bob = user(root, "bob", READ)
    with refused("AccessDenied", 403, f"iam:GetRole on resource: {made['Arn']}"):
        acquire(bob)
    eve = user(root, "eve", READ, allow("iam:GetRole", on=made["Arn"]))
    assert acquire(eve)["RoleId"] == made["RoleId"]


def test_the_template_is_a_condition_key_of_what_is_done_but_of_the_reading(root: Person) -> None:
    own: dict[str, Any] = {"Condition": {"StringEquals": {"iam:RoleTemplateARN": POWER}}}
    only = {"Condition": {"ArnEquals": {"iam:PolicyARN": POWER_USER}, **own["Condition"]}}
    may = allow("iam:CreateRole", "iam:GetRole", **own), allow("iam:AttachRolePolicy", **only)
    bob = user(root, "bob", READ, *may)
    acquire(bob)
    acquire(bob)
    with refused("AccessDenied", 403, "iam:GetRole"):
        bob.iam.get_role(RoleName="it")
    with refused("AccessDenied", 403, "iam:CreateRole"):
        role(bob, "other", root.account)
    eve = user(root, "eve", allow("iam:GetRoleTemplateVersion", **own), *may)
    with refused("AccessDenied", 403, "iam:GetRoleTemplateVersion"):
        acquire(eve)


@pytest.mark.parametrize(
    ("values", "code", "text"),
    [
        ({}, "InvalidInput", "Failed to render template: Parameter 'AWSServiceName' not found."),
        ({"Other": ["a"]}, "InvalidInput", "Failed to render template: Unrecognized parameter: Other"),
        (
            {"AWSServiceName": [LAMBDA, LAMBDA]},
            "ValidationError",
            "AWSServiceName replacement value must contain exactly one value, got 2",
        ),
        (
            {"AWSServiceName": ["not-a-service"]},
            "MalformedPolicyDocument",
            'Invalid principal in policy: "SERVICE":"not-a-service"',
        ),
        ({"AWSServiceName": ['a"},"AWS":{"b"']}, "MalformedPolicyDocument", "Invalid principal"),
        ({"AWSServiceName": [LAMBDA], "RoleName": ["a/b"]}, "ValidationError", "a/b"),
        ({"AWSServiceName": [LAMBDA], "RoleName": ["a" * 65]}, "ValidationError", "aaa"),
    ],
)
def test_values_that_make_no_role(root: Person, values: dict[str, list[str]], code: str, text: str) -> None:
    given = {name: {"Values": value} for name, value in values.items()}
    before = root.iam.get_account_summary()["SummaryMap"]["Roles"]
    with refused(code, 400, text):
        root.iam.acquire_role(TemplateArn=POWER, ReplacementValues=given)
    assert root.iam.get_account_summary()["SummaryMap"]["Roles"] == before


def test_nobody_learns_of_values_who_may_not_read_the_template(root: Person) -> None:
    bob = user(root, "bob")
    with refused("AccessDenied", 403, "iam:GetRoleTemplateVersion"):
        bob.iam.acquire_role(TemplateArn=POWER, ReplacementValues={})


def test_a_role_is_made_and_found_again(root: Person) -> None:
    made = acquire(root, None)
    assert set(made) == {"Path", "RoleName", "RoleId", "Arn", "CreateDate", "AssumeRolePolicyDocument"}
    assert made["Arn"] == f"arn:aws:iam::{root.account}:role/PowerUserRole"
    (statement,) = made["AssumeRolePolicyDocument"]["Statement"]
    assert statement["Principal"] == {"Service": LAMBDA}
    found = root.iam.get_role(RoleName="PowerUserRole")["Role"]
    assert found["Description"] == f"Power user role for {LAMBDA}"
    assert found["SourceRoleTemplate"] == {"TemplateArn": POWER, "TemplateMinorVersion": 0}
    (attached,) = root.iam.list_attached_role_policies(RoleName="PowerUserRole")["AttachedPolicies"]
    assert attached["PolicyArn"] == POWER_USER
    assert acquire(root, None) == made
    (listed,) = (one for one in root.iam.list_roles()["Roles"] if one["RoleName"] == "PowerUserRole")
    assert "SourceRoleTemplate" not in listed


def test_the_backup_service_has_a_template(root: Person) -> None:
    given = {"accountId": {"Values": [root.account]}}
    made = root.iam.acquire_role(TemplateArn=BACKUP, ReplacementValues=given)["Role"]
    assert (made["Path"], made["RoleName"]) == ("/service-role/", "AWSBackupDefaultServiceRole")
    (statement,) = made["AssumeRolePolicyDocument"]["Statement"]
    assert statement["Condition"] == {"StringEquals": {"aws:SourceAccount": root.account}}
    found = root.iam.list_attached_role_policies(RoleName=made["RoleName"])["AttachedPolicies"]
    assert len(found) == 2
    template = root.iam.get_role_template_version(TemplateArn=BACKUP)["RoleTemplateVersion"]
    assert template["RolePathPattern"] == "/service-role/"


def test_another_role_of_the_name_is_in_the_way(root: Person) -> None:
    role(root, "it", {"Service": LAMBDA})
    with refused("NameConflict", 409, "was not created from this template"):
        acquire(root)
    acquire(root, "second")
    for name, service in (("second", "ec2.amazonaws.com"), ("SECOND", LAMBDA)):
        with refused("NameConflict", 409, "was created with different parameters"):
            acquire(root, name, service)


CHANGES: dict[str, tuple[tuple[str, dict[str, Any]], tuple[str, dict[str, Any]]]] = {
    "tags": (
        ("tag_role", {"Tags": [{"Key": "a", "Value": "b"}]}),
        ("untag_role", {"TagKeys": ["a"]}),
    ),
    "inline": (
        ("put_role_policy", {"PolicyName": "own", "PolicyDocument": policy(allow("a:b"))}),
        ("delete_role_policy", {"PolicyName": "own"}),
    ),
    "attachment": (
        ("detach_role_policy", {"PolicyArn": POWER_USER}),
        ("attach_role_policy", {"PolicyArn": POWER_USER}),
    ),
    "boundary": (
        ("put_role_permissions_boundary", {"PermissionsBoundary": POWER_USER}),
        ("delete_role_permissions_boundary", {}),
    ),
    "trust": (
        ("update_assume_role_policy", {"PolicyDocument": policy(trusting({"Service": "ec2.amazonaws.com"}))}),
        ("update_assume_role_policy", {"PolicyDocument": policy(trusting({"Service": [LAMBDA]}))}),
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_changed_role_is_nobodys_until_it_is_changed_back(root: Person, change: str) -> None:
    made = acquire(root)
    (there, more), (back, less) = CHANGES[change]
    getattr(root.iam, there)(RoleName="it", **more)
    with refused("RoleModified", 409, "Role it has been modified since it was created"):
        acquire(root)
    getattr(root.iam, back)(RoleName="it", **less)
    assert acquire(root)["RoleId"] == made["RoleId"]


def test_a_description_and_a_duration_are_no_change(root: Person) -> None:
    made = acquire(root)
    root.iam.update_role(RoleName="it", Description="mine", MaxSessionDuration=7200)
    assert acquire(root)["RoleId"] == made["RoleId"]


def test_more_policies_than_the_templates_are_a_change(root: Person) -> None:
    acquire(root)
    root.iam.attach_role_policy(RoleName="it", PolicyArn=managed(root, "more", allow("a:b")))
    with refused("RoleModified", 409):
        acquire(root)


def test_the_quota_of_roles_holds(world_with: Any) -> None:
    root = world_with(limits={"roles": 1}).root
    acquire(root, "one")
    with refused("LimitExceeded", 409, "RolesPerAccount"):
        acquire(root, "two")


def test_role_manager_need_not_be_enabled_and_there_is_one_event(local: LocalWorld) -> None:
    acquire(local.root)
    assert local.events()[-1]["eventName"] == "AcquireRole"
    assert [one["eventName"] for one in local.events()].count("CreateRole") == 0
