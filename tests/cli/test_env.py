from __future__ import annotations

import json
import subprocess

import pytest

from rolekeeper.cli.env import UNSET, Shell, lines

HOSTILE = "a'b\"c$(touch /tmp/no)`d`\\e f;g"


def test_no_server_is_an_error_and_prints_nothing(command, home):
    result = command("env", home=home)
    assert (result.status, result.out) == (3, "")
    assert "no server is running" in result.err


def test_an_unknown_shell_is_a_wrong_use(command, home):
    assert command("env", "--shell", "cmd", home=home).status == 2


def test_a_posix_shell_reads_the_values_as_they_are():
    script = lines({"SECRET": HOSTILE, "AWS_PROFILE": None}, Shell.SH)
    shown = subprocess.run(
        ["sh", "-c", f'AWS_PROFILE=real\n{script}\nprintf %s "$SECRET${{AWS_PROFILE-}}"'],
        capture_output=True,
        text=True,
        check=True,
    )
    assert shown.stdout == HOSTILE


@pytest.mark.parametrize(
    ("shell", "expected"),
    [
        (Shell.FISH, "set -gx NAME 'a\\'b\\\\c'\nset -e GONE"),
        (Shell.POWERSHELL, "$Env:NAME = 'a''b\\c'\nRemove-Item Env:GONE -ErrorAction SilentlyContinue"),
    ],
)
def test_other_shells_quote_in_their_way(shell, expected):
    assert lines({"NAME": "a'b\\c", "GONE": None}, shell) == expected


def test_the_lines_make_a_shell_use_the_server(command, running, shared_home):
    result = command("env", home=shared_home)
    assert f"export AWS_ENDPOINT_URL={running.ready['endpoint']}\n" in result.out
    assert f"export AWS_ACCESS_KEY_ID={running.ready['root_access_key_id']}\n" in result.out
    assert all(f"unset {name}\n" in result.out for name in UNSET)


def test_json_has_the_same(command, running, shared_home):
    result = command("env", "--json", "--port", running.ready["port"], home=shared_home)
    variables = json.loads(result.out)
    assert variables["AWS_SECRET_ACCESS_KEY"] == running.ready["root_secret_access_key"]
    assert variables["AWS_REGION"] == variables["AWS_DEFAULT_REGION"] == "us-east-1"
    assert [name for name, value in variables.items() if value is None] == list(UNSET)


def test_another_port_is_not_taken(command, running, shared_home):
    result = command("env", "--port", "1", home=shared_home)
    assert (result.status, result.out) == (3, "")
