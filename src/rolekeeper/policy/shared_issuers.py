"""Issuers of tokens that all their customers share, and what a trust policy must ask of their tokens.

Such an issuer signs for everybody who has an account with it, so its name alone vouches for nobody: a trust
policy that names it has to ask for the claim in which the customer stands, and must not let every value pass.
What is an issuer's goes for all paths under it, which some give to large customers.
Source: "Identity-provider controls for shared OIDC providers" in the IAM User Guide; the text is AWS's as
observed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from rolekeeper.policy.document import Condition, PolicyDocument, PolicySyntaxError, Statement
from rolekeeper.policy.patterns import matcher

SUBJECT, AUDIENCE = ":sub", ":aud"
_SESSION_NAME = "sts:RoleSessionName"

CONTROLS: Final[Mapping[str, str]] = {
    "agent.buildkite.com": SUBJECT,
    "api.pulumi.com/oidc": AUDIENCE,
    "app.terraform.io": SUBJECT,
    "cognito-identity.amazonaws.com": AUDIENCE,
    "gitlab.com": SUBJECT,
    "oidc-configuration.audit-log.githubusercontent.com": SUBJECT,
    "oidc.codefresh.io": SUBJECT,
    "oidc.vercel.com": AUDIENCE,
    "proidc.upbound.io": SUBJECT,
    "sandboxes.cloud": AUDIENCE,
    "scalr.io": SUBJECT,
    "sts.windows.net/33e01921-4d64-4f8c-a055-5bdaffd5e33d": _SESSION_NAME,
    "studio.datachain.ai/api": SUBJECT,
    "token.actions.githubusercontent.com": SUBJECT,
    "tokens.cloud.shisho.dev": SUBJECT,
    "vstoken.actions.githubusercontent.com": SUBJECT,
}
"""To each issuer the claim, or the whole key, that tells its customers apart."""

_OPERATORS: Final = frozenset({"StringEquals", "StringLike", "StringEqualsIgnoreCase"})
_ACTION: Final = "sts:assumerolewithwebidentity"


def check_shared_issuers(document: PolicyDocument) -> None:
    """PolicySyntaxError, with AWS's text, where somebody is let in by a shared issuer's name alone."""
    for statement in document.statements:
        if statement.effect == "Allow" and _lets_in(statement) and statement.principals is not None:
            for principal in statement.principals.federated:
                for key in _wanted(principal):
                    if not any(_asks(condition, key) for condition in statement.conditions):
                        raise _fault(statement, principal, key)


def _lets_in(statement: Statement) -> bool:
    return any(matcher(action.lower())(_ACTION) for action in statement.actions or ())


def _wanted(principal: str) -> Iterator[str]:
    """The condition keys that a principal's tokens must be asked for."""
    issuer = principal.partition(":oidc-provider/")[2] or principal
    for shared, control in CONTROLS.items():
        if (issuer.lower() + "/").startswith(shared + "/"):
            yield control if control == _SESSION_NAME else issuer + control


def _asks(condition: Condition, key: str) -> bool:
    asked = condition.base in _OPERATORS and condition.key.lower() == key.lower()
    return asked and bool(condition.values) and not any(map(_is_all, condition.values))


def _is_all(value: str) -> bool:
    return "*" in value and not value.strip("*?")


def _fault(statement: Statement, principal: str, key: str) -> PolicySyntaxError:
    text = (
        f"Trust policy with trusted principal {principal} must evaluate, using StringEquals, StringLike or "
        f"StringEqualsIgnoreCase, {key} which is not scoped to all."
    )
    return PolicySyntaxError(
        f"$.Statement[{statement.index}]", "all customers of the issuer are let in", text
    )
