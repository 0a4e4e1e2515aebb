"""Who can assume a role, through what, and what they need: a trust policy told as a list of entrances.

An entrance is one principal of one Allow statement that opens the role to it. What a statement allows and
cannot open anything (an OpenID Connect provider and sts:AssumeRole) is none. Deny statements are told beside
them, because they close what entrances open. Nothing is decided here: whether somebody gets in is for
`authorize`, with the caller's own policies.
Source: "IAM JSON policy elements: Principal" and "Methods to assume a role" in the IAM User Guide.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from rolekeeper.policy.condition_words import words
from rolekeeper.policy.document import Condition, PolicyDocument, Principals, Statement
from rolekeeper.policy.patterns import matcher

_OPENING = {"SAML provider": "AssumeRoleWithSAML", "OpenID Connect provider": "AssumeRoleWithWebIdentity"}
_BESIDES = {"TagSession": "session tags", "SetSourceIdentity": "a source identity", "SetContext": "contexts"}
_GONE = re.compile(r"A(?:ROA|IDA)[A-Z0-9]{12,}")
_ACCOUNT = re.compile(r"(?:arn:[a-z-]+:iam::)?([0-9]{12})(?::root)?")
_OWN_POLICY = "a policy of their own that allows it"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entrance:
    """One way into a role."""

    who: str
    """As the policy names them."""
    kind: str
    """What they are: `user`, `role`, `account`, `service`, ..."""
    through: str
    """The operation of STS."""
    brings: tuple[str, ...]
    """What they may bring along: session tags, a source identity."""
    needs: tuple[str, ...]
    """What they need, in words; all of it."""
    conditions: tuple[Condition, ...]
    statement: int
    """The index of the statement in the policy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """One principal of a Deny statement: what closes entrances."""

    who: str
    kind: str
    actions: tuple[str, ...]
    when: tuple[str, ...]
    """When it refuses, in words: all of it holds. Always, where there is nothing."""
    statement: int


def entrances(trust: PolicyDocument, account: str) -> list[Entrance]:
    """The ways into a role of that account."""
    found = []
    for statement in trust.statements:
        for who, kind in _named(statement) if statement.effect == "Allow" else ():
            operation = _OPENING.get(kind, "AssumeRole")
            if not _covers(statement, operation):
                continue
            conditions = tuple(map(words, statement.conditions))
            entrance = Entrance(
                who=who,
                kind=kind,
                through=operation,
                brings=tuple(_brings(trust, who)),
                needs=(*_permission(who, kind, account), *conditions),
                conditions=statement.conditions,
                statement=statement.index,
            )
            found.append(entrance)
    return found


def refusals(trust: PolicyDocument) -> list[Refusal]:
    """What closes the ways into a role."""
    return [
        Refusal(
            who=who,
            kind=kind,
            actions=statement.actions or (),
            when=tuple(map(words, statement.conditions)),
            statement=statement.index,
        )
        for statement in trust.statements
        if statement.effect == "Deny"
        for who, kind in _named(statement)
    ]


def _named(statement: Statement) -> Iterator[tuple[str, str]]:
    """The principals of a statement, each with what it is."""
    principals = statement.principals or Principals()
    if principals.star:
        yield "*", "everyone"
    for value in principals.aws:
        yield value, _kind(value)
    for value in principals.service:
        yield value, "service"
    for value in principals.federated:
        yield value, "SAML provider" if ":saml-provider/" in value else "OpenID Connect provider"


def _kind(value: str) -> str:
    if value == "*":
        return "everyone"
    if _GONE.fullmatch(value):
        return "somebody who is gone"
    if _ACCOUNT.fullmatch(value):
        return "account"
    resource = value.split(":", 5)[-1]
    kind = resource.partition("/")[0]
    return {"assumed-role": "session of a role", "federated-user": "federated user"}.get(kind, kind)


def _permission(who: str, kind: str, account: str) -> Iterator[str]:
    """What is needed besides the trust: a permission, unless the own account names somebody just so."""
    if kind == "account":
        yield _OWN_POLICY
    elif kind == "everyone":
        yield f"{_OWN_POLICY}, where they are of another account"
    elif kind == "somebody who is gone":
        yield "nothing helps: who is made anew under the same name is somebody else"
    elif who.startswith("arn:") and kind not in _OPENING and who.split(":")[4] != account:
        yield _OWN_POLICY


def _brings(trust: PolicyDocument, who: str) -> Iterator[str]:
    for action, thing in _BESIDES.items():
        if any(
            statement.effect == "Allow"
            and _covers(statement, action)
            and any(_includes(name, who) for name, _ in _named(statement))
            for statement in trust.statements
        ):
            yield thing


def _includes(name: str, who: str) -> bool:
    """Whether what one statement names is, or has in it, what another one names."""
    account = _ACCOUNT.fullmatch(name)
    return name in (who, "*") or (account is not None and who.split(":")[4:5] == [account[1]])


def _covers(statement: Statement, operation: str) -> bool:
    name = f"sts:{operation}".lower()
    return any(matcher(action.lower())(name) for action in statement.actions or ())
