"""For any request to any operation of the services most used: it is classified or refused, and nothing else.

A request here has nothing, everything, or one member of its input alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from tools.gateway_page import SERVICES

from rolekeeper.errors import AwsError
from rolekeeper.gateway.asked import Asked, Unclassified, Wanted
from rolekeeper.gateway.classify import classify
from rolekeeper.policy import catalog
from rolekeeper.wire import model
from rolekeeper.wire.model import OperationModel, Shape
from tests.gateway.asking import asked

MAY_BE_ANY = {"sns:Publish"}  # to a telephone number, which is no resource
_PLAIN = {
    "blob": b"x",
    "boolean": True,
    "double": 1.0,
    "float": 1.0,
    "integer": 1,
    "long": 1,
    "string": "x1",
    "timestamp": datetime(2026, 1, 1, tzinfo=UTC),
}


@pytest.mark.parametrize("service", SERVICES)
def test_a_request_is_classified_or_refused(service: str) -> None:
    for request in _requests(service):
        for wanted in _classified(request):
            assert catalog.action(wanted.action) is not None, (request.operation.name, wanted.action)
            assert wanted.resource == "*" or wanted.resource.startswith("arn:aws:"), wanted
            if wanted.resource == "*" and wanted.action not in MAY_BE_ANY:
                assert not _required(wanted.action), (request.operation.name, wanted.action)


def _classified(request: Asked) -> tuple[Wanted, ...]:
    try:
        return classify(request)
    except (Unclassified, AwsError):
        return ()


def _required(action: str) -> bool:
    found = catalog.action(action)
    return found is not None and any(each.required for each in found.resources)


def _requests(service: str) -> Iterator[Asked]:
    for operation in model.service(service).operations.values():
        request = asked(service, operation.name)
        yield request
        everything = _everything(operation)
        yield msgspec.structs.replace(request, members=everything)
        for name, value in everything.items():
            yield msgspec.structs.replace(request, members={name: value})


def _everything(operation: OperationModel) -> dict[str, Any]:
    found = _sample(operation.input, 0) if operation.input is not None else {}
    return found if isinstance(found, dict) else {}


def _sample(shape: Shape, depth: int) -> Any:
    if depth > 4:
        return None
    if shape.type == "structure":
        members = ((member.name, _sample(member.shape, depth + 1)) for member in shape.members)
        return {name: value for name, value in members if value is not None}
    if shape.type in ("list", "map"):
        inner = _sample(shape.element if shape.type == "list" else shape.value, depth + 1)
        if shape.type == "list":
            return [] if inner is None else [inner]
        return {} if inner is None else {"k": inner}
    return shape.enum[0] if shape.enum else _PLAIN[shape.type]
