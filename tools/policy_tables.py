"""Tables of the page of the policy language that stand in the code: operators, keys, limits."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

from rolekeeper import PolicyLayers, PolicySyntaxError, RequestContext
from rolekeeper.config.settings import RAISABLE_LIMITS
from rolekeeper.iam.limits import Limits
from rolekeeper.policy import context as keys
from rolekeeper.policy import source, values
from rolekeeper.policy.conditions import OPERATORS
from rolekeeper.policy.context import AssumedRole, Principal
from rolekeeper.policy.document import OPERATORS as NAMES
from rolekeeper.policy.validate import SIZES as FIXED
from rolekeeper.policy.validate import PolicyKind
from tools.policy_probes import ANA, CALLERS, HERE, LINKED, OBJECT, decide, policy, table, yes

# -- condition operators ----------------------------------------------------------------------------

_COMPARES: Mapping[str, str] = {
    "StringEquals": "text, with case",
    "StringEqualsIgnoreCase": "text, without case",
    "StringLike": "text, as one pattern",
    "ArnEquals": "ARNs, part by part",
    "ArnLike": "ARNs, part by part (the same as `ArnEquals`)",
    "NumericEquals": "numbers",
    "NumericLessThan": "numbers: the request's is less",
    "NumericLessThanEquals": "numbers: less or equal",
    "NumericGreaterThan": "numbers: greater",
    "NumericGreaterThanEquals": "numbers: greater or equal",
    "DateEquals": "moments",
    "DateLessThan": "moments: the request's is earlier",
    "DateLessThanEquals": "moments: earlier or equal",
    "DateGreaterThan": "moments: later",
    "DateGreaterThanEquals": "moments: later or equal",
    "Bool": "`true` or `false`, in any case",
    "BinaryEquals": "the bytes behind base64",
    "IpAddress": "an address with ranges (CIDR)",
    "Null": "`true`: the key is missing; `false`: it is there",
}


def operators() -> str:
    """Every operator, from the table that compiles them; what a missing key gives is asked of the engine."""
    rows = []
    for name in NAMES:
        row = OPERATORS.get(name)
        rows.append(
            [
                f"`{name}`",
                _COMPARES[name.replace("Not", "")],
                _without_key(name),
                _without_key(f"{name}IfExists"),
                yes(row is not None and row.negated),
                yes(row is not None and row.wildcards),
                yes(row is not None and row.variables),
            ]
        )
    header = ["operator", "compares", "key missing", "with `IfExists`", "negated", "`*` `?`", "`${…}`"]
    return table(header, rows)


_MISSING = ("StringEquals", "StringNotEquals", "StringEqualsIfExists", "StringNotEqualsIfExists")


def qualifiers() -> str:
    """What the three ways to ask give where the request lacks the key."""
    rows = [
        [f"`{name}`", *(_without_key(f"{prefix}{name}") for prefix in ("", "ForAllValues:", "ForAnyValue:"))]
        for name in _MISSING
    ]
    return table(["key missing", "alone", "`ForAllValues:`", "`ForAnyValue:`"], rows)


def _without_key(operator: str) -> str:
    value = "true" if operator.startswith("Null") else "1"
    try:
        asking = policy(Condition={operator: {"aws:RequestTag/missing": value}})
    except PolicySyntaxError:
        return "refused"
    return "holds" if decide(ANA, PolicyLayers(identity=(asking,))).allowed else "fails"


# -- condition keys ---------------------------------------------------------------------------------

_SPELLED = {
    name.lower(): name
    for name in (
        "aws:PrincipalArn",
        "aws:PrincipalAccount",
        "aws:PrincipalType",
        "aws:userid",
        "aws:username",
        "aws:PrincipalIsAWSService",
        "aws:PrincipalServiceName",
        "aws:PrincipalServiceNamesList",
        "aws:CalledViaFirst",
        "aws:CalledViaLast",
        "aws:ViaAWSService",
        "aws:ResourceAccount",
    )
}


def supplied_keys() -> str:
    """The keys that the engine works out, and their values for each kind of caller."""
    callers = {name: caller for name, caller in CALLERS.items() if caller is not LINKED}
    rows = [
        [f"`{_SPELLED[key]}`", *(_value(key, caller) for caller in callers.values())] for key in keys._DERIVED
    ]
    return table(["key", *callers], rows)


def _value(key: str, caller: Principal) -> str:
    """The value, or what it is where it is somebody's own."""
    request = RequestContext(principal=caller, action="s3:GetObject", resource=OBJECT, resource_account=HERE)
    value = request.value(key)
    role = caller.role_arn if isinstance(caller, AssumedRole) else None
    if value is None:
        return "–"
    if key == "aws:resourceaccount":
        return "the owner's"
    known = {role: "its role's ARN", caller.account: "its account"}
    if caller.account is not None:
        known[caller.arn] = "its ARN"
    shown = value if isinstance(value, str) else f"[{', '.join(value)}]"
    return known.get(shown, f"`{shown}`")


# -- sizes ------------------------------------------------------------------------------------------

_SIZES: Mapping[str, str] = {
    "policy_size": "a managed policy, boundaries included; characters without white space",
    "user_inline_size": "all inline policies of a user; characters without white space",
    "group_inline_size": "all inline policies of a group; characters without white space",
    "role_inline_size": "all inline policies of a role; characters without white space",
    "trust_policy_size": "a role's trust policy; characters without white space",
    "session_policy_size": "an inline session policy; characters, white space counts",
    "session_policy_arns": "managed session policies of one session",
    "packed_size": "session policies and session tags in the token, together; bytes",
    "policies_per_user": "managed policies attached to a user",
    "policies_per_group": "managed policies attached to a group",
    "policies_per_role": "managed policies attached to a role",
    "groups_per_user": "groups of a user",
    "versions_per_policy": "versions of a managed policy",
    "policies": "managed policies of an account",
    "scps_per_target": "service control policies on a root, a unit or an account of an organization",
    "rcps_per_target": "resource control policies on a root, a unit or an account of an organization",
    "service_control_policies": "service control policies of an organization",
    "resource_control_policies": "resource control policies of an organization",
}

_FIXED: Mapping[PolicyKind, str] = {
    PolicyKind.SCP: "a service control policy",
    PolicyKind.RCP: "a resource control policy",
    PolicyKind.VPC_ENDPOINT: "the policy of a VPC endpoint",
}


def sizes() -> str:
    """Every quota that is about policies, and the bounds of the parser."""
    numbers = Limits()
    fields = {each.name for each in dataclasses.fields(Limits)}
    about = {name for name in fields if any(word in name for word in ("polic", "size", "scps", "rcps"))}
    wrong = (_SIZES.keys() - fields) | (about - _SIZES.keys())
    if wrong:
        raise LookupError(f"limits without words, or words without a limit: {sorted(wrong)}")
    rows = [
        [words, str(getattr(numbers, name)), f"`{name}`" if name in RAISABLE_LIMITS else "–"]
        for name, words in _SIZES.items()
    ]
    rows += [
        [f"{_FIXED[kind]}; characters, white space counts", str(size), "–"] for kind, size in FIXED.items()
    ]
    rows += [
        ["any text that is read as a policy; characters", str(source.MAX_CHARACTERS), "–"],
        ["objects and lists inside one another", str(source.MAX_DEPTH), "–"],
        ["a number, date or address in a condition; characters", str(values.LONGEST), "–"],
    ]
    return table(["what", "at most", "setting"], rows)
