"""Random requests and the policies that bear on them, of two kinds: well-typed ones over a small world, and
raw ones of the characters that mean something, so that they reach every corner of the language.

Policies that know nothing of the request nearly always end as the same implicit denial. So most parts are
aimed: made from the request so that they match it, or miss it by little. `test_generators` counts what is
reached.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from hypothesis import strategies as st

from rolekeeper.policy.context import (
    AccountRoot,
    Anonymous,
    AssumedRole,
    FederatedIdentity,
    FederatedUser,
    IamRole,
    IamUser,
    Principal,
    RequestContext,
    ServicePrincipal,
)
from rolekeeper.policy.decision import PolicyLayers
from rolekeeper.policy.document import OPERATORS, PolicyDocument, parse_document
from tests.properties.dice import Dice, rolled

Json = dict[str, Any]

# -- the world --------------------------------------------------------------------------------------

OURS, THEIRS = "111122223333", "444455556666"
ROLE, PATH_ROLE = f"arn:aws:iam::{OURS}:role/app", f"arn:aws:iam::{OURS}:role/team/app"
SERVICE_LINKED = f"arn:aws:iam::{OURS}:role/aws-service-role/x.amazonaws.com/app"
SESSION = f"arn:aws:sts::{OURS}:assumed-role/app/s"
USER, FEDERATED = f"arn:aws:iam::{OURS}:user/ana", f"arn:aws:sts::{OURS}:federated-user/ana"
ROOT = f"arn:aws:iam::{OURS}:root"
KEY = f"arn:aws:kms:us-east-1:{OURS}:key/1"
PROVIDER = f"arn:aws:iam::{OURS}:oidc-provider/idp.example"
THEIR_USER, THEIR_ROLE = f"arn:aws:iam::{THEIRS}:user/bob", f"arn:aws:iam::{THEIRS}:role/app"

PRINCIPALS: list[Principal] = [
    IamUser(arn=USER, user_id="AIDAANA"),
    IamUser(arn=USER),
    IamUser(arn=THEIR_USER, user_id="AIDABOB"),
    IamRole(arn=ROLE, role_id="AROAAPP"),
    IamRole(arn=SERVICE_LINKED),
    *(
        AssumedRole(arn=SESSION, role_arn=role, role_id="AROAAPP", session_name="s")
        for role in (ROLE, ROLE, PATH_ROLE, SERVICE_LINKED)
    ),
    FederatedUser(arn=FEDERATED, user_arn=USER, user_id="AIDAANA"),
    FederatedUser(arn=FEDERATED, user_arn=ROOT),
    FederatedUser(arn=FEDERATED),
    AccountRoot(account=OURS),
    ServicePrincipal(name="ec2.amazonaws.com"),
    FederatedIdentity(provider=PROVIDER),
    FederatedIdentity(provider="accounts.google.com"),
    Anonymous(),
]
NAMES = [
    *(USER, ROLE, PATH_ROLE, SERVICE_LINKED, SESSION, FEDERATED, ROOT, OURS, THEIRS, THEIR_USER, THEIR_ROLE),
    *(
        "AIDAANA",
        "AROAAPP",
        "AIDABOB",
        "*",
        "arn:aws:iam::*:root",
        f"arn:aws:iam::{OURS}:user/*",
        USER.upper(),
    ),
]

BUCKET, OBJECT = "arn:aws:s3:::b", "arn:aws:s3:::b/ana/x"
CALLS = [
    *(("s3:GetObject", OBJECT), ("s3:PutObject", OBJECT), ("s3:ListBucket", BUCKET)),
    *(("iam:GetRole", ROLE), ("iam:GetUser", THEIR_USER), ("kms:Decrypt", KEY), ("sts:AssumeRole", ROLE)),
    *(("sts:TagSession", THEIR_ROLE), ("sts:AssumeRoleWithWebIdentity", PATH_ROLE)),
    *(("sns:Publish", f"arn:aws:sns:us-east-1:{THEIRS}:topic:a"), ("S3:GETOBJECT", OBJECT)),
    *(("iam:ListRoles", "*"), ("s3:ListAllMyBuckets", BUCKET)),  # they take no resource
    *(("iam:CreateRole", PATH_ROLE), ("sts:AssumeRole", THEIR_ROLE), ("kms:Encrypt", KEY)),
]
FREE_CALLS = [("sts:GetCallerIdentity", "*"), ("sts:GetSessionToken", "*")]
"""The calls that need no permission."""
ACTIONS = [action for action, _ in CALLS]
ACTION_PATTERNS = [
    *ACTIONS,
    *("*", "s3:*", "S3:get*", "s3:?etObject", "iam:*Role", "sts:*", "kms:D*t", "sts:Assume*", "s3:*t*t*"),
    *("s3:", "s3: GetObject", "s*:GetObject", "*:*", "s3:Get,Put", "", "s3", ":", "s3:GetObject "),
]
RESOURCES = [resource for _, resource in CALLS] + ["arn:aws:s3:::b/*", "arn:aws:iam", "b", "a:b:c"]
RESOURCE_PATTERNS = [
    *RESOURCES,
    *("arn:aws:s3:::b/${aws:username}/*", "arn:aws:s3:::b/${aws:username, 'ana'}/?", "arn:aws:s3:::b/${*}"),
    *("arn:aws:s3:*:*:*", "arn:*:s3:::b*", f"arn:aws:iam::{OURS}:role/*", "arn:aws:kms:*:*:key/*"),
    *("arn:aws:s3", "arn:aws:s3*", "arn:aws:s?", "arn:*", "*b*", "**", "?", "arn:aws:s3:::${s3:prefix}"),
    *("arn:aws:s3:::${aws:TagKeys}", "arn:aws:${s3:prefix}:::b", "arn:aws:s3:::b/${$}", "arn:aws:s3:::b/${"),
]

KEYS: dict[str, list[str]] = {
    "aws:username": ["ana", "*", ""],
    "s3:prefix": ["b", "b/ana", "*", "ana", "b/ana/x", "ß"],
    "aws:sourceip": ["10.0.0.1", "192.0.2.7", "2001:db8::1", "here", "10.0.0.1 "],
    "aws:currenttime": ["2024-01-01T00:00:00Z", "1704067200", "2024-06-01", "now", "2024-06"],
    "aws:securetransport": ["true", "false", "TRUE", "perhaps"],
    "s3:max-keys": ["10", "10.0", "9", "ten", "1e1", "-3"],
    "aws:sourcearn": [ROLE, "arn:aws:s3:::b", "b", "arn:aws:sns:us-east-1:1:a:b"],
    "aws:tagkeys": ["team", "cost", "Team"],
    "aws:principaltag/team": ["red", "Red", "blue"],
    "s3:blob": ["YQ==", "YWI=", "?", "YQ"],
}
DERIVED_KEYS = ["aws:PrincipalArn", "aws:PrincipalAccount", "aws:ResourceAccount", "aws:userid", "a:b"]
CONDITION_KEYS = [*KEYS, *DERIVED_KEYS, "AWS:UserName", "aws:PrincipalTag/TEAM", "aws:PrincipalType"]
FAMILIES: list[tuple[str, list[str], list[Any]]] = [
    ("Numeric", ["s3:max-keys"], ["10", 10, 9.5, "9", "+10.00", "1e1", ".5", "ten", ""]),
    ("Date", ["aws:currenttime"], ["2024-01-01T01:00:00+01:00", "1704067200.5", "2024", "2024-06-01", "now"]),
    ("Bool", ["aws:securetransport"], ["true", "false", "True", True, False, "yes"]),
    ("Binary", ["s3:blob"], ["YQ==", "YWI=", "YQ", "?"]),
    (
        "Ip",
        ["aws:sourceip"],
        ["10.0.0.0/8", "::/0", "10.9.9.9/8", "2001:db8::/32", "0.0.0.0/0", "10.0.0.1/33"],
    ),
    ("NotIp", ["aws:sourceip"], ["10.0.0.0/8", "::/0", "192.0.2.7", "here"]),
    (
        "Arn",
        ["aws:sourcearn", "aws:PrincipalArn"],
        [
            "arn:aws:iam::*:role/*",
            "arn:aws:*",
            "*",
            "arn:*:*:*:*:*",
            "arn:aws:iam::${aws:PrincipalAccount}:role/*",
        ],
    ),
    ("Null", CONDITION_KEYS, ["true", "false", "TRUE", True, "maybe"]),
]
CONDITION_VALUES: list[Any] = [
    *(value for values in KEYS.values() for value in values),
    *(USER, ROLE, OURS, "arn:aws:iam::*:role/*", "arn:aws:*", "*", "a?a", "b/*", "*a*a*", "?*", ""),
    *("${aws:username}", "${aws:username, 'ana'}", "b/${aws:username}", "${aws:TagKeys}", "${aws:sourcearn}"),
    *("${*}", "${?}a", "${$}{a:b}", "${a:b, '*'}", "arn:aws:iam::${aws:PrincipalAccount}:role/*"),
    *("10.0.0.0/8", "::/0", "2024-01-01T01:00:00+01:00", True, False, 10, 9.5),
]
QUALIFIERS = ["", "", "ForAllValues:", "ForAnyValue:"]

FULL = parse_document({"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}})
OPEN = parse_document({"Statement": {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}})

ALPHABET = "ab:/*?${}', .%é\nßİ٠\x00"
raw_text = st.text(alphabet=ALPHABET, max_size=12)

# -- requests ---------------------------------------------------------------------------------------


def make_request(dice: Dice, *, raw: bool = False) -> RequestContext:
    """A request: three times out of four for an action on a resource that it can have."""
    action, resource = dice.pick(FREE_CALLS if dice.chance(4) else CALLS)
    if dice.chance(25):
        resource = dice.pick(RESOURCES)
    if raw and dice.chance(30):
        resource = _raw(dice)
    principal = dice.pick(PRINCIPALS)
    return RequestContext(
        principal=principal,
        action=action,
        resource=resource,
        resource_account=dice.pick([principal.account, principal.account, OURS, THEIRS, None]),
        keys={key: _key_value(dice, known, raw) for key, known in KEYS.items() if dice.chance(50)},
    )


def _key_value(dice: Dice, known: Sequence[str], raw: bool) -> str | tuple[str, ...]:
    def single() -> str:
        return _raw(dice) if raw and dice.chance(30) else dice.pick(known)

    return tuple(dice.several(single, 0, 2)) if dice.chance(25) else single()


def _raw(dice: Dice) -> str:
    return "".join(dice.several(lambda: dice.pick(ALPHABET), 0, 12))


# -- statements -------------------------------------------------------------------------------------


def make_statement(dice: Dice, request: RequestContext, *, at_resource: bool, raw: bool, denies: int) -> Json:
    """One statement; `at_resource`: with a principal, at times without a resource. `denies` in percent."""
    statement: Json = {"Effect": "Deny" if dice.chance(denies) else "Allow"}
    name = "NotAction" if dice.chance(12) else "Action"
    statement[name] = _some(dice, lambda: _action(dice, request, raw))
    if not at_resource or not dice.chance(15):
        name = "NotResource" if dice.chance(12) else "Resource"
        statement[name] = _some(dice, lambda: _resource(dice, request, raw))
    if at_resource:
        name = "NotPrincipal" if dice.chance(20) else "Principal"
        statement[name] = _principals(dice, request.principal, raw)
    if dice.chance(35):
        statement["Condition"] = _conditions(dice, request, raw)
    return statement


def _some(dice: Dice, make: Callable[[], Any]) -> Any:
    """One value, or a list of up to three; seldom an empty one."""
    if dice.chance(3):
        return []
    return dice.several(make, 1, 3) if dice.chance(30) else make()


def _action(dice: Dice, request: RequestContext, raw: bool) -> str:
    if raw and dice.chance(20):
        return _raw(dice)
    if dice.chance(25):
        return dice.pick(ACTION_PATTERNS)
    action = request.action
    service, _, name = action.partition(":")
    return dice.pick(["*", "*", action, f"{service}:*", f"{service}:{name[:3]}*", action.swapcase()])


def _resource(dice: Dice, request: RequestContext, raw: bool) -> str:
    if raw and dice.chance(20):
        return _raw(dice)
    if dice.chance(25):
        return dice.pick(RESOURCE_PATTERNS)
    resource = request.resource
    parts = resource.split(":", 5)
    short = ":".join([*parts[: 2 + dice.below(4)], *dice.pick([[], ["*"]])])
    starred = ":".join("*" if dice.chance(30) and place != 2 else part for place, part in enumerate(parts))
    return dice.pick(["*", resource, f"{resource[:-1]}?", f"{resource[:-2]}*", starred, short])


def _principals(dice: Dice, principal: Principal, raw: bool) -> Any:
    if dice.chance(20):
        return dice.pick(["*", {"AWS": "*"}, {"AWS": ["*", OURS]}])
    match principal:
        case ServicePrincipal(name=name):
            named: Json = {"Service": dice.pick([name, [name, "ecs.amazonaws.com"], "ecs.amazonaws.com"])}
        case FederatedIdentity(provider=provider):
            named = {"Federated": dice.pick([provider, [provider, "www.amazon.com"], "www.amazon.com"])}
        case _:
            own = _names(principal)
            one = _raw(dice) if raw and dice.chance(20) else dice.pick(own or NAMES)
            one = dice.pick(NAMES) if dice.chance(25) else one
            named = {"AWS": dice.pick([one, own, [one, dice.pick(NAMES)], []])}
    if dice.chance(15):
        named["CanonicalUser"] = "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be"
    if dice.chance(15):
        named |= {"Service": "ec2.amazonaws.com", "Federated": PROVIDER}
    return named


def _names(principal: Principal) -> list[str]:
    """Everything that names the caller or what he stands in."""
    found: list[str | None] = [principal.arn, principal.account]
    if principal.account is not None:
        found.append(f"arn:aws:iam::{principal.account}:root")
    for attribute in ("role_arn", "user_arn", "role_id", "user_id"):
        found.append(getattr(principal, attribute, None))
    return [name for name in found if name is not None]


# -- conditions -------------------------------------------------------------------------------------


def _conditions(dice: Dice, request: RequestContext, raw: bool) -> Json:
    block: Json = {}
    for _ in range(1 + dice.below(2)):
        base = dice.pick(OPERATORS)
        fitting, values = _family(base)
        key = dice.pick(fitting) if dice.chance(65) else dice.pick(CONDITION_KEYS)
        suffix = "IfExists" if base != "Null" and dice.chance(30) else ""
        operator = dice.pick(QUALIFIERS) + base + suffix
        wanted = _some(dice, lambda: _value(dice, request, key, values, raw))  # noqa: B023 - used at once
        block.setdefault(operator, {})[key] = wanted
    return block


def _family(base: str) -> tuple[list[str], list[Any]]:
    for start, keys, values in FAMILIES:
        if base.startswith(start):
            return keys, values
    return CONDITION_KEYS, CONDITION_VALUES


def _value(dice: Dice, request: RequestContext, key: str, values: Sequence[Any], raw: bool) -> Any:
    if raw and dice.chance(25):
        return _raw(dice)
    given = request.value(key.lower())
    if given is None or dice.chance(50):
        return dice.pick(values) if dice.chance(70) else dice.pick(CONDITION_VALUES)
    text = dice.pick(given) if isinstance(given, tuple) else given
    return dice.pick(
        [text, text.swapcase(), f"{text[:2]}*", f"?{text[1:]}", f"${{{key}}}", f"{text}${{a:b, ''}}"]
    )


# -- documents and layers ---------------------------------------------------------------------------


def make_document(
    dice: Dice, request: RequestContext, *, at_resource: bool = False, raw: bool = False, denies: int = 25
) -> PolicyDocument:
    """A policy of up to three statements."""

    def statement() -> Json:
        return make_statement(dice, request, at_resource=at_resource, raw=raw, denies=denies)

    version = dice.pick(["2012-10-17", "2012-10-17", "2008-10-17"])
    listed = dice.several(statement, 0 if dice.chance(10) else 1, 3) if dice.chance(80) else statement()
    return parse_document({"Version": version, "Statement": listed})


def make_layers(dice: Dice, request: RequestContext, *, raw: bool = False) -> PolicyLayers:
    """All that bears on a request. A guard is mostly absent or open, so that the others have a say."""
    denies = dice.pick([20, 5, 0, 50])

    def document(*, at_resource: bool = False) -> PolicyDocument:
        return make_document(dice, request, at_resource=at_resource, raw=raw, denies=denies)

    def own() -> tuple[PolicyDocument, ...]:
        full = [FULL] if dice.chance(60) else []
        return (*full, *dice.several(document, 0, 2))

    def outside() -> tuple[PolicyDocument, ...]:
        opened = [OPEN] if dice.chance(60) else []
        return (*opened, *dice.several(lambda: document(at_resource=True), 0, 2))

    return PolicyLayers(
        identity=tuple(dice.several(document, 0, 2)) if dice.chance(70) else own(),
        boundary=own() if dice.chance(25) else None,
        session=own() if dice.chance(30) or isinstance(request.principal, FederatedUser) else None,
        resource=document(at_resource=True) if dice.chance(80) else None,
        resource_kind=dice.pick(["trust", "kms"]) if dice.chance(10) else None,
        scp=tuple(dice.several(own, 0, 3)) if dice.chance(20) else None,
        rcp=tuple(dice.several(outside, 0, 2)) if dice.chance(15) else None,
        vpc_endpoint=outside() if dice.chance(10) else None,
    )


# -- strategies -------------------------------------------------------------------------------------

Case = tuple[RequestContext, PolicyLayers]


def make_case(dice: Dice, *, raw: bool = False) -> Case:
    """A request with all its policies."""
    request = make_request(dice, raw=raw)
    return request, make_layers(dice, request, raw=raw)


def cases(*, raw: bool = False) -> st.SearchStrategy[Case]:
    """Requests with all layers."""
    return rolled(lambda dice: make_case(dice, raw=raw))


def documents(*, at_resource: bool = False, raw: bool = False) -> st.SearchStrategy[PolicyDocument]:
    """Single policies."""
    return rolled(
        lambda dice: make_document(dice, make_request(dice, raw=raw), at_resource=at_resource, raw=raw), 200
    )
