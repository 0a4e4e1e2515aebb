"""Every fact of policy evaluation has a test with its number in the name, and a mark that says the same."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from tests.policy import cases

FACTS = frozenset(range(1, 111))
TESTS = Path(__file__).parents[1]

_NAME = re.compile(r"test_facts?_(\d{3})(?:_to_(\d{3}))?_")


def test_every_fact_has_a_test_of_its_number() -> None:
    shown = {number for _, numbers, _ in _functions() for number in numbers}
    assert sorted(FACTS - shown - {number for number, _ in _vectors()}) == []


def test_no_test_has_the_number_of_no_fact() -> None:
    shown = [(name, number) for name, numbers, _ in _functions() for number in numbers]
    assert [name for name, number in shown if number not in FACTS] == []
    assert [identifier for number, identifier in _vectors() if number not in FACTS] == []


def test_the_name_and_the_mark_of_a_test_agree() -> None:
    assert [name for name, numbers, marked in _functions() if numbers and numbers != marked] == []


def test_every_vector_of_a_fact_is_run() -> None:
    run = {parameter.id for parameter in cases.requests()}
    written = {identifier for _, identifier in _vectors()}
    assert written <= run
    assert len(written) > len(FACTS)


@cache
def _vectors() -> tuple[tuple[int, str], ...]:
    """The number and the ID of each vector that shows a fact."""
    lines = (line for path in cases.VECTORS.glob("*.jsonl") for line in path.read_text("utf-8").splitlines())
    identifiers = [json.loads(line)["id"] for line in lines]
    return tuple((int(name[5:8]), name) for name in identifiers if re.match(r"fact-\d{3}-", name))


@cache
def _functions() -> tuple[tuple[str, frozenset[int], frozenset[int]], ...]:
    """Each test function: its name, the numbers in the name, and those of its marks."""
    return tuple(
        (node.name, _named(node.name), frozenset(_marked(node)))
        for path in sorted(TESTS.glob("**/test_*.py"))
        for node in ast.parse(path.read_text("utf-8")).body
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    )


def _named(name: str) -> frozenset[int]:
    found = _NAME.match(name)
    if found is None:
        return frozenset()
    first, last = found.groups()
    return frozenset(range(int(first), int(last or first) + 1))


def _marked(function: ast.FunctionDef) -> Iterator[int]:
    """The numbers of `@pytest.mark.fact(12)`, or `@fact(12)` for short."""
    for mark in function.decorator_list:
        if isinstance(mark, ast.Call) and ast.unparse(mark.func).rpartition(".")[2] == "fact":
            yield from (ast.literal_eval(argument) for argument in mark.args)
