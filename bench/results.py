"""`bench/results.json`: one part a claim, each written by the bench that makes it. The others are kept."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from machine import machine

RESULTS = Path(__file__).with_name("results.json")


def record(claim: str, found: Any) -> None:
    """Write one part anew, and the machine on which it was measured."""
    kept = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    RESULTS.write_text(json.dumps({**kept, "machine": machine(), claim: found}, indent=2) + "\n")
