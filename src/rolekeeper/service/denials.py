"""What a refusal holds back, encoded for whom DecodeAuthorizationMessage allows to see it.

The text of a refusal says little to who is refused. Services such as EC2 answer a message besides, in which
all of the decision is sealed: whether it was an explicit deny, by which statement, and the values of the
condition keys. IAM and STS answer none, but where a setting says so. The message is for the caller's account
only; where the whole is longer than a message may be, condition keys and then the statement are left out.
Source: "DecodeAuthorizationMessage" in the STS API Reference.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from rolekeeper.errors import AccessDenied, InvalidAuthorizationMessage
from rolekeeper.iam.authorization_messages import MAX_MESSAGE, InvalidMessage, MessageSealer
from rolekeeper.policy.context import IamUser, RequestContext
from rolekeeper.policy.decision import Outcome
from rolekeeper.policy.document import Principals, Statement
from rolekeeper.policy.explanation import Explanation, StatementReport

Items = dict[str, list[Any]]


class Denied(AccessDenied):
    """A refusal by policies, with what was asked and why it was refused."""

    def __init__(
        self, message: str, *, account: str, context: RequestContext, explanation: Explanation
    ) -> None:
        super().__init__(message)
        self.account = account
        self.context = context
        self.explanation = explanation


class Denials:
    """Encodes refusals, and decodes them. `encoded`: the services here answer messages, too."""

    def __init__(self, sealer: MessageSealer, *, encoded: bool = False) -> None:
        self._sealer = sealer
        self._encoded = encoded

    def told(self, denied: Denied, owner: str) -> Denied:
        """The refusal as it is answered, about a resource of the account `owner`.

        What stands in another account's policies is not for the caller's.
        """
        if not self._encoded or owner != denied.account:
            return denied
        text = f"{denied.message} Encoded authorization failure message: {self.encoded_message(denied)}"
        return Denied(text, account=denied.account, context=denied.context, explanation=denied.explanation)

    def encoded_message(self, denied: Denied) -> str:
        """The message for a refusal, while the transaction that it was decided in is open."""
        told = _told(denied.context, denied.explanation)
        message = self._seal(denied, told)
        while len(message) > MAX_MESSAGE and _shorten(told):
            message = self._seal(denied, told)
        return message

    def _seal(self, denied: Denied, told: dict[str, Any]) -> str:
        return self._sealer.seal(denied.account, msgspec.json.encode(told))

    def decoded(self, account: str, message: str) -> str:
        """What a message tells the account, in AWS's JSON; InvalidAuthorizationMessage where it is none."""
        try:
            return self._sealer.open(account, message).decode()
        except InvalidMessage:
            raise InvalidAuthorizationMessage("Message is not valid") from None


def _shorten(told: dict[str, Any]) -> bool:
    """Leave half of the condition keys out, or the statements; whether there was something to leave out."""
    for items in (told["context"]["conditions"]["items"], told["matchedStatements"]["items"]):
        if items:
            del items[len(items) // 2 :]
            return True
    return False


# -- AWS's form -------------------------------------------------------------------------------------


def _told(context: RequestContext, explanation: Explanation) -> dict[str, Any]:
    deciding = explanation.decision.determining
    reports = (report for layer in explanation.layers for report in layer.statements)
    return {
        "allowed": explanation.decision.allowed,
        "explicitDeny": explanation.decision.outcome is Outcome.EXPLICIT_DENY,
        "matchedStatements": _items(_statement(each) for each in reports if each.reference in deciding),
        "failures": _items(()),
        "context": {
            "principal": _principal(context),
            "action": context.action,
            "resource": context.resource,
            "conditions": _items(
                _condition(key, (value,) if isinstance(value, str) else value)
                for key, value in dict(context.keys).items()
            ),
        },
    }


def _principal(context: RequestContext) -> dict[str, Any]:
    shown: dict[str, Any] = {"id": context.value("aws:userid")}
    if isinstance(context.principal, IamUser):
        shown["name"] = context.value("aws:username")
    return shown | {"arn": context.principal.arn}


def _statement(report: StatementReport) -> dict[str, Any]:
    statement = report.statement
    return {
        "statementId": statement.sid or "",
        "effect": statement.effect.upper(),
        "principals": _values(_principals(report, statement)),
        "principalGroups": _items(()),
        "actions": _values(_either(statement.actions, statement.not_actions)),
        "resources": _values(_either(statement.resources, statement.not_resources)),
        "conditions": _items(_condition(each.key, each.values) for each in statement.conditions),
    }


def _principals(report: StatementReport, statement: Statement) -> Iterator[str]:
    """Whom the statement names or, where it stands in the caller's own policies, the caller."""
    named = statement.principals or statement.not_principals
    if named is not None:
        yield from _named(named)
    else:
        identifier = report.context.value("aws:userid")
        yield identifier.partition(":")[0] if isinstance(identifier, str) else report.context.principal.arn


def _named(principals: Principals) -> Iterator[str]:
    if principals.star:
        yield "*"
    for kind in (principals.aws, principals.service, principals.federated, principals.canonical_user):
        yield from kind


def _either(values: tuple[str, ...] | None, but: tuple[str, ...] | None) -> tuple[str, ...]:
    return values if values is not None else but or ()


def _condition(key: str, values: Iterable[str]) -> dict[str, Any]:
    return {"key": key, "values": _values(values)}


def _values(values: Iterable[str]) -> Items:
    return _items({"value": value} for value in values)


def _items(items: Iterable[Any]) -> Items:
    return {"items": list(items)}
