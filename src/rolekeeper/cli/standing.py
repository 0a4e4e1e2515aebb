"""What stands behind a server and what it does not enforce, in lines for people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence


def behind(shown: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """What stands behind, a line a service: a name, which the first line has, and a text."""
    for index, (service, what) in enumerate(shown.items()):
        place = "every other service" if len(shown) > 1 else "every service"
        yield "" if index else "behind", f"{place if service == '*' else service}: {what}"


def warnings(unclassified: str, observed: Sequence[str]) -> Iterator[str]:
    """What is let through that would be refused otherwise."""
    if unclassified == "allow":
        yield "NOT ENFORCED: requests that cannot be classified go through (--unclassified allow)"
    for role in observed:
        yield f"NOT ENFORCED: refused calls of the role {role} go through, and are marked (--observe)"
