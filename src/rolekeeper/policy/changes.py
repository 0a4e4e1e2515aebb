"""Changes to the policies around a request, and what the policies are with them.

There are two: an Allow is put in, or a Deny that applies is taken out. A person may narrow the Deny
instead, or make another request that it spares; `spared_by` has what to look at.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final, TypeAlias

from rolekeeper.policy.decision import Documents, Layer, PolicyLayers, StatementReference
from rolekeeper.policy.document import PolicyDocument, parse_document
from rolekeeper.policy.element_report import ElementReport
from rolekeeper.policy.explanation import StatementReport
from rolekeeper.policy.source import read_json


@dataclass(frozen=True, slots=True, kw_only=True)
class MissingAllow:
    """A statement that has to be put into a policy of a layer, of SCPs and RCPs at a level.

    `near` are the statements there that one element keeps from the request: changing it would do as well.
    """

    layer: Layer
    level: int | None
    statement: Mapping[str, Any]
    near: tuple[StatementReport, ...] = ()

    @property
    def text(self) -> str:
        """The change as one sentence."""
        level = "" if self.level is None else f" at level {self.level}"
        return f"{_PUT[self.layer]}{level}: {json.dumps(self.statement, ensure_ascii=False)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class DenyingStatement:
    """A Deny that applies: take it out, narrow it, or ask what it spares."""

    report: StatementReport

    @property
    def reference(self) -> StatementReference:
        """Where it stands."""
        return self.report.reference

    @property
    def spared_by(self) -> tuple[ElementReport, ...]:
        """The elements by which it spares some requests: its conditions, and what it leaves out."""
        return tuple(
            element
            for element in self.report.elements
            if element.element == "Condition" or element.element.startswith("Not")
        )

    @property
    def text(self) -> str:
        """The change as one sentence."""
        return f"take out the Deny {self.reference}, or narrow it"


Change: TypeAlias = "MissingAllow | DenyingStatement"

_PUT: Final[dict[Layer, str]] = {
    "scp": "put into a service control policy",
    "rcp": "put into a resource control policy",
    "vpc_endpoint": "put into the VPC endpoint's policy",
    "boundary": "put into the permissions boundary",
    "session": "put into the session policy, with which a new session has to be made",
    "resource": "put into the resource's policy",
    "identity": "put into an identity-based policy of the caller",
}


def apply(changes: Iterable[Change], layers: PolicyLayers) -> PolicyLayers:
    """The layers with all the changes."""
    taken: dict[tuple[Layer, int | None, int], set[int]] = {}
    put: list[MissingAllow] = []
    for change in changes:
        if isinstance(change, MissingAllow):
            put.append(change)
        else:
            at = change.reference
            taken.setdefault((at.layer, at.level, at.document), set()).add(at.statement)
    for (layer, level, place), statements in taken.items():
        layers = _change(layers, layer, level, partial(_without, place=place, statements=statements))
    for missing in put:
        layers = _put(layers, missing)
    return layers


def _put(layers: PolicyLayers, missing: MissingAllow) -> PolicyLayers:
    if missing.layer == "resource" and layers.resource is not None:
        written = [*_statements(layers.resource), dict(missing.statement)]
        return replace(layers, resource=_document(layers.resource.version, written))
    added = _document("2012-10-17", [dict(missing.statement)])
    return _change(layers, missing.layer, missing.level, lambda old: (*old, added))


def _change(
    layers: PolicyLayers, layer: Layer, level: int | None, change: Callable[[Documents], Documents]
) -> PolicyLayers:
    """The layers with another tuple of documents in one place."""
    if layer == "resource":
        (document,) = change(() if layers.resource is None else (layers.resource,))
        return replace(layers, resource=document)
    old: Any = getattr(layers, layer)
    new: Any
    if level is None:
        new = change(old or ())
    else:
        levels: list[Documents] = list(old or ()) or [()]
        levels[level] = change(levels[level])
        new = tuple(levels)
    return replace(layers, **{str(layer): new})


def _without(documents: Documents, place: int, statements: set[int]) -> Documents:
    old = documents[place]
    kept = [each for index, each in enumerate(_statements(old)) if index not in statements]
    return (*documents[:place], _document(old.version, kept), *documents[place + 1 :])


def _statements(document: PolicyDocument) -> list[Any]:
    listed = read_json(document.source)["Statement"]
    return listed if isinstance(listed, list) else [listed]


def _document(version: str, statements: list[Any]) -> PolicyDocument:
    return parse_document({"Version": version, "Statement": statements})
