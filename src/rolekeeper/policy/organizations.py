"""The policies of an organization when they are written: what an SCP and an RCP may hold.

An SCP takes the whole language but principals: it speaks of whoever is in the accounts. An RCP only denies,
speaks of everyone (`"*"`, to be narrowed by conditions) and of actions of the services that have RCPs, each
with a wildcard at its end at most. AWS has one text for all that is wrong; the reason names the place.
Source: "SCP syntax", "RCP syntax" and "List of AWS services that support RCPs" in the Organizations User
Guide; "IAM policy validation check reference" (RCP syntax errors) in the IAM User Guide.
"""

from __future__ import annotations

from rolekeeper.policy.catalog import takes_rcps
from rolekeeper.policy.document import PolicyDocument, PolicySyntaxError, Principals, Statement


def check_scp(document: PolicyDocument) -> None:
    """PolicySyntaxError where the document cannot be a service control policy."""
    _check_version(document)
    for statement in document.statements:
        if statement.principals is not None or statement.not_principals is not None:
            raise _fault(statement, "an SCP has no Principal: it is for everyone in the accounts")


def check_rcp(document: PolicyDocument) -> None:
    """PolicySyntaxError where the document cannot be a customer's resource control policy."""
    _check_version(document)
    for statement in document.statements:
        if statement.effect != "Deny":
            raise _fault(statement, "an RCP only denies; AWS's own RCPFullAWSAccess allows", "Effect")
        if statement.not_principals is not None:
            raise _fault(statement, "an RCP has no NotPrincipal; use a condition", "NotPrincipal")
        if statement.principals != Principals(star=True):
            raise _fault(statement, 'the Principal of an RCP is "*"; use a condition', "Principal")
        if statement.not_actions is not None:
            raise _fault(statement, "an RCP has no NotAction; name the actions", "NotAction")
        for action in statement.actions or ():
            problem = _action_problem(action)
            if problem is not None:
                raise _fault(statement, f"{action!r}: {problem}", "Action")


def _check_version(document: PolicyDocument) -> None:
    if not document.has_variables:
        reason = 'the policies of an organization say "Version": "2012-10-17"'
        raise PolicySyntaxError("$.Version", reason)


def _action_problem(action: str) -> str | None:
    """What is wrong with an action of an RCP; None if nothing is."""
    service, _, name = action.partition(":")
    if service == "*":
        return "an RCP names the service of an action"
    if not takes_rcps(service):
        return f"{service} does not support RCPs"
    if any(special in name.rstrip("*?") for special in "*?"):
        return "in an RCP a wildcard stands at the end of an action only"
    return None


def _fault(statement: Statement, reason: str, element: str | None = None) -> PolicySyntaxError:
    path = f"$.Statement[{statement.index}]"
    return PolicySyntaxError(f"{path}.{element}" if element else path, reason)
