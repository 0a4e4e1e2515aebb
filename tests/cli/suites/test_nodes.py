from __future__ import annotations

import pytest

from rolekeeper.cli.suites.nodes import (
    Fields,
    Items,
    Place,
    Scalar,
    SuiteError,
    fields,
    items,
    nearest,
    only,
    plain,
    text,
    texts,
)

HERE = Place(file="f", line=2, column=3)
WORD, NOTHING = Scalar(place=HERE, value="word"), Scalar(place=HERE, value=None)
LIST = Items(place=HERE, items=(WORD, WORD))
MAPPING = Fields(place=HERE, values={"a": WORD}, keys={"a": HERE})


@pytest.mark.parametrize(
    ("read", "node", "reason"),
    [
        (text, NOTHING, "x must be a text, not nothing"),
        (text, Scalar(place=HERE, value=""), "x must be a text, not nothing"),
        (text, LIST, "x must be a text, not a list"),
        (texts, MAPPING, "x must be a text, not a mapping"),
        (texts, Items(place=HERE, items=()), "x must not be an empty list"),
        (items, WORD, "x must be a list, each item behind a dash, not a text"),
        (fields, LIST, "x must be a mapping of names to values, not a list"),
    ],
)
def test_another_kind_of_value_is_refused_at_its_place(read, node, reason):
    with pytest.raises(SuiteError) as caught:
        read(node, "x")
    assert str(caught.value) == f"f:2:3: {reason}"


def test_an_unknown_key_is_refused_with_the_nearest():
    with pytest.raises(SuiteError, match="a thing has no `a`; did you mean `ab`"):
        only(MAPPING, ("ab", "zz"), "a thing")


@pytest.mark.parametrize("word", ["who_can", "no_new_access"])
def test_a_reserved_key_is_refused_as_reserved(word):
    node = Fields(place=HERE, values={word: WORD}, keys={word: HERE})
    with pytest.raises(SuiteError, match=f"`{word}` is reserved for a kind of test that is not there yet"):
        only(node, (word,), "a thing")


def test_known_keys_pass():
    only(MAPPING, ("a",), "a thing")


@pytest.mark.parametrize(
    ("name", "known", "word"),
    [
        ("Action", ("action", "expect"), "action"),
        ("statement", ("Version", "Statement"), "Statement"),
        ("sid", ("determining", "by"), "determining"),
        ("sid", ("side", "by"), "side"),
    ],
)
def test_the_nearest_word_is_by_letters_or_by_sense(name, known, word):
    assert nearest(name, known) == word


def test_plain_values_are_texts_lists_and_dictionaries():
    whole = Fields(place=HERE, values={"l": LIST, "n": NOTHING}, keys={"l": HERE, "n": HERE})
    assert plain(whole) == {"l": ["word", "word"], "n": None}


def test_a_place_says_what_it_knows():
    assert str(HERE) == "f:2:3"
    assert str(Place(file="f")) == "f"
