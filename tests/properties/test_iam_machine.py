"""Random IAM calls against a server and against plain dictionaries, which must always say the same.

The dictionaries are the specification: what may be made, joined, parted and deleted, and what is refused
with which code; its parts are in `machine`. Every name is used in several cases.
"""

from __future__ import annotations

import os

from hypothesis import HealthCheck, Phase, settings

from tests.properties.machine.belongings import Belongings
from tests.properties.machine.entities import Entities
from tests.properties.machine.policies import Policies
from tests.properties.machine.providers import Providers


class IamMachine(Entities, Policies, Belongings, Providers):
    """An account with everything that can be in it."""


FUZZ = bool(os.environ.get("ROLEKEEPER_FUZZ"))
IamMachine.TestCase.settings = settings(
    max_examples=300 if FUZZ else 15,
    phases=tuple(Phase) if FUZZ else (Phase.explicit, Phase.reuse, Phase.generate),
    stateful_step_count=100,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
TestIamMachine = IamMachine.TestCase
