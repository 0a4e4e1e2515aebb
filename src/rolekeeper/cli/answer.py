"""The answer to one line of a batch, as a line.

The fast path decides; a refusal for want of an Allow also tells what came nearest. What a
decision by itself says is written once: the engine gives the same object for the same statement.
"""

from __future__ import annotations

import json
from typing import Any, Final

from rolekeeper.cli.question import QuestionError, read_question, readable_id
from rolekeeper.policy.authorize import authorize
from rolekeeper.policy.decision import Decision, Outcome, StatementReference
from rolekeeper.policy.explanation import reason
from rolekeeper.policy.why import why

MAX_WRITTEN: Final = 16_384


def answer(line: bytes) -> tuple[bytes, bool]:
    """The line that answers another, with its end, and whether that could be read."""
    try:
        question = read_question(line)
        decision = authorize(question.context, question.layers)
        if decision.outcome is Outcome.IMPLICIT_DENY:
            rest = _written(decision, why(question.context, question.layers, decision))
        else:
            rest = _of_itself(decision)
        return b'{"id": %b, %b' % (question.id, rest), True
    except QuestionError as error:
        return refusal(line, str(error)), False


def refusal(line: bytes, error: str) -> bytes:
    """The line that answers one which could not be read."""
    return b'{"id": %b, "error": %b}\n' % (readable_id(line), json.dumps(error).encode())


def reference_fields(reference: StatementReference) -> dict[str, Any]:
    """Where a statement stands, as the fields of its JSON object."""
    return {
        "layer": reference.layer,
        "level": reference.level,
        "document": reference.document,
        "statement": reference.statement,
        "sid": reference.sid,
    }


def decision_fields(decision: Decision, why: str) -> dict[str, Any]:
    """A decision as the fields of its JSON object."""
    determining = [reference_fields(reference) for reference in decision.determining]
    return {"decision": str(decision.outcome), "determining": determining, "why": why}


_written_once: Final[dict[int, tuple[Decision, bytes]]] = {}


def _of_itself(decision: Decision) -> bytes:
    found = _written_once.get(id(decision))
    if found is not None and found[0] is decision:
        return found[1]
    if len(_written_once) >= MAX_WRITTEN:
        _written_once.clear()
    written = _written(decision, reason(decision))
    _written_once[id(decision)] = (decision, written)
    return written


def _written(decision: Decision, why: str) -> bytes:
    return json.dumps(decision_fields(decision, why))[1:].encode() + b"\n"
