"""Every parameter of the services used most that takes a role, one by one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from rolekeeper.errors import AccessDenied
from rolekeeper.gateway import passing
from rolekeeper.gateway.asked import Asked
from rolekeeper.gateway.passed_to import BY_NAME, EXCEPTIONS, OWN, PROFILES
from rolekeeper.gateway.role_parameters import EACH, Parameter, parameters
from rolekeeper.wire import model
from rolekeeper.wire.shapes import Shape
from tests.client import ACCOUNT, OTHER_ACCOUNT

OWN_ROLE, FOREIGN = f"arn:aws:iam::{ACCOUNT}:role/worker", f"arn:aws:iam::{OTHER_ACCOUNT}:role/worker"
OWN_PROFILE = f"arn:aws:iam::{ACCOUNT}:instance-profile/web"
FOREIGN_PROFILE = f"arn:aws:iam::{OTHER_ACCOUNT}:instance-profile/web"
# fmt: off
SERVICES = (
    "acm", "apigateway", "apigatewayv2", "application-autoscaling", "autoscaling", "cloudformation",
    "cloudwatch", "dynamodb", "ec2", "ecr", "ecs", "eks", "elb", "elbv2", "emr", "events", "firehose",
    "glue", "kinesis", "kms", "lambda", "logs", "pipes", "rds", "redshift", "route53", "s3",
    "s3control", "scheduler", "secretsmanager", "sns", "sqs", "ssm", "stepfunctions"
)
# fmt: on


class Roles:
    def in_profile(self, given: str) -> str | None:
        return OWN_ROLE if given == OWN_PROFILE else None

    def named(self, name: str) -> str | None:
        return OWN_ROLE


def places() -> Iterator[tuple[str, str, Parameter]]:
    for name in SERVICES:
        service = model.service(name)
        for operation in service.operations.values():
            for parameter in parameters(service, operation):
                yield name, operation.name, parameter


def asked(service: str, operation: str, parameter: Parameter, value: str) -> Asked:
    """A request that has a value at that place and nothing else."""
    found = model.service(service)
    shape = found.operations[operation].input
    assert shape is not None
    given: Any = {"AnyRoleArn": value} if parameter.keys else value
    return Asked(
        service=found,
        operation=found.operations[operation],
        members=_around(shape, parameter.path, given),
        account=ACCOUNT,
        region="us-east-1",
        partition="aws",
    )


def _around(shape: Shape, path: tuple[str, ...], value: Any) -> Any:
    if shape.type == "list":
        return [_around(shape.element, path, value)]
    if not path:
        return value
    if path[0] == EACH:
        return {"any": _around(shape.value, path[1:], value)}
    member = next(each for each in shape.members if each.name == path[0])
    return {path[0]: _around(member.shape, path[1:], value)}


@pytest.mark.parametrize("service", SERVICES)
def test_each_parameter_is_one_access_and_takes_nobody_elses_role(service: str) -> None:
    for name, operation, parameter in places():
        if name != service:
            continue
        where = f"{name}.{operation}.{'.'.join(parameter.path)}"
        own, foreign = (OWN_PROFILE, FOREIGN_PROFILE) if parameter.profile else (OWN_ROLE, FOREIGN)
        (wanted,) = passing.passed(asked(service, operation, parameter, own), Roles())
        assert wanted.resource == OWN_ROLE, where
        assert wanted.keys["iam:passedtoservice"] == parameter.principal, where
        assert parameter.principal.endswith(".amazonaws.com"), where
        with pytest.raises(AccessDenied):
            passing.passed(asked(service, operation, parameter, foreign), Roles())
            raise AssertionError(where)


def test_there_are_many() -> None:
    assert len(list(places())) > 250


def test_every_row_of_the_table_is_about_something_that_there_is() -> None:
    for service in OWN:
        model.service(service)
    for place in (*EXCEPTIONS, *BY_NAME, *PROFILES):
        service, *names = place.split(".")
        found = model.service(service)
        known = set(found.operations)
        for operation in found.operations.values():
            if operation.input is not None:
                known |= _members(operation.input, frozenset())
        assert set(names) <= known, place


def _members(shape: Shape, above: frozenset[str]) -> set[str]:
    """The names of all members in a shape, at any depth."""
    if shape.name in above:
        return set()
    if shape.type == "list":
        return _members(shape.element, above)
    if shape.type == "map":
        return _members(shape.value, above)
    if shape.type != "structure":
        return set()
    inside = above | {shape.name}
    return {each.name for each in shape.members}.union(
        *(_members(each.shape, inside) for each in shape.members)
    )
