"""Random policies and requests, of two kinds: well-typed ones over a small world, so that they often meet,
and raw ones of the characters that mean something, so that they reach every corner of the language."""

from __future__ import annotations

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

Strategy = st.SearchStrategy
Json = dict[str, Any]

OURS, THEIRS = "111122223333", "444455556666"
ROLE, PATH_ROLE = f"arn:aws:iam::{OURS}:role/app", f"arn:aws:iam::{OURS}:role/team/app"
SERVICE_LINKED = f"arn:aws:iam::{OURS}:role/aws-service-role/x.amazonaws.com/app"
SESSION = f"arn:aws:sts::{OURS}:assumed-role/app/s"
USER, FEDERATED = f"arn:aws:iam::{OURS}:user/ana", f"arn:aws:sts::{OURS}:federated-user/ana"
ROOT = f"arn:aws:iam::{OURS}:root"
KEY = f"arn:aws:kms:us-east-1:{OURS}:key/1"
PROVIDER = f"arn:aws:iam::{OURS}:oidc-provider/idp.example"

PRINCIPALS: list[Principal] = [
    IamUser(arn=USER, user_id="AIDAANA"),
    IamUser(arn=USER),
    IamRole(arn=ROLE, role_id="AROAAPP"),
    *(
        AssumedRole(arn=SESSION, role_arn=role, role_id="AROAAPP", session_name="s")
        for role in (ROLE, PATH_ROLE, SERVICE_LINKED)
    ),
    FederatedUser(arn=FEDERATED, user_arn=USER, user_id="AIDAANA"),
    FederatedUser(arn=FEDERATED, user_arn=ROOT),
    FederatedUser(arn=FEDERATED),
    AccountRoot(account=OURS),
    ServicePrincipal(name="ec2.amazonaws.com"),
    FederatedIdentity(provider=PROVIDER),
    Anonymous(),
]
NAMES = [
    USER,
    ROLE,
    PATH_ROLE,
    SERVICE_LINKED,
    SESSION,
    FEDERATED,
    ROOT,
    OURS,
    THEIRS,
    "AIDAANA",
    "AROAAPP",
    "*",
]

ACTIONS = ["s3:GetObject", "s3:PutObject", "iam:GetRole", "kms:Decrypt", "sts:AssumeRole", "sts:TagSession"]
FREE_ACTIONS = ["sts:GetCallerIdentity", "sts:GetSessionToken"]
ACTION_PATTERNS = [
    *ACTIONS,
    *FREE_ACTIONS,
    *("*", "*", "*", "*", "s3:*", "S3:get*", "s3:?etObject", "iam:*Role", "sts:*", "kms:D*t", "sts:Assume*"),
    *("s3:", "s3: GetObject", "s*:GetObject", "*:*", "s3:Get,Put", ""),
]
RESOURCES = [
    *("arn:aws:s3:::b/ana/x", "arn:aws:s3:::b", "arn:aws:s3:::b/*", ROLE, KEY, "*"),
    *(f"arn:aws:sns:us-east-1:{THEIRS}:topic:a", "arn:aws:iam", "b"),
]
RESOURCE_PATTERNS = [
    *RESOURCES,
    *("arn:aws:s3:::b/${aws:username}/*", "arn:aws:s3:::b/${aws:username, 'ana'}/?", "arn:aws:s3:::b/${*}"),
    *("arn:aws:s3:*:*:*", "arn:*:s3:::b*", f"arn:aws:iam::{OURS}:role/*", "arn:aws:kms:*:*:key/*"),
    *("arn:aws:s3", "arn:aws:s3*", "arn:aws:s?", "arn:*", "*b*", "**", "?", "arn:aws:s3:::${s3:prefix}"),
]

KEYS: dict[str, list[str]] = {
    "aws:username": ["ana", "*", ""],
    "s3:prefix": ["b", "b/ana", "*", "ana"],
    "aws:sourceip": ["10.0.0.1", "192.0.2.7", "2001:db8::1", "here"],
    "aws:currenttime": ["2024-01-01T00:00:00Z", "1704067200", "2024-06-01", "now"],
    "aws:securetransport": ["true", "false", "TRUE", "perhaps"],
    "s3:max-keys": ["10", "10.0", "9", "ten"],
    "aws:sourcearn": [ROLE, "arn:aws:s3:::b", "b"],
    "aws:tagkeys": ["team", "cost"],
    "aws:principaltag/team": ["red", "Red"],
    "s3:blob": ["YQ==", "YWI=", "?"],
}
CONDITION_KEYS = [
    *KEYS,
    "AWS:UserName",
    "aws:PrincipalArn",
    "aws:PrincipalAccount",
    "aws:ResourceAccount",
    "a:b",
]
CONDITION_VALUES: list[Any] = [
    *(value for values in KEYS.values() for value in values),
    *(USER, ROLE, OURS, "arn:aws:iam::*:role/*", "arn:aws:*", "*", "a?a", "b/*"),
    *("${aws:username}", "${aws:username, 'ana'}", "b/${aws:username}", "${aws:TagKeys}", "${aws:sourcearn}"),
    *("${*}", "arn:aws:iam::${aws:PrincipalAccount}:role/*", "10.0.0.0/8", "::/0", "10.9.9.9/8"),
    *("2024-01-01T01:00:00+01:00", True, False, 10, 9.5),
]
QUALIFIERS = ["", "", "ForAllValues:", "ForAnyValue:"]

FULL = parse_document({"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}})
OPEN = parse_document({"Statement": {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}})

# -- the two kinds of text --------------------------------------------------------------------------

raw_text = st.text(alphabet="ab:/*?${}', .%é\n", max_size=12)

typed_text = st.one_of(
    st.from_regex(r"\A[+-]?[0-9]{0,3}\.?[0-9]{0,2}([eE][+-]?[0-9]{1,3})?\Z"),
    st.from_regex(
        r"\A20[0-9]{2}-[01][0-9](-[0-3][0-9](T[0-2][0-9]:[0-6][0-9](:[0-6][0-9](\.[0-9]{1,8})?)?(Z|[+-][0-2][0-9]:?[0-6][0-9])?)?)?\Z"
    ),
    st.from_regex(r"\A-?[0-9]{1,16}(\.[0-9]{1,8})?\Z"),
    st.from_regex(r"\A[012]?[0-9]{1,2}(\.[0-9]{1,3}){3}(/[0-9]{1,3})?\Z"),
    st.from_regex(r"\A[0-9a-f]{0,4}::?[0-9a-f:]{0,8}(%1|/[0-9]{1,3})?\Z"),
    st.sampled_from(
        [
            "true",
            "FALSE",
            "tRue",
            "YQ==",
            "YQ",
            "=",
            "arn:aws:s3:::b",
            "*:*:*:*:*:*",
            "arn:*:*",
            "a:b:c:d:e:f",
        ]
    ),
)


def typed_requests() -> Strategy[tuple[RequestContext, PolicyLayers]]:
    """One condition on one key, with values of the types that operators compare."""
    values = typed_text | st.sampled_from(CONDITION_VALUES)

    def build(operator: str, wanted: Any, value: Any) -> tuple[RequestContext, PolicyLayers]:
        document = {
            "Effect": "Allow",
            "Action": "*",
            "Resource": "*",
            "Condition": {operator: {"a:b": wanted}},
        }
        request = RequestContext(principal=PRINCIPALS[0], action="a:B", resource="*", keys={"a:b": value})
        return request, PolicyLayers(
            identity=(parse_document({"Version": "2012-10-17", "Statement": document}),)
        )

    given = typed_text | st.lists(typed_text, max_size=2).map(tuple)
    return st.builds(build, operators(), some(values), given)


def operators() -> Strategy[str]:
    parts = st.tuples(
        st.sampled_from(QUALIFIERS), st.sampled_from(OPERATORS), st.sampled_from(["", "", "IfExists"])
    )
    return parts.map(lambda found: found[0] + found[1] + (found[2] if found[1] != "Null" else ""))


def some(values: Strategy[Any], least: int = 0, most: int = 3) -> Strategy[Any]:
    """One value, or a list of them."""
    return values | st.lists(values, min_size=least, max_size=most)


def conditions(values: Strategy[Any]) -> Strategy[Json]:
    keys = st.dictionaries(st.sampled_from(CONDITION_KEYS), some(values), min_size=1, max_size=2)
    return st.dictionaries(operators(), keys, max_size=2)


def principals(names: Strategy[str]) -> Strategy[Any]:
    kinds = st.fixed_dictionaries(
        {"AWS": some(names)},
        optional={
            "Service": st.sampled_from(["ec2.amazonaws.com", "ecs.amazonaws.com"]),
            "Federated": st.sampled_from([PROVIDER, "accounts.google.com"]),
        },
    )
    return st.just("*") | kinds


def statements(*, at_resource: bool, raw: bool) -> Strategy[Json]:
    """One statement; `at_resource`: with a principal, and at times without a resource."""
    action = st.sampled_from(ACTION_PATTERNS) | raw_text if raw else st.sampled_from(ACTION_PATTERNS)
    resource = st.sampled_from(RESOURCE_PATTERNS) | raw_text if raw else st.sampled_from(RESOURCE_PATTERNS)
    value = st.sampled_from(CONDITION_VALUES) | raw_text if raw else st.sampled_from(CONDITION_VALUES)
    name = st.sampled_from(NAMES) | raw_text if raw else st.sampled_from(NAMES)
    who = [
        principals(name).map(lambda found, key=key: {key: found})
        for key in ("Principal", "Principal", "NotPrincipal")
    ]
    where = [
        some(resource).map(lambda found, key=key: {key: found})
        for key in ("Resource", "Resource", "NotResource")
    ]
    what = [
        some(action).map(lambda found, key=key: {key: found}) for key in ("Action", "Action", "NotAction")
    ]
    every = st.just({"Resource": "*"})
    parts = [
        st.sampled_from(["Allow", "Allow", "Allow", "Deny"]).map(lambda effect: {"Effect": effect}),
        st.one_of(*what, st.just({"Action": "*"})),
        st.one_of(*where, every, every, *([st.just({})] if at_resource else [])),
        st.just({}) | st.just({}) | conditions(value).map(lambda block: {"Condition": block}),
        st.one_of(*who) if at_resource else st.just({}),
    ]
    return st.tuples(*parts).map(lambda found: {key: each[key] for each in found for key in each})


def documents(*, at_resource: bool = False, raw: bool = False) -> Strategy[PolicyDocument]:
    return st.builds(
        lambda version, listed: parse_document({"Version": version, "Statement": listed}),
        st.sampled_from(["2012-10-17", "2012-10-17", "2008-10-17"]),
        st.lists(statements(at_resource=at_resource, raw=raw), max_size=3),
    )


def layers(*, raw: bool = False) -> Strategy[PolicyLayers]:
    own = st.lists(documents(raw=raw) | st.just(FULL), max_size=2).map(tuple)
    guard = own | st.lists(documents(raw=raw), max_size=1).map(lambda found: (FULL, *found))
    at_resource = documents(at_resource=True, raw=raw)
    outside = st.lists(at_resource | st.just(OPEN), max_size=2).map(tuple)
    absent = st.none()
    return st.builds(
        PolicyLayers,
        identity=own,
        boundary=absent | absent | guard,
        session=absent | absent | guard,
        resource=absent | at_resource,
        resource_kind=st.sampled_from([None, None, "trust", "kms"]),
        scp=absent | absent | absent | st.lists(guard, max_size=2).map(tuple),
        rcp=absent | absent | absent | st.lists(outside, max_size=2).map(tuple),
        vpc_endpoint=absent | absent | absent | absent | outside,
    )


def keys(*, raw: bool = False) -> Strategy[Json]:
    def values(known: list[str]) -> Strategy[Any]:
        single = st.sampled_from(known) | raw_text if raw else st.sampled_from(known)
        return single | single | st.lists(single, max_size=2).map(tuple)

    return st.fixed_dictionaries({}, optional={key: values(known) for key, known in KEYS.items()})


def requests(*, raw: bool = False) -> Strategy[RequestContext]:
    resource = st.sampled_from(RESOURCES)
    return st.builds(
        RequestContext,
        principal=st.sampled_from(PRINCIPALS),
        action=st.sampled_from([*ACTIONS, *ACTIONS, *FREE_ACTIONS, "S3:GETOBJECT"]),
        resource=resource | raw_text if raw else resource,
        resource_account=st.sampled_from([None, OURS, OURS, OURS, THEIRS]),
        keys=keys(raw=raw),
    )
