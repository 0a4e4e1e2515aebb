"""docs/policy-language.md: prose that is written there, and tables that are made here.

A table stands between `<!-- made: NAME -->` and `<!-- end -->`; what is between the two is replaced.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path

from tools import policy_facts, policy_probes, policy_refusals, policy_tables

PAGE = Path(__file__).parents[1] / "docs" / "policy-language.md"

PARTS: Mapping[str, Callable[[], str]] = {
    "bearing": policy_probes.bearing,
    "grants": policy_probes.grants,
    "grants-across": policy_probes.grants_across,
    "doors": policy_probes.doors,
    "arns": policy_probes.arns,
    "short-arns": policy_probes.short_arns,
    "operators": policy_tables.operators,
    "qualifiers": policy_tables.qualifiers,
    "supplied-keys": policy_tables.supplied_keys,
    "sizes": policy_tables.sizes,
    "refusals": policy_refusals.refusals,
    "facts": policy_facts.index,
}

_PART = re.compile(r"(<!-- made: ([a-z-]+) -->\n).*?(<!-- end -->)", re.DOTALL)


def page() -> str:
    """The whole page."""
    return filled(PAGE.read_text(encoding="utf-8"))


def filled(text: str) -> str:
    """The text with every table made anew; LookupError unless it has each of them once."""
    named = [name for _, name, _ in _PART.findall(text)]
    if sorted(named) != sorted(PARTS):
        raise LookupError(f"{PAGE.name} must have each of {sorted(PARTS)} once, and has {sorted(named)}")
    return _PART.sub(lambda part: f"{part[1]}{PARTS[part[2]]()}{part[3]}", text)
