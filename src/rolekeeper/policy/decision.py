"""The policies that bear on a request, by layer, and the answer they give.

Both evaluators, the reference and the compiled one, take these layers and give this decision; they share
nothing else but the document and the request. So the rules of what a decision reports stand here:

- EXPLICIT_DENY: `layer` is the first layer, in the order of blame, with a Deny that applies, and
  `determining` is the first such statement of that layer.
- IMPLICIT_DENY: `layer` is the first, in the order of blame, that should have allowed and did not;
  `determining` is empty. It is None where no policy could have allowed it.
- ALLOW: `determining` is the first Allow that applies of each layer that granted, in the order identity,
  resource; `layer` is `resource` for what a resource policy granted by itself, else `identity`. For the
  root user, who needs no grant, both are empty.

The order of blame is `LAYERS`. "First" is by level, then document, then statement.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Literal

from rolekeeper.policy.context import RequestContext
from rolekeeper.policy.document import (
    NO_RESOURCES,
    PolicyDocument,
    PolicySyntaxError,
    Statement,
    parse_document,
)

Layer = Literal["scp", "rcp", "vpc_endpoint", "boundary", "session", "resource", "identity"]
ResourceKind = Literal["trust", "kms"]
Documents = tuple[PolicyDocument, ...]

LAYERS: tuple[Layer, ...] = ("scp", "rcp", "vpc_endpoint", "boundary", "session", "resource", "identity")
"""All layers in the order in which they are blamed for a denial."""


class Outcome(StrEnum):
    """The three answers. Only the first lets the request through."""

    ALLOW = "ALLOW"
    IMPLICIT_DENY = "IMPLICIT_DENY"
    EXPLICIT_DENY = "EXPLICIT_DENY"


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementReference:
    """Where a statement stands: layer, level (of SCP and RCP; the root is 0), document, statement."""

    layer: Layer
    level: int | None = None
    document: int
    statement: int
    sid: str | None = None

    def __str__(self) -> str:
        level = "" if self.level is None else f"[{self.level}]"
        sid = "" if self.sid is None else f" ({self.sid})"
        return f"{self.layer}{level}[{self.document}].Statement[{self.statement}]{sid}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """The answer, the layer it is due to, and the statements that determined it."""

    outcome: Outcome
    layer: Layer | None = None
    determining: tuple[StatementReference, ...] = ()

    @property
    def allowed(self) -> bool:
        """Whether the request may go on."""
        return self.outcome is Outcome.ALLOW


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyLayers:
    """All policies that bear on one request.

    `identity` empty: there are none. A guard (boundary, session, scp, rcp, vpc_endpoint) that is None does
    not apply; one that is empty applies and allows nothing. `scp` and `rcp` have one tuple a level, the root
    first; AWS's own full access stands on every level of RCPs, so that they can only deny.
    `resource_kind` says that the resource policy is a door which no identity policy opens alone; None leaves
    it to `door`, which sees it from the action and the resource.
    """

    identity: Documents = ()
    boundary: Documents | None = None
    session: Documents | None = None
    resource: PolicyDocument | None = None
    resource_kind: ResourceKind | None = None
    scp: tuple[Documents, ...] | None = None
    rcp: tuple[Documents, ...] | None = None
    vpc_endpoint: Documents | None = None

    @classmethod
    def from_json(cls, policies: Mapping[str, Any]) -> PolicyLayers:
        """The policies of the batch contract; ValueError or PolicySyntaxError, with the place, if wrong."""
        for name in policies:
            if name not in LAYERS:
                import difflib  # only for the message

                nearest = difflib.get_close_matches(str(name), LAYERS, n=1, cutoff=0.0)[0]
                raise ValueError(f"policies: unknown kind {name!r}; did you mean {nearest!r}?")
        given = {name: value for name, value in policies.items() if value is not None}
        return cls(
            identity=_documents(given.get("identity", []), "identity"),
            boundary=_guard(given, "boundary"),
            session=_guard(given, "session"),
            resource=_document(given["resource"], "resource", "resource") if "resource" in given else None,
            scp=_levels(given, "scp"),
            rcp=_levels(given, "rcp"),
            vpc_endpoint=_guard(given, "vpc_endpoint"),
        )


def door(context: RequestContext, layers: PolicyLayers) -> ResourceKind | None:
    """Which kind of door the resource is: a role's trust, a KMS key, or none.

    For these two an identity policy alone never suffices, not even in the resource's own account.
    """
    if layers.resource_kind is not None:
        return layers.resource_kind
    action = context.action.lower()
    if action.startswith("sts:") and action.startswith(_TRUST_ACTIONS):
        return "trust" if _is_resource(context.resource, "iam", "role/") else None
    if action.startswith("kms:"):
        return "kms" if _is_resource(context.resource, "kms", "key/") else None
    return None


_TRUST_ACTIONS = ("sts:assumerole", "sts:tagsession", "sts:setsourceidentity", "sts:setcontext")


def _is_resource(resource: str, service: str, start: str) -> bool:
    parts = resource.split(":", 5)
    return len(parts) == 6 and parts[0] == "arn" and parts[2] == service and parts[5].startswith(start)


# -- reading the batch contract --------------------------------------------------------------------


def _levels(policies: Mapping[str, Any], name: Layer) -> tuple[Documents, ...] | None:
    if name not in policies:
        return None
    levels = policies[name]
    if not isinstance(levels, list):
        raise ValueError(f"policies: {name} must be a list of levels, each a list of documents")
    return tuple(_documents(level, name, f"{name}[{index}]") for index, level in enumerate(levels))


def _guard(policies: Mapping[str, Any], name: Layer) -> Documents | None:
    return _documents(policies[name], name) if name in policies else None


def _documents(value: Any, layer: Layer, place: str | None = None) -> Documents:
    place = place or layer
    if not isinstance(value, list):
        raise ValueError(f"policies: {place} must be a list of documents")
    return tuple(_document(item, layer, f"{place}[{index}]") for index, item in enumerate(value))


def _document(value: Any, layer: Layer, place: str) -> PolicyDocument:
    if not isinstance(value, Mapping | str):
        raise ValueError(f"policies: {place} must be a policy document")
    try:
        document = parse_document(value)
        for statement in document.statements:
            _check_elements(statement, layer)
    except PolicySyntaxError as error:
        raise PolicySyntaxError(
            f"{place}{error.path.removeprefix('$')}", error.reason, error.text, error.named
        ) from error
    return document


def _check_elements(statement: Statement, layer: Layer) -> None:
    """A Principal where the policy stands at the resource, and only there; a Resource everywhere else."""
    path = f"$.Statement[{statement.index}]"
    has_principal = statement.principals is not None or statement.not_principals is not None
    has_resource = statement.resources is not None or statement.not_resources is not None
    if has_principal != (layer in ("resource", "rcp", "vpc_endpoint")):
        raise PolicySyntaxError(
            path, "must have a Principal" if not has_principal else "must not have a Principal"
        )
    if not has_resource and layer != "resource":
        raise PolicySyntaxError(path, "must have a Resource", NO_RESOURCES)
