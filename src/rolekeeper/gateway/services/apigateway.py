"""API Gateway, version 1: REST APIs, their stages and methods, usage plans, domain names.

All of it is in `gateway.paths`: an action is a method of HTTP, a resource is a path.
Source: "Actions, resources, and condition keys for Amazon API Gateway Management" in the Service
Authorization Reference.
"""

from __future__ import annotations

from rolekeeper.gateway import paths
from rolekeeper.gateway.rules import Rules
from rolekeeper.policy import catalog

_TAGGED: paths.Tagged = {
    "/restapis/([^/]+)/stages/([^/]+)": ("GetStage", ("restApiId", "stageName")),
    "/restapis/([^/]+)": ("GetRestApi", ("restApiId",)),
    "/apikeys/([^/]+)": ("GetApiKey", ("apiKey",)),
    "/clientcertificates/([^/]+)": ("GetClientCertificate", ("clientCertificateId",)),
    "/domainnames/([^/+]+)": ("GetDomainName", ("domainName",)),
    r"/domainnames/([^/+]+)\+([^/]+)": ("GetDomainName", ("domainName", "domainNameId")),
    "/usageplans/([^/]+)": ("GetUsagePlan", ("usagePlanId",)),
    "/vpclinks/([^/]+)": ("GetVpcLink", ("vpcLinkId",)),
}

_TAGS = paths.tags_reader("apigateway", _TAGGED, "tags")

RULES = Rules(
    prefix="apigateway",
    special=paths.special("apigateway"),
    keys=paths.keys,
    tags={kind.name: _TAGS for kind in catalog.resource_types("apigateway")},
)
