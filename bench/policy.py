"""The claim: a decision costs a twentieth of what Cedar's engine takes for it, and no policy makes it slow.

    python bench/policy.py                    everything, and its part of bench/results.json anew
    python bench/policy.py --only decisions   one section

Prints JSON. A peer that is not installed (requirements/bench.txt) is named as missing, and it goes on.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from typing import Any

from policy_costs import compiling, importing, memory
from policy_decisions import decisions
from policy_hostile import hostile
from policy_scaling import scaling
from results import record

SECTIONS: dict[str, Callable[[], Any]] = {
    "decisions": decisions,
    "scaling": scaling,
    "compiling": compiling,
    "memory": memory,
    "importing": importing,
    "hostile": hostile,
}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", choices=SECTIONS)
    only = parser.parse_args().only
    found = {name: section() for name, section in SECTIONS.items() if only in (None, name)}
    print(json.dumps(found, indent=2))
    if only is None:
        record("policy", found)


if __name__ == "__main__":
    main()
