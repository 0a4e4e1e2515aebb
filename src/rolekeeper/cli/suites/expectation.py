"""What a test expects: a decision, and where it must come from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from rolekeeper.cli.suites.nodes import Place, SuiteError, nearest
from rolekeeper.policy.decision import LAYERS, Decision, Layer, Outcome, StatementReference

WORDS: Final = {
    "allow": (Outcome.ALLOW,),
    "deny": (Outcome.IMPLICIT_DENY, Outcome.EXPLICIT_DENY),
    "implicit_deny": (Outcome.IMPLICIT_DENY,),
    "explicit_deny": (Outcome.EXPLICIT_DENY,),
}
"""The words for decisions, and which each stands for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """The word that is written, the kind of policy that it must come from, and the statements that decide.

    A statement is named by its Sid or its place (`identity[0].Statement[1]`).
    """

    word: str
    by: Layer | None = None
    determining: tuple[str, ...] = ()

    def faults(self, decision: Decision) -> tuple[str, ...]:
        """In what the decision is wrong: `decision`, or `by` and `determining`; nothing if it is right."""
        if decision.outcome not in WORDS[self.word]:
            return ("decision",)
        found = []
        if self.by is not None and decision.layer != self.by:
            found.append("by")
        decisive = {name for reference in decision.determining for name in names(reference)}
        if not decisive.issuperset(self.determining):
            found.append("determining")
        return tuple(found)

    def __str__(self) -> str:
        by = f" by {self.by}" if self.by else ""
        determining = f", determined by {', '.join(self.determining)}" if self.determining else ""
        return f"{self.word}{by}{determining}"


def names(reference: StatementReference) -> tuple[str, ...]:
    """How a statement may be called: by its place, and by its Sid if it has one."""
    place, _, _ = str(reference).partition(" (")
    return (place,) if reference.sid is None else (place, reference.sid)


def came(decision: Decision) -> str:
    """A decision in the words of an expectation."""
    statements = ", ".join(names(reference)[-1] for reference in decision.determining)
    by = f" by {decision.layer}" if decision.layer else ""
    return f"{decision.outcome.lower()}{by}{f', determined by {statements}' if statements else ''}"


def word(written: str, place: Place) -> str:
    """One of the words for decisions."""
    if written in WORDS:
        return written
    raise SuiteError(place, f"no such decision: `{written}`; did you mean `{nearest(written, WORDS)}`?")


def layer(written: str, place: Place) -> Layer:
    """One of the kinds of policy."""
    for known in LAYERS:
        if written == known:
            return known
    raise SuiteError(
        place, f"no such kind of policy: `{written}`; did you mean `{nearest(written, LAYERS)}`?"
    )


def cell(written: str, place: Place) -> Expectation | None:
    """A cell of a table: a decision, or `DECISION by KIND`; empty or `-` asks nothing."""
    if written in ("", "-"):
        return None
    decision, by, kind = (part.strip() for part in written.partition(" by "))
    return Expectation(word=word(decision, place), by=layer(kind, place) if by else None)
