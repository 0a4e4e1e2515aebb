"""Parameters under a KMS key: who wants the value in the clear needs the key, whichever way he reads it.

Which parameters are encrypted only the answer tells: it is looked into where they are to be decrypted, and
what stands behind is asked for the keys of those. A parameter that stands for a secret is that secret.
Source: "Restricting decryption of SecureString parameter values" and "Referencing AWS Secrets Manager secrets
from Parameter Store parameters" in the AWS Systems Manager User Guide; "PutParameter" in its API Reference.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from rolekeeper.gateway import used_keys
from rolekeeper.gateway.answers import Answer
from rolekeeper.gateway.asked import Asked, Wanted
from rolekeeper.gateway.naming import given
from rolekeeper.gateway.rules import Besides, Lookups
from rolekeeper.gateway.sealed import secret_values
from rolekeeper.service.call import Resource
from rolekeeper.wire import client

MOST: Final = 16 << 20
"""Bytes of an answer that is looked into."""
OWN: Final = "alias/aws/ssm"

_SECRET: Final = re.compile(":parameter/aws/reference/secretsmanager/(.+)")
_SEALED: Final = "SecureString"


def secret_in(resource: str) -> str | None:
    """The name of the secret that the parameter of an ARN stands for."""
    found = _SECRET.search(resource)
    return found[1] if found else None


async def of_secret(lookups: Lookups, asked: Asked, resources: Sequence[Resource]) -> Besides:
    """The keys of the secrets for which parameters stand."""
    wanted: list[Wanted] = []
    for name in filter(None, (secret_in(on.arn) for on in resources)):
        wanted += await secret_values.reading(lookups, asked, name)
    return Besides(wanted=tuple(wanted))


async def on_put(lookups: Lookups, asked: Asked, resources: Sequence[Resource]) -> Besides:
    """A new value for which the request names no key is under AWS's own, whatever key the old one has."""
    if not asked.members.get("Overwrite") or given(asked, "KeyId") or not resources:
        return Besides()
    if asked.members.get("Type") not in (None, _SEALED):
        return Besides()
    name = str(asked.members.get("Name"))
    found = (await _described(lookups, asked, [name])).get(name) or {}
    if found.get("Type") != _SEALED or found.get("KeyId") in (None, OWN):
        return Besides()
    return Besides(members={"KeyId": OWN})


async def of_answer(lookups: Lookups, asked: Asked, there: Asked, answer: Answer) -> Iterable[Wanted]:
    """The keys of the parameters in an answer."""
    if not asked.members.get("WithDecryption"):
        return ()
    body = await answer.whole(MOST)
    try:
        told = client.read_answer(
            asked.service.name, asked.operation.name, answer.status, dict(answer.headers), body
        )
    except client.Refused:
        return ()
    wanted: list[Wanted] = []
    async for arn, key in _keys(lookups, there, list(_sealed(told))):
        context = {"PARAMETER_ARN": arn}
        wanted += await used_keys.used(lookups, asked, there, key, used_keys.READING, context)
    return wanted


def _sealed(told: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The encrypted ones, but for those that stand for secrets, which were asked for before."""
    for each in told.get("Parameters") or [told.get("Parameter") or {}]:
        if each.get("Type") == _SEALED and not each.get("SourceResult"):
            yield each


async def _keys(lookups: Lookups, there: Asked, found: list[Mapping[str, Any]]) -> Any:
    """The ARN of each parameter, and what its key is called."""
    names = sorted({str(each.get("Name")) for each in found if not each.get("KeyId")})
    described = await _described(lookups, there, names)
    for each in found:
        name = str(each.get("Name"))
        latest = described.get(name) or {}
        key = each.get("KeyId") or latest.get("KeyId")
        if not each.get("KeyId") and latest.get("Version") != each.get("Version"):
            key = await _of_version(lookups, there, name, each.get("Version"))
        yield each.get("ARN") or _arn(there, name), key


async def _described(lookups: Lookups, there: Asked, names: Sequence[str]) -> dict[str, Mapping[str, Any]]:
    """What is known of parameters, by name: ten at once, which every backend tells in one answer."""
    found: dict[str, Mapping[str, Any]] = {}
    for start in range(0, len(names), 10):
        filters = [{"Key": "Name", "Option": "Equals", "Values": list(names[start : start + 10])}]
        answer = await lookups.ask(there, "ssm", "DescribeParameters", ParameterFilters=filters)
        found |= {each["Name"]: each for each in (answer or {}).get("Parameters") or ()}
    return found


async def _of_version(lookups: Lookups, there: Asked, name: str, version: Any) -> str | None:
    """The key of a version that is not the newest one."""
    page: dict[str, str] = {}
    while True:
        answer = await lookups.ask(there, "ssm", "GetParameterHistory", Name=name, **page) or {}
        for each in answer.get("Parameters") or ():
            if each.get("Version") == version:
                key: str | None = each.get("KeyId")
                return key
        if not answer.get("NextToken") or page == {"NextToken": answer["NextToken"]}:
            return None
        page = {"NextToken": answer["NextToken"]}


def _arn(there: Asked, name: str) -> str:
    if name.startswith("arn:"):
        return name
    return f"arn:{there.partition}:ssm:{there.region}:{there.account}:parameter/{name.removeprefix('/')}"
