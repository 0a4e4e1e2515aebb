from __future__ import annotations

import json
from xml.etree import ElementTree

import pytest

GOOD = "{name: good, principal: anonymous, action: s3:GetObject, resource: '*', expect: deny}"
BAD = "{name: bad, principal: anonymous, action: s3:GetObject, resource: '*', expect: allow}"


@pytest.fixture
def write(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def write(name, content):
        (tmp_path / name).write_text(content)
        return name

    return write


def test_nothing_to_test_says_what_to_do(command, home, write):
    result = command("test", home=home)
    assert (result.status, result.out) == (3, "")
    assert "write one, or name another path: rolekeeper test PATH" in result.err


def test_a_path_that_is_not_there_is_a_wrong_use(command, home, write):
    assert command("test", "gone", home=home).status == 2


def test_a_file_that_is_no_test_file_is_a_wrong_use(command, home, write):
    write("a.rk.yaml", "tests:\n  - {nme: x}\n")
    result = command("test", home=home)
    assert (result.status, result.out) == (2, "")
    assert result.err == "rolekeeper: a.rk.yaml:2:6: a test has no `nme`; did you mean `name`?\n"


def test_a_failure_is_a_no(command, home, write):
    write("a.rk.yaml", f"tests: [{GOOD}, {BAD}]")
    result = command("test", home=home)
    assert result.status == 1
    assert result.out.startswith("FAILED  a.rk.yaml:1:96: bad\n")
    assert result.out.endswith("1 passed, 1 failed in 1 file\n")


def test_all_that_pass_are_a_yes(command, home, write):
    write("a.rk.yaml", f"tests: [{GOOD}]")
    result = command("test", ".", home=home)
    assert (result.status, result.out, result.err) == (0, "1 passed in 1 file\n", "")


def test_tests_are_selected_by_name(command, home, write):
    write("a.rk.yaml", f"tests: [{GOOD}, {BAD}]")
    assert command("test", "-k", "Good", home=home).status == 0
    result = command("test", "-k", "ugly", home=home)
    assert result.status == 3
    assert "no test has 'ugly' in its name" in result.err


def test_a_role_needs_a_server(command, home, write):
    write("a.rk.yaml", "role: app\ntests: []")
    result = command("test", home=home)
    assert result.status == 3
    assert result.err == "rolekeeper: a.rk.yaml: no server is running; start one with: rolekeeper up\n"


def test_a_role_of_the_server_that_runs_is_asked_for(command, running, shared_home, write):
    write("a.rk.yaml", "role: app\ntests: []")
    result = command("test", home=shared_home)
    assert result.status == 3
    assert "the role app cannot be read from the server: The role with name app cannot be found" in result.err
    result = command("test", "--port", "1", home=shared_home)
    assert "no server is running on port 1" in result.err


def test_json_is_a_format(command, home, write):
    write("a.rk.yaml", f"tests: [{GOOD}]")
    result = command("test", "--json", home=home)
    assert json.loads(result.out)["summary"]["passed"] == 1
    assert command("test", "--format", "json", home=home).out == result.out


def test_two_formats_are_a_wrong_use(command, home, write):
    write("a.rk.yaml", f"tests: [{GOOD}]")
    assert command("test", "--json", "--format", "junit", home=home).status == 2
    assert command("test", "--format", "xml", home=home).status == 2


def test_every_format_has_the_problems_of_files_too(command, home, write):
    write("a.rk.yaml", "tests: 1")
    for form in ("json", "junit", "sarif", "github"):
        result = command("test", "--format", form, home=home)
        assert result.status == 2
        assert "`tests` must be a list" in result.out


def test_the_other_formats_can_be_read(command, home, write):
    write("a.rk.yaml", f"tests: [{BAD}]")
    assert ElementTree.fromstring(command("test", "--format", "junit", home=home).out).get("failures") == "1"
    assert len(json.loads(command("test", "--format", "sarif", home=home).out)["runs"][0]["results"]) == 1
    assert command("test", "--format", "github", home=home).out.startswith(
        "::error file=a.rk.yaml,line=1,col=9,"
    )


def test_colour_is_for_terminals_only(command, home, write):
    write("a.rk.yaml", f"tests: [{BAD}]")
    assert "\x1b[" not in command("test", home=home).out
    assert "\x1b[" in command("test", home=home, FORCE_COLOR="1").out
    assert "\x1b[3" not in command("test", home=home, FORCE_COLOR="1", NO_COLOR="1").out
