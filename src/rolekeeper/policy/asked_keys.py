"""The condition keys that a policy asks of a request, as it writes them: in conditions and in variables.

Source: "IAM JSON policy elements: Condition" and "Variables and tags" in the IAM User Guide.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from rolekeeper.policy.document import PolicyDocument, Statement

__all__ = ["asked_keys", "keys_of_statement"]

_VARIABLE = re.compile(r"\$\{\s*([^*?$,}\s][^,}]*?)\s*(?:,[^}]*)?\}")


def asked_keys(document: PolicyDocument) -> tuple[str, ...]:
    """The keys of all its statements, each once, without regard to case, in the order of their mention."""
    found: dict[str, str] = {}
    for statement in document.statements:
        for key in keys_of_statement(statement, variables=document.has_variables):
            found.setdefault(key.lower(), key)
    return tuple(found.values())


def keys_of_statement(statement: Statement, *, variables: bool) -> Iterator[str]:
    """The keys of one statement, in the order of their mention; `variables`: `${...}` is one in it."""
    for condition in statement.conditions:
        yield condition.key
    if variables:
        for text in _texts(statement):
            yield from _VARIABLE.findall(text)


def _texts(statement: Statement) -> Iterator[str]:
    yield from statement.resources or ()
    yield from statement.not_resources or ()
    for condition in statement.conditions:
        yield from condition.values
