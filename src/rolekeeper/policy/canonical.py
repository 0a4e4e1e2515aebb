"""A policy document written back as JSON: one text for all ways to write the same.

No white space; elements, operators and keys in a fixed order; every value that may be a list is one; numbers
and booleans are strings. What an element says is left as it is: no value is sorted or dropped, since the
order of statements is what a decision refers to. Reading it again gives the same statements.
Source: "Grammar of the IAM JSON policy language" in the IAM User Guide.
"""

from __future__ import annotations

import json
from typing import Any

from rolekeeper.policy.document import Condition, PolicyDocument, Principals, Statement


def canonical_text(document: PolicyDocument) -> str:
    """The document's JSON text in its one form."""
    written: dict[str, Any] = {"Version": document.version}
    if document.id is not None:
        written["Id"] = document.id
    written["Statement"] = [_statement(statement) for statement in document.statements]
    return json.dumps(written, ensure_ascii=False, separators=(",", ":"))


def _statement(statement: Statement) -> dict[str, Any]:
    elements: dict[str, Any] = {
        "Sid": statement.sid,
        "Effect": statement.effect,
        "Principal": _principals(statement.principals),
        "NotPrincipal": _principals(statement.not_principals),
        "Action": statement.actions,
        "NotAction": statement.not_actions,
        "Resource": statement.resources,
        "NotResource": statement.not_resources,
        "Condition": _conditions(statement.conditions) or None,
    }
    return {name: value for name, value in elements.items() if value is not None}


def _principals(principals: Principals | None) -> str | dict[str, tuple[str, ...]] | None:
    if principals is None:
        return None
    if principals.star:
        return "*"
    kinds = {
        "AWS": principals.aws,
        "Service": principals.service,
        "Federated": principals.federated,
        "CanonicalUser": principals.canonical_user,
    }
    return {kind: names for kind, names in kinds.items() if names}


def _conditions(conditions: tuple[Condition, ...]) -> dict[str, dict[str, tuple[str, ...]]]:
    block: dict[str, dict[str, tuple[str, ...]]] = {}
    for condition in conditions:
        block.setdefault(condition.operator, {})[condition.key] = condition.values
    return block
