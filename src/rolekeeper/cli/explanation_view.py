"""An explanation for a person: an outline, as a tree in colours on a terminal, by indentation elsewhere.

Of a layer with many statements only those are shown that speak of the action; `--all` shows the rest.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from rolekeeper.cli.terminal import printable, screen
from rolekeeper.policy.changes import Change, MissingAllow
from rolekeeper.policy.decision import Layer
from rolekeeper.policy.explanation import Explanation, LayerReport, StatementReport
from rolekeeper.policy.remedy import Remedy

if TYPE_CHECKING:
    from rich.tree import Tree

FEW: Final = 8
"""Statements of one layer that are shown whatever they speak of."""

KINDS: Final[dict[Layer, str]] = {
    "scp": "Service control policies",
    "rcp": "Resource control policies",
    "vpc_endpoint": "VPC endpoint's policy",
    "boundary": "Permissions boundary",
    "session": "Session policies",
    "resource": "Resource-based policy",
    "identity": "Identity-based policies",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of the outline, and what stands below it."""

    text: str
    style: str = ""
    below: list[Line] = field(default_factory=list)


def show(explanation: Explanation, remedy: Remedy, *, files: Mapping[str, str], everything: bool) -> None:
    """Print it. `files` has the files of the documents by their places, `identity[0]`."""
    console = screen()
    outline = list(_outline(explanation, remedy, files, everything))
    if console.is_terminal:
        for line in outline:
            console.print(_tree(line), soft_wrap=False)
        return
    for line in outline:
        for text in _indented(line, 0):
            console.print(text)


def _outline(
    explanation: Explanation, remedy: Remedy, files: Mapping[str, str], everything: bool
) -> Iterator[Line]:
    decision = explanation.decision
    yield Line(text=str(decision.outcome), style="bold green" if decision.allowed else "bold red")
    yield Line(text=explanation.why)
    for report in explanation.layers:
        yield _layer(report, explanation, files, everything)
    if not decision.allowed:
        yield _remedy(remedy)


def _layer(report: LayerReport, explanation: Explanation, files: Mapping[str, str], everything: bool) -> Line:
    statements = report.statements
    shown = [each for each in statements if everything or len(statements) <= FEW or _speaks(each)]
    determining = explanation.decision.determining
    lines = [_statement(each, files, decided=each.reference in determining) for each in shown]
    if not statements:
        lines.append(Line(text="no statements: it allows nothing"))
    if len(shown) < len(statements):
        rest = f"{len(statements) - len(shown)} more do not speak of the action; --all shows them"
        lines.append(Line(text=rest, style="dim"))
    return Line(text=f"{KINDS[report.layer]}: {_verdict(report)}", style="bold", below=lines)


def _verdict(report: LayerReport) -> str:
    if report.denies:
        return "denies"
    allows = report.every_level_allows if report.layer == "scp" else bool(report.allows)
    if report.layer == "rcp":
        return "does not deny" if report.levels else "allows nothing"
    return "allows" if allows else "does not allow"


def _speaks(report: StatementReport) -> bool:
    return all(each.holds for each in report.elements if each.element in ("Action", "NotAction"))


def _statement(report: StatementReport, files: Mapping[str, str], *, decided: bool) -> Line:
    place = str(report.reference)
    file = files.get(place.partition(".Statement")[0])
    applies = "applies" if report.applies else "does not apply"
    text = f"{place} {report.effect}: {applies}{', and decided' if decided else ''}"
    colour = {"Allow": "green", "Deny": "red"}[report.effect] if report.applies else "dim"
    return Line(
        text=f"{text}  {file}" if file else text,
        style=colour,
        below=[
            Line(
                text=f"{'holds' if each.holds else 'fails'}  {each.text}",
                style="" if each.holds else "yellow",
            )
            for each in report.elements
        ],
    )


# -- what would allow it ----------------------------------------------------------------------------


def _remedy(remedy: Remedy) -> Line:
    if remedy.impossible is not None:
        return Line(text=f"Nothing would allow it: {remedy.impossible}", style="bold")
    together = ", all of it" if len(remedy.changes) > 1 else ""
    return Line(
        text=f"What would allow it{together}:", style="bold", below=[_change(each) for each in remedy.changes]
    )


def _change(change: Change) -> Line:
    if isinstance(change, MissingAllow):
        near = [
            Line(text=f"or change {each.reference}, which fails by one element: {each.failure}")
            for each in change.near
        ]
        return Line(text=change.text, style="cyan", below=near)
    spared = [
        Line(text=f"it spares requests of which this does not hold: {each.text}") for each in change.spared_by
    ]
    return Line(text=change.text, style="cyan", below=spared)


# -- two ways to print ------------------------------------------------------------------------------


def _indented(line: Line, depth: int) -> Iterator[str]:
    yield "  " * depth + printable(line.text)
    for below in line.below:
        yield from _indented(below, depth + 1)


def _tree(line: Line) -> Tree:
    from rich.text import Text
    from rich.tree import Tree

    tree = Tree(Text(printable(line.text), style=line.style, overflow="fold"), guide_style="dim")
    for below in line.below:
        tree.children.append(_tree(below))
    return tree
