"""What an error may show of a text that a stranger sent."""

from __future__ import annotations

__all__ = ["excerpt"]


def excerpt(text: str, limit: int = 256) -> str:
    """What an error may show of a text that a stranger sent: its beginning, and only printable ASCII."""
    shown = text[:limit]
    if not (shown.isascii() and shown.isprintable()):
        shown = "".join(c if " " <= c <= "~" else "?" for c in shown)
    return shown if len(text) <= limit else shown + "..."
