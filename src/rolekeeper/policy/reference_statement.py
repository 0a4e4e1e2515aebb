"""One statement, by the book: its elements held against the request, one after the other.

A statement applies when every element that it has holds. What is asked first does not matter for the answer;
the order here is that of the evaluation: whose, what, where, under which conditions.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from rolekeeper.policy.context import RequestContext
from rolekeeper.policy.decision import Layer
from rolekeeper.policy.document import Principals, Statement
from rolekeeper.policy.element_report import ElementReport
from rolekeeper.policy.reference_elements import Reach, reach, speaks_of_action, speaks_of_resource
from rolekeeper.policy.reference_notes import on_condition, on_principals, on_resources
from rolekeeper.policy.reference_operators import holds


def elements(
    statement: Statement, context: RequestContext, layer: Layer, *, has_variables: bool, bounded: bool
) -> Iterator[ElementReport]:
    """Every element of the statement, and whether it holds of the request.

    `has_variables`: the document's version knows variables; `bounded`: the caller has a permissions boundary.
    """
    yield from _principals(statement, context, bounded)
    yield _actions(statement, context)
    yield from _resources(statement, context, layer, has_variables)
    for condition in statement.conditions:
        yield ElementReport(
            element="Condition",
            holds=holds(condition, context, has_variables=has_variables),
            found=context.value(condition.key.lower()),
            wanted=condition.values,
            condition=condition,
            noting=partial(on_condition, condition, context, has_variables=has_variables),
        )


def _principals(statement: Statement, context: RequestContext, bounded: bool) -> Iterator[ElementReport]:
    inverted = statement.principals is None
    written = statement.not_principals if inverted else statement.principals
    if written is None:
        return  # a policy of the caller's own
    reached = reach(statement, context, bounded=bounded)
    yield ElementReport(
        element="NotPrincipal" if inverted else "Principal",
        holds=reached is not Reach.NONE,
        found=context.principal.arn,
        wanted=_names(written),
        noting=partial(on_principals, statement, context, reached, bounded=bounded),
    )


def _names(principals: Principals) -> tuple[str, ...]:
    star = ("*",) if principals.star else ()
    return (
        *star,
        *principals.aws,
        *principals.service,
        *principals.federated,
        *principals.canonical_user,
    )


def _actions(statement: Statement, context: RequestContext) -> ElementReport:
    inverted = statement.not_actions is not None
    return ElementReport(
        element="NotAction" if inverted else "Action",
        holds=speaks_of_action(statement, context.action),
        found=context.action,
        wanted=(statement.not_actions if inverted else statement.actions) or (),
    )


def _resources(
    statement: Statement, context: RequestContext, layer: Layer, has_variables: bool
) -> Iterator[ElementReport]:
    inverted = statement.resources is None
    written = statement.not_resources if inverted else statement.resources
    if written is None:
        return  # it is at its resource
    yield ElementReport(
        element="NotResource" if inverted else "Resource",
        holds=speaks_of_resource(statement, context, layer, has_variables=has_variables),
        found=context.resource,
        wanted=written,
        noting=partial(on_resources, written, context, has_variables=has_variables),
    )
