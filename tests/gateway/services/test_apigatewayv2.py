"""API Gateway's rules: what the tags of a resource are, and that no operation is left out."""

from __future__ import annotations

from tests.gateway.asking import REGION, rules, tags
from tests.gateway.services.classified import embedded, inexact

API = f"arn:aws:apigateway:{REGION}::/apis/a1"


def test_a_resource_has_the_tags_of_the_api_or_stage_that_it_is_in() -> None:
    asked_for: list[dict[str, str]] = []

    def answer(members: dict[str, str]) -> dict[str, dict[str, str]]:
        asked_for.append(members)
        return {"Tags": {"a": "b"}}

    behind = {"GetApi": answer, "GetStage": answer}
    for arn in (API, f"{API}/stages/prod/sdks/js", f"{API}/models"):
        assert tags("apigatewayv2", "Stage", arn, behind) == {"a": "b"}
    assert asked_for == [{"ApiId": "a1"}, {"ApiId": "a1", "StageName": "prod"}, {"ApiId": "a1"}]
    assert tags("apigatewayv2", "Tags", f"arn:aws:apigateway:{REGION}::/tags/x", behind) == {}


def test_every_operation_that_the_embedded_backend_has_is_exact() -> None:
    assert inexact("apigatewayv2") == {}
    assert set(embedded("apigatewayv2")) <= rules("apigatewayv2").special.keys()
