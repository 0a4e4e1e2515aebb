"""The report for programs, as one JSON document."""

from __future__ import annotations

from typing import Any

from rolekeeper.cli.suites.nodes import Place
from rolekeeper.cli.suites.run import Run
from rolekeeper.cli.suites.verdict import Pointer, Verdict


def document(run: Run) -> dict[str, Any]:
    """Counts, one entry a case, and the files that could not be tested."""
    return {
        "summary": {
            "files": len(run.files),
            "passed": run.passed,
            "failed": run.failed,
            "problems": len(run.problems),
        },
        "tests": [_test(verdict) for verdict in run.verdicts],
        "problems": [
            {**_place(problem.place), "reason": problem.reason, "status": problem.status}
            for problem in run.problems
        ],
    }


def _test(verdict: Verdict) -> dict[str, Any]:
    case, decision = verdict.case, verdict.decision
    return {
        "name": case.name,
        **_place(case.place),
        "passed": verdict.passed,
        "request": {
            "principal": case.request.principal.arn,
            "action": case.request.action,
            "resource": case.request.resource,
        },
        "expected": {
            "decision": case.expectation.word,
            "by": case.expectation.by,
            "determining": list(case.expectation.determining),
        },
        "came": {
            "decision": decision.outcome.lower(),
            "by": decision.layer,
            "determining": [str(reference) for reference in decision.determining],
        },
        "faults": list(verdict.faults),
        "why": verdict.why or None,
        "statements": [_statement(pointer) for pointer in verdict.pointers],
    }


def _statement(pointer: Pointer) -> dict[str, Any]:
    return {
        "role": "decided" if pointer.decided else "nearest",
        "statement": pointer.name,
        "source": pointer.source,
        **_place(pointer.place),
        "failures": list(pointer.failures),
    }


def _place(place: Place | None) -> dict[str, Any]:
    if place is None:
        return {"file": None, "line": None, "column": None}
    return {"file": place.file, "line": place.line, "column": place.column}
