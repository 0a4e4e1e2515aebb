"""A condition in words: what it asks of a request, for somebody who has to bring it along.

Only what a condition says is told, never whether it holds. A key that has no words of its own is told by its
name, so that nothing is left out.
Source: "AWS global condition context keys" and "IAM and AWS STS condition context keys" in the IAM User
Guide.
"""

from __future__ import annotations

from typing import Final

from rolekeeper.policy.document import Condition

SUBJECTS: Final = {
    "sts:externalid": "the external ID",
    "sts:sourceidentity": "the source identity",
    "sts:rolesessionname": "the session's name",
    "sts:durationseconds": "the duration in seconds",
    "sts:transitivetagkeys": "the keys of tags that go on",
    "sts:awsservicename": "the service",
    "aws:sourceidentity": "the source identity of their session",
    "aws:tagkeys": "the keys of the session's tags",
    "aws:principalarn": "their ARN",
    "aws:principalaccount": "their account",
    "aws:principalorgid": "their organization",
    "aws:principalorgpaths": "their place in an organization",
    "aws:principaltype": "their kind",
    "aws:username": "their user name",
    "aws:userid": "their ID",
    "aws:sourceip": "their address",
    "aws:sourcevpc": "the VPC they come from",
    "aws:sourcevpce": "the VPC endpoint they come through",
    "aws:sourceaccount": "the account that the service acts for",
    "aws:sourcearn": "the resource that the service acts for",
    "aws:sourceorgid": "the organization that the service acts for",
    "aws:currenttime": "the time",
    "aws:requestedregion": "the region",
    "aws:securetransport": "TLS",
    "aws:multifactorauthage": "the age of their MFA in seconds",
    "aws:multifactorauthpresent": "MFA",
    "aws:tokenissuetime": "the beginning of their session",
    "aws:federatedprovider": "who vouched for their session",
}
"""What a key is about, by lower-case name."""

_TAGS: Final = {
    "aws:requesttag/": "the session's tag",
    "aws:principaltag/": "their tag",
    "aws:resourcetag/": "the role's tag",
    "iam:resourcetag/": "the role's tag",
}
_CLAIMS: Final = {
    ":sub": "the subject of the token",
    ":aud": "the audience of the token",
    ":amr": "how the token's subject was authenticated",
}
_VERBS: Final = {
    "StringEquals": "is",
    "StringNotEquals": "is not",
    "StringEqualsIgnoreCase": "is, in any case,",
    "StringNotEqualsIgnoreCase": "is not, in any case,",
    "StringLike": "is like",
    "StringNotLike": "is not like",
    "ArnEquals": "is like",
    "ArnNotEquals": "is not like",
    "ArnLike": "is like",
    "ArnNotLike": "is not like",
    "NumericEquals": "is",
    "NumericNotEquals": "is not",
    "NumericLessThan": "is less than",
    "NumericLessThanEquals": "is at most",
    "NumericGreaterThan": "is more than",
    "NumericGreaterThanEquals": "is at least",
    "DateEquals": "is",
    "DateNotEquals": "is not",
    "DateLessThan": "is before",
    "DateLessThanEquals": "is at or before",
    "DateGreaterThan": "is after",
    "DateGreaterThanEquals": "is at or after",
    "Bool": "is",
    "BinaryEquals": "is",
    "IpAddress": "is in",
    "NotIpAddress": "is not in",
}


def words(condition: Condition) -> str:
    """The condition as part of a sentence: `the external ID is 12345`."""
    about, values = subject(condition.key), _either(condition.values)
    if condition.base == "Null":
        return f"{about} {_presence(condition.values)}"
    told = f"{_each(condition, about)} {_VERBS[condition.base]} {values}"
    if condition.base == "Bool" and condition.key.lower() == "aws:multifactorauthpresent":
        told = _multifactor(condition.values)
    return f"{told}, where that is known" if condition.if_exists else told


def subject(key: str) -> str:
    """What a condition key is about, in words."""
    name = key.lower()
    if name in SUBJECTS:
        return SUBJECTS[name]
    for prefix, tag in _TAGS.items():
        if name.startswith(prefix):
            return f"{tag} {key[len(prefix) :]}"
    if name == "saml:aud":
        return "the recipient of the assertion"
    if name.startswith("saml:"):
        return f"{key} of the assertion"
    for suffix, claim in _CLAIMS.items():
        if name.endswith(suffix):
            return f"{claim} ({key})"
    return key


def _each(condition: Condition, about: str) -> str:
    match condition.qualifier:
        case "ForAllValues":
            return f"each of {about}"
        case "ForAnyValue":
            return f"one of {about}"
        case None:
            return about


def _multifactor(values: tuple[str, ...]) -> str:
    asked = {value.lower() for value in values}
    return "MFA" if asked == {"true"} else "no MFA" if asked == {"false"} else "MFA is known"


def _presence(values: tuple[str, ...]) -> str:
    asked = {value.lower() for value in values}
    return "is there" if asked == {"false"} else "is absent" if asked == {"true"} else "is there or absent"


def _either(values: tuple[str, ...]) -> str:
    return " or ".join(values) if values else "nothing that there is"
