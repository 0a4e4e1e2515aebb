"""API Gateway, version 1: REST APIs, their stages and methods, usage plans, domain names.

All of it is in `gateway.paths`: an action is a method of HTTP, a resource is a path.
Source: "Actions, resources, and condition keys for Amazon API Gateway Management" in the Service
Authorization Reference.
"""

from __future__ import annotations

from rolekeeper.gateway import paths
from rolekeeper.gateway.rules import Rules
from rolekeeper.policy import catalog

_TAGS = paths.tags_reader("apigateway", "resourceArn", "tags")

RULES = Rules(
    prefix="apigateway",
    special=paths.special("apigateway"),
    keys=paths.keys,
    tags={kind.name: _TAGS for kind in catalog.resource_types("apigateway")},
)
