from __future__ import annotations

import subprocess

import pytest

from tests.cli.conftest import BIN

COMMANDS = [("up",), ("env",), ("status",), ("test",), ("profile", "write"), ("audit", "tail")]


def test_an_unknown_command_is_a_wrong_use(command, home):
    assert command("upp", home=home).status == 2


@pytest.mark.parametrize("words", COMMANDS)
def test_an_unknown_flag_names_the_nearest(command, home, words):
    result = command(*words, "--jsn", home=home)
    assert result.status == 2
    assert "--json" in result.err


@pytest.mark.parametrize("words", COMMANDS)
def test_every_command_has_an_example_and_json(command, home, words):
    result = command(*words, "--help", home=home)
    assert result.status == 0
    assert "Example: rolekeeper" in result.out or "Example: eval" in result.out
    assert "--json" in result.out


def test_help_does_not_load_the_server():
    code = "import sys, rolekeeper.cli.program; print(*sys.modules)"
    loaded = subprocess.run([BIN / "python", "-c", code], check=True, capture_output=True, text=True)
    assert set(loaded.stdout.split()).isdisjoint({"sqlalchemy", "uvicorn", "botocore", "rich", "asyncio"})


def test_the_version_is_printed(command, home):
    assert command("--version", home=home).out.startswith("rolekeeper 0.")


@pytest.mark.parametrize(
    ("typed", "offered"), [("rolekeeper st", "status"), ("rolekeeper profile w", "write")]
)
def test_the_shell_completes_commands(home, typed, offered):
    words = {
        "COMP_WORDS": typed,
        "COMP_CWORD": str(typed.count(" ")),
        "_ROLEKEEPER_COMPLETE": "complete_bash",
    }
    done = subprocess.run(
        [BIN / "rolekeeper"], env=home.environment | words, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == [offered]
