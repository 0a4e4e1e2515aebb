"""The text of a policy: hostile JSON to plain values, in bounded time and memory.

Its size and its depth are checked before it is parsed, a key that stands twice in one object is an error,
and numbers keep the way they are written.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, NoReturn

from rolekeeper.errors import RolekeeperError

MAX_CHARACTERS = 262_144
"""More than any operation of the API takes as a policy, and than AWS's own longest, which has 152,297."""

MAX_DEPTH = 12
"""Nested objects and lists; a policy that means something has six."""

SYNTAX_ERRORS = "Syntax errors in policy."
_INVALID_JSON = "This policy contains invalid Json"

# A string of JSON, which may be cut off, or one bracket. Possessive, hence linear on any text.
_STRING_OR_BRACKET = re.compile(r'"(?:[^"\\]++|\\.)*+(?:"|\\?\Z)|[\[\]{}]', re.DOTALL)


class PolicySyntaxError(RolekeeperError):
    """No policy document: where (`path`, a JSON path), why (`reason`), and what AWS says of it.

    AWS has two validators with words of their own: `text` is the one for the policies of identities, `named`
    the one for the policies of resources and roles' trust, which names the field.
    """

    def __init__(self, path: str, reason: str, text: str = SYNTAX_ERRORS, named: str | None = None) -> None:
        super().__init__(f"{path}: {reason}")
        self.path = path
        self.reason = reason
        self.text = text
        self.named = named or text


class Number(str):
    """A JSON number as it is written, told apart from a string."""

    __slots__ = ()


def json_text(value: str | bytes | Mapping[str, Any]) -> str:
    """The text of a policy that is given as text, as bytes or as Python values."""
    if isinstance(value, Mapping):
        try:
            return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
        except (RecursionError, ValueError, TypeError) as error:
            raise PolicySyntaxError(
                "$", "a policy is made of plain JSON values", named=_INVALID_JSON
            ) from error
    if isinstance(value, bytes):
        try:
            return value.decode("utf-8")
        except UnicodeDecodeError as error:
            raise PolicySyntaxError("$", "a policy is UTF-8 text", named=_INVALID_JSON) from error
    return value


def read_json(source: str) -> Any:
    """The values of a JSON text: numbers are `Number`, everything else as usual; PolicySyntaxError if bad."""
    if len(source) > MAX_CHARACTERS:
        raise PolicySyntaxError("$", f"a policy has at most {MAX_CHARACTERS} characters", named=_INVALID_JSON)
    _check_depth(source)
    try:
        value = json.loads(
            source,
            object_pairs_hook=_object,
            parse_int=Number,
            parse_float=Number,
            parse_constant=_no_constant,
        )
        if "\\u" in source or not source.isascii():
            json.dumps(value, ensure_ascii=False).encode("utf-8")  # half a surrogate pair is not text
    except json.JSONDecodeError as error:
        place = f"{error.msg} at line {error.lineno}, column {error.colno}"
        raise PolicySyntaxError("$", place, named=_INVALID_JSON) from error
    except ValueError as error:
        raise PolicySyntaxError("$", "not JSON text", named=_INVALID_JSON) from error
    return value


def _check_depth(source: str) -> None:
    depth = 0
    for match in _STRING_OR_BRACKET.finditer(source):
        bracket = match.group()
        if bracket in ("{", "["):
            depth += 1
            if depth > MAX_DEPTH:
                raise PolicySyntaxError("$", f"nested more than {MAX_DEPTH} deep", named=_INVALID_JSON)
        elif bracket in ("}", "]"):
            depth -= 1


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        seen: set[str] = set()
        for name, _ in pairs:
            if name in seen:
                raise PolicySyntaxError("$", f"the key {name!r} stands twice in one object")
            seen.add(name)
    return found


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)
