"""What is refused when a policy is written, by kind: mistakes, each made in a policy that is right."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from rolekeeper.errors import MalformedPolicyDocument
from rolekeeper.policy.validate import PolicyKind, validate
from tools.policy_probes import HERE, table

Statement = dict[str, Any]

_EVERYONE: Statement = {"Principal": "*"}
_RIGHT: tuple[Statement, ...] = (
    {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"},
    {"Effect": "Allow", "Principal": {"AWS": HERE}, "Action": "sts:AssumeRole"},
    {"Effect": "Allow", "Principal": {"AWS": HERE}, "Action": "s3:GetObject", "Resource": "*"},
    {"Effect": "Deny", **_EVERYONE, "Action": "s3:GetObject", "Resource": "*"},
)
"""A statement that one kind of policy or another takes."""


def _with(**elements: Any) -> Callable[[Statement], str]:
    return lambda right: _text({**right, **elements})


def _without(*names: str) -> Callable[[Statement], str]:
    return lambda right: _text({name: right[name] for name in right if name not in names})


def _instead(name: str, **elements: Any) -> Callable[[Statement], str]:
    return lambda right: _text({**{each: right[each] for each in right if each != name}, **elements})


def _text(*statements: Statement, **more: Any) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements), **more})


_MISTAKES: Mapping[str, Callable[[Statement], str]] = {
    "no JSON": lambda right: "{",
    "a JSON key twice": lambda right: _text(right).replace("{", '{"Version": "2012-10-17", ', 1),
    "version 2008-10-17, or none": lambda right: _text(right, Version="2008-10-17"),
    "another version": lambda right: _text(right, Version="2012-10-18"),
    "no statement": lambda right: _text(),
    "an unknown element": _with(Actions="s3:GetObject"),
    "no Effect": _without("Effect"),
    "Effect neither Allow nor Deny": _with(Effect="Permit"),
    "no Action": _without("Action"),
    "Action and NotAction": _with(NotAction="iam:*"),
    "NotAction instead of Action": lambda right: _instead("Action", NotAction=right["Action"])(right),
    "an action without a service": _with(Action="GetObject"),
    "an action nobody knows": _with(Action="nosuch:DoSomething"),
    "an action other than becoming the role": _with(Action="s3:GetObject"),
    "an action of a service without RCPs": _with(Action="ec2:RunInstances"),
    "a wildcard within an action": _with(Action="s3:*Object"),
    "no Resource": _without("Resource"),
    "a Resource": _with(Resource="*"),
    "a Resource that is no ARN": _with(Resource="bucket/key"),
    "a Resource with a wildcard for its service": _with(Resource="arn:aws:s*:::bucket"),
    "no Principal": _without("Principal"),
    "a Principal (an account)": _with(Principal={"AWS": HERE}),
    "a wildcard in a principal's ARN": _with(Principal={"AWS": f"arn:aws:iam::{HERE}:user/*"}),
    "a canonical user": _with(Principal={"CanonicalUser": "79a59df900b949e5"}),
    "an issuer that others share, and no claim": _with(
        Principal={"Federated": f"arn:aws:iam::{HERE}:oidc-provider/gitlab.com"},
        Action="sts:AssumeRoleWithWebIdentity",
    ),
    "Deny with NotPrincipal": _instead("Principal", Effect="Deny", NotPrincipal={"AWS": HERE}),
    "Allow with NotPrincipal": _instead("Principal", Effect="Allow", NotPrincipal={"AWS": HERE}),
    "an Allow with a condition": _with(Effect="Allow", Condition={"Bool": {"aws:SecureTransport": "true"}}),
    "an operator nobody knows": _with(Condition={"StringEqual": {"aws:username": "ana"}}),
    "`NullIfExists`": _with(Condition={"NullIfExists": {"aws:username": "true"}}),
    "a key nobody knows": _with(Condition={"StringEquals": {"nosuch:key": "x"}}),
    "a date that is none": _with(Condition={"DateLessThan": {"aws:CurrentTime": "tomorrow"}}),
    "one Sid twice": lambda right: _text({**right, "Sid": "A"}, {**right, "Sid": "A"}),
    "a Sid with a space": _with(Sid="a b"),
}


def refusals() -> str:
    """For each mistake and each kind of policy: taken, or the number of what is said; and the sayings."""
    right = {kind: _right(kind) for kind in PolicyKind}
    sayings: dict[str, int] = {}
    rows = []
    for name, make in _MISTAKES.items():
        said = [_said(make(right[kind]), kind) for kind in PolicyKind]
        numbers = [
            "taken" if text is None else str(sayings.setdefault(text, len(sayings) + 1)) for text in said
        ]
        rows.append([name, *numbers])
    listed = "\n".join(f"{number}. `{_shown(text)}`" for text, number in sayings.items())
    return table(["written", *(kind.value for kind in PolicyKind)], rows) + f"\n{listed}\n"


def _number(text: str | None, sayings: dict[str, int]) -> str:
    return "taken" if text is None else str(sayings.setdefault(text, len(sayings) + 1))


def _right(kind: PolicyKind) -> Statement:
    return next(each for each in _RIGHT if _said(_text(each), kind) is None)


def _said(text: str, kind: PolicyKind) -> str | None:
    try:
        validate(text, kind)
    except MalformedPolicyDocument as error:
        return error.message
    return None


def _shown(text: str) -> str:
    return text.replace("`", "'")
