"""Lambda functions, with their execution roles.

Source: "CreateFunction", "UpdateFunctionConfiguration" and "DeleteFunction" in the Lambda API Reference.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from rolekeeper.gateway.asked import Asked
from rolekeeper.gateway.registering.contract import Registry, tags_of
from rolekeeper.iam.workloads import Function


def after(registry: Registry, asked: Asked, answer: Mapping[str, Any]) -> None:
    """Bring the functions of an account to what an answer says."""
    name, version = _name(str(asked.members.get("FunctionName", "")))
    functions = registry.state.collection(Function)
    found = functions.find(f"{asked.region}/{name}")
    role = asked.members.get("Role")
    if asked.operation.name == "DeleteFunction":
        if found is not None and not (version or asked.members.get("Qualifier")):
            registry.doors.close(registry.state, found)
            functions.delete(found)
    elif asked.operation.name == "UpdateFunctionConfiguration":
        if found is not None and role:
            functions.put(msgspec.structs.replace(found, role=role))
    elif asked.operation.name == "CreateFunction" and role:
        made = Function(
            account=asked.account,
            region=asked.region,
            created=found.created if found is not None else registry.moment,
            name=answer.get("FunctionName") or name,
            role=role,
            tags=tags_of(asked.members.get("Tags")),
        )
        if found is None:
            functions.add(made)
        else:
            functions.put(made)


def _name(given: str) -> tuple[str, str]:
    """A function's name and the version or alias behind it, from its name, its ARN, or the part of one that
    AWS takes: the account and what follows."""
    parts = given.split(":")
    start = parts.index("function") + 1 if "function" in parts[:-1] else 0
    return parts[start], "".join(parts[start + 1 : start + 2])
