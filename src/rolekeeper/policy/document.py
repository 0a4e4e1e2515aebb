"""A policy document: JSON text to plain, frozen values.

Only the grammar is checked here, what AWS's policy grammar calls a policy; what one kind of policy may
hold besides is the business of `validate`. Every error names its place as a JSON path.
Source: "Grammar of the IAM JSON policy language" and "IAM JSON policy elements" in the IAM User Guide.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from rolekeeper.policy.source import SYNTAX_ERRORS, Number, PolicySyntaxError, json_text, read_json

Effect = Literal["Allow", "Deny"]
Qualifier = Literal["ForAllValues", "ForAnyValue"]

VERSIONS = ("2012-10-17", "2008-10-17")

OPERATORS = (
    *("StringEquals", "StringNotEquals", "StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase"),
    *("StringLike", "StringNotLike", "ArnEquals", "ArnNotEquals", "ArnLike", "ArnNotLike"),
    *("NumericEquals", "NumericNotEquals"),
    *("NumericLessThan", "NumericLessThanEquals", "NumericGreaterThan", "NumericGreaterThanEquals"),
    *("DateEquals", "DateNotEquals"),
    *("DateLessThan", "DateLessThanEquals", "DateGreaterThan", "DateGreaterThanEquals"),
    *("Bool", "BinaryEquals", "IpAddress", "NotIpAddress", "Null"),
)
"""Every condition operator of the language, without qualifier and without `IfExists`."""

LEGACY_PARSING = "The policy failed legacy parsing"
NO_ACTIONS = "Policy statement must contain actions."
NO_RESOURCES = "Policy statement must contain resources."

_OPERATORS = {name.lower(): name for name in OPERATORS}
_QUALIFIERS: dict[str, Qualifier] = {"forallvalues": "ForAllValues", "foranyvalue": "ForAnyValue"}
_DOCUMENT_FIELDS = {"Version", "Id", "Statement"}
_STATEMENT_FIELDS = {
    *("Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource"),
    "Condition",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Principals:
    """What a Principal or NotPrincipal element names, each value as it is written.

    `star` is the bare `"*"`; `{"AWS": "*"}` means the same and stands in `aws`.
    """

    star: bool = False
    aws: tuple[str, ...] = ()
    service: tuple[str, ...] = ()
    federated: tuple[str, ...] = ()
    canonical_user: tuple[str, ...] = ()

    @property
    def everyone(self) -> bool:
        """Whether it is one of the two ways to say everyone."""
        return self.star or "*" in self.aws


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """One operator with one key: `{"ForAnyValue:StringLikeIfExists": {"aws:TagKeys": ["a*"]}}`.

    `operator` is as written; `qualifier`, `base` (in AWS's spelling) and `if_exists` are what it says.
    """

    operator: str
    qualifier: Qualifier | None
    base: str
    if_exists: bool
    key: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One statement. An element that is not written is None; an empty list is an empty tuple.

    `index` is its place in the document's list. Lines and columns are not kept: whoever shows them finds
    them again in `PolicyDocument.source`.
    """

    index: int
    effect: Effect
    sid: str | None = None
    principals: Principals | None = None
    not_principals: Principals | None = None
    actions: tuple[str, ...] | None = None
    not_actions: tuple[str, ...] | None = None
    resources: tuple[str, ...] | None = None
    not_resources: tuple[str, ...] | None = None
    conditions: tuple[Condition, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyDocument:
    """A policy. Two are equal when their texts are, so that one can be a key of a cache.

    `version` is `2008-10-17` where none is written, as the language says.
    """

    source: str
    version: str = field(compare=False)
    id: str | None = field(compare=False)
    statements: tuple[Statement, ...] = field(compare=False)

    @property
    def has_variables(self) -> bool:
        """Whether `${...}` is a variable in it; in the older version it is text."""
        return self.version == "2012-10-17"


def parse_document(text: str | bytes | Mapping[str, Any]) -> PolicyDocument:
    """Read a policy from its JSON text or the same as Python values; PolicySyntaxError if it is none."""
    document = read_document(text)
    for statement in document.statements:
        if statement.actions is None and statement.not_actions is None:
            path = f"$.Statement[{statement.index}]"
            raise PolicySyntaxError(path, "a statement has actions", NO_ACTIONS)
    return document


def read_document(text: str | bytes | Mapping[str, Any]) -> PolicyDocument:
    """The same, but a statement may lack its actions: of several errors AWS reports that one late."""
    source = json_text(text)
    root = read_json(source)
    if not isinstance(root, dict):
        raise PolicySyntaxError("$", "a policy is a JSON object")
    _only_fields(root, _DOCUMENT_FIELDS, "$")
    version = root.get("Version", "2008-10-17")
    if version not in VERSIONS:
        raise PolicySyntaxError("$.Version", f"the version must be one of {', '.join(VERSIONS)}")
    if "Statement" not in root:
        raise PolicySyntaxError("$", "a policy has a Statement", named="Missing required field Statement")
    listed = root["Statement"]
    written = listed if isinstance(listed, list) else [listed]
    return PolicyDocument(
        source=source,
        version=version,
        id=_optional_text(root, "Id", "$"),
        statements=tuple(
            _statement(item, index, f"$.Statement[{index}]") for index, item in enumerate(written)
        ),
    )


# -- the grammar ----------------------------------------------------------------------------------


def _statement(value: Any, index: int, path: str) -> Statement:
    if not isinstance(value, dict):
        raise PolicySyntaxError(path, "a statement is an object")
    _only_fields(value, _STATEMENT_FIELDS, path)
    for name in ("Action", "Resource", "Principal"):
        if name in value and f"Not{name}" in value:
            raise PolicySyntaxError(path, f"a statement has {name} or Not{name}, not both")
    return Statement(
        index=index,
        effect=_effect(value, path),
        sid=_optional_text(value, "Sid", path),
        principals=_principals(value, "Principal", path),
        not_principals=_principals(value, "NotPrincipal", path),
        actions=_optional_texts(value, "Action", path),
        not_actions=_optional_texts(value, "NotAction", path),
        resources=_optional_texts(value, "Resource", path),
        not_resources=_optional_texts(value, "NotResource", path),
        conditions=_conditions(value.get("Condition", {}), f"{path}.Condition"),
    )


def _effect(statement: dict[str, Any], path: str) -> Effect:
    if "Effect" not in statement:
        raise PolicySyntaxError(path, "a statement has an Effect", named="Missing required field Effect")
    effect = statement["Effect"]
    if effect == "Allow":
        return "Allow"
    if effect == "Deny":
        return "Deny"
    text = LEGACY_PARSING if str(effect).lower() in ("allow", "deny") else SYNTAX_ERRORS
    named = f"Invalid effect: {_shown(effect)}"
    raise PolicySyntaxError(f"{path}.Effect", "the effect must be Allow or Deny", text, named)


def _principals(statement: dict[str, Any], name: str, path: str) -> Principals | None:
    if name not in statement:
        return None
    value, path = statement[name], f"{path}.{name}"
    if value == "*":
        return Principals(star=True)
    if not isinstance(value, dict):
        named = f"Invalid principal in policy: {_shown(value)}"
        raise PolicySyntaxError(path, 'a principal is "*" or an object', named=named)
    for kind in value:
        if kind not in ("AWS", "Service", "Federated", "CanonicalUser"):
            raise PolicySyntaxError(
                f"{path}.{kind}", "no such kind of principal", named=f"Unknown field {kind}"
            )
    return Principals(
        aws=_optional_texts(value, "AWS", path) or (),
        service=_optional_texts(value, "Service", path) or (),
        federated=_optional_texts(value, "Federated", path) or (),
        canonical_user=_optional_texts(value, "CanonicalUser", path) or (),
    )


def _conditions(value: Any, path: str) -> tuple[Condition, ...]:
    if not isinstance(value, dict):
        raise PolicySyntaxError(path, "a Condition is an object of operators")
    found: list[Condition] = []
    for operator, keys in value.items():
        here = f"{path}.{operator}"
        if not isinstance(keys, dict):
            raise PolicySyntaxError(here, "an operator holds an object of condition keys")
        if not keys:
            continue  # AWS takes any operator without keys, and it says nothing
        qualifier, base, if_exists = _operator(operator, here)
        for key, values in keys.items():
            if not key:
                raise PolicySyntaxError(here, "a condition key is not empty")
            condition = Condition(
                operator=operator,
                qualifier=qualifier,
                base=base,
                if_exists=if_exists,
                key=key,
                values=_condition_values(values, f"{here}.{key}"),
            )
            found.append(condition)
    return tuple(found)


def _operator(written: str, path: str) -> tuple[Qualifier | None, str, bool]:
    prefix, colon, rest = written.rpartition(":")
    qualifier = _QUALIFIERS.get(prefix.lower())
    name = rest.lower()
    if_exists = name.endswith("ifexists")
    base = _OPERATORS.get(name.removesuffix("ifexists"))
    if base is None or (colon and qualifier is None) or (if_exists and base == "Null"):
        raise PolicySyntaxError(path, f"no such condition operator: {written!r}")
    return qualifier, base, if_exists


def _condition_values(value: Any, path: str) -> tuple[str, ...]:
    values = value if isinstance(value, list) else [value]
    return tuple(_scalar(item, path) for item in values)


def _scalar(value: Any, path: str) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return str(value)
    raise PolicySyntaxError(path, "a condition value is a string, a number or a boolean")


def _optional_text(value: dict[str, Any], name: str, path: str) -> str | None:
    if name not in value:
        return None
    return _text(value[name], f"{path}.{name}")


def _optional_texts(value: dict[str, Any], name: str, path: str) -> tuple[str, ...] | None:
    if name not in value:
        return None
    found, here = value[name], f"{path}.{name}"
    if isinstance(found, list):
        return tuple(_text(item, f"{here}[{index}]") for index, item in enumerate(found))
    return (_text(found, here),)


def _text(value: Any, path: str) -> str:
    if not isinstance(value, str) or isinstance(value, Number):
        raise PolicySyntaxError(path, "must be a string")
    return value


def _only_fields(value: dict[str, Any], fields: set[str], path: str) -> None:
    for name in value:
        if name not in fields:
            raise PolicySyntaxError(f"{path}.{name}", "no such element", named=f"Unknown field {name}")


def _shown(value: Any) -> str:
    """A wrong value for a message, short and on one line."""
    shown = json.dumps(value, ensure_ascii=True)
    return shown if len(shown) <= 200 else shown[:197] + "..."


__all__: Sequence[str] = [
    "Condition",
    "Effect",
    "PolicyDocument",
    "PolicySyntaxError",
    "Principals",
    "Qualifier",
    "Statement",
    "parse_document",
    "read_document",
]
