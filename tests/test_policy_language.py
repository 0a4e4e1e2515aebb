"""docs/policy-language.md: each example is decided as it says by both evaluators; each fact has a test."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path
from typing import Any

import pytest
from tools import policy_facts
from tools.policy_language_page import PAGE, PARTS, filled

from rolekeeper import Decision, PolicyLayers, RequestContext, authorize, explain

TEXT = PAGE.read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^```json\n(.*?)^```$", TEXT, re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize("example", EXAMPLES)
def test_an_example_is_decided_as_it_says(example: str) -> None:
    case = json.loads(example)
    assert case.keys() == {"request", "policies", "expect", "layer"}
    context, layers = RequestContext.from_json(case["request"]), PolicyLayers.from_json(case["policies"])
    _check(case, authorize(context, layers))
    _check(case, explain(context, layers).decision)


def _check(case: dict[str, Any], decision: Decision) -> None:
    assert (decision.outcome, decision.layer) == (case["expect"], case["layer"])


def test_the_examples_show_every_answer() -> None:
    shown = {json.loads(example)["expect"] for example in EXAMPLES}
    assert shown == {"ALLOW", "IMPLICIT_DENY", "EXPLICIT_DENY"}


def test_every_block_is_an_example_a_program_or_the_picture() -> None:
    assert set(re.findall(r"^```(.+)$", TEXT, re.MULTILINE)) == {"json", "python", "text"}


def test_the_program_runs_and_asserts() -> None:
    (program,) = re.findall(r"^```python\n(.*?)^```$", TEXT, re.DOTALL | re.MULTILINE)
    assert any(isinstance(node, ast.Assert) for node in ast.parse(program).body)
    exec(compile(program, PAGE.name, "exec"), {})


def test_every_link_within_the_page_leads_to_a_heading() -> None:
    headings = {
        re.sub(r"[^a-z -]", "", line.lower()).replace(" ", "-")
        for line in re.findall(r"^## (.+)$", TEXT, re.MULTILINE)
    }
    assert headings == set(re.findall(r"\]\(#([^)]+)\)", TEXT))


def test_a_page_that_lacks_a_table_is_refused() -> None:
    whole = "".join(f"<!-- made: {name} -->\n<!-- end -->\n" for name in PARTS)
    with pytest.raises(LookupError, match="facts"):
        filled(whole.replace("<!-- made: facts -->", ""))
    with pytest.raises(LookupError, match="arns"):
        filled(whole + "<!-- made: arns -->\n<!-- end -->\n")


def test_there_are_as_many_facts_as_numbers() -> None:
    assert list(policy_facts.sentences()) == list(range(1, 111))


def test_no_sentence_stands_twice() -> None:
    sentences = list(policy_facts.sentences().values())
    assert len(set(sentences)) == len(sentences)
    assert [each for each in sentences if not each.endswith(".")] == []


def test_a_fact_without_a_test_is_an_error_and_so_is_a_test_of_no_fact() -> None:
    test = (PAGE.parents[1] / "tests" / "test_x.py", "test_x")
    assert "| 1 | One. | [`test_x`](../tests/test_x.py) |" in policy_facts.joined({1: "One."}, {1: test})
    with pytest.raises(LookupError, match=r"without a test: \[2\]"):
        policy_facts.joined({1: "One.", 2: "Two."}, {1: test})
    with pytest.raises(LookupError, match=r"of no fact: \[3\]"):
        policy_facts.joined({1: "One."}, {1: test, 3: test})


def test_a_mark_is_found_in_both_of_its_forms(tmp_path: Path) -> None:
    file = tmp_path / "test_marks.py"
    file.write_text("@pytest.mark.fact(7)\n@fact(8)\n@other(9)\ndef test_a(): ...\n", encoding="utf-8")
    assert list(policy_facts._functions(file)) == [(7, "test_a"), (8, "test_a")]
