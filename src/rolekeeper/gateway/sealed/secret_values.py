"""Secrets under a KMS key: reading a value needs the key, and so does writing one.

Which key a secret has, what stands behind has said when it was asked for the ARN; which version was read, a
part of the encryption context, the answer says.
Source: "Secret encryption and decryption in AWS Secrets Manager" in the AWS Secrets Manager User Guide; the
permissions of `GetSecretValue`, `PutSecretValue`, `UpdateSecret` and `ReplicateSecretToRegions` in its API
Reference.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import msgspec

from rolekeeper.gateway import used_keys
from rolekeeper.gateway.answers import Answer
from rolekeeper.gateway.asked import Asked, Wanted
from rolekeeper.gateway.naming import at, given, required
from rolekeeper.gateway.rules import Besides, Lookups
from rolekeeper.service.call import Resource
from rolekeeper.wire import client

MOST: Final = 16 << 20
"""Bytes of an answer that is looked into."""

_NAME: Final = "secretsmanager"


async def described(lookups: Lookups, asked: Asked, name: str) -> Mapping[str, Any]:
    """What is known of a secret by its name or ARN; nothing of one that is not there."""
    there = at(asked, name) if name.startswith("arn:") else asked
    return await lookups.ask(there, _NAME, "DescribeSecret", SecretId=name) or {}


async def reading(
    lookups: Lookups, asked: Asked, name: str, version: str | None = None
) -> tuple[Wanted, ...]:
    """The access to the key of a secret that is read."""
    return await _used(lookups, asked, await described(lookups, asked, name), used_keys.READING, version)


async def on_write(lookups: Lookups, asked: Asked, resources: Sequence[Resource]) -> Besides:
    """The key of a new value: the one that the request names, or else the one that the secret has."""
    key = given(asked, "KmsKeyId")
    if not key and not any(asked.members.get(name) for name in ("SecretString", "SecretBinary")):
        return Besides()
    found = dict(await described(lookups, asked, required(asked, "SecretId")))
    if asked.members.get("KmsKeyId") is not None:  # an empty one is AWS's own
        found["KmsKeyId"] = key
    version = given(asked, "ClientRequestToken")
    return Besides(wanted=await _used(lookups, asked, found, used_keys.WRITING, version))


async def on_replicate(lookups: Lookups, asked: Asked, resources: Sequence[Resource]) -> Besides:
    """The key of the secret, and those that its replicas get in their regions."""
    found = await described(lookups, asked, required(asked, "SecretId"))
    wanted = list(await _used(lookups, asked, found, used_keys.READING))
    for replica in asked.members.get("AddReplicaRegions") or ():
        region = str(replica.get("Region") or asked.region)
        there = msgspec.structs.replace(asked, region=region)
        theirs = {"ARN": found.get("ARN"), "KmsKeyId": replica.get("KmsKeyId")}
        wanted += await _used(lookups, there, theirs, ("GenerateDataKey", "Encrypt"))
    return Besides(wanted=tuple(wanted))


async def of_answer(lookups: Lookups, asked: Asked, there: Asked, answer: Answer) -> Iterable[Wanted]:
    """The keys of the secrets in an answer."""
    name = given(asked, "SecretId")
    if name and not (await described(lookups, asked, name)).get("KmsKeyId"):
        return ()
    try:
        told = client.read_answer(
            _NAME, asked.operation.name, answer.status, dict(answer.headers), await answer.whole(MOST)
        )
    except client.Refused:
        return ()
    wanted: list[Wanted] = []
    for each in [told] if name else told.get("SecretValues") or ():
        wanted += await reading(lookups, asked, name or str(each.get("ARN")), each.get("VersionId"))
    return wanted


async def _used(
    lookups: Lookups,
    asked: Asked,
    found: Mapping[str, Any],
    actions: Iterable[str],
    version: str | None = None,
) -> tuple[Wanted, ...]:
    arn = str(found.get("ARN") or "")
    context = {"SecretARN": arn, **({"SecretVersionId": version} if version else {})} if arn else {}
    there = at(asked, arn) if arn else asked
    key = await used_keys.find(lookups, asked, there, found.get("KmsKeyId"))
    return key.asked(asked, _NAME, actions, context) if key is not None else ()
