"""Writes the generated pages of the documentation; a test fails while one of them is stale.

.venv/bin/python tools/pages.py
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from tools import (  # noqa: E402
    commands_page,
    errors_page,
    gateway_page,
    operations_page,
    policy_language_page,
    settings_page,
)

PAGES: Mapping[str, Callable[[], str]] = {
    "docs/operations.md": operations_page.page,
    "docs/commands.md": commands_page.page,
    "docs/settings.md": settings_page.page,
    "docs/errors.md": errors_page.page,
    "docs/gateway.md": gateway_page.page,
    "docs/policy-language.md": policy_language_page.page,
}


def main() -> None:
    """Write them all."""
    for name, page in PAGES.items():
        (ROOT / name).write_text(page())


if __name__ == "__main__":
    main()
