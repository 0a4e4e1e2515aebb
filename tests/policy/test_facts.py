"""The facts of policy evaluation and other cases, from `tests/vectors/policy`, asked of both evaluators."""

from __future__ import annotations

from typing import Any

import pytest

from rolekeeper.policy.authorize import authorize
from rolekeeper.policy.context import RequestContext
from rolekeeper.policy.decision import Decision, PolicyLayers
from rolekeeper.policy.reference import explain

from .cases import requests


@pytest.mark.parametrize("case", requests())
def test_reference(case: dict[str, Any]) -> None:
    context, layers = RequestContext.from_json(case["request"]), PolicyLayers.from_json(case["policies"])
    _check(case, explain(context, layers).decision)


@pytest.mark.parametrize("case", requests())
def test_authorize(case: dict[str, Any]) -> None:
    context, layers = RequestContext.from_json(case["request"]), PolicyLayers.from_json(case["policies"])
    _check(case, authorize(context, layers))


def _check(case: dict[str, Any], decision: Decision) -> None:
    assert decision.outcome == case["expect"]
    assert decision.layer == case.get("layer", decision.layer)
