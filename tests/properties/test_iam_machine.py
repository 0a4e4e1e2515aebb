"""Random IAM calls against a server and against plain dictionaries, which must always say the same.

The dictionaries are the specification: what may be made, joined, parted and deleted, and what is refused
with which code; its parts are in `machine`. Every name is used in several cases. Some walks are the same each
time; `make fuzz` goes others, and Hypothesis makes one that fails short.
"""

from __future__ import annotations

import os
import random

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from tests.properties.machine.base import Machine, moves_of
from tests.properties.machine.belongings import Belongings
from tests.properties.machine.entities import Entities
from tests.properties.machine.policies import Policies
from tests.properties.machine.providers import Providers

FUZZ = bool(os.environ.get("RK_FUZZ"))


class Account(Entities, Policies, Belongings, Providers):
    """An account with everything that can be in it."""


PARTS = (Entities, Policies, Belongings, Providers)


@pytest.mark.parametrize(
    ("parts", "steps"),
    [
        ((Entities, Policies), 800),
        ((Entities, Belongings), 400),
        ((Providers,), 100),
        (PARTS, 200),
    ],
    ids=["policies", "users", "providers", "everything"],
)
def test_a_random_walk(parts: tuple[type[Machine], ...], steps: int) -> None:
    """What works together must come together often enough, so most walks stay with some parts."""
    account, dice = Account(), random.Random(steps)
    moves = moves_of(*parts)
    if "delete" in moves:
        moves += ["delete"] * 4  # it can be refused for many reasons, and each has to be seen
    try:
        account.begin()
        for _ in range(steps):
            account.step(moves, dice.choice)
        account.look()
    finally:
        account.close()


class AccountMachine(RuleBasedStateMachine):
    """Walks that Hypothesis chooses. The moves are one rule: of several it leaves most out of most runs."""

    def __init__(self) -> None:
        super().__init__()
        self.account = Account()
        self.account.begin()

    @rule(data=st.data())
    def step(self, data: st.DataObject) -> None:
        self.account.step(moves_of(*PARTS), lambda options: data.draw(st.sampled_from(options)))

    def teardown(self) -> None:
        self.account.close()


AccountMachine.TestCase.settings = settings(
    max_examples=300 if FUZZ else 2,
    stateful_step_count=100 if FUZZ else 20,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
TestAccountMachine = AccountMachine.TestCase
