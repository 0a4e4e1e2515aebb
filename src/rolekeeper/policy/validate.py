"""Whether a text may stand as a policy of one kind, and what AWS says when it may not.

The grammar is `document`'s; here is what a kind of policy adds. AWS has three validators: the older one of
identity and session policies, which looks for several kinds of error in a fixed order and mostly says "Syntax
errors in policy."; the one of resource, trust and endpoint policies, which names the field; and that of the
organization's policies (`organizations`), which has one sentence for everything. Unknown services, actions
and condition keys are accepted, as AWS accepts them; only an RCP is held to the services that have RCPs.

Sizes: IAM's quotas are counted by its operations, without white space, and can be raised; those of the other
kinds are fixed, count every character and stand here (`SIZES`).
Source: "IAM JSON policy elements" in the IAM User Guide, "Quotas for AWS Organizations" in the Organizations
User Guide, "Control access to VPC endpoints using endpoint policies" in the PrivateLink guide; the texts and
their order are AWS's as observed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from enum import Enum
from typing import Final

from rolekeeper.errors import LimitExceeded, MalformedPolicyDocument
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
from rolekeeper.policy.organizations import check_rcp, check_scp
from rolekeeper.policy.shared_issuers import check_shared_issuers
from rolekeeper.policy.source import json_text
from rolekeeper.policy.trust import check_principals, check_trust

PROHIBITED_PRINCIPAL = "Policy document should not specify a principal."


class PolicyKind(Enum):
    """What a policy is for. IDENTITY is the inline one; a boundary is a MANAGED one."""

    IDENTITY = "identity"
    MANAGED = "managed"
    SESSION = "session"
    TRUST = "trust"
    RESOURCE = "resource"
    SCP = "scp"
    RCP = "rcp"
    VPC_ENDPOINT = "vpc_endpoint"


SIZES: Final = {PolicyKind.SCP: 10_240, PolicyKind.RCP: 5_120, PolicyKind.VPC_ENDPOINT: 20_480}
"""The most characters, white space included, of the kinds whose size is fixed.

AWS has doubled the size of SCPs, from 5,120, on 15 May 2026 ("AWS Organizations increased SCP quotas", What's
New), that of RCPs not. Copies of "Quotas and service limits for AWS Organizations" from before say 5,120 of
both, and botocore's model of Organizations names no size.
"""

TOO_LARGE: Final = "You have exceeded the maximum policy size."
MISFIT: Final = "The provided policy document does not meet the requirements of the specified policy type."


def validate(text: str | bytes, kind: PolicyKind) -> PolicyDocument:
    """The document in the text; MalformedPolicyDocument, in AWS's words, where it is none of that kind.

    The error's cause is the PolicySyntaxError, which has the place as a JSON path and the reason.
    LimitExceeded where the kind has a fixed size and the text is larger. (Organizations has names of its own
    for the two: MalformedPolicyDocumentException and ConstraintViolationException.)
    """
    try:
        source = json_text(text)
        if kind in SIZES and len(source) > SIZES[kind]:
            raise LimitExceeded(TOO_LARGE)
        document = read_document(source)
        for check in _CHECKS[kind]:
            check(document)
    except PolicySyntaxError as error:
        raise MalformedPolicyDocument(_printable(_words(error, kind))) from error
    return document


def _words(error: PolicySyntaxError, kind: PolicyKind) -> str:
    """What AWS says: the text of the validator that the kind has."""
    if kind in (PolicyKind.SCP, PolicyKind.RCP):
        return MISFIT
    if kind in (PolicyKind.TRUST, PolicyKind.RESOURCE, PolicyKind.VPC_ENDPOINT):
        return error.named
    return error.text


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
        named = statement.principals or statement.not_principals
        if named is not None:
            check_principals(statement, named, canonical=True)


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

_RESOURCE: tuple[Check, ...] = (
    *(_not_empty, _principal, _dates, _resource_forms, _sids, _resource_arns, _has_actions),
    *(_action_vendors, _has_resources),
)

_ORGANIZATION: tuple[Check, ...] = (
    *(_not_empty, _dates, _resource_forms, _sids, _resource_arns, _has_actions),
    *(_action_vendors, _has_resources),
)

_CHECKS: dict[PolicyKind, tuple[Check, ...]] = {
    PolicyKind.IDENTITY: _IDENTITY,
    PolicyKind.MANAGED: (_not_empty, _current_version, *_IDENTITY[1:]),
    PolicyKind.SESSION: _IDENTITY,
    PolicyKind.TRUST: (_not_empty, _dates, _sids, _has_actions, check_trust, check_shared_issuers),
    PolicyKind.RESOURCE: _RESOURCE,
    PolicyKind.VPC_ENDPOINT: _RESOURCE,
    PolicyKind.SCP: (check_scp, *_ORGANIZATION),
    PolicyKind.RCP: (check_rcp, *_ORGANIZATION),
}
