"""From a request to the accesses that it asks for, by AWS's reference and what is said of single services.

The rule of this file: what is not known is refused. A plan for each operation is made when it is first asked
for, from the reference (`policy.catalog`), the operation's model and the service's `RULES`, and is kept; a
service without rules has the reference alone, and its tags from the tagging API.
"""

from __future__ import annotations

import importlib
import keyword
from collections.abc import Mapping
from functools import cache
from importlib import util
from itertools import chain, islice

from rolekeeper.gateway import any_tags
from rolekeeper.gateway.asked import Asked, Unclassified, Unclear, Wanted
from rolekeeper.gateway.plans import Coverage, Plan, compile_plan
from rolekeeper.gateway.rules import Rules
from rolekeeper.policy import catalog
from rolekeeper.wire import model
from rolekeeper.wire.model import OperationModel, Service

__all__ = ["Coverage", "classify", "coverage", "missing", "rules_of"]

MOST = 10_000
"""The accesses that one request may ask for; AWS's own limits of batches are far below."""

AGAIN = 8
"""How many accesses to one resource an access is held against, so as not to be asked twice."""


def classify(asked: Asked) -> tuple[Wanted, ...]:
    """Everything that a request asks for, each access once; all have to be allowed.

    Unclassified for an operation of which that is not known, Unclear for a request that does not say it.
    """
    plan = plan_of(asked.service, asked.operation)
    if plan.coverage == "not":
        raise Unclassified(plan.missing)
    try:
        return _classified(asked, plan)
    except Unclassified as reason:
        raise Unclear(str(reason)) from None


def _classified(asked: Asked, plan: Plan) -> tuple[Wanted, ...]:
    every = iter(plan.wanted(asked))
    few = tuple(islice(every, 2))
    if len(few) == 1:
        return few
    wanted: list[Wanted] = []
    alike: dict[tuple[str, str], list[Wanted]] = {}
    for each in chain(few, every):
        known = alike.setdefault((each.action, each.resource), [])
        if each not in known[-AGAIN:]:
            known.append(each)
            wanted.append(each)
        if len(wanted) > MOST:
            raise Unclassified(f"`{asked.operation.name}` asks for more than {MOST} accesses")
    if not wanted:
        raise Unclassified(f"`{asked.operation.name}` asks for nothing that is known")
    return tuple(wanted)


def coverage(service: str) -> Mapping[str, Coverage]:
    """How each operation of a service (botocore's name) is classified."""
    found = model.service(service)
    return {name: plan_of(found, operation).coverage for name, operation in sorted(found.operations.items())}


def missing(service: str) -> Mapping[str, str]:
    """What is not known of each operation of a service that is not classified."""
    found = model.service(service)
    plans = {name: plan_of(found, operation) for name, operation in sorted(found.operations.items())}
    return {name: plan.missing for name, plan in plans.items() if plan.coverage == "not"}


@cache
def rules_of(service: Service) -> Rules | None:
    """What is said of a service; by the reference alone where nothing is; None where nobody knows it."""
    name = service.name.replace("-", "_")
    module = f"rolekeeper.gateway.services.{name}{'_' if keyword.iskeyword(name) else ''}"
    if util.find_spec(module) is not None:
        rules: Rules = importlib.import_module(module).RULES
        return rules
    names = (service.signing_name, service.endpoint_prefix, service.name)
    prefix = next((each for each in names if each in catalog.services()), None)
    if prefix is None:
        return None
    tags = dict.fromkeys((kind.name for kind in catalog.resource_types(prefix)), any_tags.tags_of)
    return Rules(prefix=prefix, tags=tags)


@cache
def plan_of(service: Service, operation: OperationModel) -> Plan:
    """The plan of an operation, made once."""
    rules = rules_of(service)
    if rules is None:
        reason = f"the reference knows no service `{service.signing_name}`"
        return Plan(coverage="not", wanted=lambda asked: (), missing=reason)
    return compile_plan(rules, operation)
