"""API Gateway, version 2: HTTP and WebSocket APIs, their routes and integrations.

All of it is in `gateway.paths`: an action is a method of HTTP, a resource is a path.
Source: "Actions, resources, and condition keys for Amazon API Gateway Management V2" in the Service
Authorization Reference.
"""

from __future__ import annotations

from rolekeeper.gateway import paths
from rolekeeper.gateway.rules import Rules
from rolekeeper.policy import catalog

_TAGGED: paths.Tagged = {
    "/apis/([^/]+)/stages/([^/]+)": ("GetStage", ("ApiId", "StageName")),
    "/apis/([^/]+)": ("GetApi", ("ApiId",)),
    "/domainnames/([^/+]+)": ("GetDomainName", ("DomainName",)),
    "/vpclinks/([^/]+)": ("GetVpcLink", ("VpcLinkId",)),
}

_TAGS = paths.tags_reader("apigatewayv2", _TAGGED, "Tags")

RULES = Rules(
    prefix="apigateway",
    special=paths.special("apigatewayv2"),
    keys=paths.keys,
    tags={kind.name: _TAGS for kind in catalog.resource_types("apigateway")},
)
