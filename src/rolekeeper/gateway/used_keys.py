"""The KMS key that something is kept under, which a service uses in the name of whoever reads or writes it.

A caller who may use the thing must be allowed to use the key too, through the service. The key that AWS has
for a service is left out: its policy lets in everybody of the account who comes through that service. A key
by its ID alone, or by an alias, is one of the account that has what is kept under it.
Sources: "kms:ViaService" and "AWS managed keys" in the AWS KMS Developer Guide.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from rolekeeper.arn import Arn
from rolekeeper.errors import NotImplementedByServer
from rolekeeper.gateway.asked import Asked, Wanted
from rolekeeper.gateway.naming import kind_of_all
from rolekeeper.gateway.rules import Lookups
from rolekeeper.gateway.services.kms import ALIAS, KEY, via
from rolekeeper.policy.context import KeyValue

WRITING = ("GenerateDataKey", "Decrypt")
"""What a message needs: a key for it, and that key again for the next one."""
READING = ("Decrypt",)


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """A key of a customer's."""

    arn: str
    known: bool
    """Whether what stands behind knows it."""
    alias: str = ""
    """`alias/app`, where it was called by that."""

    def asked(
        self, asked: Asked, service: str, actions: Iterable[str], context: Mapping[str, str]
    ) -> tuple[Wanted, ...]:
        """The accesses to it that a service makes in the caller's name."""
        keys: dict[str, KeyValue] = via(asked, service, context)
        if self.alias:
            keys["kms:requestalias"] = self.alias
        return tuple(
            Wanted(action=f"kms:{action}", resource=self.arn, type=KEY.type, keys=keys) for action in actions
        )


async def find(lookups: Lookups, asked: Asked, there: Asked, value: str | None) -> Found | None:
    """The key called by `value` where `there` is; None for none and for one of AWS's own."""
    if not value:
        return None
    arn = _parsed(value)
    name = arn.resource if arn is not None else value.rpartition(":")[2]
    alias = name if name.startswith("alias/") else ""
    if alias.startswith("alias/aws/"):
        return None
    theirs = there
    if arn is not None:
        theirs = msgspec.structs.replace(there, account=arn.account, region=arn.region)
    described = await _described(lookups, theirs, value if arn is not None else name)
    if described.get("KeyManager") == "AWS" and theirs.account == asked.account:
        return None
    whole = described.get("Arn") or (value if arn is not None else _arn(theirs, name))
    return Found(arn=whole, known=bool(described), alias=alias)


async def used(
    lookups: Lookups,
    asked: Asked,
    there: Asked,
    value: str | None,
    actions: Iterable[str],
    context: Mapping[str, str],
) -> tuple[Wanted, ...]:
    """The accesses to the key called by `value` that the service makes which is asked."""
    found = await find(lookups, asked, there, value)
    return found.asked(asked, asked.service.name, actions, context) if found is not None else ()


async def _described(lookups: Lookups, theirs: Asked, value: str) -> Mapping[str, Any]:
    try:
        answer = await lookups.ask(theirs, "kms", "DescribeKey", KeyId=value)
    except NotImplementedByServer:
        return {}  # a backend without keys of ours
    return (answer or {}).get("KeyMetadata") or {}


def _parsed(value: str) -> Arn | None:
    """An ARN of KMS; None for what only looks like one, which some backends have."""
    try:
        arn = Arn.parse(value)
    except ValueError:
        return None
    return arn if arn.service == "kms" and arn.account else None


def _arn(theirs: Asked, name: str) -> str:
    """The ARN of what nobody knows; of all keys, where a name is none that a key can have."""
    kind = ALIAS if name.startswith(ALIAS.before) else KEY
    bare = name.removeprefix(kind.before)
    return kind.arn(theirs, bare) if re.fullmatch(kind.name, bare) else kind_of_all(theirs, KEY)
