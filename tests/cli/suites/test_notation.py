from __future__ import annotations

import pytest

from rolekeeper.cli.suites import notation
from rolekeeper.cli.suites.nodes import SuiteError, plain
from rolekeeper.cli.suites.notation import read_yaml


def refused(source):
    with pytest.raises(SuiteError) as caught:
        read_yaml(source, "f")
    return str(caught.value)


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("", "f: the file is empty"),
        ("# only a comment\n", "f: the file is empty"),
        ("a: 1\na: 2\n", "f:2:1: `a` stands twice, first in line 1"),
        ("a: {b: 1, 'b': 2}\n", "f:1:11: `b` stands twice"),
        (
            "a: !!python/object/apply:os.system [id]\n",
            "f:1:4: tags (tag:yaml.org,2002:python/object/apply:os.system)",
        ),
        ("a: !!int 1\n", "f:1:4: tags"),
        ("a: ! 1\n", "f:1:4: tags"),
        ("base: &b {x: 1}\na:\n  <<: *b\n", "f:3:3: `<<` is not read"),
        ("a: 1\n---\nb: 2\n", "f:2:1: a test file is one YAML document"),
        ("a: &a [*a]\n", "f:1:8: `*a` stands within itself"),
        ("a: *b\n", "f:1:4: no `&b` stands before `*b`"),
        ("Action: *\n", "f:1:10: a text that begins with `*` or `&` has to be in quotes"),
        ("a: [1\n", "f:2:1: not YAML: while parsing a flow sequence"),
        ("a: b: c\n", "f:1:5: not YAML: mapping values are not allowed here"),
        ("a:\n\t- b\n", "f:2:1: not YAML"),
        ("? [a]\n: 1\n", "f:1:3: a key is a text"),
        ("~: 1\n", "f:1:1: a key is a text"),
        ("a: \x07\n", "f: not YAML: unacceptable character"),
    ],
)
def test_what_is_not_read_is_refused_with_its_place(source, reason):
    assert refused(source).startswith(reason)


def test_a_billion_laughs_are_refused_at_once():
    lines = ["a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol, lol]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 10)]
    assert "more than 50000 values, counting what aliases stand for" in refused("\n".join(lines))


def test_depth_and_size_are_bounded():
    assert "nested more than 40 deep" in refused("[" * 2000)
    assert "at most 1000000 characters" in refused("#" * (notation.MAX_CHARACTERS + 1))


@pytest.mark.parametrize(
    "written",
    [
        "on",
        "off",
        "yes",
        "no",
        "true",
        "012345670123",
        "0x10",
        "1_000",
        "1e3",
        ".inf",
        "2012-10-17",
        "12:30:45",
        "=",
    ],
)
def test_what_looks_like_another_type_is_text(written):
    assert plain(read_yaml(f"a: {written}\n", "f")) == {"a": written}


@pytest.mark.parametrize("written", ["", "~", "null", "NULL"])
def test_nothing_is_nothing_unless_it_is_quoted(written):
    assert plain(read_yaml(f"a: {written}\n", "f")) == {"a": None}
    assert plain(read_yaml(f"a: '{written}'\n", "f")) == {"a": written}


def test_keys_that_look_like_booleans_are_texts():
    assert plain(read_yaml("on: 1\nno: 2\n", "f")) == {"on": "1", "no": "2"}


def test_an_alias_stands_for_its_value():
    assert plain(read_yaml("a: &x {b: [1]}\nc: [*x, *x]\n", "f"))["c"] == [{"b": ["1"]}] * 2


def test_values_know_their_places():
    node = read_yaml("# first\na:\n  - b\n  - c: d\n", "f")
    listed = node.get("a")
    assert str(node.keys["a"]) == "f:2:1"
    assert [str(item.place) for item in listed.items] == ["f:3:5", "f:4:5"]
    assert str(listed.items[1].get("c").place) == "f:4:8"


@pytest.mark.parametrize(
    "source", ["a: |\n    x\n     y\n", "a: |\n\n    x\n", "a: |4\n     x\n", "a: |\r\n    x\r\n"]
)
def test_a_literal_block_knows_how_far_it_is_set_in(source):
    assert read_yaml(source, "f").get("a").indent == 4


def test_other_texts_have_no_indent():
    assert read_yaml("a: >\n    x\n", "f").get("a").indent is None
