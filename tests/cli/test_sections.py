from __future__ import annotations

import configparser

import pytest

from rolekeeper.cli.sections import MARK, with_section
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
