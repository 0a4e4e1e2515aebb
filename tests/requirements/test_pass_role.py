"""Handing a role to a service, as far as IAM itself does it: rows SR-077 to SR-081 and SR-083."""

from __future__ import annotations

from typing import Any

import pytest

from tests.client import LocalWorld, Person
from tests.people import Statement, allow, managed, refused, role, user

requirement = pytest.mark.requirement

EC2 = {"Service": "ec2.amazonaws.com"}
ADD = allow("iam:AddRoleToInstanceProfile")


def hand_over(person: Person, root: Person, role_name: str) -> None:
    """The person puts the role into a profile of its name, which hands it to EC2."""
    root.iam.create_instance_profile(InstanceProfileName=f"{role_name}-{person.key_id}")
    person.iam.add_role_to_instance_profile(
        InstanceProfileName=f"{role_name}-{person.key_id}", RoleName=role_name
    )


def operator(root: Person, name: str, *statements: Statement) -> Person:
    return user(root, name, ADD, *statements)


@requirement("SR-077")
def test_sr_077_handing_a_role_over_needs_the_permission(root: Person) -> None:
    arn = role(root, "web", EC2)
    with refused("AccessDenied", 403, f"is not authorized to perform: iam:PassRole on resource: {arn}"):
        hand_over(operator(root, "without"), root, "web")
    hand_over(operator(root, "with", allow("iam:PassRole")), root, "web")


@requirement("SR-078")
def test_sr_078_it_is_given_for_roles(root: Person) -> None:
    arn, other = role(root, "web", EC2), role(root, "admin", EC2)
    bob = operator(root, "bob", allow("iam:PassRole", on=arn))
    with refused("AccessDenied", 403, f"iam:PassRole on resource: {other}"):
        hand_over(bob, root, "admin")
    hand_over(bob, root, "web")


@requirement("SR-079")
def test_sr_079_and_for_services(root: Person) -> None:
    role(root, "web", EC2)

    def to(service: str) -> Statement:
        tied: dict[str, Any] = {"StringEquals": {"iam:PassedToService": service}}
        return allow("iam:PassRole", Condition=tied)

    with refused("AccessDenied", 403, "iam:PassRole"):
        hand_over(operator(root, "bob", to("lambda.amazonaws.com")), root, "web")
    hand_over(operator(root, "eve", to("ec2.amazonaws.com")), root, "web")


@requirement("SR-080")
def test_sr_080_power_users_do_not_have_it(root: Person) -> None:
    role(root, "web", EC2)
    bob = operator(root, "bob")
    root.iam.attach_user_policy(UserName="bob", PolicyArn="arn:aws:iam::aws:policy/PowerUserAccess")
    with refused("AccessDenied", 403, "because no identity-based policy allows the iam:PassRole action"):
        hand_over(bob, root, "web")


@requirement("SR-081")
def test_sr_081_nobody_gains_by_passing_beyond_a_boundary(root: Person) -> None:
    role(root, "admin", EC2, allow("*"))
    limit = managed(root, "limit", allow("*"), {**allow("iam:PassRole"), "Effect": "Deny"})
    bob = user(root, "bob", allow("*"), PermissionsBoundary=limit)
    with refused("AccessDenied", 403, "with an explicit deny in a permissions boundary"):
        hand_over(bob, root, "admin")


@requirement("SR-083")
def test_sr_083_passing_leaves_no_event_of_its_own(local: LocalWorld) -> None:
    role(local.root, "web", EC2)
    bob = operator(local.root, "bob", allow("iam:PassRole"))
    hand_over(bob, local.root, "web")
    names = [event["eventName"] for event in local.events()]
    assert names[-1] == "AddRoleToInstanceProfile"
    assert "PassRole" not in names
