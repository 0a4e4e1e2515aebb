"""The server of the tests that need what stands behind it: one for all of them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.client import Person
from tests.served import Served


@pytest.fixture(scope="session")
def behind() -> Iterator[Served]:
    """A server with the embedded backend."""
    found = Served()
    yield found
    found.close()


@pytest.fixture
def ours(behind: Served) -> Person:
    """The root user of an account that nobody has used."""
    return behind.account()


@pytest.fixture
def theirs(behind: Served) -> Person:
    """That of another one."""
    return behind.account()
