"""What neither the request nor the statement shows, and a reader of the comparison needs to know.

The value that stands for a variable, a value that is not of the operator's type, how near a principal comes.
Notes are made where there is something to note, and never decide.
Source: the pages of the IAM User Guide that the rules are from, see `reference_elements` and
`reference_operators`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rolekeeper.policy.context import AccountRoot, AssumedRole, FederatedUser, RequestContext
from rolekeeper.policy.document import Condition, Statement
from rolekeeper.policy.element_report import listed
from rolekeeper.policy.reference_elements import Reach, asks_on_everything
from rolekeeper.policy.reference_operators import is_negated, is_of_type, type_name
from rolekeeper.policy.reference_text import filled


def on_principals(
    statement: Statement, context: RequestContext, reached: Reach, *, bounded: bool
) -> tuple[str, ...]:
    """How near a Principal element comes, or why a NotPrincipal does not spare the caller."""
    if statement.principals is None and statement.effect == "Deny":
        return tuple(_spared(context, reached, bounded))
    if reached is Reach.ACCOUNT and not isinstance(context.principal, AccountRoot):
        return ("it names the account, whose own policies have to allow as well",)
    return tuple(_behind(context))


def _behind(context: RequestContext) -> Iterator[str]:
    principal = context.principal
    if isinstance(principal, AssumedRole):
        yield f"a session of {principal.role_arn!r}"
    elif isinstance(principal, FederatedUser) and principal.user_arn is not None:
        yield f"a session of {principal.user_arn!r}"


def _spared(context: RequestContext, reached: Reach, bounded: bool) -> Iterator[str]:
    if reached is Reach.NONE:
        return
    if bounded:
        yield "it spares nobody who has a permissions boundary"
    elif isinstance(context.principal, AssumedRole):
        role = context.principal.role_arn
        yield f"it spares a session listed together with its role {role!r} and its account"
    elif context.principal.account is not None:
        yield "it spares who is listed with his account"


def on_resources(written: Sequence[str], context: RequestContext, *, has_variables: bool) -> tuple[str, ...]:
    """Where the action takes no resources, and else what the variables in the last segment stand for."""
    if asks_on_everything(context):
        return ("the action takes no resources, and so is asked on '*'",)
    if not has_variables:
        return ()
    tails = [text.split(":", 5)[-1] for text in written if text.count(":") >= 5]
    return tuple(_variables(tails, context))


def on_condition(condition: Condition, context: RequestContext, *, has_variables: bool) -> tuple[str, ...]:
    """What a condition does with a missing key, several values, variables, and values of no use to it."""
    return tuple(_notes(condition, context, has_variables))


def _notes(condition: Condition, context: RequestContext, has_variables: bool) -> Iterator[str]:
    if condition.base == "Null":
        return
    value = context.value(condition.key.lower())
    if value is None and condition.values:
        yield from _on_missing(condition)
    if isinstance(value, tuple) and condition.qualifier is None:
        yield "a key of several values needs ForAllValues or ForAnyValue"
    if has_variables and condition.base.startswith(("String", "Arn")):
        yield from _variables(condition.values, context)
    kind = type_name(condition.base)
    if kind is not None:
        yield from _on_types(condition, value, kind)


def _on_missing(condition: Condition) -> Iterator[str]:
    if condition.qualifier == "ForAllValues":
        yield "ForAllValues holds where there is no value"
    elif condition.if_exists:
        yield "IfExists lets a missing key pass"
    elif condition.qualifier is None and is_negated(condition.base):
        yield "a negated operator holds where there is no value"


def _on_types(condition: Condition, value: str | tuple[str, ...] | None, kind: str) -> Iterator[str]:
    given = (value,) if isinstance(value, str) else value or ()
    wrong = [text for text in given if not is_of_type(condition.base, text)]
    # An ARN with a variable in it is one only when it is filled.
    checked = [text for text in condition.values if "${" not in text]
    wrong += [text for text in checked if not is_of_type(condition.base, text, in_policy=True)]
    if wrong:
        yield f"no {kind}: {listed(wrong)}"


def _variables(texts: Sequence[str], context: RequestContext) -> Iterator[str]:
    for text in texts:
        if "${" in text:
            value = filled(text, context)
            yield f"{text!r} has no value here" if value is None else f"{text!r} is {value!r} here"
