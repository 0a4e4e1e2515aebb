"""What holds of every policy and every request: the two evaluators agree, and the language's theorems."""

from __future__ import annotations

import os
import re
from dataclasses import replace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rolekeeper.policy.authorize import authorize
from rolekeeper.policy.compile import compile_document
from rolekeeper.policy.context import RequestContext
from rolekeeper.policy.decision import Decision, Outcome, PolicyLayers
from rolekeeper.policy.document import PolicyDocument, parse_document
from rolekeeper.policy.patterns import matcher
from rolekeeper.policy.reference import explain
from tests.properties.policies import ACTIONS, documents, layers, raw_text, requests, typed_requests

SCALE = 50 if os.environ.get("RK_FUZZ") else 1
thorough = settings(
    max_examples=200 * SCALE,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def agree(context: RequestContext, policies: PolicyLayers) -> Decision:
    fast, explanation = authorize(context, policies), explain(context, policies)
    assert fast == explanation.decision, explanation.why
    return fast


@thorough
@given(requests(), layers())
def test_the_evaluators_agree(context: RequestContext, policies: PolicyLayers) -> None:
    agree(context, policies)


@thorough
@given(requests(raw=True), layers(raw=True))
def test_the_evaluators_agree_on_anything(context: RequestContext, policies: PolicyLayers) -> None:
    agree(context, policies)


@thorough
@given(requests(), documents(), documents())
def test_the_evaluators_agree_on_a_callers_own_policies(
    context: RequestContext, one: PolicyDocument, other: PolicyDocument
) -> None:
    agree(context, PolicyLayers(identity=(one, other)))


@thorough
@given(requests(), documents(at_resource=True))
def test_the_evaluators_agree_on_a_resources_policy(context: RequestContext, policy: PolicyDocument) -> None:
    agree(context, PolicyLayers(resource=policy))


@thorough
@given(typed_requests())
def test_the_evaluators_agree_on_every_type(asked: tuple[RequestContext, PolicyLayers]) -> None:
    agree(*asked)


DENY_ALL = parse_document(
    {
        "Version": "2012-10-17",
        "Statement": {"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*"},
    }
)


@thorough
@given(requests(), layers())
def test_deny_wins(context: RequestContext, policies: PolicyLayers) -> None:
    decision = authorize(context, replace(policies, vpc_endpoint=(DENY_ALL,)))
    assert decision.outcome is Outcome.EXPLICIT_DENY or context.action in {
        "sts:GetCallerIdentity",
        "sts:GetSessionToken",
    }


@thorough
@given(requests(), layers())
def test_nothing_is_allowed_but_by_an_allow(context: RequestContext, policies: PolicyLayers) -> None:
    empty = replace(policies, identity=(), resource=None)
    decision = authorize(context, empty)
    assert not decision.allowed or (decision.layer is None and not decision.determining)


@thorough
@given(requests(), layers(), st.randoms(use_true_random=False))
def test_order_and_duplicates_do_not_matter(
    context: RequestContext, policies: PolicyLayers, random: object
) -> None:
    twice = [*policies.identity, *policies.identity]
    random.shuffle(twice)  # type: ignore[attr-defined]
    other = authorize(context, replace(policies, identity=tuple(twice)))
    assert (other.outcome, other.layer) == (
        authorize(context, policies).outcome,
        authorize(context, policies).layer,
    )


@thorough
@given(requests(), layers())
def test_the_case_of_an_action_does_not_matter(context: RequestContext, policies: PolicyLayers) -> None:
    assert authorize(replace(context, action=context.action.upper()), policies) == authorize(
        context, policies
    )


@thorough
@given(documents(raw=True), st.sampled_from(ACTIONS))
def test_the_index_hides_no_statement(document: PolicyDocument, action: str) -> None:
    compiled = compile_document(document, "identity")
    denies, allows = compiled.select(action.lower())
    speaking = {each.index for each in compiled.statements if each.speaks_of(action.lower())}
    assert speaking == {each.index for each in (*denies, *allows)}
    assert all(each.deny for each in denies) and not any(each.deny for each in allows)


@thorough
@given(st.text(alphabet="ab*?\n", max_size=10), st.text(alphabet="ab\n", max_size=10))
def test_wildcards_agree_with_regular_expressions(pattern: str, text: str) -> None:
    expression = "".join({"*": ".*", "?": "."}.get(character, re.escape(character)) for character in pattern)
    assert matcher(pattern)(text) == bool(re.fullmatch(expression, text, re.DOTALL))


@thorough
@given(raw_text)
def test_a_text_matches_itself_and_a_star(text: str) -> None:
    assert matcher("*")(text)
    assert matcher(text)(text)
