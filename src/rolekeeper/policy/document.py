"""A policy document: JSON text to plain, frozen values, and every way in which it can fail to be one.

Only the grammar is checked here (what AWS's policy grammar calls a policy); what one kind of policy may
hold besides is the business of `validate`. The text is hostile: its size and its depth are bounded before
it is read, a key that stands twice is an error, and every error names its place as a JSON path.
Source: "Grammar of the IAM JSON policy language" and "IAM JSON policy elements" in the IAM User Guide.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NoReturn

from rolekeeper.errors import RolekeeperError

Effect = Literal["Allow", "Deny"]
Qualifier = Literal["ForAllValues", "ForAnyValue"]

MAX_CHARACTERS = 131_072
"""The longest text that any operation of the API takes as a policy."""

MAX_DEPTH = 12
"""Nested objects and lists; a policy that means something has six."""

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

INVALID_JSON = "This policy contains invalid Json"
SYNTAX_ERRORS = "Syntax errors in policy."

_OPERATORS = {name.lower(): name for name in OPERATORS}
_QUALIFIERS: dict[str, Qualifier] = {"forallvalues": "ForAllValues", "foranyvalue": "ForAnyValue"}
_DOCUMENT_FIELDS = {"Version", "Id", "Statement"}
_STATEMENT_FIELDS = {
    *("Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource"),
    "Condition",
}
# A string of JSON, which may be cut off, or one bracket. Possessive, hence linear on any text.
_STRING_OR_BRACKET = re.compile(r'"(?:[^"\\]++|\\.)*+(?:"|\\?\Z)|[\[\]{}]', re.DOTALL)


class PolicySyntaxError(RolekeeperError):
    """No policy document: where (`path`, a JSON path), why (`reason`), and what AWS says (`text`)."""

    def __init__(self, path: str, reason: str, text: str = SYNTAX_ERRORS) -> None:
        super().__init__(f"{path}: {reason}")
        self.path = path
        self.reason = reason
        self.text = text


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
    source = _source(text)
    root = _load(source)
    if not isinstance(root, dict):
        raise PolicySyntaxError("$", "a policy is a JSON object")
    _only_fields(root, _DOCUMENT_FIELDS, "$")
    version = root.get("Version", "2008-10-17")
    if version not in VERSIONS:
        raise PolicySyntaxError("$.Version", f"the version must be one of {', '.join(VERSIONS)}")
    if "Statement" not in root:
        raise PolicySyntaxError("$", "a policy has a Statement", "Missing required field Statement")
    listed = root["Statement"]
    written = listed if isinstance(listed, list) else [listed]
    return PolicyDocument(
        source=source,
        version=version,
        id=_optional_text(root, "Id", "$"),
        statements=tuple(
            _statement(item, index, f"$.Statement[{index}]" if isinstance(listed, list) else "$.Statement")
            for index, item in enumerate(written)
        ),
    )


# -- the text -------------------------------------------------------------------------------------


class _Number(str):
    """A JSON number as it is written, told apart from a string."""

    __slots__ = ()


def _source(text: str | bytes | Mapping[str, Any]) -> str:
    if isinstance(text, Mapping):
        try:
            return json.dumps(text, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
        except (RecursionError, ValueError, TypeError) as error:
            raise PolicySyntaxError("$", "a policy is made of plain JSON values", INVALID_JSON) from error
    if isinstance(text, bytes):
        try:
            return text.decode("utf-8")
        except UnicodeDecodeError as error:
            raise PolicySyntaxError("$", "a policy is UTF-8 text", INVALID_JSON) from error
    return text


def _load(source: str) -> Any:
    if len(source) > MAX_CHARACTERS:
        raise PolicySyntaxError("$", f"a policy has at most {MAX_CHARACTERS} characters", INVALID_JSON)
    _check_depth(source)
    try:
        value = json.loads(
            source,
            object_pairs_hook=_object,
            parse_int=_Number,
            parse_float=_Number,
            parse_constant=_no_constant,
        )
        if "\\u" in source or not source.isascii():
            json.dumps(value, ensure_ascii=False).encode("utf-8")  # half a surrogate pair is not text
    except json.JSONDecodeError as error:
        place = f"{error.msg} at line {error.lineno}, column {error.colno}"
        raise PolicySyntaxError("$", place, INVALID_JSON) from error
    except ValueError as error:
        raise PolicySyntaxError("$", "not JSON text", INVALID_JSON) from error
    return value


def _check_depth(source: str) -> None:
    depth = 0
    for match in _STRING_OR_BRACKET.finditer(source):
        bracket = match.group()
        if bracket in ("{", "["):
            depth += 1
            if depth > MAX_DEPTH:
                raise PolicySyntaxError("$", f"nested more than {MAX_DEPTH} deep")
        elif bracket in ("}", "]"):
            depth -= 1


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise PolicySyntaxError("$", f"the key {twice!r} stands twice in one object")
    return found


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)


# -- the grammar ----------------------------------------------------------------------------------


def _statement(value: Any, index: int, path: str) -> Statement:
    if not isinstance(value, dict):
        raise PolicySyntaxError(path, "a statement is an object")
    _only_fields(value, _STATEMENT_FIELDS, path)
    effect = value.get("Effect")
    if "Effect" not in value:
        raise PolicySyntaxError(path, "a statement has an Effect", "Missing required field Effect")
    if effect not in ("Allow", "Deny"):
        raise PolicySyntaxError(
            f"{path}.Effect", "the effect must be Allow or Deny", f"Invalid effect: {effect}"
        )
    for name in ("Action", "Resource", "Principal"):
        if name in value and f"Not{name}" in value:
            raise PolicySyntaxError(path, f"a statement has {name} or Not{name}, not both")
    if "Action" not in value and "NotAction" not in value:
        raise PolicySyntaxError(path, "a statement has actions", "Policy statement must contain actions.")
    return Statement(
        index=index,
        effect=effect,
        sid=_optional_text(value, "Sid", path),
        principals=_principals(value, "Principal", path),
        not_principals=_principals(value, "NotPrincipal", path),
        actions=_optional_texts(value, "Action", path),
        not_actions=_optional_texts(value, "NotAction", path),
        resources=_optional_texts(value, "Resource", path),
        not_resources=_optional_texts(value, "NotResource", path),
        conditions=_conditions(value.get("Condition", {}), f"{path}.Condition"),
    )


def _principals(statement: dict[str, Any], name: str, path: str) -> Principals | None:
    if name not in statement:
        return None
    value, path = statement[name], f"{path}.{name}"
    if value == "*":
        return Principals(star=True)
    if not isinstance(value, dict) or not value:
        raise PolicySyntaxError(
            path, 'a principal is "*" or an object', f"Invalid principal in policy: {_shown(value)}"
        )
    for kind in value:
        if kind not in ("AWS", "Service", "Federated", "CanonicalUser"):
            raise PolicySyntaxError(f"{path}.{kind}", "no such kind of principal", f"Unknown field {kind}")
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
        qualifier, base, if_exists = _operator(operator, here)
        if not isinstance(keys, dict):
            raise PolicySyntaxError(here, "an operator holds an object of condition keys")
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
    if not isinstance(value, str) or isinstance(value, _Number):
        raise PolicySyntaxError(path, "must be a string")
    return value


def _only_fields(value: dict[str, Any], fields: set[str], path: str) -> None:
    for name in value:
        if name not in fields:
            raise PolicySyntaxError(f"{path}.{name}", "no such element", f"Unknown field {name}")


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
]
