"""What holds of every policy and every request: the two evaluators agree, and the language's theorems.

`make test` runs a fixed small number of examples. `make fuzz` compares the evaluators on as many whole
requests as it is told (`RK_FUZZ_EXAMPLES`), in parts, so that the report shows how far it is.
"""

from __future__ import annotations

import math
import os
import re
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from rolekeeper.policy.authorize import authorize
from rolekeeper.policy.canonical import canonical_text
from rolekeeper.policy.compile import compile_document
from rolekeeper.policy.context import RequestContext
from rolekeeper.policy.decision import Decision, Documents, Outcome, PolicyLayers
from rolekeeper.policy.document import PolicyDocument, parse_document
from rolekeeper.policy.patterns import matcher
from rolekeeper.policy.reference import explain
from tests.properties.dice import Dice, rolled
from tests.properties.policies import (
    ACTIONS,
    FREE_CALLS,
    Case,
    cases,
    documents,
    make_document,
    make_request,
    raw_text,
)
from tests.properties.typed_values import typed_requests

FUZZ = bool(os.environ.get("RK_FUZZ"))
EXAMPLES = int(os.environ.get("RK_FUZZ_EXAMPLES") or 200_000) if FUZZ else 1_000
"""How many whole requests the two evaluators are compared on, half of them raw."""

PART = min(2_500, EXAMPLES // 2)
PARTS = range(math.ceil(EXAMPLES / 2 / PART))
QUIET = [HealthCheck.too_slow, HealthCheck.data_too_large]


def examples(number: int) -> settings:
    return settings(max_examples=number, deadline=None, suppress_health_check=QUIET)


some = examples(10_000 if FUZZ else 200)


def agree(context: RequestContext, policies: PolicyLayers) -> Decision:
    fast, explanation = authorize(context, policies), explain(context, policies)
    assert fast == explanation.decision, explanation.why
    event(f"{fast.outcome} {fast.layer}")
    return fast


@pytest.mark.parametrize("part", PARTS)
@examples(PART)
@given(case=cases())
def test_the_evaluators_agree(part: int, case: Case) -> None:
    agree(*case)


@pytest.mark.parametrize("part", PARTS)
@examples(PART)
@given(case=cases(raw=True))
def test_the_evaluators_agree_on_anything(part: int, case: Case) -> None:
    agree(*case)


@some
@given(typed_requests())
def test_the_evaluators_agree_on_every_type(case: Case) -> None:
    agree(*case)


DENY_ALL = parse_document(
    {
        "Version": "2012-10-17",
        "Statement": {"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*"},
    }
)
FREE = {action for action, _ in FREE_CALLS}


@some
@given(cases())
def test_deny_wins(case: Case) -> None:
    context, policies = case
    decision = authorize(context, replace(policies, vpc_endpoint=(DENY_ALL,)))
    assert decision.outcome is Outcome.EXPLICIT_DENY or context.action in FREE


@some
@given(cases())
def test_nothing_is_allowed_but_by_an_allow(case: Case) -> None:
    context, policies = case
    decision = authorize(context, replace(policies, identity=(), resource=None))
    assert not decision.allowed or (decision.layer is None and not decision.determining)


@some
@given(cases())
def test_what_is_allowed_names_an_allow_and_what_is_denied_a_deny(case: Case) -> None:
    context, policies = case
    decision = authorize(context, policies)
    effects = {"identity": policies.identity, "resource": (policies.resource,)}
    for reference in decision.determining if decision.allowed else ():
        document = effects[reference.layer][reference.document]
        assert document is not None
        assert document.statements[reference.statement].effect == "Allow"
    assert decision.outcome is not Outcome.IMPLICIT_DENY or not decision.determining
    assert decision.outcome is not Outcome.EXPLICIT_DENY or len(decision.determining) == 1


@some
@given(cases(), st.randoms(use_true_random=False))
def test_order_and_duplicates_do_not_matter(case: Case, random: object) -> None:
    context, policies = case

    def mixed(documents: Documents) -> Documents:
        twice = [*documents, *documents]
        random.shuffle(twice)  # type: ignore[attr-defined]
        return tuple(twice)

    def guard(documents: Documents | None) -> Documents | None:
        return None if documents is None else mixed(documents)

    other = replace(
        policies,
        identity=mixed(policies.identity),
        boundary=guard(policies.boundary),
        session=guard(policies.session),
        scp=policies.scp and tuple(map(mixed, policies.scp)),
        rcp=policies.rcp and tuple(map(mixed, policies.rcp)),
        vpc_endpoint=guard(policies.vpc_endpoint),
    )
    one, two = authorize(context, policies), authorize(context, other)
    assert (two.outcome, two.layer) == (one.outcome, one.layer)


@some
@given(cases())
def test_the_case_of_an_action_does_not_matter(case: Case) -> None:
    context, policies = case
    shouted = replace(context, action=context.action.upper())
    assert authorize(shouted, policies) == authorize(context, policies)


@some
@given(documents(raw=True), st.sampled_from(ACTIONS))
def test_the_index_hides_no_statement(document: PolicyDocument, action: str) -> None:
    compiled = compile_document(document, "identity")
    denies, allows = compiled.select(action.lower())
    speaking = {each.index for each in compiled.statements if each.speaks_of(action.lower())}
    assert speaking == {each.index for each in (*denies, *allows)}
    assert all(each.deny for each in denies) and not any(each.deny for each in allows)


def _with_others(dice: Dice) -> tuple[RequestContext, PolicyDocument, list[PolicyDocument]]:
    request = make_request(dice)
    return request, make_document(dice, request), dice.several(lambda: make_document(dice, request), 0, 2)


@some
@given(rolled(_with_others))
def test_a_policy_more_can_only_add_what_it_says(
    asked: tuple[RequestContext, PolicyDocument, list[PolicyDocument]],
) -> None:
    """With one more policy, what changes is what that policy says: an allow is its, or a deny is."""
    context, more, others = asked
    before = authorize(context, PolicyLayers(identity=tuple(others)))
    after = authorize(context, PolicyLayers(identity=(*others, more)))
    if before.outcome is not after.outcome:
        assert after.outcome is not Outcome.IMPLICIT_DENY
        assert {reference.document for reference in after.determining} == {len(others)}


@some
@given(documents(raw=True), documents(raw=True, at_resource=True))
def test_what_is_written_and_read_again_is_the_same(one: PolicyDocument, other: PolicyDocument) -> None:
    for document in (one, other):
        again = parse_document(canonical_text(document))
        # An operator is told apart by its letters, so that nothing else can differ.
        assert (again.version, again.id, again.statements) == (
            document.version,
            document.id,
            document.statements,
        )
        assert canonical_text(again) == canonical_text(document) == again.source


# -- wildcards --------------------------------------------------------------------------------------


@some
@given(st.text(alphabet="ab*?\n", max_size=10), st.text(alphabet="ab\n", max_size=10))
def test_wildcards_agree_with_regular_expressions(pattern: str, text: str) -> None:
    expression = "".join({"*": ".*", "?": "."}.get(character, re.escape(character)) for character in pattern)
    assert matcher(pattern)(text) == bool(re.fullmatch(expression, text, re.DOTALL))


@some
@given(st.text(alphabet="aé*?:", max_size=16), st.text(alphabet="aé*?:", max_size=24))
def test_wildcards_agree_with_a_table(pattern: str, text: str) -> None:
    assert matcher(pattern)(text) == _matches_by_table(pattern, text)


def _matches_by_table(pattern: str, text: str) -> bool:
    """Row by row: which beginnings of the text the pattern's beginning covers. No backtracking, no regex."""
    covered = [True] + [False] * len(text)
    for symbol in pattern:
        if symbol == "*":
            first = covered.index(True) if True in covered else len(covered)
            covered = [place >= first for place in range(len(covered))]
        else:
            steps = [symbol in ("?", character) for character in text]
            covered = [False, *(before and step for before, step in zip(covered, steps, strict=False))]
    return covered[-1]


@some
@given(raw_text)
def test_a_text_matches_itself_and_a_star(text: str) -> None:
    assert matcher("*")(text)
    assert matcher(text)(text)
