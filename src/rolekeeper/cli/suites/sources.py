"""Policies with their places: what a case is decided by, and where each statement stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from rolekeeper.cli.suites.nodes import Place
from rolekeeper.policy.decision import Documents, Layer, PolicyLayers, StatementReference
from rolekeeper.policy.document import PolicyDocument


@dataclass(frozen=True, slots=True, kw_only=True)
class SourcedDocument:
    """A policy and where its statements stand. `title` says whose it is where no file can be named."""

    document: PolicyDocument
    title: str
    places: tuple[Place, ...] = ()

    def place(self, statement: int) -> Place | None:
        """The place of a statement, by its number; None where it stands in no file."""
        return self.places[statement] if statement < len(self.places) else None


Level: TypeAlias = tuple[SourcedDocument, ...]
Policies: TypeAlias = "Mapping[Layer, tuple[Level, ...] | None]"
"""Each layer as its levels, those without levels as one; None takes away what a default says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveRole:
    """What a running server says of a role: its policies, and its tags as condition keys."""

    arn: str
    trust: SourcedDocument
    identity: Level
    boundary: Level | None
    context: Mapping[str, str]


class Roles(Protocol):
    """Whoever knows the roles that live."""

    def role(self, name: str) -> LiveRole:
        """The role of a name or an ARN; ConfigurationError where it cannot be had."""


def layers_of(policies: Policies) -> PolicyLayers:
    """The same as the engine takes them."""

    def levels(layer: Layer) -> tuple[Documents, ...] | None:
        found = policies.get(layer)
        return None if found is None else tuple(tuple(each.document for each in level) for level in found)

    def guard(layer: Layer) -> Documents | None:
        found = levels(layer)
        return None if found is None else found[0]

    resource = guard("resource")
    return PolicyLayers(
        identity=guard("identity") or (),
        boundary=guard("boundary"),
        session=guard("session"),
        resource=resource[0] if resource else None,
        scp=levels("scp"),
        rcp=levels("rcp"),
        vpc_endpoint=guard("vpc_endpoint"),
    )


def source_of(policies: Policies, reference: StatementReference) -> SourcedDocument:
    """The document that a reference is about."""
    levels = policies[reference.layer] or ()
    return levels[reference.level or 0][reference.document]
