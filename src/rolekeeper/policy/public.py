"""Whether a bucket's policy is public in S3's sense, and what RestrictPublicBuckets does about it.

A policy is public until each Allow in it grants to fixed values only: a named principal, or a condition that
holds the caller to a source. Fixed is a value without wildcard or variable; an address range is, if it is not
broader than /8 (IPv4) or /32 (IPv6). One public statement makes the whole policy public; then the setting
leaves only AWS's services and the bucket owner's own account, even where another statement names others.
Source: "Blocking public access to your Amazon S3 storage" in the Amazon S3 User Guide.
"""

from __future__ import annotations

from ipaddress import AddressValueError, IPv4Network, IPv6Network, NetmaskValueError

from rolekeeper.policy.context import RequestContext, ServicePrincipal
from rolekeeper.policy.decision import Decision, Outcome, StatementReference
from rolekeeper.policy.document import Condition, PolicyDocument, Principals, Statement

_NARROWING = frozenset({"StringEquals", "StringEqualsIgnoreCase", "StringLike", "ArnEquals", "ArnLike"})

_SOURCES = frozenset(
    {
        *("aws:sourcearn", "aws:sourcevpc", "aws:sourcevpce", "aws:sourceowner", "aws:sourceaccount"),
        *("aws:principalorgid", "aws:principalarn", "aws:principalaccount", "aws:userid"),
        *("s3:x-amz-server-side-encryption-aws-kms-key-id", "s3:dataaccesspointaccount"),
    }
)


def is_public(policy: PolicyDocument) -> bool:
    """Whether S3 calls the bucket's policy public."""
    return _public_statement(policy) is not None


def restrict_public_buckets(
    decision: Decision, context: RequestContext, policy: PolicyDocument | None
) -> Decision:
    """The decision on a request to a bucket whose RestrictPublicBuckets is on; `policy` is the bucket's.

    What was allowed to somebody of another account, or to nobody in particular, is an explicit deny if the
    policy is public; its determining statement is the first that makes it so.
    """
    if not decision.allowed or policy is None or context.same_account:
        return decision
    statement = None if isinstance(context.principal, ServicePrincipal) else _public_statement(policy)
    if statement is None:
        return decision
    reference = StatementReference(layer="resource", document=0, statement=statement.index, sid=statement.sid)
    return Decision(outcome=Outcome.EXPLICIT_DENY, layer="resource", determining=(reference,))


def _public_statement(policy: PolicyDocument) -> Statement | None:
    """The first statement that makes the policy public."""
    return next(
        (
            statement
            for statement in policy.statements
            if statement.effect == "Allow"
            and not _names_somebody(statement.principals)
            and not any(map(_holds_to_a_source, statement.conditions))
        ),
        None,
    )


def _names_somebody(principals: Principals | None) -> bool:
    """Whether each principal is a fixed one. NotPrincipal, which gives None here, names all others.

    A provider on the web (`graph.facebook.com`) stands for whoever has an account there.
    """
    if principals is None or principals.everyone:
        return False
    arns = (*principals.aws, *principals.federated)
    return all(map(_is_fixed, arns)) and all(name.startswith("arn:") for name in principals.federated)


def _holds_to_a_source(condition: Condition) -> bool:
    """Whether the condition, which has to hold, lets in fixed sources only."""
    if condition.if_exists or condition.qualifier == "ForAllValues":
        return False  # holds of a request without the key
    key = condition.key.lower()
    if key == "aws:sourceip":
        return condition.base == "IpAddress" and all(map(_is_narrow, condition.values))
    if condition.base not in _NARROWING:
        return False
    if key == "s3:dataaccesspointarn":
        return all(map(_has_fixed_account, condition.values))
    return key in _SOURCES and all(map(_is_fixed, condition.values))


def _is_fixed(value: str) -> bool:
    return not ("*" in value or "?" in value or "${" in value)


def _has_fixed_account(arn: str) -> bool:
    """Whether an access point's ARN says its account; its name may be a wildcard."""
    *head, _ = parts = arn.split(":", 5)
    return len(parts) == 6 and all(map(_is_fixed, head)) and len(head[4]) == 12


def _is_narrow(block: str) -> bool:
    """Whether a range of addresses is one that S3 takes for a fixed value."""
    try:
        return IPv4Network(block, strict=False).prefixlen >= 8
    except (AddressValueError, NetmaskValueError):
        pass
    try:
        return IPv6Network(block, strict=False).prefixlen >= 32
    except (AddressValueError, NetmaskValueError):
        return False
