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

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Final, NamedTuple

from rolekeeper.policy import catalog
from rolekeeper.policy.compile import compile_document
from rolekeeper.policy.document import PolicyDocument, Statement
from rolekeeper.policy.reach_resources import VARIABLE, Resources, vendor_of
from rolekeeper.policy.shapes import Test

MOST_COMPARED: Final = 50_000
"""Resources that a `Reach` compares at most; whatever it is asked then, it answers yes."""


def grants_service(document: PolicyDocument, service: str) -> bool:
    """Whether a policy, by itself, lets its bearer reach a service, which is given in lower case."""
    if any(_denies_all(statement, service) for statement in document.statements):
        return False
    vendors = _vendors(service)
    return any(
        statement.effect == "Allow" and _speaks_of(statement, service) and resources.are_of(vendors)
        for statement, resources in zip(document.statements, _resources(document), strict=True)
    )


class Reach:
    """What policies together let somebody reach in a partition."""

    def __init__(self, documents: Iterable[PolicyDocument], partition: str) -> None:
        self._partition = partition
        self._left = MOST_COMPARED
        self._allows: list[_Part] = []
        self._denies: list[_Part] = []
        for document in documents:
            resources = _resources(document)
            for compiled in compile_document(document, "identity").statements:
                statement = document.statements[compiled.index]
                part = _Part(statement, compiled.speaks_of, resources[compiled.index])
                if not compiled.deny:
                    self._allows.append(part)
                elif not statement.conditions:
                    self._denies.append(part)

    def services(self, after: str = "") -> Iterator[str]:
        """The services that can be reached, in order, from behind one."""
        rest = sorted(service for service in catalog.services() if service > after)
        return (service for service in rest if self.service(service))

    def service(self, service: str) -> bool:
        """Whether one of the service's actions is allowed."""
        allows = [part for part in self._allows if _speaks_of(part.statement, service)]
        if not allows or any(_denies_all(part.statement, service) for part in self._denies):
            return False
        if self.all_of(service):
            return True
        return any(self.action(service, name) for name in catalog.actions(service))

    def all_of(self, service: str) -> bool:
        """Whether everything that the service has is allowed, without a look at its actions."""
        denied = any(_speaks_of(part.statement, service) for part in self._denies)
        return not denied and any(_allows_all(part.statement, service) for part in self._allows)

    def actions(self, service: str) -> list[str]:
        """The service's actions that are allowed, by their names without the service."""
        return [name for name in catalog.actions(service) if self.action(service, name)]

    def action(self, service: str, name: str) -> bool:
        """Whether an action is allowed."""
        action = f"{service}:{name}".lower()
        allows = [part.resources for part in self._allows if part.speaks_of(action)]
        denies = [part.resources for part in self._denies if part.speaks_of(action)]
        kinds = _kinds_of_action(service, name, self._partition)
        return any(
            self._is_too_much(deny.size for deny in denies)
            or not any(deny.include(example) for deny in denies)
            for allow in allows
            for example in self._examples(allow, denies, kinds)
        )

    def _examples(
        self, allow: Resources, denies: Sequence[Resources], kinds: tuple[str, ...]
    ) -> Iterator[str]:
        """Resources of the kinds that an action takes; `*` where it takes none."""
        if not kinds and allow.star:
            yield "*"
        for kind in kinds:
            yield from ["*"] if self._is_too_much([allow.cost(kind)]) else allow.examples(kind)
            for pattern in (pattern for deny in denies for pattern in deny.spared):
                yield from ["*"] if self._is_too_much([allow.size]) else allow.examples_like(pattern, kind)

    def _is_too_much(self, costs: Iterable[int]) -> bool:
        self._left -= sum(costs)
        return self._left < 0


class _Part(NamedTuple):
    """A statement, the test of its actions, and its resources."""

    statement: Statement
    speaks_of: Test
    resources: Resources


@lru_cache(maxsize=1_000)
def _resources(document: PolicyDocument) -> tuple[Resources, ...]:
    """The resources of each statement."""
    return tuple(map(Resources, document.statements))


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
def _kinds_of_action(service: str, name: str, partition: str) -> tuple[str, ...]:
    """The patterns of the ARNs that an action can be asked on."""
    found = catalog.action(f"{service}:{name}")
    kinds = _kinds_of_service(service, partition)
    return tuple(kinds[one.type] for one in found.resources if one.type in kinds) if found is not None else ()


@lru_cache(maxsize=1_000)
def _kinds_of_service(service: str, partition: str) -> dict[str, str]:
    """The patterns of the ARNs of a service by the kind of resource."""
    return {
        kind.name: VARIABLE.sub("*", kind.arn.replace("${Partition}", partition))
        for kind in catalog.resource_types(service)
    }


@lru_cache(maxsize=1_000)
def _vendors(service: str) -> frozenset[str]:
    """The services that the ARNs of a service's resources name; most name the service itself."""
    return frozenset(vendor_of(kind.arn) for kind in catalog.resource_types(service))
