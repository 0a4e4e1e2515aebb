"""Which services and which actions policies let somebody reach, as far as the policies alone can tell.

There is no request: a condition of an Allow is taken to hold, one of a Deny not to, and a `${variable}` to
have the value that lets in. IAM asks in two ways, and both are AWS's:

- `grants_service` looks at one policy by itself, and at services rather than at their actions: an action that
  nobody knows is one of its service, and only a Deny of the whole service on `*` takes it away.
- `Reach` looks at all policies of somebody together, and at the actions of the Service Authorization
  Reference: each on a resource of a kind that it takes, where an Allow and no Deny is for that resource.

Source: "ListPoliciesGrantingServiceAccess" and "GetServiceLastAccessedDetails" in the IAM API Reference; how
this is decided is not said there, and is as AWS has been seen to do.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from functools import lru_cache
from typing import Final, NamedTuple

from rolekeeper.policy import catalog
from rolekeeper.policy.compile import compile_document
from rolekeeper.policy.compile_resources import names_star
from rolekeeper.policy.document import PolicyDocument, Statement
from rolekeeper.policy.overlap import common_arn
from rolekeeper.policy.patterns import Test

_VARIABLE: Final = re.compile(r"\$\{[^}]*\}")
_NOWHERE: Final = "\uffff"  # what a variable is that must not match: a character that no resource has


def grants_service(document: PolicyDocument, service: str) -> bool:
    """Whether a policy, by itself, lets its bearer reach a service, which is given in lower case."""
    if any(_denies_all(statement, service) for statement in document.statements):
        return False
    return any(
        statement.effect == "Allow"
        and _speaks_of(statement, service)
        and next(_Resources(statement).examples(_kinds_of_service(service).values()), None) is not None
        for statement in document.statements
    )


class Reach:
    """What policies together let somebody reach."""

    def __init__(self, documents: Iterable[PolicyDocument]) -> None:
        self._allows: list[_Part] = []
        self._denies: list[_Part] = []
        for document in documents:
            for compiled in compile_document(document, "identity").statements:
                statement = document.statements[compiled.index]
                part = _Part(statement, compiled.speaks_of, _Resources(statement))
                if not compiled.deny:
                    self._allows.append(part)
                elif not statement.conditions:
                    self._denies.append(part)

    def services(self) -> Iterator[str]:
        """The services that can be reached, in order."""
        return (service for service in sorted(catalog.services()) if self.service(service))

    def service(self, service: str) -> bool:
        """Whether one of the service's actions is allowed."""
        allows = [part for part in self._allows if _speaks_of(part.statement, service)]
        if not allows or any(_denies_all(part.statement, service) for part in self._denies):
            return False
        denied = any(_speaks_of(part.statement, service) for part in self._denies)
        if not denied and any(_allows_all(part.statement, service) for part in allows):
            return True
        return any(self._allowed(service, name) for name in catalog.actions(service))

    def actions(self, service: str) -> list[str]:
        """The service's actions that are allowed, by their names without the service."""
        return [name for name in catalog.actions(service) if self._allowed(service, name)]

    def _allowed(self, service: str, name: str) -> bool:
        action = f"{service}:{name}".lower()
        allows = [part for part in self._allows if part.speaks_of(action)]
        if not allows:
            return False
        denies = [part for part in self._denies if part.speaks_of(action)]
        kinds = _kinds_of_action(service, name)
        return any(
            not any(deny.resources.include(example) for deny in denies)
            for allow in allows
            for example in allow.resources.examples(kinds)
        )


class _Resources:
    """The resources of a statement: as many as can be of an Allow, as few as can be of a Deny."""

    __slots__ = ("_excepted", "_named", "_star")

    def __init__(self, statement: Statement) -> None:
        wide, narrow = ("*", _NOWHERE) if statement.effect == "Allow" else (_NOWHERE, "*")
        self._star = names_star(statement)
        self._named = _without_variables(("*",) if statement.resources is None else statement.resources, wide)
        self._excepted = _without_variables(statement.not_resources or (), narrow)

    def include(self, resource: str) -> bool:
        """Whether this one is among them; `*` is what an action without any is asked on."""
        if resource == "*":
            return self._star
        return _matched(self._named, resource) and not _matched(self._excepted, resource)

    def examples(self, kinds: Collection[str]) -> Iterator[str]:
        """One of each of these kinds, where there is one among them; `*` where there are no kinds."""
        if not kinds and self._star:
            yield "*"
        for kind in kinds:
            for pattern in self._named:
                resource = common_arn(pattern, kind)
                if resource is not None and not _matched(self._excepted, resource):
                    yield resource


class _Part(NamedTuple):
    """A statement, the test of its actions, and its resources."""

    statement: Statement
    speaks_of: Test
    resources: _Resources


# -- services ---------------------------------------------------------------------------------------


def _speaks_of(statement: Statement, service: str) -> bool:
    """Whether it is about an action of the service, known or not."""
    if statement.actions is None:
        return not _covers(statement.not_actions or (), service)
    return any(_names(pattern, service) for pattern in statement.actions)


def _allows_all(statement: Statement, service: str) -> bool:
    """Whether an Allow is for everything that the service has."""
    return _covers(statement.actions or (), service) and "*" in (statement.resources or ())


def _denies_all(statement: Statement, service: str) -> bool:
    """Whether it denies everything that the service has, and says so by `*`, whatever the request."""
    if statement.effect == "Allow" or statement.conditions or "*" not in (statement.resources or ()):
        return False
    if statement.actions is None:
        return not any(_names(pattern, service) for pattern in statement.not_actions or ())
    return _covers(statement.actions, service)


def _names(pattern: str, service: str) -> bool:
    return pattern == "*" or pattern.lower().startswith(f"{service}:")


def _covers(patterns: Iterable[str], service: str) -> bool:
    """Whether one of the patterns is for every action of the service."""
    return any(pattern == "*" or pattern.lower() == f"{service}:*" for pattern in patterns)


# -- resources --------------------------------------------------------------------------------------


@lru_cache(maxsize=50_000)
def _kinds_of_action(service: str, name: str) -> tuple[str, ...]:
    """The patterns of the ARNs that an action can be asked on."""
    found = catalog.action(f"{service}:{name}")
    kinds = _kinds_of_service(service)
    return tuple(kinds[one.type] for one in found.resources if one.type in kinds) if found is not None else ()


@lru_cache(maxsize=1_000)
def _kinds_of_service(service: str) -> dict[str, str]:
    """The patterns of the ARNs of a service by the kind of resource."""
    return {kind.name: _VARIABLE.sub("*", kind.arn) for kind in catalog.resource_types(service)}


def _without_variables(patterns: Iterable[str], value: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_VARIABLE.sub(lambda _: value, pattern) for pattern in patterns))


def _matched(patterns: Iterable[str], resource: str) -> bool:
    return any(common_arn(pattern, resource) is not None for pattern in patterns)
