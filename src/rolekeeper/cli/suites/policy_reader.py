"""The `policies` of a test file: written out there, in a JSON file beside it, or of a role that lives."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from rolekeeper.cli.suites.folders import shown
from rolekeeper.cli.suites.nodes import (
    Fields,
    Items,
    Node,
    Place,
    SuiteError,
    fields,
    is_nothing,
    nearest,
    only,
    plain,
    text,
)
from rolekeeper.cli.suites.sources import Level, Roles, SourcedDocument
from rolekeeper.policy.decision import LAYERS, Layer, PolicyLayers
from rolekeeper.policy.document import PolicyDocument, PolicySyntaxError
from rolekeeper.policy.positions import statement_spans
from rolekeeper.policy.source import MAX_CHARACTERS

LEVELLED: Final = ("scp", "rcp")
_OF_A_ROLE: Final = ("identity", "boundary", "resource")


class PolicyReader:
    """Reads the `policies` of one test file."""

    def __init__(self, file: Path, roles: Roles) -> None:
        self._file = shown(file)
        self._folder = file.parent
        self.roles = roles
        self._files: dict[tuple[Path, Layer], SourcedDocument] = {}

    def policies(self, node: Node) -> dict[Layer, tuple[Level, ...] | None]:
        """The layers that are written."""
        written = fields(node, "`policies`")
        only(written, LAYERS, "`policies`")
        found: dict[Layer, tuple[Level, ...] | None] = {}
        for layer in LAYERS:
            value = written.get(layer)
            if value is not None:
                found[layer] = None if is_nothing(value) else self._layer(value, layer)
        return found

    def _layer(self, node: Node, layer: Layer) -> tuple[Level, ...] | None:
        if layer == "resource":
            return (self._sourced(node, layer) or (),)
        if layer not in LEVELLED:
            level = self._level(node, layer)
            return None if level is None else (level,)
        if not isinstance(node, Items):
            raise SuiteError(
                node.place, f"`{layer}` is a list of levels, the root first, each a list of policies"
            )
        return tuple(self._level(level, layer) or () for level in node.items)

    def _level(self, node: Node, layer: Layer) -> Level | None:
        """A list of policies, or one without a list; None where all that it names has none."""
        written = node.items if isinstance(node, Items) else (node,)
        found = [self._sourced(each, layer) for each in written]
        if found and all(each is None for each in found):
            return None
        return tuple(document for each in found for document in each or ())

    def _sourced(self, node: Node, layer: Layer) -> Level | None:
        if not isinstance(node, Fields):
            reason = (
                "a policy is written out (`Version`, `Statement`), or is `file: NAME.json` or `role: NAME`"
            )
            raise SuiteError(node.place, reason)
        if "file" in node.values:
            only(node, ("file",), "a policy by file")
            return (self._by_file(node.values["file"], layer),)
        if "role" in node.values:
            only(node, ("role",), "a policy of a role")
            return self._of_role(node.values["role"], layer)
        return (self._inline(node, layer),)

    def _inline(self, node: Fields, layer: Layer) -> SourcedDocument:
        for name, place in node.keys.items():
            if name not in _DOCUMENT:
                reason = f"a policy has no `{name}`; did you mean `{nearest(name, _DOCUMENT)}`?"
                raise SuiteError(place, reason)
        try:
            document = parsed(plain(node), layer)
        except PolicySyntaxError as error:
            raise SuiteError(_node_at(node, error.path).place, f"{error.path}: {error.reason}") from None
        listed = node.values["Statement"]
        statements = listed.items if isinstance(listed, Items) else (listed,)
        places = tuple(statement.place for statement in statements)
        return SourcedDocument(document=document, title=self._file, places=places)

    def _by_file(self, node: Node, layer: Layer) -> SourcedDocument:
        path = self._folder / text(node, "`file`")
        known = self._files.get((path, layer))
        if known is None:
            known = self._files[path, layer] = self._file_read(path, node, layer)
        return known

    def _file_read(self, path: Path, node: Node, layer: Layer) -> SourcedDocument:
        name = shown(path)
        try:
            source = _read(path)
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            raise SuiteError(node.place, f"{name} cannot be read: {reason}") from None
        places = tuple(
            Place(file=name, line=span.start.line, column=span.start.column)
            for span in statement_spans(source)
        )
        try:
            document = parsed(source, layer)
        except PolicySyntaxError as error:
            named = _STATEMENT.match(error.path)
            number = int(named[1]) if named else len(places)
            place = places[number] if number < len(places) else Place(file=name)
            raise SuiteError(place, f"{error.path}: {error.reason} (named in {node.place})") from None
        return SourcedDocument(document=document, title=name, places=places)

    def _of_role(self, node: Node, layer: Layer) -> Level | None:
        name = text(node, "`role`")
        if layer not in _OF_A_ROLE:
            raise SuiteError(node.place, f"a role has no `{layer}` policies, only {', '.join(_OF_A_ROLE)}")
        role = self.roles.role(name)
        if layer == "resource":
            return (role.trust,)
        return role.identity if layer == "identity" else role.boundary


_DOCUMENT: Final = ("Version", "Id", "Statement", "file", "role")
_STATEMENT: Final = re.compile(r"\$\.Statement\[([0-9]+)\]")
_LAYER_PATH: Final = re.compile(r"[a-z_]+(?:\[[0-9]+\])*")


def parsed(policy: str | Mapping[str, Any], layer: Layer) -> PolicyDocument:
    """A policy that may stand in a layer; PolicySyntaxError with its path from `$`."""
    wrapped: Any = policy if layer == "resource" else [[policy]] if layer in LEVELLED else [policy]
    try:
        layers = PolicyLayers.from_json({layer: wrapped})
    except PolicySyntaxError as error:
        path = "$" + _LAYER_PATH.sub("", error.path, count=1)
        raise PolicySyntaxError(path, error.reason, error.text, error.named) from None
    if layers.resource is not None:
        return layers.resource
    found: Any = getattr(layers, layer)
    document: PolicyDocument = found[0][0] if layer in LEVELLED else found[0]
    return document


def _read(path: Path) -> str:
    """The text of a file that is one, and no longer than a policy can be."""
    if path.exists() and not path.is_file():
        raise ValueError("it is not a file")
    with path.open("rb") as file:
        raw = file.read(4 * MAX_CHARACTERS + 1)
    if len(raw) > 4 * MAX_CHARACTERS:
        raise ValueError(f"a policy has at most {MAX_CHARACTERS} characters")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ValueError("it is not UTF-8 text") from None


def _node_at(node: Node, path: str) -> Node:
    """The value at a JSON path, as far as it goes. Keys of conditions have dots in them: the longest wins."""
    rest = path.removeprefix("$")
    while rest:
        step = _INDEX.match(rest)
        if isinstance(node, Items) and step and int(step[1]) < len(node.items):
            node, rest = node.items[int(step[1])], rest[step.end() :]
        elif isinstance(node, Fields) and rest.startswith("."):
            names = [name for name in node.values if rest[1:].startswith(name)]
            if not names:
                break
            name = max(names, key=len)
            node, rest = node.values[name], rest[1 + len(name) :]
        elif step:
            rest = rest[step.end() :]  # a single value that the path counts as a list of one
        else:
            break
    return node


_INDEX: Final = re.compile(r"\[([0-9]+)\]")
