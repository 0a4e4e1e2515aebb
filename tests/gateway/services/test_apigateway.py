"""API Gateway's rules: what the tags of a resource are, and that no operation is left out."""

from __future__ import annotations

from tests.gateway.asking import REGION, rules, tags
from tests.gateway.services.classified import embedded, inexact

API = f"arn:aws:apigateway:{REGION}::/restapis/a1"


def test_a_resource_has_the_tags_of_the_api_or_stage_that_it_is_in() -> None:
    asked_for: list[dict[str, str]] = []

    def answer(members: dict[str, str]) -> dict[str, dict[str, str]]:
        asked_for.append(members)
        return {"tags": {"a": "b"}}

    behind = {"GetRestApi": answer, "GetStage": answer}
    for arn in (API, f"{API}/stages/prod/sdks/js", f"{API}/models"):
        assert tags("apigateway", "Stage", arn, behind) == {"a": "b"}
    assert asked_for == [{"restApiId": "a1"}, {"restApiId": "a1", "stageName": "prod"}, {"restApiId": "a1"}]
    assert tags("apigateway", "Tags", f"arn:aws:apigateway:{REGION}::/tags/x", behind) == {}


def test_every_operation_that_the_embedded_backend_has_is_exact() -> None:
    assert inexact("apigateway") == {}
    assert set(embedded("apigateway")) <= rules("apigateway").special.keys()
