"""The report in SARIF 2.1.0, which tools that show findings beside code read.

Only what failed is a result; the statements that it is due to are related locations. Files that could not be
tested are notifications of the run, which then was not successful.
Source: "Static Analysis Results Interchange Format (SARIF) Version 2.1.0", OASIS.
"""

from __future__ import annotations

from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from rolekeeper.cli.suites.expectation import came
from rolekeeper.cli.suites.nodes import Place
from rolekeeper.cli.suites.run import Problem, Run
from rolekeeper.cli.suites.verdict import Pointer, Verdict

SCHEMA: Final = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"

RULES: Final = {
    "decision": (
        "unexpected-decision",
        "The policies decide a request in another way than the test expects.",
    ),
    "by": ("unexpected-kind", "Another kind of policy decides a request than the test expects."),
    "determining": ("unexpected-statement", "Other statements decide a request than the test expects."),
}
"""By the fault of a verdict: the rule's ID, and what it says."""


def document(run: Run) -> dict[str, Any]:
    """The whole log, with one run."""
    return {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": _driver()},
                "columnKind": "unicodeCodePoints",
                "invocations": [
                    {
                        "executionSuccessful": not run.problems,
                        "exitCode": run.status,
                        "toolExecutionNotifications": [_notification(each) for each in run.problems],
                    }
                ],
                "results": [_result(verdict) for verdict in run.verdicts if not verdict.passed],
            }
        ],
    }


def _driver() -> dict[str, Any]:
    rules = [{"id": name, "shortDescription": {"text": text}} for name, text in RULES.values()]
    return {"name": "rolekeeper", "version": version("rolekeeper"), "rules": rules}


def _result(verdict: Verdict) -> dict[str, Any]:
    case, fault = verdict.case, verdict.faults[0]
    parts = [
        f"{case.name}: expected {case.expectation}, came {came(verdict.decision)}",
        f"{case.request.action} on {case.request.resource} by {case.request.principal.arn}: {verdict.why}",
        *(
            f"nearest is {pointer}: {'; '.join(pointer.failures)}"
            for pointer in verdict.pointers
            if not pointer.decided
        ),
    ]
    result: dict[str, Any] = {
        "ruleId": RULES[fault][0],
        "ruleIndex": list(RULES).index(fault),
        "level": "error",
        "message": {"text": ". ".join(parts) + "."},
        "locations": [_location(case.place)],
        "partialFingerprints": {"test/v1": sha256(f"{case.place.file}\0{case.name}".encode()).hexdigest()},
    }
    related = [_related(pointer) for pointer in verdict.pointers if pointer.place is not None]
    if related:
        result["relatedLocations"] = [{"id": number, **each} for number, each in enumerate(related)]
    return result


def _related(pointer: Pointer) -> dict[str, Any]:
    what = "decided" if pointer.decided else "came nearest"
    where = _location(pointer.place or Place(file=pointer.source))
    return {**where, "message": {"text": f"{pointer.name} {what}"}}


def _notification(problem: Problem) -> dict[str, Any]:
    return {
        "level": "error",
        "message": {"text": problem.reason},
        "locations": [_location(problem.place)],
    }


def _location(place: Place) -> dict[str, Any]:
    physical: dict[str, Any] = {"artifactLocation": {"uri": _uri(place.file)}}
    if place.line is not None:
        physical["region"] = {"startLine": place.line}
        if place.column is not None:
            physical["region"]["startColumn"] = place.column
    return {"physicalLocation": physical}


def _uri(file: str) -> str:
    return Path(file).as_uri() if file.startswith("/") else quote(file)
