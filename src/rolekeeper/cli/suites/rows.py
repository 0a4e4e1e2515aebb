"""The named rows of a test file: a question each, or as many as its lists multiply to."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Final

from rolekeeper.cli.suites.cases import Case, CaseMaker, Frame
from rolekeeper.cli.suites.expectation import Expectation, layer, word
from rolekeeper.cli.suites.nodes import Fields, Node, SuiteError, fields, items, only, text, texts
from rolekeeper.cli.suites.policy_reader import PolicyReader
from rolekeeper.cli.suites.settings import SHARED, read_settings

_PLURAL: Final = {"principal": "principals", "action": "actions", "resource": "resources"}
ROW: Final = ("name", *_PLURAL.values(), "action", "expect", "by", "determining", *SHARED)


def read_rows(node: Node, frame: Frame, policies: PolicyReader) -> Iterator[Case]:
    """The cases of `tests`."""
    for item in items(node, "`tests`"):
        row = fields(item, "a test")
        only(row, ROW, "a test")
        yield from _row(row, frame, policies)


def _row(row: Fields, frame: Frame, policies: PolicyReader) -> Iterator[Case]:
    name = required(row, "name", "a test")
    own = read_settings(row, policies, is_row=True)
    expectation = _expectation(row)
    actions = _several(row, "action")
    if not actions:
        raise SuiteError(row.place, f"the test {name!r} has no `action`")
    principals, resources = _several(row, "principal") or (None,), _several(row, "resource") or (None,)
    for principal, resource in product(principals, resources):
        maker = CaseMaker(frame.circumstances(own, principal, resource), row.place)
        for action in actions:
            told = [
                each
                for each, listed in ((principal, principals), (action, actions), (resource, resources))
                if each is not None and len(listed) > 1
            ]
            yield maker.case(f"{name} [{' '.join(told)}]" if told else name, action, expectation)


def _several(row: Fields, singular: str) -> tuple[str, ...]:
    """What is written under a name, in the singular or the plural, as one text or as a list."""
    plural = _PLURAL[singular]
    if singular in row.keys and plural in row.keys:
        raise SuiteError(row.keys[plural], f"a test has `{singular}` or `{plural}`, not both")
    written = row.get(singular) or row.get(plural)
    return tuple(value for value, _ in texts(written, f"`{singular}`")) if written is not None else ()


def _expectation(row: Fields) -> Expectation:
    expected = required(row, "expect", "a test")
    by, determining = row.get("by"), row.get("determining")
    return Expectation(
        word=word(expected, row.values["expect"].place),
        by=None if by is None else layer(text(by, "`by`"), by.place),
        determining=()
        if determining is None
        else tuple(value for value, _ in texts(determining, "`determining`")),
    )


def required(node: Fields, name: str, what: str) -> str:
    """A text that has to be there."""
    written = node.get(name)
    if written is None:
        raise SuiteError(node.place, f"{what} has no `{name}`")
    return text(written, f"`{name}`")
