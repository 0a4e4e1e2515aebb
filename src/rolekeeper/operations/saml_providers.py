"""SAML providers: whose assertions let somebody assume a role.

The metadata document is read when it is given (`iam.saml_metadata`) and shown as it was given. Private keys,
which decrypt assertions, are in the keyring and never shown again.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import msgspec
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from rolekeeper import ids
from rolekeeper.errors import InvalidInput, LimitExceeded, NoSuchEntity
from rolekeeper.iam import saml_metadata, tagging
from rolekeeper.iam.providers import SamlPrivateKey, SamlProvider
from rolekeeper.iam.secret import Secret
from rolekeeper.operations import creation, providers
from rolekeeper.service.call import Call
from rolekeeper.service.registry import operation

_ALWAYS = timedelta(days=36525)
"""A hundred years: what AWS shows where the metadata say no end."""

_KEY_SIZE = 4096


@operation(
    resource=providers.new_saml,
    also=creation.tagged("iam:TagSAMLProvider", providers.new_saml),
    writes=True,
)
def create_saml_provider(
    call: Call,
    *,
    saml_metadata_document: str,
    name: str,
    tags: list[dict[str, str]] | None = None,
    assertion_encryption_mode: str | None = None,
    add_private_key: str | None = None,
) -> dict[str, Any]:
    """Make a provider from its metadata."""
    now = call.now.replace(microsecond=0)
    provider = SamlProvider(
        account=call.account,
        name=name,
        id=ids.unique_id(ids.SAML_PROVIDER, call.account),
        created=now,
        metadata=saml_metadata_document,
        valid_until=_valid_until(saml_metadata_document, now),
        encryption=assertion_encryption_mode,
        tags=tagging.merged({}, tags, limit=call.limits.tags),
    )
    kept, quota = call.tx.collection(SamlProvider), call.limits.saml_providers
    if kept.find(provider.key) is None and kept.count() >= quota:
        raise LimitExceeded(f"Cannot exceed quota for SAMLProvidersPerAccount: {quota}")
    kept.add(provider)
    if add_private_key is not None:
        kept.put(_with_key(call, provider, add_private_key))
    answer: dict[str, Any] = {"SAMLProviderArn": provider.arn(call.partition)}
    return answer | ({"Tags": providers.tag_list(provider)} if provider.tags else {})


@operation(resource=providers.saml)
def get_saml_provider(call: Call, *, saml_provider_arn: str) -> dict[str, Any]:
    """Read a provider with its metadata; of its private keys, the IDs."""
    provider = providers.get(call, SamlProvider, saml_provider_arn)
    view: dict[str, Any] = {
        "SAMLProviderUUID": provider.id,
        "SAMLMetadataDocument": provider.metadata,
        "CreateDate": provider.created,
        "ValidUntil": provider.valid_until,
        "Tags": providers.tag_list(provider),
        "PrivateKeyList": [{"KeyId": key.id, "Timestamp": key.uploaded} for key in provider.private_keys],
    }
    return view | ({} if provider.encryption is None else {"AssertionEncryptionMode": provider.encryption})


@operation(resource=providers.every_saml)
def list_saml_providers(call: Call) -> dict[str, Any]:
    """List all providers."""
    return {
        "SAMLProviderList": [
            {"Arn": one.arn(call.partition), "ValidUntil": one.valid_until, "CreateDate": one.created}
            for one in providers.every(call, SamlProvider)
        ]
    }


@operation(resource=providers.saml, writes=True)
def update_saml_provider(
    call: Call,
    *,
    saml_provider_arn: str,
    saml_metadata_document: str | None = None,
    assertion_encryption_mode: str | None = None,
    add_private_key: str | None = None,
    remove_private_key: str | None = None,
) -> dict[str, Any]:
    """Replace the metadata or the encryption mode, add a private key or remove one."""
    provider = providers.get(call, SamlProvider, saml_provider_arn)
    if add_private_key is not None and remove_private_key is not None:
        raise InvalidInput("A private key is added in one request and removed in another.")
    if saml_metadata_document is not None:
        provider = msgspec.structs.replace(
            provider,
            metadata=saml_metadata_document,
            valid_until=_valid_until(saml_metadata_document, provider.created),
        )
    if assertion_encryption_mode is not None:
        provider = msgspec.structs.replace(provider, encryption=assertion_encryption_mode)
    if add_private_key is not None:
        provider = _with_key(call, provider, add_private_key)
    if remove_private_key is not None:
        provider = _without_key(call, provider, remove_private_key)
    call.tx.collection(SamlProvider).put(provider)
    return {"SAMLProviderArn": provider.arn(call.partition)}


@operation(resource=providers.saml, writes=True)
def delete_saml_provider(call: Call, *, saml_provider_arn: str) -> dict[str, Any]:
    """Delete a provider and its keys. Roles that trust it stay as they are, and nobody comes in by it."""
    provider = providers.get(call, SamlProvider, saml_provider_arn)
    for key in provider.private_keys:
        call.tx.secrets.delete(SamlProvider.kind, key.id)
    call.tx.collection(SamlProvider).delete(provider)
    return {}


def _valid_until(document: str, created: datetime) -> datetime:
    return saml_metadata.read(document).valid_until or created + _ALWAYS


def _with_key(call: Call, provider: SamlProvider, text: str) -> SamlProvider:
    """The provider with one more private key, which is kept; InvalidInput, LimitExceeded."""
    quota = call.limits.private_keys_per_saml_provider
    if len(provider.private_keys) >= quota:
        raise LimitExceeded(f"Cannot exceed quota for PrivateKeysPerSAMLProvider: {quota}")
    _refuse_unless_private_key(text)
    key = SamlPrivateKey(
        id=ids.unique_id(ids.SAML_PRIVATE_KEY, call.account), uploaded=call.now.replace(microsecond=0)
    )
    call.tx.secrets.put(SamlProvider.kind, key.id, Secret(text))
    return msgspec.structs.replace(provider, private_keys=(*provider.private_keys, key))


def _without_key(call: Call, provider: SamlProvider, key_id: str) -> SamlProvider:
    rest = tuple(key for key in provider.private_keys if key.id != key_id)
    if len(rest) == len(provider.private_keys):
        raise NoSuchEntity(f"The private key with id {key_id} cannot be found.")
    call.tx.secrets.delete(SamlProvider.kind, key_id)
    return msgspec.structs.replace(provider, private_keys=rest)


def _refuse_unless_private_key(text: str) -> None:
    pem = text.encode()
    try:
        # To look whether the numbers are primes takes seconds where they are long: first, how long they are.
        key = load_pem_private_key(pem, password=None, unsafe_skip_rsa_key_validation=True)
        if isinstance(key, RSAPrivateKey) and key.key_size <= _KEY_SIZE:
            load_pem_private_key(pem, password=None)
            return
    except (ValueError, TypeError, UnsupportedAlgorithm):  # TypeError: it has a password
        pass
    raise InvalidInput(f"The private key is not an RSA key of at most {_KEY_SIZE} bits in PEM, unencrypted.")
