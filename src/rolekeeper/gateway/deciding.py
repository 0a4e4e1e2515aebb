"""Whether a request may go on: all that it asks for is put to the policies, and all must be allowed.

The rule of this file: what is asked of what stands behind (owners, policies, tags) is asked before the
decision, which itself waits for nothing. What cannot be classified is refused, if the setting does not say
otherwise, and is loud about it either way; so is a call that is refused and goes on because its role is
observed.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from functools import cache, partial
from typing import Any

import msgspec

from rolekeeper.errors import AccessDenied
from rolekeeper.gateway import passing, trusting, words
from rolekeeper.gateway.answers import Answer
from rolekeeper.gateway.asked import Asked, Unclassified, Unclear, Wanted
from rolekeeper.gateway.classify import classify, rules_of
from rolekeeper.gateway.members import DATED
from rolekeeper.gateway.passing import HeldRoles
from rolekeeper.gateway.referred import NOTHING, Referred, referred
from rolekeeper.gateway.resources import Home, Resources, names, owner_keys
from rolekeeper.gateway.rules import Besides, Lookups
from rolekeeper.iam.entities import Role
from rolekeeper.policy import catalog
from rolekeeper.policy.context import KeyValue
from rolekeeper.service.authorizer import admit
from rolekeeper.service.call import ANONYMOUS, Access, Caller, Resource
from rolekeeper.service.denials import Denied
from rolekeeper.service.dispatch import Service, new_call
from rolekeeper.service.trail import Trace
from rolekeeper.store.contract import Transaction
from rolekeeper.wire import model
from rolekeeper.wire.reading import Route

_log = logging.getLogger("rolekeeper")

_NOTHING = Besides()


class Decided(msgspec.Struct, frozen=True, kw_only=True):
    """A request that may go on: what it asked for, on what, and where it is carried out."""

    asked: Asked
    wanted: tuple[Wanted, ...]
    resources: tuple[Resource, ...]
    home: Home
    writes: bool
    """Whether something may be changed by it."""
    unsettles: bool = True
    """Whether something may be changed on which decisions rest: an item or a message is no such thing."""
    referred: Referred = NOTHING
    members: Mapping[str, Any] = {}
    """What goes on in place of the request's own members."""


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """What the operator has said. No request can."""

    unclassified: bool = False
    """Whether requests that cannot be classified go on."""
    observed: frozenset[str] = frozenset()
    """Roles whose refused calls go on all the same: by ARN or, in the server's own account, by name."""
    home: str = ""
    """The server's own account."""

    def observes(self, role: Role, partition: str) -> bool:
        """Whether a role is observed."""
        return role.arn(partition) in self.observed or (
            role.account == self.home and role.name in self.observed
        )


class Deciding:
    """Decides requests."""

    def __init__(self, resources: Callable[[], Resources], lookups: Lookups, options: Options) -> None:
        self._resources = resources
        self._lookups = lookups
        self._options = options

    def action(self, route: Route) -> str:
        """What a request is called in policies and in the trail, before it is read."""
        return _called(route.service, route.operation)

    async def decide(self, service: Service, trace: Trace, caller: Caller, asked: Asked) -> Decided:
        """What may go on; AccessDenied, or another AwsError where the request cannot be carried out."""
        operation = trace.operation
        assert operation is not None
        found = await referred(self._lookups, asked)
        try:
            wanted = classify(asked)
        except Unclear as error:
            raise _refused(asked, error) from None
        except Unclassified as error:
            wanted = self._unclassified(caller, asked, error)
        finding = self._resources()
        try:
            wanted += self._passed(service, asked, found)
            resources = [await finding.of(asked, each, caller) for each in wanted]
        except Unclassified as error:
            raise _refused(asked, error) from None
        home = finding.home(asked, wanted, resources)
        besides = await self._besides(asked, resources)
        if besides.wanted:
            wanted += besides.wanted
            resources += [await finding.of(asked, each, caller) for each in besides.wanted]
        accesses = await self._completed(service, finding, caller, asked, wanted, resources)
        with service.store.read() as tx:
            self._require(service, trace, caller, accesses, tx)
        trusting.require(service, asked, wanted, found)
        trace.resource = resources[0] if resources else None
        return Decided(
            asked=asked,
            wanted=wanted,
            resources=tuple([each.resource for each in accesses]),
            home=home,
            writes=operation.writes,
            unsettles=operation.writes and (asked.service.name == "s3" or not operation.data),
            referred=found,
            members=besides.members,
        )

    async def require_besides(
        self, service: Service, trace: Trace, caller: Caller, asked: Asked, *wanted: Wanted
    ) -> None:
        """Return where more is allowed than the request asks for; AccessDenied."""
        finding = self._resources()
        found = [await finding.of(asked, each, caller) for each in wanted]
        accesses = await self._completed(service, finding, caller, asked, wanted, found)
        with service.store.read() as tx:
            self._require(service, trace, caller, accesses, tx)

    async def require_answered(
        self, service: Service, trace: Trace, caller: Caller, decided: Decided, answer: Answer
    ) -> None:
        """Return where all is allowed that the answer needs before the client may see it; AccessDenied."""
        asked, home = decided.asked, decided.home
        rules = rules_of(asked.service)
        find = rules.answered.get(asked.operation.name) if rules is not None else None
        if find is None or answer.status >= 300:
            return
        there = asked
        if (asked.account, asked.region) != (home.account, home.region):
            there = msgspec.structs.replace(asked, account=home.account, region=home.region)
        wanted = tuple(await find(self._lookups, asked, there, answer))
        if wanted:
            await self.require_besides(service, trace, caller, asked, *wanted)

    async def _besides(self, asked: Asked, resources: Sequence[Resource]) -> Besides:
        """What the request asks for besides, where its operation may have such a thing."""
        rules = rules_of(asked.service)
        find = rules.besides.get(asked.operation.name) if rules is not None else None
        return await find(self._lookups, asked, resources) if find is not None else _NOTHING

    def _passed(self, service: Service, asked: Asked, found: Referred) -> tuple[Wanted, ...]:
        if not asked.account or not passing.may_pass(asked, found):
            return ()
        with service.store.read() as tx:
            return passing.passed(asked, HeldRoles(tx.account(asked.account), asked.partition), found)

    async def _completed(
        self,
        service: Service,
        finding: Resources,
        caller: Caller,
        asked: Asked,
        wanted: Sequence[Wanted],
        resources: Sequence[Resource],
    ) -> list[Access]:
        """The accesses, their resources and condition keys with what policies ask of them, and only that."""
        rules = rules_of(asked.service)
        to_find = rules.found if rules is not None else {}
        found: list[Access] = []
        asking: list[tuple[int, frozenset[str], bool]] = []
        with service.store.read() as tx:
            for each, on in zip(wanted, resources, strict=True):
                access = Access(action=each.action, resource=on, keys=partial(_all_keys, {}, on, each.keys))
                named, tags = names(service.authorizer.all_layers(caller, tx, access))
                if tags or (to_find and not named.isdisjoint(to_find)):
                    asking.append((len(found), named, tags))
                found.append(access)
        for place, named, tags in asking:
            each, on = wanted[place], resources[place]
            more: dict[str, KeyValue] = {}
            for key in [key for key in to_find if key in named and key not in each.keys]:
                value = await to_find[key](self._lookups, asked, each)
                if value is not None:
                    more[key] = value
            known = on
            if tags:
                known = await finding.tagged(asked, each, on)
                more = {**await finding.tag_keys(asked, each, known, named), **more}
            keys = partial(_all_keys, more, on, each.keys)
            found[place] = Access(action=each.action, resource=known, keys=keys)
        return found

    def _require(
        self,
        service: Service,
        trace: Trace,
        caller: Caller,
        accesses: list[Access],
        tx: Transaction,
    ) -> None:
        """Return where every access is allowed, or the role is observed; AccessDenied."""
        operation = trace.operation
        assert operation is not None
        owner = (accesses[0].resource.account if accesses else "") or self._options.home
        call = new_call(service, trace, operation, caller, tx, account=owner)
        call.arguments = {}
        try:
            admit(call)
            service.authorizer.require(call, accesses)
        except Denied as denied:
            if caller.role is None or not self._options.observes(caller.role, call.partition):
                owner = denied.context.owner or ""
                name = operation.service.name
                raise words.refusal(name, caller, denied, owner, service.denials) from None
            trace.observed = True
            service.refusals.observe(caller.account, trace.request_id)
            _log.warning("OBSERVED, let through: request %s: %s", trace.request_id, denied.message)

    def _unclassified(self, caller: Caller, asked: Asked, error: Unclassified) -> tuple[Wanted, ...]:
        """What is asked of an operation that nobody knows: nothing, where the operator says so."""
        if not self._options.unclassified or caller is ANONYMOUS:
            raise _refused(asked, error, " An operator can let such requests through (--unclassified allow).")
        name = f"{asked.service.name}:{asked.operation.name}"
        _log.warning("UNCLASSIFIED, let through: %s: %s", name, error)
        return ()


@cache
def _called(service: model.Service, operation: model.OperationModel) -> str:
    """The first of an operation's actions that is known. Some services put a date behind its name, and API
    Gateway's actions are methods of HTTP."""
    rules = rules_of(service)
    prefix = rules.prefix if rules is not None else service.signing_name
    plain = DATED.sub("", operation.name)
    named = rules.actions.get(operation.name, ()) if rules is not None else ()
    for name in (*named, plain, operation.method):
        known = catalog.action(f"{prefix}:{name}")
        if known is not None:
            return known.name
    return f"{prefix}:{named[0] if named else plain}"


def _all_keys(
    found: Mapping[str, KeyValue], resource: Resource, own: Mapping[str, KeyValue]
) -> Mapping[str, KeyValue]:
    """What was found out of a resource, whose it is, and what the request itself says, which counts most."""
    return {**found, **owner_keys(resource), **own}


def _refused(asked: Asked, error: Unclassified, more: str = "") -> AccessDenied:
    """The refusal of what is not known: it is never let through in silence, and never refused so."""
    name = f"{asked.service.name}:{asked.operation.name}"
    _log.warning("refused, not classified: %s: %s", name, error)
    return AccessDenied(
        f"{name} is refused: this server does not know what the request asks for ({error}).{more}"
    )
