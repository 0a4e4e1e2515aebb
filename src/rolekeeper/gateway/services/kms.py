"""KMS: keys, by their ID, their ARN or one of their aliases, and the aliases themselves.

What is asked is always the key: which one an alias means, what stands behind says (`completions`).
Ciphertexts say their key where they begin with its ID; where they say it, it is asked too, whatever else the
request says. Changes of aliases are asked on the alias and on each key that is concerned.
Source: "Actions, resources, and condition keys for AWS Key Management Service" in the Service Authorization
Reference; "AWS KMS permissions", "Controlling access to aliases" and "AWS KMS condition keys" in the AWS KMS
Developer Guide.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

from rolekeeper.gateway.asked import Asked, Unclassified, Wanted
from rolekeeper.gateway.kms_keys import context_keys, keys
from rolekeeper.gateway.naming import Kind, all_of, at, given, kind_of_all, refuse, required, word
from rolekeeper.gateway.rules import KeyOf, Lookups, Rules
from rolekeeper.policy.context import KeyValue

KEY = Kind(type="key", service="kms", before="key/", name=r"[A-Za-z0-9-]{1,2048}")
ALIAS = Kind(type="alias", service="kms", before="alias/", name=r"[A-Za-z0-9/_-]{1,250}")

_ID = re.compile(rb"(?:mrk-[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})")
_ON_KEYS = (
    *("CancelKeyDeletion", "CreateGrant", "DeleteImportedKeyMaterial", "DeriveSharedSecret", "DescribeKey"),
    *(
        "Decapsulate",
        "Encapsulate",
        "GetKeyLastUsage",
        "DisableKey",
        "DisableKeyRotation",
        "EnableKey",
        "EnableKeyRotation",
        "Encrypt",
        "GenerateDataKey",
    ),
    *("GenerateDataKeyPair", "GenerateDataKeyPairWithoutPlaintext", "GenerateDataKeyWithoutPlaintext"),
    *("GenerateMac", "GetKeyPolicy", "GetKeyRotationStatus", "GetParametersForImport", "GetPublicKey"),
    *("ImportKeyMaterial", "ListGrants", "ListKeyPolicies", "ListKeyRotations", "ListResourceTags"),
    *("PutKeyPolicy", "RevokeGrant", "RotateKeyOnDemand", "ScheduleKeyDeletion", "Sign", "TagResource"),
    *("UntagResource", "UpdateKeyDescription", "UpdatePrimaryRegion", "Verify", "VerifyMac"),
)


OTHERS = "kmsKey"
"""The kind of a key for another service's action, to which the key's own policy says nothing."""


def used(asked: Asked, action: str, value: str) -> Wanted:
    """An access by another service's action to the key that is called by `value`."""
    return msgspec.structs.replace(_key(asked, "", value), action=action, type=OTHERS, keys={})


def through(
    asked: Asked, service: str, value: str, actions: Iterable[str], context: Mapping[str, str]
) -> Iterator[Wanted]:
    """The accesses to the key called by `value` that another service makes in the caller's name.

    None for the service's own key, which AWS has and opens to all who may use the service.
    """
    if value.endswith(f"alias/aws/{service}"):
        return
    told = via(asked, service, context)
    for action in actions:
        found = _key(asked, action, value)
        yield msgspec.structs.replace(found, keys={**told, **found.keys})


def via(asked: Asked, service: str, context: Mapping[str, str]) -> dict[str, KeyValue]:
    """The condition keys of an access that another service makes in the caller's name."""
    return {
        "aws:viaawsservice": "true",
        "kms:calleraccount": asked.account,
        "kms:encryptionalgorithm": "SYMMETRIC_DEFAULT",
        "kms:viaservice": f"{service}.{asked.region}.amazonaws.com",
        **context_keys(context),
    }


def _key(asked: Asked, action: str, value: str) -> Wanted:
    """An access to the key that is called by `value`."""
    action = f"kms:{action}"
    if value.startswith("alias/") or ALIAS.named(asked, value) is not None:
        resource = value if value.startswith("arn:") else ALIAS.arn(asked, value.removeprefix("alias/"))
        alias = resource.split(":", 5)[5]
        told = {"kms:requestalias": alias}
        return Wanted(action=action, resource=resource, type=KEY.type, keys=told, named=resource)
    return Wanted(action=action, resource=KEY.called(asked, value), type=KEY.type)


def _on_key(asked: Asked) -> Iterator[Wanted]:
    yield _key(asked, asked.operation.name, required(asked, "KeyId"))


def _create(asked: Asked) -> Iterator[Wanted]:
    yield Wanted(action="kms:CreateKey", resource="*")
    if asked.members.get("Tags"):
        yield Wanted(action="kms:TagResource", resource=kind_of_all(asked, KEY), type=KEY.type)


def _replicate(asked: Asked) -> Iterator[Wanted]:
    yield from _on_key(asked)
    yield from _create(asked)


def _of_ciphertext(asked: Asked, action: str, named: str | None) -> Iterator[Wanted]:
    """The key that a request names for a ciphertext, and the one that the ciphertext names."""
    blob = asked.members.get("CiphertextBlob")
    own = _ID.match(blob) if isinstance(blob, bytes) else None
    if named:
        yield _key(asked, action, named)
    if own:
        there = at(asked, named) if named and named.startswith("arn:") else asked
        yield _key(there, action, own[0].decode())
    if not named and not own:
        raise Unclassified(f"`{asked.operation.name}` does not say its key, and neither does the ciphertext")


def _decrypt(asked: Asked) -> Iterator[Wanted]:
    yield from _of_ciphertext(asked, "Decrypt", given(asked, "KeyId"))


def _re_encrypt(asked: Asked) -> Iterator[Wanted]:
    sources = list(_of_ciphertext(asked, "ReEncryptFrom", given(asked, "SourceKeyId")))
    target = _key(asked, "ReEncryptTo", required(asked, "DestinationKeyId"))
    same = word(any(source.resource == target.resource for source in sources))
    for each, side in (*((source, "Source") for source in sources), (target, "Destination")):
        told: dict[str, KeyValue] = {
            "kms:reencryptonsamekey": same,
            "kms:encryptionalgorithm": str(
                asked.members.get(f"{side}EncryptionAlgorithm") or "SYMMETRIC_DEFAULT"
            ),
            **context_keys(asked.members.get(f"{side}EncryptionContext")),
            **each.keys,
        }
        yield msgspec.structs.replace(each, keys=told)


def _retire(asked: Asked) -> Iterator[Wanted]:
    key = given(asked, "KeyId")
    if key:
        yield _key(asked, "RetireGrant", key)
    if asked.members.get("GrantToken") or not key:  # a token says its key to AWS only
        yield Wanted(action="kms:RetireGrant", resource=kind_of_all(asked, KEY), type=KEY.type)


def _alias(asked: Asked) -> Wanted:
    name = required(asked, "AliasName")
    if not name.startswith("alias/"):
        refuse('Alias must start with the prefix "alias/". Please see https://docs.aws.amazon.com/kms')
    resource = ALIAS.arn(asked, name.removeprefix("alias/"))
    return Wanted(action=f"kms:{asked.operation.name}", resource=resource, type=ALIAS.type)


def _change_alias(asked: Asked) -> Iterator[Wanted]:
    """The alias, the key that it is for from now on, and the one that it has been for."""
    alias = _alias(asked)
    yield alias
    if asked.operation.name != "DeleteAlias":
        target = required(asked, "TargetKeyId")
        yield Wanted(action=alias.action, resource=KEY.called(asked, target), type=KEY.type)
    if asked.operation.name != "CreateAlias":
        yield Wanted(action=alias.action, resource=alias.resource, type=KEY.type, named=alias.resource)


# -- what stands behind -----------------------------------------------------------------------------


async def _described(lookups: Lookups, asked: Asked, arn: str) -> Mapping[str, Any]:
    answer = await lookups.ask(at(asked, arn), "kms", "DescribeKey", KeyId=arn)
    return (answer or {}).get("KeyMetadata") or {}


async def complete(lookups: Lookups, asked: Asked, wanted: Wanted) -> str | None:
    found: str | None = (await _described(lookups, asked, wanted.named)).get("Arn")
    return found


def _of_key(name: str, inner: str = "") -> KeyOf:
    """A key that is about the key which is used, not about the request."""

    async def found(lookups: Lookups, asked: Asked, wanted: Wanted) -> KeyValue | None:
        if wanted.type != KEY.type or wanted.resource.endswith("/*"):
            return None
        metadata = await _described(lookups, asked, wanted.named or wanted.resource)
        value = (metadata.get(name) or {}).get(inner) if inner else metadata.get(name)
        return None if value is None else word(value)

    return found


async def _aliases(lookups: Lookups, asked: Asked, wanted: Wanted) -> KeyValue | None:
    if wanted.type != KEY.type or wanted.resource.endswith("/*"):
        return None
    key: str | None = wanted.resource
    if wanted.named:
        key = await complete(lookups, asked, wanted)
    answer = await lookups.ask(at(asked, wanted.resource), "kms", "ListAliases", KeyId=key) if key else None
    return tuple(alias["AliasName"] for alias in (answer or {}).get("Aliases") or ()) or None


async def _tags(lookups: Lookups, asked: Asked, arn: str) -> Mapping[str, str]:
    answer = await lookups.ask(asked, "kms", "ListResourceTags", KeyId=arn)
    return {tag["TagKey"]: tag["TagValue"] for tag in (answer or {}).get("Tags") or ()}


async def _policy(lookups: Lookups, asked: Asked, arn: str) -> str | None:
    if KEY.named(asked, arn) is None:
        return None
    answer = await lookups.ask(asked, "kms", "GetKeyPolicy", KeyId=arn, PolicyName="default")
    policy: str | None = (answer or {}).get("Policy")
    return policy


RULES = Rules(
    prefix="kms",
    special={
        **all_of(_ON_KEYS, _on_key),
        **all_of(("CreateAlias", "UpdateAlias", "DeleteAlias"), _change_alias),
        "CreateKey": _create,
        "Decrypt": _decrypt,
        "ReEncrypt": _re_encrypt,
        "ReplicateKey": _replicate,
        "RetireGrant": _retire,
    },
    keys=keys,
    found={
        "kms:resourcealiases": _aliases,
        "kms:keyspec": _of_key("KeySpec"),
        "kms:customermasterkeyspec": _of_key("KeySpec"),
        "kms:keyusage": _of_key("KeyUsage"),
        "kms:customermasterkeyusage": _of_key("KeyUsage"),
        "kms:keyorigin": _of_key("Origin"),
        "kms:multiregion": _of_key("MultiRegion"),
        "kms:multiregionkeytype": _of_key("MultiRegionConfiguration", "MultiRegionKeyType"),
    },
    completions={KEY.type: complete},
    tags={KEY.type: _tags},
    policies={KEY.type: _policy},
)
