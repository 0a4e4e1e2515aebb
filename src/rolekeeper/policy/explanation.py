"""Why a request is allowed or denied, in words: what each layer and each statement had to say.

The denial's text is AWS's own. Source: "Troubleshoot access denied error messages" in the IAM User Guide.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from rolekeeper.policy.context import RequestContext
from rolekeeper.policy.decision import Decision, Layer, Outcome, StatementReference
from rolekeeper.policy.document import Effect, Statement
from rolekeeper.policy.element_report import ElementReport
from rolekeeper.policy.reference_elements import Reach
from rolekeeper.policy.reference_statement import elements

_DENYING: dict[Layer, str] = {
    "scp": "a service control policy",
    "rcp": "a resource control policy",
    "vpc_endpoint": "a VPC endpoint policy",
    "boundary": "a permissions boundary",
    "session": "a session policy",
    "resource": "a resource-based policy",
    "identity": "an identity-based policy",
}

_AT_A_ROLE = ("sts:assumerole", "sts:tagsession", "sts:setsourceidentity", "sts:setcontext")
"""The beginnings of the actions whose resource is a role, and its policy the role's trust."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementReport:
    """One statement: whether it applies to the request, how it reaches the caller, and why.

    The request is kept, so that `elements` can be looked at when somebody asks; few do.
    """

    reference: StatementReference
    statement: Statement
    reach: Reach
    applies: bool
    context: RequestContext = field(repr=False, compare=False)
    has_variables: bool = field(repr=False)
    bounded: bool = field(repr=False)

    @property
    def effect(self) -> Effect:
        """Allow or Deny."""
        return self.statement.effect

    @property
    def elements(self) -> tuple[ElementReport, ...]:
        """Every element of the statement beside the request, in the order of the evaluation."""
        return tuple(
            elements(
                self.statement,
                self.context,
                self.reference.layer,
                has_variables=self.has_variables,
                bounded=self.bounded,
            )
        )

    @property
    def failures(self) -> tuple[ElementReport, ...]:
        """The elements that keep it from the request; none if it applies."""
        return () if self.applies else tuple(element for element in self.elements if not element.holds)

    @property
    def failure(self) -> str | None:
        """The first of them, as a sentence; None if it applies."""
        failures = self.failures
        return failures[0].text if failures else None


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerReport:
    """One layer that bears on the request, by level; layers without levels have one."""

    layer: Layer
    levels: tuple[tuple[StatementReport, ...], ...]

    @property
    def statements(self) -> tuple[StatementReport, ...]:
        """Its statements in order."""
        return tuple(report for level in self.levels for report in level)

    @property
    def near(self) -> tuple[StatementReport, ...]:
        """The Allow statements of the levels that allow nothing, those first that fewest elements fail."""
        missing = [report for level in self.levels if not _allows(level) for report in level]
        allows = [report for report in missing if report.effect == "Allow"]
        return tuple(sorted(allows, key=lambda report: len(report.failures)))

    @property
    def denies(self) -> tuple[StatementReport, ...]:
        """The Deny statements that apply."""
        return tuple(report for report in self.statements if report.applies and report.effect == "Deny")

    @property
    def allows(self) -> tuple[StatementReport, ...]:
        """The Allow statements that apply."""
        return tuple(report for report in self.statements if report.applies and report.effect == "Allow")

    @property
    def every_level_allows(self) -> bool:
        """Whether there is a level, and an Allow that applies on each."""
        return bool(self.levels) and all(map(_allows, self.levels))


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """A decision with all that led to it. `rule` is the rule that decided, as one sentence."""

    decision: Decision
    rule: str
    layers: tuple[LayerReport, ...] = ()

    @property
    def why(self) -> str:
        """The rule and the statements that determined the decision."""
        named = ", ".join(str(reference) for reference in self.decision.determining)
        return f"{self.rule}: {named}" if named else self.rule

    @property
    def nearest(self) -> StatementReport | None:
        """Of the layer that should have allowed, the Allow that came nearest; None unless that was it."""
        if self.decision.outcome is not Outcome.IMPLICIT_DENY:
            return None
        for report in self.layers:
            if report.layer == self.decision.layer:
                return next(iter(report.near), None)
        return None

    def denial_text(self, action: str) -> str:
        """What an AccessDenied message says behind the resource; nothing if the request is allowed."""
        layer = self.decision.layer
        if self.decision.allowed or layer is None:
            return ""
        denying = _DENYING[layer]
        if layer == "resource" and action.lower().startswith(_AT_A_ROLE):
            denying = "the role trust policy"
        if self.decision.outcome is Outcome.EXPLICIT_DENY:
            return f"with an explicit deny in {denying}"
        return f"because no {denying.partition(' ')[2]} allows the {action} action"


def reason(decision: Decision) -> str:
    """What can be said of a decision by itself, without looking at the policies again."""
    if decision.outcome is Outcome.IMPLICIT_DENY:
        return (
            f"no {_DENYING[decision.layer].partition(' ')[2]} allows it"
            if decision.layer
            else "nothing allows it"
        )
    named = ", ".join(map(str, decision.determining))
    if decision.outcome is Outcome.EXPLICIT_DENY:
        return f"denied by {named}"
    return f"allowed by {named}" if named else "allowed without a policy that says so"


def _allows(level: Iterable[StatementReport]) -> bool:
    return any(report.applies and report.effect == "Allow" for report in level)
