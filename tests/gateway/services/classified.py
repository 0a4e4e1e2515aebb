"""What requests ask for once they are classified, and what the embedded backend does, for tests of rules."""

from __future__ import annotations

import ast
import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from botocore import xform_name

from rolekeeper.gateway import classify
from rolekeeper.gateway.asked import Asked, Unclassified, Wanted
from rolekeeper.wire import model
from tests.gateway.asking import ACCOUNT, REGION, Behind, rules, short


def asked(service: str, operation: str, /, **members: Any) -> Asked:
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


def accesses(service: str, operation: str, /, **members: Any) -> tuple[Wanted, ...]:
    return classify.classify(asked(service, operation, **members))


def asks(service: str, operation: str, /, **members: Any) -> list[str]:
    """`action resource` of each access."""
    return [f"{each.action} {short(each.resource)}" for each in accesses(service, operation, **members)]


def on(service: str, operation: str, /, **members: Any) -> list[str]:
    """The resources of the accesses to the operation's own action."""
    found = accesses(service, operation, **members)
    return [short(each.resource) for each in found if each.action.endswith(f":{operation}")]


def refused(service: str, operation: str, /, **members: Any) -> str:
    """Why a request cannot be classified."""
    with pytest.raises(Unclassified) as reason:
        accesses(service, operation, **members)
    return str(reason.value)


def said(service: str, kind: str, operation: str, /, **members: Any) -> dict[str, Any]:
    """The condition keys of the access to a kind of resource."""
    found = accesses(service, operation, **members)
    (one,) = (each for each in found if each.type == kind and each.action.endswith(f":{operation}"))
    return dict(one.keys)


def whole(service: str, answers: Mapping[str, Any], operation: str, /, **members: Any) -> list[str]:
    """The resources of a request once what stands behind has said what their names mean."""
    request, behind, found = asked(service, operation, **members), Behind(answers), rules(service).completions
    arns = [
        (asyncio.run(found[each.type](behind, request, each)) if each.named and each.type in found else None)  # type: ignore[arg-type]
        or each.resource
        for each in classify.classify(request)
        if each.action.endswith(f":{operation}")
    ]
    return [short(arn) for arn in arns]


def looked_up(
    service: str, key: str, kind: str, answers: Mapping[str, Any], operation: str, /, **members: Any
) -> Any:
    """The value of a condition key that what stands behind tells, for the access to a kind of resource."""
    request, behind = asked(service, operation, **members), Behind(answers)
    (one,) = (each for each in classify.classify(request) if each.type == kind)
    return asyncio.run(rules(service).found[key](behind, request, one))  # type: ignore[arg-type]


def embedded(service: str) -> list[str]:
    """The operations of a service that the embedded backend implements."""
    package = pytest.importorskip("moto").__path__[0]
    folder = Path(package, service.replace("-", "_"))
    files = [folder / "responses.py"] if (folder / "responses.py").is_file() else folder.rglob("*.py")
    done = {
        part.name
        for file in files
        if "responses" in file.as_posix()
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.ClassDef)
        for part in node.body
        if isinstance(part, ast.FunctionDef)
    }
    return sorted(name for name in model.service(service).operations if xform_name(name) in done)


def inexact(service: str) -> dict[str, str]:
    """The operations that the embedded backend implements and that are not exact: `*`, or why not at all."""
    found, missing = classify.coverage(service), classify.missing(service)
    return {
        name: "*" if found[name] == "any" else missing[name]
        for name in embedded(service)
        if found[name] != "exact"
    }
