"""What API Gateway's requests ask for: methods on paths."""

from __future__ import annotations

from typing import Any

import pytest

from rolekeeper.gateway import paths
from tests.gateway.asking import ACCOUNT, REGION
from tests.gateway.services.classified import accesses, asked, asks, refused

HERE = f"arn:aws:apigateway:{REGION}:"
METHOD = {"restApiId": "r1", "resourceId": "x2", "httpMethod": "GET"}


@pytest.mark.parametrize("id", ["", "r1/stages/prod", "..", ".", "r*", "r?", "r#", "r\n", "/"])
def test_what_is_no_part_of_a_path_is_refused(id: str) -> None:
    refused("apigateway", "GetRestApi", restApiId=id)
    refused("apigatewayv2", "GetApi", ApiId=id)


def test_a_request_that_says_a_part_of_its_path_not_is_refused() -> None:
    refused("apigateway", "GetMethod", restApiId="r1", httpMethod="GET")


@pytest.mark.parametrize(
    ("service", "operation", "members", "access", "kind"),
    [
        ("apigateway", "GetRestApis", {}, "GET :/restapis", "RestApis"),
        ("apigateway", "DeleteRestApi", {"restApiId": "r1"}, "DELETE :/restapis/r1", "RestApi"),
        ("apigateway", "PutMethod", METHOD, "PUT :/restapis/r1/resources/x2/methods/GET", "Method"),
        (
            "apigateway",
            "CreateResource",
            {"restApiId": "r1", "parentId": "x2"},
            "POST :/restapis/r1/resources/x2",
            "Resource",
        ),
        (
            "apigateway",
            "UpdateStage",
            {"restApiId": "r1", "stageName": "p"},
            "PATCH :/restapis/r1/stages/p",
            "Stage",
        ),
        ("apigateway", "CreateUsagePlan", {"name": "n"}, "POST :/usageplans", "UsagePlans"),
        (
            "apigateway",
            "GetDomainName",
            {"domainName": "a.example"},
            "GET :/domainnames/a.example",
            "DomainName",
        ),
        (
            "apigateway",
            "GetDomainName",
            {"domainName": "a.example", "domainNameId": "d1"},
            f"GET {ACCOUNT}:/domainnames/a.example+d1",
            "PrivateDomainName",
        ),
        (
            "apigateway",
            "GetBasePathMapping",
            {"domainName": "a.example", "domainNameId": "d1", "basePath": "(none)"},
            "GET :/domainnames/a.example+d1/basepathmappings/(none)",
            "PrivateBasePathMapping",
        ),
        (
            "apigateway",
            "TagResource",
            {"resourceArn": f"{HERE}:/restapis/r1", "tags": {"a": "b"}},
            "PUT :/tags/arn%3Aaws%3Aapigateway%3Aeu-west-1%3A%3A%2Frestapis%2Fr1",
            "Tags",
        ),
        ("apigatewayv2", "GetApis", {}, "GET :/apis", "Apis"),
        (
            "apigatewayv2",
            "CreateRoute",
            {"ApiId": "a1", "RouteKey": "GET /"},
            "POST :/apis/a1/routes",
            "Routes",
        ),
        (
            "apigatewayv2",
            "DeleteStage",
            {"ApiId": "a1", "StageName": "$default"},
            "DELETE :/apis/a1/stages/$default",
            "Stage",
        ),
        ("apigatewayv2", "DeleteCorsConfiguration", {"ApiId": "a1"}, "DELETE :/apis/a1/cors", "Cors"),
    ],
)
def test_an_operation_is_a_method_on_a_path(
    service: str, operation: str, members: dict[str, Any], access: str, kind: str
) -> None:
    method, _, rest = access.partition(" ")
    (found,) = accesses(service, operation, **members)
    assert (found.action, found.resource) == (f"apigateway:{method}", f"{HERE}{rest}")
    assert found.type == kind


@pytest.mark.parametrize(
    ("operation", "members", "asked_besides"),
    [
        ("CreateRestApi", {"name": "n"}, False),
        ("CreateRestApi", {"name": "n", "policy": "{}"}, True),
        ("UpdateRestApi", {"restApiId": "r", "patchOperations": [{"op": "replace", "path": "/name"}]}, False),
        (
            "UpdateRestApi",
            {"restApiId": "r", "patchOperations": [{"op": "replace", "path": "/policy"}]},
            True,
        ),
        ("ImportRestApi", {"body": b"{}"}, False),
        ("ImportRestApi", {"body": b'{"x-amazon-apigateway-policy": {}}'}, True),
        ("PutRestApi", {"restApiId": "r"}, True),
    ],
)
def test_a_resource_policy_is_asked_by_itself(
    operation: str, members: dict[str, Any], asked_besides: bool
) -> None:
    found = [access.partition(" ")[0] for access in asks("apigateway", operation, **members)]
    assert ("apigateway:UpdateRestApiPolicy" in found) is asked_besides


@pytest.mark.parametrize(
    ("service", "operation", "members", "besides"),
    [
        ("apigateway", "CreateDomainName", {"domainName": "a"}, []),
        (
            "apigateway",
            "CreateDomainName",
            {"domainName": "a", "mutualTlsAuthentication": {"truststoreUri": "s3://b/k"}},
            ["AddCertificateToDomain"],
        ),
        (
            "apigateway",
            "UpdateDomainName",
            {
                "domainName": "a",
                "patchOperations": [
                    {"op": "replace", "path": "/mutualTlsAuthentication/truststoreUri", "value": "s3://b/k"}
                ],
            },
            ["AddCertificateToDomain"],
        ),
        (
            "apigatewayv2",
            "UpdateDomainName",
            {"DomainName": "a", "MutualTlsAuthentication": {"TruststoreUri": ""}},
            ["RemoveCertificateFromDomain"],
        ),
    ],
)
def test_a_trust_store_is_asked_by_itself(
    service: str, operation: str, members: dict[str, Any], besides: list[str]
) -> None:
    found = [access.partition(" ")[0].partition(":")[2] for access in asks(service, operation, **members)]
    assert found[1:] == besides


def test_a_request_says_what_it_makes() -> None:
    (found,) = accesses(
        "apigateway",
        "CreateRestApi",
        name="shop",
        endpointConfiguration={"types": ["PRIVATE"]},
        disableExecuteApiEndpoint=True,
        tags={"Team": "a"},
    )
    assert found.keys["apigateway:request/apiname"] == "shop"
    assert found.keys["apigateway:request/endpointtype"] == ("PRIVATE",)
    assert found.keys["apigateway:request/disableexecuteapiendpoint"] == "true"
    assert found.keys["aws:requesttag/team"] == "a"
    (found,) = accesses("apigateway", "PutMethod", **METHOD, authorizationType="NONE", apiKeyRequired=False)
    assert found.keys["apigateway:request/routeauthorizationtype"] == ("NONE",)
    assert found.keys["apigateway:request/apikeyrequired"] == ("false",)


def test_an_update_says_what_it_changes() -> None:
    patches = [{"op": "replace", "path": "/disableExecuteApiEndpoint", "value": "false"}]
    (found,) = accesses("apigateway", "UpdateRestApi", restApiId="r", patchOperations=patches)
    assert found.keys["apigateway:request/disableexecuteapiendpoint"] == "false"


def test_every_kind_of_path_is_told_from_all_others() -> None:
    request = asked("apigateway", "GetMethod", **METHOD)
    assert paths.kind_of(paths.arn_of(request)) == "Method"
    assert paths.kind_of(f"{HERE}:/nothing/like/this") == ""
