"""That the generators reach everything: a comparison of what never happens proves nothing.

The dice are fixed here, so that the counts are.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from functools import cache
from itertools import product

import pytest

from rolekeeper.policy.authorize import authorize
from rolekeeper.policy.context import RequestContext
from rolekeeper.policy.decision import LAYERS, Outcome, PolicyLayers, door
from rolekeeper.policy.document import OPERATORS, PolicyDocument, Statement
from tests.properties.dice import Dice
from tests.properties.policies import PRINCIPALS, Case, make_case

NUMBER = 1_500


@cache
def drawn(raw: bool) -> list[Case]:
    source = random.Random(1)
    return [make_case(Dice(source.randbytes(600)), raw=raw) for _ in range(NUMBER)]


def documents(policies: PolicyLayers) -> Iterator[PolicyDocument]:
    for group in (policies.identity, policies.boundary, policies.session, policies.vpc_endpoint):
        yield from group or ()
    for level in (*(policies.scp or ()), *(policies.rcp or ())):
        yield from level
    if policies.resource is not None:
        yield policies.resource


def statements(raw: bool) -> Iterator[tuple[RequestContext, PolicyDocument, Statement]]:
    for context, policies in drawn(raw):
        for document in documents(policies):
            for statement in document.statements:
                yield context, document, statement


@pytest.mark.parametrize("raw", [False, True])
def test_every_decision_of_every_layer_is_reached(raw: bool) -> None:
    decisions = [authorize(context, policies) for context, policies in drawn(raw)]
    reached = Counter((decision.outcome, decision.layer) for decision in decisions)
    denials = product((Outcome.EXPLICIT_DENY, Outcome.IMPLICIT_DENY), LAYERS)
    assert not [denial for denial in denials if reached[denial] < 2]
    assert reached[Outcome.ALLOW, "identity"] > NUMBER / 20
    assert reached[Outcome.ALLOW, "resource"] > NUMBER / 20
    assert sum(len(decision.determining) == 2 for decision in decisions) > 20
    allowed = sum(decision.allowed for decision in decisions)
    assert NUMBER / 5 < allowed < NUMBER / 2


def test_every_principal_is_allowed_and_denied() -> None:
    reached = Counter(
        (context.principal, authorize(context, policies).allowed) for context, policies in drawn(False)
    )
    assert not [who for who in product(PRINCIPALS, (True, False)) if reached[who] < 5]


def test_same_account_other_account_and_doors_are_reached() -> None:
    reached: Counter[object] = Counter()
    for context, policies in drawn(False):
        reached[context.same_account, door(context, policies), authorize(context, policies).allowed] += 1
    assert not [
        place for place in product((True, False), (None, "trust", "kms"), (True, False)) if reached[place] < 5
    ]


@pytest.mark.parametrize("raw", [False, True])
def test_every_operator_with_every_qualifier_is_reached(raw: bool) -> None:
    reached: Counter[object] = Counter(
        (condition.base, condition.qualifier, condition.if_exists)
        for _, _, statement in statements(raw)
        for condition in statement.conditions
    )
    forms = product(OPERATORS, (None, "ForAllValues", "ForAnyValue"), (False, True))
    wanted = [form for form in forms if form[0] != "Null" or not form[2]]
    assert not [form for form in wanted if not reached[form]]


@pytest.mark.parametrize(
    "text", ["${aws:username}", "${aws:username, 'ana'}", "${*}", "${?}", "${$}", "${aws:TagKeys}", "${aws:"]
)
def test_variables_are_reached_in_both_versions(text: str) -> None:
    versions: Counter[str] = Counter()
    for _, document, statement in statements(False):
        resources = (*(statement.resources or ()), *(statement.not_resources or ()))
        values = (value for condition in statement.conditions for value in condition.values)
        versions[document.version] += any(text in value for value in (*resources, *values))
    assert min(versions["2012-10-17"], versions["2008-10-17"]) > 0


def test_every_element_and_form_of_principal_is_reached() -> None:
    reached: Counter[str] = Counter()
    for context, _, statement in statements(False):
        for name in ("actions", "not_actions", "resources", "not_resources", "principals", "not_principals"):
            reached[name] += getattr(statement, name) is not None
            reached[f"empty {name}"] += getattr(statement, name) == ()
        for element, principals in (("", statement.principals), ("Not", statement.not_principals)):
            if principals is None:
                continue
            who = type(context.principal).__name__
            reached[f"{element}Principal {statement.effect}"] += 1
            reached[f"{element}Principal {who}"] += 1
            for form in ("star", "aws", "service", "federated", "canonical_user"):
                reached[f"{element}Principal of {form}"] += bool(getattr(principals, form))
        short = (
            text for text in statement.resources or () if text.startswith("arn:") and text.count(":") < 5
        )
        reached["short ARN"] += any(short)
    assert len(reached) == 12 + 2 * (2 + len({type(who) for who in PRINCIPALS}) + 5) + 1
    never = {"empty principals", "empty not_principals"}  # they are no lists
    assert {name for name, times in reached.items() if not times} == never


def test_every_number_of_levels_is_reached() -> None:
    reached: Counter[object] = Counter()
    for _, policies in drawn(False):
        for layer in ("scp", "rcp"):
            levels = getattr(policies, layer)
            reached[layer, None if levels is None else len(levels)] += 1
        for layer in ("boundary", "session", "vpc_endpoint"):
            given = getattr(policies, layer)
            reached[layer, None if given is None else len(given)] += 1
    wanted = [("scp", None), *product(["scp"], range(4)), ("rcp", None), *product(["rcp"], range(3))]
    wanted += [*product(["boundary", "session", "vpc_endpoint"], [None, 0, 1, 2, 3])]
    assert not [place for place in wanted if not reached[place]]
