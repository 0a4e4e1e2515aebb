"""A secret is not seen by accident."""

from __future__ import annotations

import copy
import pickle

import pytest

from rolekeeper.iam.secret import Secret


@pytest.mark.parametrize("show", [repr, str, "{}".format, "%s".__mod__, lambda one: f"{one!r} {one!s}"])
def test_no_text_form_shows_it(show: object) -> None:
    assert "hunter2" not in show(Secret("hunter2"))  # type: ignore[operator]


def test_it_is_not_pickled_or_copied() -> None:
    for leak in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError, match="not serialized"):
            leak(Secret("hunter2"))


def test_it_is_revealed_on_request() -> None:
    assert Secret("hunter2").reveal() == "hunter2"


def test_it_equals_the_same_secret_only() -> None:
    assert Secret("a") == Secret("a")
    assert Secret("a") != Secret("b")
    assert Secret("a") != "a"
    assert len({Secret("a"), Secret("a"), Secret("b")}) == 2
