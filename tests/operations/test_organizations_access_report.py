"""The access report of an organization: who is refused it, whatever is in it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.client import ACCOUNT, Person
from tests.people import allow, refused, user

PATH = "o-a1b2c3d4e5/r-f6g7h8i9j0example/ou-ghi0-awsccccc"
GENERATE = "iam:GenerateOrganizationsAccessReport"
JOB = "00000000-0000-0000-0000-000000000000"
TEXT = f"No organization is associated with the account {ACCOUNT}."


def generate(person: Person, path: str = PATH, **more: Any) -> None:
    person.iam.generate_organizations_access_report(EntityPath=path, **more)


def test_asking_needs_the_permission_on_the_report(root: Person) -> None:
    arn = f"arn:aws:iam::{ACCOUNT}:access-report/{PATH}"
    with refused("AccessDenied", 403, f"{GENERATE} on resource: {arn} because"):
        generate(user(root, "eve"))
    with refused("AccessDenied", 403, TEXT):
        generate(user(root, "bob", allow(GENERATE, on=arn)))


def test_the_permission_can_be_for_one_policy_alone(root: Person) -> None:
    tied: dict[str, Any] = {"StringEquals": {"iam:OrganizationsPolicyId": "p-examplepolicyid111"}}
    bob = user(root, "bob", allow(GENERATE, Condition=tied))
    for more in ({}, {"OrganizationsPolicyId": "p-examplepolicyid222"}):
        with refused("AccessDenied", 403, "because no identity-based policy allows"):
            generate(bob, **more)
    with refused("AccessDenied", 403, TEXT):
        generate(bob, OrganizationsPolicyId="p-examplepolicyid111")


def test_reading_needs_a_permission(root: Person) -> None:
    with refused("AccessDenied", 403, "iam:GetOrganizationsAccessReport on resource: * because"):
        user(root, "bob").iam.get_organizations_access_report(JobId=JOB)


def test_an_account_in_no_organization_has_no_report(root: Person) -> None:
    with refused("AccessDenied", 403, TEXT):
        generate(root)
    with refused("AccessDenied", 403, TEXT):
        root.iam.get_organizations_access_report(JobId=JOB)


@pytest.mark.parametrize(
    "path", ["o-a1b2c3d4e5", "r-f6g7h8i9j0example/ou-ghi0", "o-A1B2C3D4E5/r-f6g7h8", "x" * 428]
)
def test_the_model_says_what_a_path_is(root: Person, path: str) -> None:
    with refused("ValidationError", 400, "'entityPath'"):
        generate(root, path)


def test_the_model_says_what_else_is_wrong(root: Person) -> None:
    with refused("ValidationError", 400, "'organizationsPolicyId'"):
        generate(root, OrganizationsPolicyId="policy")
    with refused("ValidationError", 400, "'sortKey'"):
        root.iam.get_organizations_access_report(JobId=JOB, SortKey="NAME")
