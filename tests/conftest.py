"""Fixtures that all tests share: a world for each test, and its root users."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from tests.client import URL, LocalWorld, Person, RemoteWorld, World

if URL is None:
    # The SDK must not look at the settings of whoever runs the tests.
    for _name in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[_name]
    os.environ.update(
        AWS_CONFIG_FILE=os.devnull, AWS_SHARED_CREDENTIALS_FILE=os.devnull, AWS_EC2_METADATA_DISABLED="true"
    )

# How long an example takes says something of the machine only, and of what else it does. `make fuzz` draws
# new examples each time, `make test` the same ones: what was green is green again.
settings.register_profile(
    "steady",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    derandomize="RK_FUZZ" not in os.environ,
)
settings.load_profile("steady")


@pytest.fixture
def world() -> Iterator[World]:
    """A new server, or the one at RK_TEST_URL in its first state."""
    found: World = RemoteWorld(URL) if URL else LocalWorld()
    yield found
    found.close()


@pytest.fixture
def local() -> Iterator[LocalWorld]:
    """A new server in this process, for tests that look inside."""
    found = LocalWorld()
    yield found
    found.close()


@pytest.fixture
def world_with() -> Iterator[Callable[..., LocalWorld]]:
    """Makes servers in this process with settings of their own."""
    made: list[LocalWorld] = []

    def make(**settings: Any) -> LocalWorld:
        made.append(LocalWorld(**settings))
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.fixture
def root(world: World) -> Person:
    """The root user of the first account."""
    return world.root


@pytest.fixture
def other(world: World) -> Person:
    """The root user of the second account."""
    return world.other
