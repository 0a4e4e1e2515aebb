"""cedarpy as a contender: the same policies in Cedar's language, parsed before the first request.

A statement becomes one policy; a wildcard in an action becomes a group of actions, a guard one `forbid ...
unless` over its allows. Policies and entities are `PolicySet` and `Entities` handles, requests are structured
and their context is JSON text: the fastest form of each that this version of cedarpy takes.
"""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable, Iterable, Sequence
from fnmatch import fnmatchcase
from typing import Any

from policy_workloads import ROLE, SESSIONS, Json, Request, Workload, session_arn

IP_KEYS, NUMBER_KEYS = {"aws:SourceIp"}, {"aws:MultiFactorAuthAge"}


class Cedar:
    """One workload in Cedar; ImportError where cedarpy is not installed."""

    def __init__(self, workload: Workload) -> None:
        cedarpy: Any = importlib.import_module("cedarpy")
        self.name = "cedarpy"
        self._is_authorized = cedarpy.is_authorized
        self._policies = cedarpy.PolicySet.from_str(policies_text(workload.policies))
        self._entities = cedarpy.Entities.from_json_str(json.dumps(_entities(workload)))
        self._requests = [_request(request) for request in workload.requests]

    def allows(self, place: int) -> bool:
        """The answer to one request; an error in a policy would be a wrong comparison."""
        result = self._is_authorized(self._requests[place], self._policies, self._entities)
        if result.diagnostics.errors:
            raise SystemExit(f"cedarpy: {result.diagnostics.errors}")
        return bool(result.allowed)

    def loop(self, places: Sequence[int]) -> Callable[[], None]:
        """Each request by itself, as a server would ask."""
        requests = [self._requests[place] for place in places]
        ask, policies, entities = self._is_authorized, self._policies, self._entities

        def run() -> None:
            for request in requests:
                ask(request, policies, entities)

        return run


# -- policies ---------------------------------------------------------------------------------------


def policies_text(policies: Json) -> str:
    """All layers as one set of Cedar policies."""
    found: list[str] = []
    for document in policies["identity"]:
        found += [_policy(each, ROLE) for each in document["Statement"]]
    for each in policies.get("resource", {"Statement": []})["Statement"]:
        found.append(_policy(each, each["Principal"]["AWS"]))
    for guard in (*policies.get("scp", []), *([policies["boundary"]] if "boundary" in policies else [])):
        listed = [each for document in guard for each in document["Statement"]]
        allows = " || ".join(_clause(each) for each in listed if each["Effect"] == "Allow")
        found.append(f"forbid(principal, action, resource) unless {{ {allows} }};")
        found += [_policy(each, ROLE) for each in listed if each["Effect"] == "Deny"]
    return "\n".join(found)


def _policy(statement: Json, principal: str) -> str:
    effect = "permit" if statement["Effect"] == "Allow" else "forbid"
    action = _action(statement) or "action"
    when = " && ".join([*_resource(statement), *_conditions(statement)])
    scope = f'{effect}(principal in P::"{principal}", {action}, resource)'
    return f"{scope} when {{ {when} }};" if when else f"{scope};"


def _clause(statement: Json) -> str:
    parts = [*filter(None, [_action(statement)]), *_resource(statement), *_conditions(statement)]
    return f"({' && '.join(parts) or 'true'})"


def _action(statement: Json) -> str | None:
    patterns = _list(statement["Action"])
    if "*" in patterns:
        return None
    return f"action in [{', '.join(f'Action::{json.dumps(each)}' for each in patterns)}]"


def _resource(statement: Json) -> list[str]:
    patterns = _list(statement["Resource"])
    if "*" in patterns:
        return []
    return [f"({' || '.join(f'resource.arn like {json.dumps(each)}' for each in patterns)})"]


def _conditions(statement: Json) -> Iterable[str]:
    for operator, keys in statement.get("Condition", {}).items():
        for key, values in keys.items():
            has, value = f"context has {json.dumps(key)}", f"context[{json.dumps(key)}]"
            yield f"({_test(operator, has, value, _list(values))})"


def _test(operator: str, has: str, value: str, wanted: list[str]) -> str:
    if operator in ("StringEquals", "Bool"):
        return f"{has} && {json.dumps(wanted)}.contains({value})"
    if operator == "StringNotEquals":
        return f"!({has} && {json.dumps(wanted)}.contains({value}))"
    if operator == "StringLike":
        return f"{has} && ({' || '.join(f'{value} like {json.dumps(each)}' for each in wanted)})"
    if operator == "IpAddress":
        return f"{has} && ({' || '.join(f'{value}.isInRange(ip({json.dumps(each)}))' for each in wanted)})"
    if operator == "NumericLessThan":
        return f"{has} && {value} < {wanted[0]}"
    raise SystemExit(f"no Cedar for the operator {operator}")


def _list(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


# -- entities and requests --------------------------------------------------------------------------


def _entities(workload: Workload) -> list[Json]:
    """The sessions within their role, the actions within the wildcards that cover them, the resources."""
    groups = sorted({each for document in _documents(workload.policies) for each in _patterns(document)})
    found = [_entity("P", ROLE)]
    found += [_entity("P", session_arn(f"s{number}"), [("P", ROLE)]) for number in range(SESSIONS)]
    for action in sorted({request.action for request in workload.requests}):
        parents = [("Action", group) for group in groups if group != action and fnmatchcase(action, group)]
        found.append(_entity("Action", action, parents))
    arns = sorted({request.resource for request in workload.requests})
    return [*found, *(_entity("R", arn, attributes={"arn": arn}) for arn in arns)]


def _documents(policies: Json) -> list[Json]:
    levels = policies.get("scp", [])
    resource = [policies["resource"]] if "resource" in policies else []
    return [
        *policies["identity"],
        *policies.get("boundary", []),
        *resource,
        *(each for level in levels for each in level),
    ]


def _patterns(document: Json) -> Iterable[str]:
    for statement in document["Statement"]:
        yield from (pattern for pattern in _list(statement["Action"]) if pattern != "*")


def _entity(
    kind: str, name: str, parents: Sequence[tuple[str, str]] = (), attributes: Json | None = None
) -> Json:
    above = [{"type": kind, "id": name} for kind, name in parents]
    return {"uid": {"type": kind, "id": name}, "attrs": attributes or {}, "parents": above}


def _request(request: Request) -> Json:
    return {
        "principal": {"type": "P", "id": session_arn(request.session)},
        "action": {"type": "Action", "id": request.action},
        "resource": {"type": "R", "id": request.resource},
        "context": json.dumps({key: _value(key, text) for key, text in request.keys.items()}),
    }


def _value(key: str, text: str) -> Any:
    if key in IP_KEYS:
        return {"__extn": {"fn": "ip", "arg": text}}
    return int(text) if key in NUMBER_KEYS else text
