"""The report for people: what failed and why, and the counts."""

from __future__ import annotations

from rolekeeper.cli.suites.expectation import came
from rolekeeper.cli.suites.run import Run, Tested
from rolekeeper.cli.suites.verdict import Verdict
from rolekeeper.cli.terminal import complain, printable, screen


def show(run: Run) -> None:
    """Print it; problems of files go to standard error."""
    for tested in run.files:
        _show_file(tested)
    console = screen()
    if run.verdicts:
        style = "bold red" if run.failed else "yellow" if run.problems else "bold green"
        console.print(summary(run), style=style)


def summary(run: Run) -> str:
    """The counts in one line."""
    parts = [f"{run.passed} passed"]
    if run.failed:
        parts.append(f"{run.failed} failed")
    if run.problems:
        parts.append(f"{len(run.problems)} not tested" if len(run.files) > 1 else "not tested")
    files = len(run.files)
    return f"{', '.join(parts)} in {files} file{'s' if files > 1 else ''}"


def details(verdict: Verdict) -> list[tuple[str, str]]:
    """What there is to say of a failed case: a word, and what it is."""
    case = verdict.case
    lines = [
        ("principal", case.request.principal.arn),
        ("action", case.request.action),
        ("resource", case.request.resource),
        ("expected", str(case.expectation)),
        ("came", came(verdict.decision)),
        ("why", verdict.why),
    ]
    for pointer in verdict.pointers:
        lines.append(("decided" if pointer.decided else "nearest", str(pointer)))
        lines += [("", failure) for failure in pointer.failures]
    return lines


def _show_file(tested: Tested) -> None:
    if tested.problem is not None:
        complain(f"{tested.problem.place}: {tested.problem.reason}")
        return
    console = screen()
    for verdict in tested.failed:
        console.print(printable(f"FAILED  {verdict.case.place}: {verdict.case.name}"), style="bold red")
        for word, value in details(verdict):
            console.print(f"  {word:<9} ", style="dim", end="")
            console.print(printable(value), style="bold" if word in ("expected", "came") else None)
