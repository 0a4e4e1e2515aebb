"""Identity providers: whom an account lets tell it who somebody is.

An OpenID Connect provider is its URL, a SAML provider its metadata document. Their ARNs are what the trust
policies of roles name. A SAML provider's private keys are in the keyring; here are only their IDs.
Source: "OpenIDConnectProviderListEntry", "GetSAMLProvider" and "SAMLPrivateKey" in the IAM API Reference.
"""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

import msgspec

from rolekeeper import arn
from rolekeeper.iam.entities import Entity, Tags


class Provider(Entity, frozen=True, kw_only=True, omit_defaults=True):
    """What both kinds share: an ARN from a key that keeps its case, and tags."""

    folds = False
    resource_type: ClassVar[str]

    created: datetime
    tags: Tags = {}

    def arn(self, partition: str) -> str:
        """The provider's ARN as a caller in that partition sees it."""
        return arn.iam_arn(partition, self.account, self.resource_type, "/", self.key)


class OidcProvider(Provider, frozen=True, kw_only=True, omit_defaults=True):
    """An OpenID Connect provider. `url` is without `https://`, as AWS shows it and as the ARN has it."""

    kind = "oidc-provider"
    noun = "OpenIDConnect Provider"
    resource_type = "oidc-provider"
    missing = "OpenIDConnect Provider not found for arn {name}"
    taken = "Provider with url https://{name} already exists."

    url: str
    client_ids: tuple[str, ...] = ()
    thumbprints: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        return self.url


class SamlPrivateKey(msgspec.Struct, frozen=True, kw_only=True):
    """A key that decrypts a provider's assertions: its ID, under which the keyring has it."""

    id: str
    uploaded: datetime


class SamlProvider(Provider, frozen=True, kw_only=True, omit_defaults=True):
    """A SAML 2.0 provider: its metadata document as it was given, and until when that is valid."""

    kind = "saml-provider"
    noun = "SAML provider"
    resource_type = "saml-provider"
    missing = "Manifest not found for arn {name}"
    taken = "Provider with name {name} already exists."

    name: str
    id: str
    metadata: str
    valid_until: datetime
    encryption: str | None = None
    private_keys: tuple[SamlPrivateKey, ...] = ()

    @property
    def key(self) -> str:
        return self.name

    @property
    def unique_id(self) -> str | None:
        return self.id
