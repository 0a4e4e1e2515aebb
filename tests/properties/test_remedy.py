"""What holds of every remedy: it allows the request, and no part of it can be left out."""

from __future__ import annotations

from hypothesis import given

from rolekeeper.policy.authorize import authorize
from rolekeeper.policy.changes import apply
from rolekeeper.policy.remedy import remedy
from tests.properties.policies import Case, cases
from tests.properties.test_policy import some


def check(case: Case) -> None:
    context, policies = case
    found = remedy(context, policies)
    assert found.impossible is None
    assert authorize(context, apply(found.changes, policies)).allowed
    for change in found.changes:
        others = [other for other in found.changes if other is not change]
        assert not authorize(context, apply(others, policies)).allowed


@some
@given(cases())
def test_a_remedy_allows_and_nothing_of_it_is_too_much(case: Case) -> None:
    check(case)


@some
@given(cases(raw=True))
def test_so_does_it_for_anything(case: Case) -> None:
    check(case)
