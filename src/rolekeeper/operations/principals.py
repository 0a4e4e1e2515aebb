"""The principals that a trust policy names: bound to unique IDs when it is written, shown as ARNs when read.

A trust policy keeps a user or a role by its unique ID. While that entity lives, readers see its ARN; when
it is deleted they see the ID, and nobody of the same name, made later, is trusted by it.
Source: "AWS JSON policy elements: Principal" in the IAM User Guide.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from rolekeeper.arn import Arn, root_arn
from rolekeeper.errors import MalformedPolicyDocument
from rolekeeper.iam.entities import Role, User
from rolekeeper.iam.providers import OidcProvider, Provider, SamlProvider
from rolekeeper.store.contract import Transaction

_ACCOUNT = re.compile(r"\d{12}")
_UNIQUE_ID = re.compile(r"A(?:ROA|IDA)[A-Z0-9]{12,}")
_SERVICE = re.compile(
    r"[a-z0-9-]+(\.[a-z0-9-]+)*\.(amazonaws\.com(\.cn)?|amazon\.com|aws\.internal|api\.aws)"
)
_WEB_IDENTITY = re.compile(r"(?!arn:)[a-z0-9][a-z0-9.-]*(:\d+)?(/[\w./-]*)?")


def bind(
    tx: Transaction, partition: str, account: str, text: str, *, strangers: list[str] | None = None
) -> str:
    """The document as a role of that account keeps it; MalformedPolicyDocument where a principal does not
    exist. An identity provider exists in the role's own account or not at all.

    Where `strangers` are wanted, a user, role, account or provider that does not exist is told there, and
    stays in the document as it is written.
    """
    binder = _Binder(tx, partition, account)
    changes: dict[str, Callable[[str], str]]
    changes = {"AWS": binder.aws, "Service": binder.service, "Federated": binder.federated}
    if strangers is not None:
        changes |= {kind: _welcoming(changes[kind], strangers) for kind in ("AWS", "Federated")}
    return _rewrite(text, changes)


def _welcoming(change: Callable[[str], str], strangers: list[str]) -> Callable[[str], str]:
    def keep(value: str) -> str:
        try:
            return change(value)
        except MalformedPolicyDocument:
            strangers.append(value)
            return value

    return keep


def show(tx: Transaction, partition: str, text: str) -> str:
    """A kept document as it is read: the IDs of living principals are ARNs."""
    named = _named_in(text)
    if not named:
        return text
    found = ((identifier, tx.by_unique_id(identifier)) for identifier in named)
    living = tuple((name, entity.arn(partition)) for name, entity in found if isinstance(entity, Role | User))
    return _shown(text, living)


@lru_cache(maxsize=10_000)
def _named_in(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_UNIQUE_ID.findall(text)))


@lru_cache(maxsize=10_000)
def _shown(text: str, living: tuple[tuple[str, str], ...]) -> str:
    arns = dict(living)
    return _rewrite(text, {"AWS": lambda value: arns.get(value, value)})


class _Binder:
    def __init__(self, tx: Transaction, partition: str, account: str) -> None:
        self._tx = tx
        self._partition = partition
        self._home = account

    def aws(self, value: str) -> str:
        if value == "*":
            return value
        if _ACCOUNT.fullmatch(value):
            return self._account(value, value)
        try:
            arn = Arn.parse(value)
        except ValueError:
            return self._living(value)
        if arn.partition != self._partition or arn.region or not self._tx.has_account(arn.account):
            raise invalid("AWS", value)
        if arn.service == "iam":
            return self._iam(arn, value)
        return self._session(arn, value)

    def service(self, value: str) -> str:
        if _SERVICE.fullmatch(value) is None:
            raise invalid("SERVICE", value)
        return value

    def federated(self, value: str) -> str:
        if _WEB_IDENTITY.fullmatch(value):
            return value
        try:
            arn = Arn.parse(value)
        except ValueError:
            raise invalid("FEDERATED", value) from None
        kind, _, key = arn.resource.partition("/")
        provider = self._provider(kind, key)
        if provider is None or provider.arn(self._partition) != value:
            raise invalid("FEDERATED", value)
        return value

    def _provider(self, kind: str, key: str) -> Provider | None:
        home = self._tx.account(self._home)
        if kind == OidcProvider.resource_type:
            return home.collection(OidcProvider).find(key)
        return home.collection(SamlProvider).find(key) if kind == SamlProvider.resource_type else None

    def _account(self, account: str, value: str) -> str:
        if not self._tx.has_account(account):
            raise invalid("AWS", value)
        return root_arn(self._partition, account)

    def _living(self, value: str) -> str:
        if not _UNIQUE_ID.fullmatch(value) or not isinstance(self._tx.by_unique_id(value), Role | User):
            raise invalid("AWS", value)
        return value

    def _iam(self, arn: Arn, value: str) -> str:
        if arn.resource == "root":
            return value
        account = self._tx.account(arn.account)
        entity: Role | User | None = None
        if arn.resource_type == "role":
            entity = account.roles.find(arn.name)
        elif arn.resource_type == "user":
            entity = account.users.find(arn.name)
        # The name in a principal's ARN counts with its case and its path.
        if entity is None or entity.arn(self._partition) != value:
            raise invalid("AWS", value)
        return entity.id

    def _session(self, arn: Arn, value: str) -> str:
        parts = arn.resource.split("/")
        if arn.service != "sts" or "*" in value or "?" in value:
            raise invalid("AWS", value)
        if parts[0] == "assumed-role" and len(parts) == 3 and parts[2]:
            role = self._tx.account(arn.account).roles.find(parts[1])
            if role is not None and role.name == parts[1]:
                return value
        elif parts[0] == "federated-user" and len(parts) == 2:
            return value
        raise invalid("AWS", value)


def invalid(kind: str, value: str) -> MalformedPolicyDocument:
    """The error for a principal that does not exist."""
    return MalformedPolicyDocument(f'Invalid principal in policy: "{kind}":"{value}"')


def _rewrite(text: str, change: dict[str, Callable[[str], str]]) -> str:
    # A number goes on as it was written: what is too large for a float would come out as no JSON.
    document: dict[str, Any] = json.loads(text, parse_float=str)
    statements = document.get("Statement", [])
    for statement in [statements] if isinstance(statements, dict) else statements:
        for element in ("Principal", "NotPrincipal"):
            if isinstance(statement.get(element), dict):
                statement[element] = {
                    kind: _values(values, change.get(kind)) for kind, values in statement[element].items()
                }
    return json.dumps(document, separators=(",", ":"), ensure_ascii=False)


def _values(values: str | list[str], change: Callable[[str], str] | None) -> str | list[str]:
    if change is None:
        return values
    return change(values) if isinstance(values, str) else [change(value) for value in values]
