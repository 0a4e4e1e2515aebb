"""A case decided: whether the answer is the expected one, and if it is not, what it is due to."""

from __future__ import annotations

from dataclasses import dataclass, field

from rolekeeper.cli.suites.cases import Case
from rolekeeper.cli.suites.expectation import names
from rolekeeper.cli.suites.nodes import Place
from rolekeeper.cli.suites.sources import source_of
from rolekeeper.policy.authorize import authorize
from rolekeeper.policy.decision import Decision, Outcome, StatementReference
from rolekeeper.policy.reference import explain


@dataclass(frozen=True, slots=True, kw_only=True)
class Pointer:
    """A statement that a failed case is about.

    `decided` says that it determined the decision; else it is the one that came nearest to allowing the
    request, and `failures` are the elements that kept it from it, as sentences.
    """

    decided: bool
    reference: StatementReference
    source: str
    place: Place | None
    failures: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Its place in the policies, and its Sid."""
        place, *sid = names(self.reference)
        return f"{place} ({sid[0]})" if sid else place

    def __str__(self) -> str:
        return f"{self.place or self.source}  {self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What came of a case. `faults`, `why` (the rule that decided) and `pointers` are for one that failed."""

    case: Case
    decision: Decision
    faults: tuple[str, ...] = ()
    why: str = ""
    pointers: tuple[Pointer, ...] = field(default=(), repr=False)

    @property
    def passed(self) -> bool:
        """Whether it is the expected answer."""
        return not self.faults


def judge(case: Case) -> Verdict:
    """Decide a case, and explain it if the answer is not the expected one."""
    decision = authorize(case.request, case.layers)
    faults = case.expectation.faults(decision)
    if not faults:
        return Verdict(case=case, decision=decision)
    explanation = explain(case.request, case.layers)
    pointers = [_pointer(case, reference, decided=True) for reference in decision.determining]
    nearest = explanation.nearest
    if decision.outcome is Outcome.IMPLICIT_DENY and nearest is not None:
        failures = tuple(element.text for element in nearest.failures)
        pointers.append(_pointer(case, nearest.reference, decided=False, failures=failures))
    why = explanation.rule
    return Verdict(case=case, decision=decision, faults=faults, why=why, pointers=tuple(pointers))


def _pointer(
    case: Case, reference: StatementReference, *, decided: bool, failures: tuple[str, ...] = ()
) -> Pointer:
    source = source_of(case.policies, reference)
    return Pointer(
        decided=decided,
        reference=reference,
        source=source.title,
        place=source.place(reference.statement),
        failures=failures,
    )
