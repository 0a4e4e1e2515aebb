"""Whether a text may stand as a policy of one kind, and what AWS says when it may not.

The grammar is `document`'s; here is what a kind of policy adds. AWS has two validators: the older one of
identity and session policies, which looks for several kinds of error in a fixed order and mostly says "Syntax
errors in policy.", and the one of resource and trust policies, which names the field. Unknown services,
actions and condition keys are accepted, as AWS accepts them. Sizes are counted by the operations.
Source: "IAM JSON policy elements" in the IAM User Guide; the texts and their order are AWS's as observed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from enum import Enum

from rolekeeper.errors import MalformedPolicyDocument
from rolekeeper.policy import resources
from rolekeeper.policy.dates import is_date
from rolekeeper.policy.document import (
    LEGACY_PARSING,
    NO_ACTIONS,
    NO_RESOURCES,
    PolicyDocument,
    PolicySyntaxError,
    Statement,
    read_document,
)
from rolekeeper.policy.trust import check_trust

PROHIBITED_PRINCIPAL = "Policy document should not specify a principal."


class PolicyKind(Enum):
    """What a policy is for. IDENTITY is the inline one; a boundary is a MANAGED one."""

    IDENTITY = "identity"
    MANAGED = "managed"
    SESSION = "session"
    TRUST = "trust"
    RESOURCE = "resource"


def validate(text: str | bytes, kind: PolicyKind) -> PolicyDocument:
    """The document in the text; MalformedPolicyDocument, in AWS's words, where it is none of that kind.

    The error's cause is the PolicySyntaxError, which has the place as a JSON path and the reason.
    """
    named = kind in (PolicyKind.TRUST, PolicyKind.RESOURCE)
    try:
        document = read_document(text)
        for check in _CHECKS[kind]:
            check(document)
    except PolicySyntaxError as error:
        raise MalformedPolicyDocument(_printable(error.named if named else error.text)) from error
    return document


def _printable(text: str) -> str:
    """A message that quotes the policy, for XML and terminals: bounded, and without control characters."""
    shown = "".join(letter if letter.isprintable() else f"\\u{ord(letter):04x}" for letter in text[:1000])
    return shown if len(text) <= 1000 else shown + "..."


Check = Callable[[PolicyDocument], None]


def _not_empty(document: PolicyDocument) -> None:
    if not document.statements:
        named = "Could not parse the policy: Statement is empty!"
        raise PolicySyntaxError("$.Statement", "a policy has at least one statement", named=named)


def _current_version(document: PolicyDocument) -> None:
    if not document.has_variables:
        text = "Policy document must be version 2012-10-17 or greater."
        raise PolicySyntaxError("$.Version", "a managed policy is of the current version", text)


def _no_principal(document: PolicyDocument) -> None:
    for statement in document.statements:
        if statement.principals is not None or statement.not_principals is not None:
            raise _fault(statement, "the policy of an identity has no Principal", PROHIBITED_PRINCIPAL)


def _principal(document: PolicyDocument) -> None:
    for statement in document.statements:
        if statement.principals is None and statement.not_principals is None:
            raise _fault(statement, "a statement has a Principal", "Missing required field Principal")
        if statement.not_principals is not None and statement.effect == "Allow":
            raise _fault(statement, "NotPrincipal goes with Deny only", "Has prohibited field NotPrincipal")


def _dates(document: PolicyDocument) -> None:
    for statement in document.statements:
        for condition in statement.conditions:
            if condition.base.startswith("Date") and not all(map(is_date, condition.values)):
                reason = f"{condition.operator} compares dates"
                raise _fault(statement, reason, LEGACY_PARSING, "Condition")


def _resource_forms(document: PolicyDocument) -> None:
    for statement in document.statements:
        for name, values in _resources(statement):
            for value in values:
                if not resources.parses(value):
                    raise _fault(statement, f"{value!r} is no ARN", LEGACY_PARSING, name)


def _sids(document: PolicyDocument) -> None:
    seen: set[str] = set()
    for statement in document.statements:
        if statement.sid:
            if statement.sid in seen:
                text = "Statement IDs (SID) in a single policy must be unique."
                raise _fault(statement, f"the Sid {statement.sid!r} stands twice", text, "Sid")
            seen.add(statement.sid)


def _sid_characters(document: PolicyDocument) -> None:
    for statement in document.statements:
        if statement.sid and not (statement.sid.isascii() and statement.sid.isalnum()):
            text = (
                "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular "
                "expression [0-9A-Za-z]*"
            )
            raise _fault(statement, "a Sid is of letters and digits", text, "Sid")


def _resource_arns(document: PolicyDocument) -> None:
    for statement in document.statements:
        for name, values in _resources(statement):
            for value in values:
                problem = resources.arn_problem(value)
                if problem is not None:
                    raise _fault(statement, f"{value!r} is no ARN", problem, name)


def _has_actions(document: PolicyDocument) -> None:
    for statement in document.statements:
        if not statement.actions and not statement.not_actions:
            raise _fault(statement, "a statement has actions", NO_ACTIONS)


def _action_vendors(document: PolicyDocument) -> None:
    for statement in document.statements:
        for action in (*(statement.actions or ()), *(statement.not_actions or ())):
            problem = _action_problem(action)
            if problem is not None:
                name = "Action" if statement.actions is not None else "NotAction"
                raise _fault(statement, f"{action!r} is no action", problem, name)


def _has_resources(document: PolicyDocument) -> None:
    for statement in document.statements:
        if not statement.resources and not statement.not_resources:
            raise _fault(statement, "a statement has resources", NO_RESOURCES)


def _resource_services(document: PolicyDocument) -> None:
    for statement in document.statements:
        for name, values in _resources(statement):
            for value in values:
                problem = resources.service_problem(value)
                if problem is not None:
                    raise _fault(statement, f"{value!r} is no resource", problem, name)


def _action_problem(action: str) -> str | None:
    if action == "*":
        return None
    vendor, *names = action.split(":")
    if not names or not vendor:
        return "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc."
    if len(names) > 1:
        return "Actions/Condition can contain only one colon."
    if not (vendor.isascii() and vendor.replace("-", "").replace(".", "").replace("_", "").isalnum()):
        return f"Vendor {vendor} is not valid"
    return None


def _resources(statement: Statement) -> Iterator[tuple[str, tuple[str, ...]]]:
    if statement.resources is not None:
        yield "Resource", statement.resources
    if statement.not_resources is not None:
        yield "NotResource", statement.not_resources


def _fault(statement: Statement, reason: str, text: str, element: str | None = None) -> PolicySyntaxError:
    path = f"$.Statement[{statement.index}]"
    return PolicySyntaxError(f"{path}.{element}" if element else path, reason, text)


# AWS reports one error of a policy, the first that it looks for; the order is observed.
_IDENTITY: tuple[Check, ...] = (
    _not_empty,
    _no_principal,
    _dates,
    _resource_forms,
    _sids,
    _sid_characters,
    _resource_arns,
    _has_actions,
    _action_vendors,
    _has_resources,
    _resource_services,
)

_CHECKS: dict[PolicyKind, tuple[Check, ...]] = {
    PolicyKind.IDENTITY: _IDENTITY,
    PolicyKind.MANAGED: (_not_empty, _current_version, *_IDENTITY[1:]),
    PolicyKind.SESSION: _IDENTITY,
    PolicyKind.TRUST: (_not_empty, _dates, _sids, _has_actions, check_trust),
    PolicyKind.RESOURCE: (
        *(_not_empty, _principal, _dates, _resource_forms, _sids, _resource_arns, _has_actions),
        *(_action_vendors, _has_resources),
    ),
}
