"""Requests to services as they are once they are read, and what they ask for, for the tests of the rules."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Any

import botocore.session
from botocore import xform_name

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
