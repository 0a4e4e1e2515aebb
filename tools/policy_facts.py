"""The facts of policy evaluation, each with a test that shows it: `facts.toml` joined with the tests.

A test shows a fact by its name (`fact-012-...` in the vectors) or by its mark, `@pytest.mark.fact(12)`.
"""

from __future__ import annotations

import ast
import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path

from tools.policy_probes import table

ROOT = Path(__file__).parents[1]
VECTORS = ROOT / "tests" / "vectors" / "policy"

Shown = Mapping[int, tuple[Path, str]]
"""The file and the name of a test, by the number of the fact."""


def index() -> str:
    """The index of all facts."""
    return joined(sentences(), shown())


def sentences() -> dict[int, str]:
    """Every fact, in one sentence, in the order of the numbers."""
    written = tomllib.loads((Path(__file__).parent / "facts.toml").read_text(encoding="utf-8"))
    return dict(sorted((int(number), sentence) for number, sentence in written.items()))


def joined(facts: Mapping[int, str], tests: Shown) -> str:
    """The table of facts and tests; LookupError where a fact has no test, or a test shows no fact."""
    untested, unsaid = sorted(facts.keys() - tests.keys()), sorted(tests.keys() - facts.keys())
    if untested or unsaid:
        raise LookupError(f"facts without a test: {untested}; tests of no fact: {unsaid}")
    rows = [[str(number), sentence, _link(*tests[number])] for number, sentence in facts.items()]
    return table(["", "fact", "shown by"], rows)


def shown() -> Shown:
    """The test of each fact: its first vector, else a function, one that is named after it if there is."""
    found: dict[int, tuple[Path, str]] = {}
    for path in sorted(VECTORS.glob("*.jsonl")):
        for number, name in _vectors(path):
            found.setdefault(number, (path, name))
    marked = [
        (number, path, name)
        for path in sorted((ROOT / "tests").glob("**/test_*.py"))
        for number, name in _functions(path)
    ]
    for number, path, name in sorted(marked, key=lambda mark: not mark[2].startswith("test_fact")):
        found.setdefault(number, (path, name))
    return found


def _vectors(path: Path) -> Iterator[tuple[int, str]]:
    for line in path.read_text(encoding="utf-8").splitlines():
        name = json.loads(line)["id"]
        number = re.match(r"fact-(\d{3})-", name)
        if number:
            yield int(number[1]), name


def _functions(path: Path) -> Iterator[tuple[int, str]]:
    """The marks of a file, in the form `@pytest.mark.fact(12)` or, for short, `@fact(12)`."""
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef):
            for mark in node.decorator_list:
                if isinstance(mark, ast.Call) and ast.unparse(mark.func).rpartition(".")[2] == "fact":
                    yield from ((int(ast.unparse(argument)), node.name) for argument in mark.args)


def _link(path: Path, name: str) -> str:
    return f"[`{name}`](../{path.relative_to(ROOT).as_posix()})"
