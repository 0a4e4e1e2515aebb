"""An account that lets machines in."""

from __future__ import annotations

import pytest

from tests.client import LocalWorld
from tests.operations.rolesanywhere.site import Site


@pytest.fixture
def site(local: LocalWorld) -> Site:
    return Site(local)
