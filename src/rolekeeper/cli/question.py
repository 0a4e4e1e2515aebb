"""One question in JSON: `{"id", "request": {...}, "policies": {...}}`, as `authorize --batch` reads it.

The policies are cut out of the line unread, and looked up by their bytes: those that have been seen before
cost no more than that. New ones are read document by document, from their own text, so that a document means
here just what it means to the rest of the system: keys that stand twice are refused, numbers stay as written.
What is kept is bounded by its length.
"""

from __future__ import annotations

import json
import re
from typing import Any, Final, NamedTuple

import msgspec

from rolekeeper.errors import RolekeeperError
from rolekeeper.policy.context import RequestContext
from rolekeeper.policy.decision import PolicyLayers
from rolekeeper.policy.plan import forget

MAX_BYTES: Final = 8_000_000
"""The text of all policies that are kept; past it all are dropped, and read again as needed."""

NOTHING: Final = b"null"

_ID_FIRST: Final = re.compile(
    rb'\s*\{\s*"id"\s*:\s*("(?:[^"\\\x00-\x1f]|\\["\\/bfnrt])*+"|-?[0-9]{1,300}+)\s*[,}]'
)
_FIELDS: Final = (b'"id"', b'"request"', b'"policies"')
_GUARDS: Final = ("identity", "boundary", "session", "vpc_endpoint")
_LEVELLED: Final = ("scp", "rcp")


class QuestionError(Exception):
    """A line that asks nothing: what is wrong with it."""


class Question(NamedTuple):
    """A request and the policies around it; `id` is the JSON text of the question's own name."""

    id: bytes
    context: RequestContext
    layers: PolicyLayers


class _Line(msgspec.Struct, forbid_unknown_fields=True):
    """The fields of a line; `expect` and `layer` are what a file of examples expects, and not looked at."""

    request: msgspec.Raw
    policies: msgspec.Raw
    id: msgspec.Raw = msgspec.Raw(NOTHING)
    expect: msgspec.Raw = msgspec.Raw(NOTHING)
    layer: msgspec.Raw = msgspec.Raw(NOTHING)


_line: Final = msgspec.json.Decoder(_Line)
_object: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])
_list: Final = msgspec.json.Decoder(list[msgspec.Raw])
_levels: Final = msgspec.json.Decoder(list[list[msgspec.Raw]])
_text: Final = msgspec.json.Decoder(str)


def read_question(line: bytes) -> Question:
    """The question on a line; QuestionError, which says what is wrong, where there is none."""
    try:
        if not line.isascii():
            line.decode("utf-8")
        _refuse_unclear(line)
        found = _line.decode(line)
        return Question(bytes(found.id), _request(bytes(found.request)), _layers(bytes(found.policies)))
    except UnicodeDecodeError as error:
        raise QuestionError(f"not UTF-8 text: byte {error.start}") from error
    except RecursionError as error:
        raise QuestionError("nested too deep") from error
    except (ValueError, RolekeeperError) as error:
        raise QuestionError(_shown(str(error))) from error


def readable_id(line: bytes) -> bytes:
    """The id of a line that could not be read as a whole, as JSON; `null` where it has none either."""
    first = _ID_FIRST.match(line)
    try:
        if first is not None:
            first[1].decode("utf-8")
            return first[1]
        value = json.loads(line.decode("utf-8"))
        return json.dumps(value["id"]).encode() if isinstance(value, dict) and "id" in value else NOTHING
    except (ValueError, RecursionError):
        return NOTHING


def _refuse_unclear(line: bytes) -> None:
    """Of a key that stands twice the decoder would take the last, and half a character is none: what was
    asked would be a guess. The few lines that could be so are read once more, strictly.
    """
    if b"\\u" in line or any(line.count(field) > 1 for field in _FIELDS):
        value = _strictly.decode(line.decode("utf-8"))
        try:
            json.dumps(value, ensure_ascii=False).encode("utf-8")
        except UnicodeEncodeError as error:
            raise ValueError("half of a surrogate pair is no text") from error


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the key {twice!r} stands twice in one object")
    return found


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is no JSON value")


_strictly: Final = json.JSONDecoder(object_pairs_hook=_once, parse_constant=_no_number)


def _request(text: bytes) -> RequestContext:
    value = _strictly.decode(text.decode("utf-8"))
    if not isinstance(value, dict):
        raise ValueError("request must be an object")
    return RequestContext.from_json(value)


# -- the policies, by their text --------------------------------------------------------------------


class _Kept(dict[bytes, PolicyLayers]):
    """Layers by the text that they were read from, bounded by the length of the texts."""

    size = 0

    def add(self, text: bytes) -> PolicyLayers:
        """Read layers, and keep them."""
        layers = _read_layers(text)
        if self.size + len(text) > MAX_BYTES:
            self.clear()
            forget()
            self.size = 0
        self.size += len(text)
        self[text] = layers
        return layers


_kept: Final = _Kept()


def _layers(text: bytes) -> PolicyLayers:
    found = _kept.get(text)
    return found if found is not None else _kept.add(text)


def _read_layers(text: bytes) -> PolicyLayers:
    try:
        given = _object.decode(text)
    except msgspec.ValidationError as error:
        raise ValueError("policies must be an object") from error
    _refuse_same_kind(text, len(given))
    return PolicyLayers.from_json({kind: _documents(kind, bytes(raw)) for kind, raw in given.items()})


def _refuse_same_kind(text: bytes, kinds: int) -> None:
    """The kinds are counted once more where one could stand twice."""
    written = sum(text.count(b'"%s"' % kind.encode()) for kind in (*_GUARDS, *_LEVELLED, "resource"))
    if written > kinds:
        _strictly.decode(text.decode("utf-8"))


def _documents(kind: str, raw: bytes) -> Any:
    """What stands under one kind, its documents as texts; other values as they are, for the complaint."""
    try:
        if kind == "resource":
            return _document(raw)
        if kind in _GUARDS:
            return [_document(bytes(each)) for each in _list.decode(raw)]
        if kind in _LEVELLED:
            return [[_document(bytes(each)) for each in level] for level in _levels.decode(raw)]
    except msgspec.ValidationError:
        pass
    return json.loads(raw)


def _document(raw: bytes) -> Any:
    if raw.startswith(b"{"):
        return raw.decode("utf-8")
    return _text.decode(raw) if raw.startswith(b'"') else json.loads(raw)


def _shown(text: str) -> str:
    """A complaint on one line, without the better part of a long value."""
    return text if len(text) <= 500 else text[:497] + "..."
