"""What could be seen of a value by accident: no text form of anything that holds secrets shows one."""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

import rolekeeper
from rolekeeper.wire.http import HttpRequest

SECRET = re.compile("secret|token|password|verifier|csrf|^(form|refresh|shown)$")
"""Names of members that hold what opens something."""

HIDING = frozenset({"Secret", "Secret | None", "bool", "Tokens"})
"""Types of such members, as they are written, that show nothing of it."""


def structs() -> Iterator[type[msgspec.Struct]]:
    for module in pkgutil.walk_packages(rolekeeper.__path__, "rolekeeper."):
        if "migrations" in module.name or module.name.endswith("__main__"):
            continue
        for found in vars(importlib.import_module(module.name)).values():
            if (
                isinstance(found, type)
                and issubclass(found, msgspec.Struct)
                and found.__module__ == module.name
            ):
                yield found


@pytest.mark.parametrize("kind", sorted(set(structs()), key=lambda kind: (kind.__module__, kind.__name__)))
def test_a_struct_with_a_secret_does_not_show_it(kind: type[msgspec.Struct]) -> None:
    annotations: dict[str, Any] = {}
    for base in reversed(kind.__mro__):
        annotations |= vars(base).get("__annotations__", {})
    shown = [
        name for name in kind.__struct_fields__ if SECRET.search(name) and annotations.get(name) not in HIDING
    ]
    assert not shown or kind.__repr__ is not msgspec.Struct.__repr__, shown


def test_a_request_shows_neither_its_path_nor_its_headers_nor_its_body() -> None:
    request = HttpRequest(
        method="GET", path="/v2/credentials/hush", query="a=hush", headers=[("x", "hush")], body=b"hush"
    )
    assert "hush" not in repr(request) + str(request)
