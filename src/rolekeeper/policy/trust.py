"""The trust policy of a role when it is written: who may be named, and for which actions.

Who may be named in the policies of other resources is here too (`check_principals`): the same, and besides
S3's canonical users and CloudFront's identities. Whether a named principal exists is looked up by the
operations; here is what can be seen from the text.
Source: "IAM JSON policy elements: Principal" and "Roles terms and concepts" in the IAM User Guide.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from rolekeeper.policy.document import PolicyDocument, PolicySyntaxError, Principals, Statement
from rolekeeper.policy.patterns import matcher

ACTIONS = frozenset(
    {
        *("sts:assumerole", "sts:assumerolewithsaml", "sts:assumerolewithwebidentity"),
        *("sts:tagsession", "sts:setsourceidentity", "sts:setcontext"),
    }
)
"""What a trust policy can speak of, in lower case."""

NO_PRINCIPALS = (
    "Invalid principal in policy: com.amazon.balsa.error.InvalidPolicyException: "
    "The passed in policy has a statement with no principals!"
)

_AWS = re.compile(
    r"\*|[0-9]{12}|A(?:ROA|IDA)[A-Z0-9]{12,}"
    r"|arn:aws[a-z-]*:iam::[0-9]{12}:(?:root|(?:user|role)/[^*?]+)"
    r"|arn:aws[a-z-]*:sts::[0-9]{12}:(?:assumed-role/[^*?/]+/[^*?/]+|federated-user/[^*?/]+)"
)
_CLOUDFRONT = re.compile(r"arn:aws[a-z-]*:iam::cloudfront:user/CloudFront Origin Access Identity [A-Z0-9]+")
_SERVICE = re.compile(r"[a-z0-9-]+(?:\.[a-z0-9-]+)+")
_FEDERATED = re.compile(
    r"arn:aws[a-z-]*:iam::[0-9]{12}:(?:oidc|saml)-provider/[^*?]+|(?!arn:)[a-z0-9-]+(?:\.[a-z0-9-]+)+(?::[0-9]+)?(?:/[^*?]*)?"
)


def check_trust(document: PolicyDocument) -> None:
    """PolicySyntaxError, with AWS's text, where the document cannot be a role's trust."""
    for statement in document.statements:
        if statement.resources is not None or statement.not_resources is not None:
            raise _fault(statement, "the role is the resource", "Has prohibited field Resource")
        if statement.not_principals is not None:
            raise _fault(statement, "a role's trust names who may", "Has prohibited field NotPrincipal")
        if statement.principals is None:
            raise _fault(statement, "a role's trust names somebody", "Missing required field Principal")
        check_principals(statement, statement.principals)
        if statement.not_actions is not None or not all(map(_is_trust_action, statement.actions or ())):
            text = "AssumeRole policy may only specify STS AssumeRole actions."
            raise _fault(statement, "a role can only be assumed", text)


def check_principals(statement: Statement, principals: Principals, *, canonical: bool = False) -> None:
    """PolicySyntaxError, with AWS's text, where a name is none; `canonical`: S3's canonical users are."""
    if principals == Principals():
        raise _fault(statement, "a statement with a Principal names somebody", NO_PRINCIPALS)
    for kind, value in _invalid(principals):
        if canonical and (kind == "CANONICAL_USER" or _CLOUDFRONT.fullmatch(value)):
            continue
        text = f'Invalid principal in policy: "{kind}":"{value}"'
        if kind == "FEDERATED":
            text = "Federated principals must be valid domain names or SAML metadata ARNs"
        raise _fault(statement, f"{value!r} is no principal", text)


def _invalid(principals: Principals) -> Iterator[tuple[str, str]]:
    yield from (("AWS", value) for value in principals.aws if _AWS.fullmatch(value) is None)
    yield from (("SERVICE", value) for value in principals.service if _SERVICE.fullmatch(value) is None)
    yield from (("FEDERATED", value) for value in principals.federated if _FEDERATED.fullmatch(value) is None)
    yield from (("CANONICAL_USER", value) for value in principals.canonical_user)


def _is_trust_action(action: str) -> bool:
    """One of the actions, or a wildcard in a name of STS's that stands for one of them at least."""
    written = action.lower()
    service, _, name = written.partition(":")
    if service != "sts" or not ("*" in name or "?" in name):
        return written in ACTIONS
    return any(map(matcher(written), ACTIONS))


def _fault(statement: Statement, reason: str, text: str) -> PolicySyntaxError:
    return PolicySyntaxError(f"$.Statement[{statement.index}]", reason, text)
