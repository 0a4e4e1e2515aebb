"""Functions: Lambda must get the role at once, and a region has one of each name."""

from __future__ import annotations

import pytest

from tests.client import ACCOUNT, LocalWorld, Person
from tests.people import allow, refused, role, trusting, user
from tests.workers import EC2, LAMBDA, become

CREATE = allow("lambda:CreateFunction")


@pytest.fixture
def worker(root: Person) -> str:
    return role(root, "worker", LAMBDA, allow("iam:ListRoles"))


def test_it_needs_both_permissions(root: Person, worker: str) -> None:
    asked = {"FunctionName": "mine", "Role": worker}
    function = f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:mine"
    with refused("AccessDeniedException", 400, f"lambda:CreateFunction on resource: {function}"):
        user(root, "bob", allow("iam:PassRole")).workloads.register_function(**asked)
    with refused("AccessDeniedException", 400, f"iam:PassRole on resource: {worker}"):
        user(root, "eve", CREATE).workloads.register_function(**asked)
    tied = {"Condition": {"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}}}
    with refused("AccessDeniedException", 400, "iam:PassRole"):
        user(root, "tom", CREATE, allow("iam:PassRole", **tied)).workloads.register_function(**asked)
    own = {"Condition": {"ArnEquals": {"iam:AssociatedResourceArn": function}}}
    user(root, "ann", CREATE, allow("iam:PassRole", **own)).workloads.register_function(**asked)


def test_a_role_that_lambda_does_not_get(root: Person, other: Person) -> None:
    tied = trusting(LAMBDA, Condition={"ArnLike": {"aws:SourceArn": "arn:aws:lambda:*:*:function:other"}})
    for wrong in (
        role(root, "server", EC2),
        role(root, "tied", tied),
        f"arn:aws:iam::{ACCOUNT}:role/none",
    ):
        with refused("InvalidParameterValueException", 400, "cannot be assumed by Lambda."):
            root.workloads.register_function(FunctionName="mine", Role=wrong)
    foreign = role(other, "worker", LAMBDA)
    with refused("AccessDeniedException", 400, "Cross-account pass role is not allowed."):
        root.workloads.register_function(FunctionName="mine", Role=foreign)


def test_a_region_has_one_of_each_name(root: Person, worker: str) -> None:
    asked = {"FunctionName": "mine", "Role": worker}
    root.workloads.register_function(**asked)
    with refused("ResourceConflictException", 400, "Function already exist: mine"):
        root.workloads.register_function(**asked)
    root.in_region("eu-west-1").workloads.register_function(**asked)
    (only,) = root.workloads.list_functions()["Functions"]
    assert only["FunctionArn"] == f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:mine"


def test_a_function_becomes_its_role_and_another_after_a_change(local: LocalWorld) -> None:
    first, second = (role(local.root, name, LAMBDA) for name in ("first", "second"))
    secret = local.root.workloads.register_function(FunctionName="mine", Role=first)["Secret"]
    assert become(local, secret).arn == f"arn:aws:sts::{ACCOUNT}:assumed-role/first/mine"
    update = allow("lambda:UpdateFunctionConfiguration")
    with refused("AccessDeniedException", 400, "iam:PassRole"):
        user(local.root, "bob", update).workloads.update_function_role(FunctionName="mine", Role=second)
    local.root.workloads.update_function_role(FunctionName="mine", Role=second)
    assert become(local, secret).arn == f"arn:aws:sts::{ACCOUNT}:assumed-role/second/mine"


def test_a_function_that_is_deleted_is_gone(local: LocalWorld) -> None:
    worker = role(local.root, "worker", LAMBDA)
    secret = local.root.workloads.register_function(FunctionName="mine", Role=worker)["Secret"]
    with refused("AccessDeniedException", 400, "lambda:DeleteFunction"):
        user(local.root, "bob").workloads.deregister_function(FunctionName="mine")
    local.root.workloads.deregister_function(FunctionName="mine")
    assert local.server.attest(secret) is None
    for name, more in (("deregister_function", {}), ("update_function_role", {"Role": worker})):
        with refused("ResourceNotFoundException", 400, "Function not found: arn:aws:lambda:us-east-1"):
            getattr(local.root.workloads, name)(FunctionName="mine", **more)


def test_tags_are_a_permission_of_their_own(root: Person, worker: str) -> None:
    bob = user(root, "bob", CREATE, allow("iam:PassRole"))
    with refused("AccessDeniedException", 400, "lambda:TagResource"):
        bob.workloads.register_function(FunctionName="mine", Role=worker, Tags=[{"Key": "a", "Value": "b"}])
