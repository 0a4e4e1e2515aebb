from __future__ import annotations

import configparser

import pytest

from rolekeeper.cli.sections import MARK, with_section, without_section
from rolekeeper.errors import ConfigurationError

VALUES = {"region": "us-east-1", "endpoint_url": "http://127.0.0.1:4566"}
OURS = f"[profile local]\n{MARK}\nregion = us-east-1\nendpoint_url = http://127.0.0.1:4566\n"
OTHERS = "# mine\n[default]\nregion = eu-west-1\n\n[profile work]\nsso_session = x\ns3 =\n  max = 3\n"


@pytest.mark.parametrize(
    "header", ["[profile local]", "[ profile  local ]", '[profile "local"]', "[profile 'local']"]
)
def test_a_section_that_is_not_ours_is_refused(header):
    with pytest.raises(ConfigurationError, match="not written by rolekeeper"):
        with_section(f"{OTHERS}\n{header}\nregion = x\n", "profile local", VALUES)


def test_a_mark_in_another_section_does_not_make_it_ours():
    with pytest.raises(ConfigurationError, match="not written by rolekeeper"):
        with_section(f"[profile local]\nregion = x\n[profile b]\n{MARK}\n", "profile local", VALUES)


def test_a_section_that_stands_twice_is_refused():
    with pytest.raises(ConfigurationError, match="not written by rolekeeper"):
        with_section(OURS + OURS, "profile local", VALUES)


@pytest.mark.parametrize(
    ("before", "gap"), [("", ""), ("\n", ""), (OTHERS, "\n"), (OTHERS.rstrip("\n"), "\n\n")]
)
def test_a_new_section_goes_to_the_end(before, gap):
    assert with_section(before, "profile local", VALUES) == before + gap + OURS


def test_our_section_is_replaced_and_all_else_kept():
    old = OURS.replace("4566", "9999").replace("region = us-east-1", "region = x\noutput = json")
    following = "\n# about work\n[profile work]\r\nregion = y\r\n"
    assert with_section(OTHERS + old + following, "profile local", VALUES) == OTHERS + OURS + following


def test_writing_twice_changes_nothing():
    once = with_section(OTHERS, "profile local", VALUES)
    assert with_section(once, "profile local", VALUES) == once


def test_the_result_is_what_clients_read():
    parser = configparser.RawConfigParser()
    parser.read_string(with_section(OTHERS, "profile local", VALUES))
    assert dict(parser["profile local"]) == VALUES
    assert parser["default"]["region"] == "eu-west-1"


def test_a_section_that_is_not_there_or_not_ours_is_not_taken_out():
    assert without_section("[a]\nx = 1\n", "b") == "[a]\nx = 1\n"
    with pytest.raises(ConfigurationError, match="not written by rolekeeper"):
        without_section("[a]\nx = 1\n", "a")


@pytest.mark.parametrize("before", ["", "[a]\nx = 1\n", "# note\n\n[a]\nx = 1"])
@pytest.mark.parametrize("after", ["", "\n[z]\ny = 2\n", "\n# of z\n[z]\ny = 2\n"])
def test_our_section_goes_as_it_came(before, after):
    with_ours = with_section(before, "ours", {"k": "v"}) + after
    taken = without_section(with_ours, "ours")
    assert "ours" not in taken and MARK not in taken
    assert [line for line in taken.split("\n") if line] == [
        line for line in (before + "\n" + after).split("\n") if line
    ]
