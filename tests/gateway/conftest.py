"""One server with everything behind it for all tests of a file."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.gateway.served import ServedWorld


@pytest.fixture(scope="module")
def served() -> Iterator[ServedWorld]:
    """A server with the embedded backend behind it."""
    world = ServedWorld()
    yield world
    world.close()
