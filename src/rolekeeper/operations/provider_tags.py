"""Tags of identity providers: the rule of `iam.tagging`, six operations."""

from __future__ import annotations

from typing import Any

import msgspec

from rolekeeper.iam import tagging
from rolekeeper.iam.providers import OidcProvider, Provider, SamlProvider
from rolekeeper.operations import paging, providers
from rolekeeper.service.call import Call
from rolekeeper.service.registry import operation

Given = list[dict[str, str]]


def _put(call: Call, provider: Provider, tags: dict[str, str]) -> dict[str, Any]:
    call.tx.collection(type(provider)).put(msgspec.structs.replace(provider, tags=tags))
    return {}


def _page(provider: Provider, marker: str | None, max_items: int | None) -> dict[str, Any]:
    return paging.of_list(
        providers.tag_list(provider),
        "Tags",
        key=lambda tag: tag["Key"],
        view=lambda tag: tag,
        marker=marker,
        max_items=max_items,
    )


@operation(resource=providers.oidc, writes=True)
def tag_open_id_connect_provider(
    call: Call, *, open_id_connect_provider_arn: str, tags: Given
) -> dict[str, Any]:
    """Add or replace tags of an OpenID Connect provider."""
    provider = providers.get(call, OidcProvider, open_id_connect_provider_arn)
    return _put(call, provider, tagging.merged(provider.tags, tags, limit=call.limits.tags))


@operation(resource=providers.oidc, writes=True)
def untag_open_id_connect_provider(
    call: Call, *, open_id_connect_provider_arn: str, tag_keys: list[str]
) -> dict[str, Any]:
    """Take tags from an OpenID Connect provider."""
    provider = providers.get(call, OidcProvider, open_id_connect_provider_arn)
    return _put(call, provider, tagging.without(provider.tags, tag_keys))


@operation(resource=providers.oidc)
def list_open_id_connect_provider_tags(
    call: Call, *, open_id_connect_provider_arn: str, marker: str | None = None, max_items: int | None = None
) -> dict[str, Any]:
    """List the tags of an OpenID Connect provider."""
    return _page(providers.get(call, OidcProvider, open_id_connect_provider_arn), marker, max_items)


@operation(resource=providers.saml, writes=True)
def tag_saml_provider(call: Call, *, saml_provider_arn: str, tags: Given) -> dict[str, Any]:
    """Add or replace tags of a SAML provider."""
    provider = providers.get(call, SamlProvider, saml_provider_arn)
    return _put(call, provider, tagging.merged(provider.tags, tags, limit=call.limits.tags))


@operation(resource=providers.saml, writes=True)
def untag_saml_provider(call: Call, *, saml_provider_arn: str, tag_keys: list[str]) -> dict[str, Any]:
    """Take tags from a SAML provider."""
    provider = providers.get(call, SamlProvider, saml_provider_arn)
    return _put(call, provider, tagging.without(provider.tags, tag_keys))


@operation(resource=providers.saml)
def list_saml_provider_tags(
    call: Call, *, saml_provider_arn: str, marker: str | None = None, max_items: int | None = None
) -> dict[str, Any]:
    """List the tags of a SAML provider."""
    return _page(providers.get(call, SamlProvider, saml_provider_arn), marker, max_items)
