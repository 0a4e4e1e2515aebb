"""An explanation as JSON, whole: the stable form that `rolekeeper explain --json` prints.

    {"decision": "ALLOW" | "IMPLICIT_DENY" | "EXPLICIT_DENY",
     "layer": the layer to which it is due, or null,
     "rule": the rule that decided, as a sentence,
     "determining": [REFERENCE, ...],
     "layers": [{"layer": ..., "statements": [STATEMENT, ...]}, ...],
     "remedy": {"changes": [CHANGE, ...], "impossible": null or why nothing helps}}

    REFERENCE  {"layer", "level", "document", "statement", "sid"}   `level` of SCPs and RCPs, else null
    STATEMENT  REFERENCE and {"effect", "applies", "elements": [ELEMENT, ...]}
    ELEMENT    {"element", "operator", "key", "holds", "found", "wanted", "notes", "text"}
               `operator` and `key` of a Condition, else null; `found` is text, a list, or null for no value
    CHANGE     {"change": "put", "layer", "level", "statement": the Allow to put there,
                "near": [STATEMENT, ...], "text"}
            or {"change": "take_out", "at": REFERENCE, "spared_by": [ELEMENT, ...], "text"}

Layers that do not bear on the request are not there; those that do come in the order of blame. `near` are
statements that fail by one element, whose change would do instead.
"""

from __future__ import annotations

from typing import Any

from rolekeeper.cli.answer import reference_fields
from rolekeeper.policy.changes import Change, MissingAllow
from rolekeeper.policy.element_report import ElementReport
from rolekeeper.policy.explanation import Explanation, StatementReport
from rolekeeper.policy.remedy import Remedy


def explanation_fields(explanation: Explanation, remedy: Remedy) -> dict[str, Any]:
    """The whole object."""
    decision = explanation.decision
    return {
        "decision": str(decision.outcome),
        "layer": decision.layer,
        "rule": explanation.rule,
        "determining": [reference_fields(each) for each in decision.determining],
        "layers": [
            {"layer": report.layer, "statements": [_statement(each) for each in report.statements]}
            for report in explanation.layers
        ],
        "remedy": {
            "changes": [_change(each) for each in remedy.changes],
            "impossible": remedy.impossible,
        },
    }


def _statement(report: StatementReport) -> dict[str, Any]:
    return {
        **reference_fields(report.reference),
        "effect": report.effect,
        "applies": report.applies,
        "elements": [_element(each) for each in report.elements],
    }


def _element(report: ElementReport) -> dict[str, Any]:
    condition = report.condition
    return {
        "element": report.element,
        "operator": condition.operator if condition else None,
        "key": condition.key if condition else None,
        "holds": report.holds,
        "found": report.found,
        "wanted": report.wanted,
        "notes": report.notes,
        "text": report.text,
    }


def _change(change: Change) -> dict[str, Any]:
    if isinstance(change, MissingAllow):
        return {
            "change": "put",
            "layer": change.layer,
            "level": change.level,
            "statement": change.statement,
            "near": [_statement(each) for each in change.near],
            "text": change.text,
        }
    return {
        "change": "take_out",
        "at": reference_fields(change.reference),
        "spared_by": [_element(each) for each in change.spared_by],
        "text": change.text,
    }
