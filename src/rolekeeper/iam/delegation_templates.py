"""Templates of delegated permissions: a policy with places, such as `@{BucketName}`, that a request fills.

A `string` takes the place inside a text; a `stringList` takes the place of a whole text, which becomes a list
or goes up into the list it stands in. Nothing may stay open, and nothing may be given that has no place. What
makes roles must say which boundary they get, so that what outlives the delegation has limits.
Source: "PolicyParameter" in the IAM API Reference; "IAM temporary delegation" in the IAM User Guide.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rolekeeper.arn import Arn
from rolekeeper.errors import InvalidInput
from rolekeeper.iam.delegation import Parameter
from rolekeeper.policy.document import Condition, PolicyDocument, Statement
from rolekeeper.policy.reference_elements import speaks_of_action

STRING, STRING_LIST = "string", "stringList"

_PLACE = re.compile(r"@\{([^{}]*)\}")
_MAKES_ROLES = "iam:createrole"
_BOUNDARY_KEY = "iam:permissionsboundary"
_MATCHING = ("StringEquals", "StringLike", "ArnEquals", "ArnLike")


def parameters(given: Sequence[Mapping[str, Any]]) -> tuple[Parameter, ...]:
    """The parameters of a request, whole and each once; InvalidInput."""
    found: dict[str, Parameter] = {}
    for one in given:
        name, values = one.get("Name"), tuple(one.get("Values") or ())
        if not name or not values:
            raise InvalidInput("A policy parameter has a name and values.")
        kind = one.get("Type") or (STRING if len(values) == 1 else STRING_LIST)
        if kind == STRING and len(values) != 1:
            raise InvalidInput(f"The policy parameter {name} is a string and has {len(values)} values.")
        if name in found:
            raise InvalidInput(f"The policy parameter {name} is given twice.")
        found[name] = Parameter(name=name, type=kind, values=values)
    return tuple(found.values())


def filled(template: str, given: Sequence[Parameter]) -> str:
    """The policy of a template and parameters; InvalidInput where the two do not fit."""
    by_name = {one.name: one for one in given}
    used: set[str] = set()
    policy = json.dumps(_fill(json.loads(template), by_name, used), ensure_ascii=False, separators=(",", ":"))
    unused = [name for name in by_name if name not in used]
    if unused:
        raise InvalidInput(f"The policy template has no parameter {unused[0]}.")
    if "@{" in policy:
        raise InvalidInput("A policy parameter stands where none can, or its value looks like one.")
    return policy


def _fill(value: Any, given: Mapping[str, Parameter], used: set[str]) -> Any:
    if isinstance(value, dict):
        return {name: _fill(inner, given, used) for name, inner in value.items()}
    if isinstance(value, list):
        return [item for inner in value for item in _spliced(_fill(inner, given, used), inner)]
    return _fill_text(value, given, used) if isinstance(value, str) else value


def _spliced(after: Any, before: Any) -> list[Any]:
    """What stands in a list for one of its items: a list that took a text's place goes up into it."""
    return after if isinstance(after, list) and isinstance(before, str) else [after]


def _fill_text(text: str, given: Mapping[str, Parameter], used: set[str]) -> str | list[str]:
    whole = _PLACE.fullmatch(text)
    if whole is not None:
        one = _named(whole, given, used)
        return one.values[0] if one.type == STRING else list(one.values)

    def value(place: re.Match[str]) -> str:
        one = _named(place, given, used)
        if one.type != STRING:
            raise InvalidInput(f"The policy parameter {one.name} is a list and stands inside a text.")
        return one.values[0]

    return _PLACE.sub(value, text)


def _named(place: re.Match[str], given: Mapping[str, Parameter], used: set[str]) -> Parameter:
    one = given.get(place[1])
    if one is None:
        raise InvalidInput(f"The policy parameter {place[1]} is missing.")
    used.add(one.name)
    return one


def role_boundaries(document: PolicyDocument) -> tuple[str, ...]:
    """The ARNs of the boundaries, one of which every role made by this policy has.

    InvalidInput where it lets roles be made without one, or with any.
    """
    found: dict[str, None] = {}
    for statement in document.statements:
        if statement.effect == "Allow" and speaks_of_action(statement, _MAKES_ROLES):
            arns = list(_boundaries(statement))
            if not arns:
                raise InvalidInput(
                    "The policy allows iam:CreateRole without a condition on iam:PermissionsBoundary that "
                    "names the boundaries."
                )
            found |= dict.fromkeys(arns)
    return tuple(found)


def _boundaries(statement: Statement) -> Iterator[str]:
    for condition in statement.conditions:
        if condition.key.lower() == _BOUNDARY_KEY and _restricts(condition):
            yield from condition.values
            return


def _restricts(condition: Condition) -> bool:
    if condition.base not in _MATCHING or condition.if_exists or condition.qualifier is not None:
        return False
    return all(map(_is_one_policy, condition.values))


def _is_one_policy(text: str) -> bool:
    try:
        arn = Arn.parse(text)
    except ValueError:
        return False
    named = arn.service == "iam" and arn.resource_type == "policy"
    return named and not any(mark in text for mark in ("*", "?", "${"))
