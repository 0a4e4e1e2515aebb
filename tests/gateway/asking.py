"""Requests to services as they are once they are read, and what they ask for, for the tests of the rules."""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import Mapping
from typing import Any

import botocore.session
from botocore import xform_name

from rolekeeper.gateway.answers import Answer
from rolekeeper.gateway.asked import Asked, Wanted
from rolekeeper.gateway.rules import Rules
from rolekeeper.wire import model

ACCOUNT, OTHER, REGION = "111111111111", "222222222222", "eu-west-1"


def asked(service: str, operation: str, **members: Any) -> Asked:
    """A request of the account ACCOUNT in REGION."""
    found = model.service(service)
    return Asked(
        service=found,
        operation=found.operations[operation],
        members=members,
        account=ACCOUNT,
        region=REGION,
        partition="aws",
    )


def rules(service: str) -> Rules:
    """The rules of a service, by botocore's name for it."""
    name = "lambda_" if service == "lambda" else service.replace("-", "_")
    found: Rules = importlib.import_module(f"rolekeeper.gateway.services.{name}").RULES
    return found


def wanted(service: str, operation: str, **members: Any) -> list[Wanted]:
    """What a request asks for by its service's rules."""
    return list(rules(service).special[operation](asked(service, operation, **members)))


def pairs(service: str, operation: str, **members: Any) -> list[tuple[str, str]]:
    """(action, resource) of each access, without what all ARNs of the account and region begin with."""
    return [(one.action, short(one.resource)) for one in wanted(service, operation, **members)]


def short(arn: str) -> str:
    """An ARN without its beginning, where that is the account's and the region's."""
    parts = arn.split(":", 5)
    if len(parts) == 6 and parts[1] == "aws" and parts[3] in ("", REGION) and parts[4] == ACCOUNT:
        return parts[5]
    return arn


def implemented(service: str, folder: str) -> list[str]:
    """The operations of a service's model that the embedded backend implements."""
    responses = importlib.import_module(f"moto.{folder}.responses")
    known = {name for found in vars(responses).values() if isinstance(found, type) for name in dir(found)}
    names = botocore.session.get_session().get_service_model(service).operation_names
    return [name for name in names if xform_name(name) in known]


def answer(body: bytes = b"", **headers: str) -> Answer:
    """What a backend has answered, which is read already; headers by their names with `_` for `-`."""
    found = Answer.__new__(Answer)
    found.status, found._whole = 200, body
    found.headers = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return found


class Behind:
    """What stands behind, as a table of answers by operation: for lookups."""

    def __init__(self, answers: Mapping[str, Any]) -> None:
        self.answers = answers
        self.calls: list[tuple[str, str, Mapping[str, Any]]] = []

    async def ask(
        self, asked: Asked, service: str, operation: str, **members: Any
    ) -> Mapping[str, Any] | None:
        self.calls.append((asked.account, operation, members))
        answer = self.answers.get(operation)
        found: Mapping[str, Any] | None = answer(members) if callable(answer) else answer
        return found


def keys(service: str, operation: str, **members: Any) -> dict[str, Any]:
    """The service's condition keys of the first access."""
    request, found = asked(service, operation, **members), rules(service)
    own = found.keys(request) if found.keys else {}
    special = wanted(service, operation, **members) if operation in found.special else []
    return {**own, **(special[0].keys if special else {})}


def found(service: str, key: str, answers: Mapping[str, Any], operation: str, **members: Any) -> list[Any]:
    """The values of a key that is looked up, for each of the accesses."""
    request, behind = asked(service, operation, **members), Behind(answers)
    find = rules(service).found[key]
    return [
        asyncio.run(find(behind, request, one))  # type: ignore[arg-type]
        for one in wanted(service, operation, **members)
    ]


def completed(service: str, answers: Mapping[str, Any], operation: str, **members: Any) -> list[str | None]:
    """The ARNs of the accesses once what stands behind has said what their names mean."""
    request, behind = asked(service, operation, **members), Behind(answers)
    completions = rules(service).completions
    return [
        asyncio.run(completions[one.type](behind, request, one))  # type: ignore[arg-type]
        if one.named
        else one.resource
        for one in wanted(service, operation, **members)
    ]


def tags(service: str, kind: str, arn: str, answers: Mapping[str, Any]) -> Mapping[str, str]:
    """The tags of a resource, as the rules read them."""
    request = asked(service, next(iter(model.service(service).operations)))
    return asyncio.run(rules(service).tags[kind](Behind(answers), request, arn))  # type: ignore[arg-type]


def policy(service: str, kind: str, arn: str, answers: Mapping[str, Any]) -> str | None:
    """The policy of a resource, as the rules read it."""
    request = asked(service, next(iter(model.service(service).operations)))
    return asyncio.run(rules(service).policies[kind](Behind(answers), request, arn))  # type: ignore[arg-type]
