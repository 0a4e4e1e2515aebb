"""What must follow when an entity gets another name: the links in which it stands by its name."""

from __future__ import annotations

from rolekeeper.store.contract import Links


def move_source(links: Links, kind: str, old: str, new: str) -> None:
    """Make every link of a kind that starts at `old` start at `new`."""
    for target in links.targets(kind, old):
        links.remove(kind, old, target)
        links.add(kind, new, target)


def move_target(links: Links, kind: str, old: str, new: str) -> None:
    """Make every link of a kind that leads to `old` lead to `new`."""
    for source in links.sources(kind, old):
        links.remove(kind, source, old)
        links.add(kind, source, new)
