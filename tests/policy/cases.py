"""The vectors of `tests/vectors/policy`: lines of the batch contract, each named after its fact."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

VECTORS = Path(__file__).parent.parent / "vectors" / "policy"


def facts() -> list[Any]:
    """Every case as a parameter of a test, marked with its fact."""
    return [
        pytest.param(case, id=case["id"], marks=pytest.mark.fact(int(case["id"].split("-")[1])))
        for file in sorted(VECTORS.glob("*.jsonl"))
        for case in map(json.loads, file.read_text(encoding="utf-8").splitlines())
        if case["id"].startswith("fact-")
    ]
