"""The form of a Resource value when a policy is written: what AWS refuses, and how it says so.

What a resource means when a request is decided is another matter, and more lenient.
"""

from __future__ import annotations

_PARTITIONS = frozenset(
    {
        *("*", "aws", "aws-cn", "aws-us-gov", "aws-eusc"),
        *("aws-iso", "aws-iso-b", "aws-iso-e", "aws-iso-f"),
    }
)
_SEGMENTS = 6
_IAM_TYPES = (
    *("user/", "federated-user/", "role/", "group/", "instance-profile/", "mfa/", "server-certificate/"),
    *("policy/", "sms-mfa/", "saml-provider/", "oidc-provider/", "report/", "access-report/"),
)
_LATER_IAM_TYPES = ("delegation-request/", "role-template/")
"""Types of the Service Authorization Reference that are newer than the sentence which lists the others."""


def parses(resource: str) -> bool:
    """Whether AWS's older parser takes it at all: one cut short has no empty part, and all name a service."""
    parts = resource.split(":")
    if len(parts) < 3 or parts[1] not in _PARTITIONS:
        return True  # `arn_problem` has better words for it
    return parts[2] != "" and (len(parts) >= _SEGMENTS or "::" not in resource)


def arn_problem(resource: str) -> str | None:
    """What AWS says of a resource that is no ARN, or of an unknown partition; None if nothing is wrong."""
    if resource == "*":
        return None
    first, *rest = resource.split(":", _SEGMENTS - 1)
    if not rest:
        return f'Resource {resource} must be in ARN format or "*".'
    if rest[0] not in _PARTITIONS:
        padded = [*rest, *["*"] * (_SEGMENTS - 1 - len(rest))]
        return f'Partition "{rest[0]}" is not valid for resource "arn:{":".join(padded)}".'
    if first != "arn":
        return f'Resource {resource} must be in ARN format or "*".'
    return None


def service_problem(resource: str) -> str | None:
    """What AWS says of an ARN that its own service cannot have; None if nothing is wrong."""
    if resource == "*":
        return None
    _, _, *rest = resource.split(":", _SEGMENTS - 1)
    service, region, account, tail = [*rest, "", "*", "*", "*"][:4] if rest else ("", "", "", "")
    if not service or "*" in service or "?" in service:
        return "Resource vendor must be fully qualified and cannot contain regexes."
    if len(rest) < 4:
        return None
    if service == "iam":
        return _iam_problem(resource, region, tail)
    if service == "s3" and region not in ("", "*") and not account:
        return f"Resource {resource} can not contain region information."
    return None


def _iam_problem(resource: str, region: str, tail: str) -> str | None:
    if region not in ("", "*"):
        return f"IAM resource {resource} cannot contain region information."
    kind = tail.partition("/")[0]
    if tail == "root" or tail.startswith(_IAM_TYPES + _LATER_IAM_TYPES):  # the root user: of sts:AssumeRoot
        return None
    if any(special in kind for special in "*?$"):
        return None
    return f'IAM resource path must either be "*" or start with {", ".join(_IAM_TYPES)}.'
