"""OpenID Connect providers: issuers of tokens by which somebody may assume a role.

A provider without thumbprints has none: AWS would connect to the issuer and look, and nothing here makes a
connection that nobody asked for.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import msgspec

from rolekeeper.errors import InvalidInput, LimitExceeded, ValidationError
from rolekeeper.iam import tagging
from rolekeeper.iam.providers import OidcProvider
from rolekeeper.operations import creation, providers
from rolekeeper.service.call import Call
from rolekeeper.service.registry import operation

_URL = re.compile(
    r"https://([A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?:/[\w.~!$&'()*+,;=:@%/-]*)?)", re.ASCII
)
"""A host and a path: neither port nor query, as the operation's page has it."""

_THUMBPRINT = re.compile(r"[0-9A-Fa-f]{40}")


@operation(
    resource=providers.new_oidc,
    also=creation.tagged("iam:TagOpenIDConnectProvider", providers.new_oidc),
    writes=True,
)
def create_open_id_connect_provider(
    call: Call,
    *,
    url: str,
    client_id_list: list[str] | None = None,
    thumbprint_list: list[str] | None = None,
    tags: list[dict[str, str]] | None = None,
) -> dict[str, Any]:
    """Make a provider of a URL, which no other provider of the account has."""
    found = _URL.fullmatch(url)
    if found is None:
        raise ValidationError("Invalid Open ID Connect Provider URL")
    provider = OidcProvider(
        account=call.account,
        url=found[1],
        created=call.now.replace(microsecond=0),
        client_ids=_client_ids(call, client_id_list or ()),
        thumbprints=_thumbprints(call, thumbprint_list or ()),
        tags=tagging.merged({}, tags, limit=call.limits.tags),
    )
    kept, quota = call.tx.collection(OidcProvider), call.limits.oidc_providers
    if kept.find(provider.key) is None and kept.count() >= quota:
        raise LimitExceeded(f"Cannot exceed quota for OpenIdConnectProvidersPerAccount: {quota}")
    kept.add(provider)
    answer: dict[str, Any] = {"OpenIDConnectProviderArn": provider.arn(call.partition)}
    return answer | ({"Tags": providers.tag_list(provider)} if provider.tags else {})


@operation(resource=providers.oidc)
def get_open_id_connect_provider(call: Call, *, open_id_connect_provider_arn: str) -> dict[str, Any]:
    """Read a provider."""
    provider = _get(call, open_id_connect_provider_arn)
    return {
        "Url": provider.url,
        "ClientIDList": list(provider.client_ids),
        "ThumbprintList": list(provider.thumbprints),
        "CreateDate": provider.created,
        "Tags": providers.tag_list(provider),
    }


@operation(resource=providers.every_oidc)
def list_open_id_connect_providers(call: Call) -> dict[str, Any]:
    """List the ARNs of all providers."""
    found = providers.every(call, OidcProvider)
    return {"OpenIDConnectProviderList": [{"Arn": one.arn(call.partition)} for one in found]}


@operation(resource=providers.oidc, writes=True)
def delete_open_id_connect_provider(call: Call, *, open_id_connect_provider_arn: str) -> dict[str, Any]:
    """Delete a provider, if there is one. Roles that trust it stay as they are, and nobody comes in by it."""
    provider = providers.find(call, OidcProvider, open_id_connect_provider_arn)
    if provider is not None:
        call.tx.collection(OidcProvider).delete(provider)
    return {}


@operation(resource=providers.oidc, writes=True)
def add_client_id_to_open_id_connect_provider(
    call: Call, *, open_id_connect_provider_arn: str, client_id: str
) -> dict[str, Any]:
    """Add an audience; one that is there already stays."""
    provider = _get(call, open_id_connect_provider_arn)
    client_ids = _client_ids(call, (*provider.client_ids, client_id))
    return _put(call, msgspec.structs.replace(provider, client_ids=client_ids))


@operation(resource=providers.oidc, writes=True)
def remove_client_id_from_open_id_connect_provider(
    call: Call, *, open_id_connect_provider_arn: str, client_id: str
) -> dict[str, Any]:
    """Take an audience away, if it is there."""
    provider = _get(call, open_id_connect_provider_arn)
    rest = tuple(one for one in provider.client_ids if one != client_id)
    return _put(call, msgspec.structs.replace(provider, client_ids=rest))


@operation(resource=providers.oidc, writes=True)
def update_open_id_connect_provider_thumbprint(
    call: Call, *, open_id_connect_provider_arn: str, thumbprint_list: list[str]
) -> dict[str, Any]:
    """Replace the whole list of thumbprints."""
    provider = _get(call, open_id_connect_provider_arn)
    thumbprints = _thumbprints(call, thumbprint_list)
    return _put(call, msgspec.structs.replace(provider, thumbprints=thumbprints))


def _get(call: Call, provider_arn: str) -> OidcProvider:
    return providers.get(call, OidcProvider, provider_arn)


def _put(call: Call, provider: OidcProvider) -> dict[str, Any]:
    call.tx.collection(OidcProvider).put(provider)
    return {}


def _client_ids(call: Call, given: Iterable[str]) -> tuple[str, ...]:
    found, quota = tuple(dict.fromkeys(given)), call.limits.client_ids_per_oidc_provider
    if len(found) > quota:
        raise LimitExceeded(f"Cannot exceed quota for ClientIdsPerOpenIdConnectProvider: {quota}")
    return found


def _thumbprints(call: Call, given: Iterable[str]) -> tuple[str, ...]:
    found = tuple(dict.fromkeys(given))
    if len(found) > call.limits.thumbprints_per_oidc_provider:
        raise InvalidInput("Thumbprint list must contain fewer than 5 entries.")
    for thumbprint in found:
        if _THUMBPRINT.fullmatch(thumbprint) is None:
            raise InvalidInput(f"Thumbprint {thumbprint} is not the hexadecimal SHA-1 hash of a certificate.")
    return found
