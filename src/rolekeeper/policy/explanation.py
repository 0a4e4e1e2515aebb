"""Why a request is allowed or denied, in words: what each layer and each statement had to say.

The denial's text is AWS's own. Source: "Troubleshoot access denied error messages" in the IAM User Guide.
"""

from __future__ import annotations

from dataclasses import dataclass

from rolekeeper.policy.decision import Decision, Layer, Outcome, StatementReference
from rolekeeper.policy.document import Effect
from rolekeeper.policy.reference_elements import Reach

_DENYING: dict[Layer, str] = {
    "scp": "a service control policy",
    "rcp": "a resource control policy",
    "vpc_endpoint": "a VPC endpoint policy",
    "boundary": "a permissions boundary",
    "session": "a session policy",
    "resource": "a resource-based policy",
    "identity": "an identity-based policy",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementReport:
    """One statement: whether it applies to the request, and the first reason why it does not."""

    reference: StatementReference
    effect: Effect
    reach: Reach
    failure: str | None

    @property
    def applies(self) -> bool:
        """Whether nothing in it fails to match."""
        return self.failure is None


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
        return bool(self.levels) and all(
            any(report.applies and report.effect == "Allow" for report in level) for level in self.levels
        )


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

    def denial_text(self, action: str) -> str:
        """What an AccessDenied message says behind the resource; nothing if the request is allowed."""
        layer = self.decision.layer
        if self.decision.allowed or layer is None:
            return ""
        denying = _DENYING[layer]
        if self.decision.outcome is Outcome.EXPLICIT_DENY:
            return f"with an explicit deny in {denying}"
        return f"because no {denying.partition(' ')[2]} allows the {action} action"
