"""The report as workflow commands of GitHub Actions: an annotation at the line of each failed case.

A line that begins with `::` is a command to the runner, so whatever comes from files is escaped.
Source: "Workflow commands for GitHub Actions" in GitHub's documentation.
"""

from __future__ import annotations

from collections.abc import Iterator

from rolekeeper.cli.suites.expectation import came
from rolekeeper.cli.suites.nodes import Place
from rolekeeper.cli.suites.report_text import details, summary
from rolekeeper.cli.suites.run import Run


def lines(run: Run) -> Iterator[str]:
    """The commands, and the counts as plain text."""
    for problem in run.problems:
        yield _error(
            problem.place, "not a test file" if problem.status == 2 else "not tested", problem.reason
        )
    for verdict in run.verdicts:
        if not verdict.passed:
            case = verdict.case
            told = [f"expected {case.expectation}, came {came(verdict.decision)}"]
            told += [
                f"{word:<9} {value}" for word, value in details(verdict) if word not in ("expected", "came")
            ]
            yield _error(case.place, case.name, "\n".join(told))
    yield summary(run)


def _error(place: Place, title: str, message: str) -> str:
    properties = {"file": place.file, "line": place.line, "col": place.column, "title": title}
    shown = ",".join(
        f"{name}={_property(str(value))}" for name, value in properties.items() if value is not None
    )
    return f"::error {shown}::{_data(message)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
