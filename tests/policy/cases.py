"""The vectors of `tests/vectors/policy`: lines of the batch contract with what is expected of them.

A case that shows a fact is named after it, `fact-012-...`, and marked with its number.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

VECTORS = Path(__file__).parent.parent / "vectors" / "policy"


def requests() -> list[Any]:
    """Every request with its policies and the expected decision, as a parameter of a test."""
    return [
        pytest.param(case, id=case["id"], marks=_marks(case["id"]))
        for file in sorted(VECTORS.glob("*.jsonl"))
        for case in map(json.loads, file.read_text(encoding="utf-8").splitlines())
        if "request" in case
    ]


def _marks(identifier: str) -> list[pytest.MarkDecorator]:
    number = re.match(r"fact-(\d{3})-", identifier)
    return [pytest.mark.fact(int(number[1]))] if number else []
