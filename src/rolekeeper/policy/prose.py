"""What a policy allows, in sentences for people: made from the policy alone, one sentence a statement.

What each action does is the access level of the Service Authorization Reference. A sentence says no less than
its statement: every element and every condition is in it, and what is only known by its name is told by it.
Source: "IAM JSON policy elements" and "Access levels in policy summaries" in the IAM User Guide.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import islice

from rolekeeper.policy import catalog
from rolekeeper.policy.document import Condition, PolicyDocument, Statement
from rolekeeper.policy.patterns import matcher

_LEVELS = ("List", "Read", "Write", "Tagging", "Permissions management")
"""From the least to the most; in this order they are told."""

_COMPARISONS = {
    "StringEquals": "is",
    "StringNotEquals": "is not",
    "StringEqualsIgnoreCase": "is, in upper or lower case,",
    "StringNotEqualsIgnoreCase": "is not, in upper or lower case,",
    "StringLike": "is like",
    "StringNotLike": "is not like",
    "ArnEquals": "is like",
    "ArnLike": "is like",
    "ArnNotEquals": "is not like",
    "ArnNotLike": "is not like",
    "NumericEquals": "is",
    "NumericNotEquals": "is not",
    "NumericLessThan": "is less than",
    "NumericLessThanEquals": "is at most",
    "NumericGreaterThan": "is more than",
    "NumericGreaterThanEquals": "is at least",
    "DateEquals": "is",
    "DateNotEquals": "is not",
    "DateLessThan": "is before",
    "DateLessThanEquals": "is not after",
    "DateGreaterThan": "is after",
    "DateGreaterThanEquals": "is not before",
    "Bool": "is",
    "BinaryEquals": "is",
    "IpAddress": "is in",
    "NotIpAddress": "is not in",
}


_MOST_PATTERNS = 50
"""Of a policy, that are told with what they stand for: each is held against all actions of its service."""


def sentences(document: PolicyDocument) -> list[str]:
    """A sentence for each statement, in their order."""
    actions = (action for statement in document.statements for action in statement.actions or ())
    patterns = dict.fromkeys(action for action in actions if "*" in action or "?" in action)
    told = frozenset(islice(patterns, _MOST_PATTERNS))
    return [_sentence(statement, told) for statement in document.statements]


def _sentence(statement: Statement, told: frozenset[str]) -> str:
    verb = "Allows" if statement.effect == "Allow" else "Never allows"
    text = f"{verb} {_actions(statement, told)} on {_resources(statement)}"
    if statement.conditions:
        text += " if " + " and ".join(map(_condition, statement.conditions))
    return f"{text}."


def _actions(statement: Statement, told: frozenset[str]) -> str:
    if statement.actions is not None:
        return _series([_pattern(one) if one in told else _action(one) for one in statement.actions])
    return f"every action except {_series(list(statement.not_actions or ()))}"


def _action(written: str) -> str:
    """An action with what it does."""
    levels = _levels([written])
    return f"{written} ({levels})" if levels else written


def _pattern(written: str) -> str:
    """A pattern with how many actions it stands for, and what they do."""
    if written == "*":
        return "every action of every service"
    service, _, name = written.partition(":")
    fits = matcher(name.lower())
    found = [one for one in catalog.actions(service) if fits(one.lower())]
    levels = _levels(f"{service}:{one}" for one in found)
    if name == "*":
        text = f"every action of {service}"
        return f"{text} ({levels})" if levels else text
    number = "1 action" if len(found) == 1 else f"{len(found)} actions"
    return f"{written} ({number}: {levels})" if levels else written


def _levels(actions: Iterable[str]) -> str:
    found = {level for action in actions for level in _levels_of(action)}
    return ", ".join(level.lower() for level in _LEVELS if level in found)


@lru_cache(maxsize=20_000)  # more than any policy can name, with all its patterns
def _levels_of(action: str) -> tuple[str, ...]:
    known = catalog.action(action)
    return () if known is None else known.access_levels


def _resources(statement: Statement) -> str:
    if statement.not_resources is not None:
        return f"all resources except {_series(list(statement.not_resources))}"
    named = statement.resources or ()
    return "all resources" if "*" in named else _series(list(named))


def _condition(condition: Condition) -> str:
    key = condition.key
    if condition.qualifier == "ForAllValues":
        key = f"every value of {key}"
    elif condition.qualifier == "ForAnyValue":
        key = f"some value of {key}"
    if condition.base == "Null":
        absent = any(value.lower() == "true" for value in condition.values)
        return f"{condition.key} is {'not there' if absent else 'there'}"
    joined = _series(list(condition.values), "or")
    text = f"{key} {_COMPARISONS[condition.base]} {joined}"
    return f"{text} (or is not there)" if condition.if_exists else text


def _series(items: Sequence[str], word: str = "and") -> str:
    """`a`, `a and b`, `a, b and c`; `nothing` where there is none."""
    if not items:
        return "nothing"
    *most, last = items
    return f"{', '.join(most)} {word} {last}" if most else last
