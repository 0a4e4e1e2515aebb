"""The flags of a question: stated once, and the same for every command that asks."""

from __future__ import annotations

import inspect
from pathlib import Path

import pytest

from rolekeeper.cli.authorize import authorize
from rolekeeper.cli.explain import explain
from rolekeeper.cli.flags import Flags, asking


@pytest.mark.parametrize("name", ["authorize", "explain"])
def test_what_is_no_flag_is_a_wrong_use(command, home, name):
    for wrong in ("--given", "--policy"):
        result = command(name, wrong, "x", home=home)
        assert (result.status, "No such option" in result.err) == (2, True)


@pytest.mark.parametrize("asked", [authorize, explain])
def test_each_command_has_all_of_them_and_no_question(asked):
    names = list(inspect.signature(asked).parameters)
    start = names.index(Flags.__slots__[0])
    assert tuple(names[start : start + len(Flags.__slots__)]) == Flags.__slots__
    assert "given" not in names
    assert asked.__doc__


def test_a_command_is_given_the_question():
    heard = []

    @asking
    def ask(file: str | None = None, *, given: Flags, loud: bool = False) -> None:
        """Ask."""
        heard.append((file, given, loud))

    nothing = dict.fromkeys(Flags.__slots__)
    ask(file="f", loud=True, **{**nothing, "action": "s3:GetObject", "identity": [Path("p")]})
    assert heard == [("f", Flags(action="s3:GetObject", identity=[Path("p")]), True)]
    ask(file=None, loud=False, **nothing)
    assert not heard[1][1].given
