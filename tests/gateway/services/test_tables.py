"""Tables say where a service's requests name its resources: only places that its model has."""

from __future__ import annotations

import importlib
from collections.abc import Iterator

import pytest

from rolekeeper.gateway.services.tables import Table, parts
from rolekeeper.policy import catalog
from rolekeeper.wire import model
from rolekeeper.wire.model import Shape
from tests.gateway.services.classified import embedded

SERVICES = ("acm", "autoscaling", "cloudformation", "ec2", "ecs", "eks", "elb", "glue", "rds", "route53")


def table(service: str) -> Table:
    found: Table = importlib.import_module(f"rolekeeper.gateway.services.{service}").TABLE
    return found


def has(shape: Shape | None, path: str) -> bool:
    """Whether an input has a text at a place."""
    while shape is not None and shape.type == "list":
        shape = shape.element
    if shape is None or not path:
        return shape is not None and shape.type == "string"
    name, _, rest = path.partition(".")
    if shape.type != "structure":
        return False
    return any(has(member.shape, rest) for member in shape.members if member.name == name)


def unplaced(service: str) -> Iterator[tuple[str, str]]:
    """The kinds of resource of operations that no member of their input can name."""
    operations, own = model.service(service).operations, table(service)
    for operation in embedded(service):
        if catalog.action(f"{own.prefix}:{operation}") is None or operation in ("CreateTags", "DeleteTags"):
            continue
        for part in parts(own, operation):
            places = [
                each
                for each in part.places
                if not isinstance(each, str) or has(operations[operation].input, each)
            ]
            if not places:
                yield operation, part.type + ("!" if part.required else "")


@pytest.mark.parametrize("service", SERVICES)
def test_each_place_that_is_said_of_one_operation_is_in_its_model(service: str) -> None:
    operations = model.service(service).operations
    for operation, own in table(service).own.items():
        for places in own.values():
            for place in places:
                if isinstance(place, str):
                    assert has(operations[operation].input, place), f"{operation} has no {place}"


@pytest.mark.parametrize("service", SERVICES)
def test_what_is_said_of_an_operation_is_of_kinds_that_its_action_is_asked_on(service: str) -> None:
    own = table(service)
    for operation, types in [*own.own.items(), *own.made.items()]:
        assert set(types) <= {part.type for part in parts(own, operation)}, operation


@pytest.mark.parametrize("service", SERVICES)
def test_every_kind_that_must_be_there_can_be_named(service: str) -> None:
    assert [each for each in unplaced(service) if each[1].endswith("!")] == []
