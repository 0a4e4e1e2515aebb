"""Policies and requests that are made to hurt: each is decided, the same by both evaluators, or refused.

Nothing here is timed. That the work is linear is shown by counting: twice the input may cost at most about
twice the calls, or, where one call does it all, how far it looks through a text.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from rolekeeper.errors import AwsError, LimitExceeded, MalformedPolicyDocument
from rolekeeper.policy.authorize import authorize
from rolekeeper.policy.context import IamUser, RequestContext
from rolekeeper.policy.decision import Decision, PolicyLayers
from rolekeeper.policy.document import OPERATORS, PolicySyntaxError, parse_document
from rolekeeper.policy.patterns import matcher
from rolekeeper.policy.reference import explain
from rolekeeper.policy.source import MAX_CHARACTERS
from rolekeeper.policy.validate import PolicyKind, validate

ANA = IamUser(arn="arn:aws:iam::123456789012:user/ana", user_id="AIDAANA")
S3 = "arn:aws:s3:::"


def statement(**more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": "*", "Resource": "*", **more}


def text(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def request(
    action: str = "s3:GetObject", resource: str = f"{S3}b/k", keys: Mapping[str, Any] | None = None
) -> RequestContext:
    return RequestContext(
        principal=ANA, action=action, resource=resource, resource_account="123456789012", keys=keys or {}
    )


def decide(policy: str | bytes, asked: RequestContext) -> Decision:
    """The decision of the compiled policy, which the reference explains; in each place where it may stand."""
    document = parse_document(policy)
    has_principals = any(each.principals or each.not_principals for each in document.statements)
    layers = PolicyLayers(resource=document) if has_principals else PolicyLayers(identity=(document,))
    decision, explanation = authorize(asked, layers), explain(asked, layers)
    assert decision == explanation.decision
    assert explanation.why
    explanation.denial_text(asked.action)
    return decision


# -- texts that are no policies ---------------------------------------------------------------------

ONE = text(statement())
NINES = "9" * 100_000
REFUSED: dict[str, str | bytes] = {
    "arrays": "[" * 10_000,
    "arrays-closed": "[" * 10_000 + "]" * 10_000,
    "arrays-as-statement": '{"Statement":' + "[" * 10_000 + "]" * 10_000 + "}",
    "arrays-as-action": ONE.replace('"Action": "*"', '"Action": ' + "[" * 10_000 + "]" * 10_000),
    "objects-as-condition": ONE.replace(
        '"Resource": "*"', '"Condition": ' + '{"a":' * 5_000 + "1" + "}" * 5_000
    ),
    "objects-open": '{"a":' * 20_000,
    "escapes-open": '"' + "\\" * 100_001,
    "quotes": '"' * 100_001,
    "number-of-100000-digits": f'{{"Version":{NINES},"Statement":[]}}',
    "number-as-statement": f'{{"Statement":-{NINES}.{NINES[:20_000]}e{NINES[:5]}}}',
    "number-as-action": ONE.replace('"Action": "*"', '"Action": 1e400'),
    "NaN": '{"Version":NaN,"Statement":[]}',
    "Infinity": ONE.replace('"*"', "Infinity", 1),
    "minus-Infinity": ONE.replace('"*"', "-Infinity", 1),
    "NaN-as-value": ONE.replace('"Resource": "*"', '"Condition": {"Bool": {"a": NaN}}'),
    "utf-8-cut-off": ONE.encode()[:-3] + b"\xe2\x82",
    "utf-8-overlong": ONE.encode().replace(b"*", b"\xc0\xaa"),
    "utf-8-surrogate": ONE.encode().replace(b"*", b"\xed\xa0\x80"),
    "utf-16": ONE.encode("utf-16"),
    "byte-order-mark": "\ufeff" + ONE,
    "byte-order-mark-as-bytes": b"\xef\xbb\xbf" + ONE.encode(),
    "half-a-surrogate-pair": ONE.replace("*", "\\ud800", 1),
    "half-a-surrogate-pair-as-key": ONE.replace(
        '"Resource": "*"', '"Condition": {"Bool": {"\\udfff": "true"}}'
    ),
    "half-a-surrogate-pair-as-is": ONE.replace("*", "\ud800", 1),
    "raw-nul": ONE.replace("*", "\x00", 1),
    "raw-line-feed-in-a-string": ONE.replace("*", "\n", 1),
    "duplicate-effect": ONE.replace('"Effect"', '"Effect": "Deny", "Effect"'),
    "duplicate-statement": ONE.replace('"Statement"', '"Statement": [], "Statement"'),
    "duplicate-operator": ONE.replace('"Resource": "*"', '"Condition": {"Bool": {}, "Bool": {}}'),
    "duplicate-key-by-escape": ONE.replace('"Effect"', '"\\u0045ffect": "Deny", "Effect"'),
    "duplicates-by-the-thousand": '{"Statement":{' + ",".join(['"Sid":"a"'] * 9_000) + "}}",
    "100000-statements": '{"Statement":[' + ",".join(["{}"] * 100_000) + "]}",
    "40000-statements-that-fit": '{"Statement":[' + ",".join(["{}"] * 40_000) + "]}",
    "100000-whole-statements": text(*[statement()] * 100_000),
    "a-million-values": text(statement(Action=["a:b"] * 1_000_000)),
    "a-text-without-end": " " * (MAX_CHARACTERS + 1),
    "form-feed-as-space": ONE.replace(" ", "\f"),
    "no-break-space-as-space": ONE.replace(" ", "\u00a0"),
    "comment": ONE.replace("{", "{/**/", 1),
    "trailing-comma": ONE.replace("]", ",]"),
    "single-quotes": ONE.replace('"', "'"),
    "two-policies": ONE + ONE,
    "nothing": "",
    "unicode-digits-as-number": ONE.replace('"Resource": "*"', '"Condition": {"NumericEquals": {"a": ٣}}'),
}
NULLS = ["Version", "Id", "Statement", "Sid", "Effect", "Principal", "Action", "Resource", "Condition"]


@pytest.mark.parametrize("policy", [pytest.param(value, id=name) for name, value in REFUSED.items()])
def test_refused_in_one_way(policy: str | bytes) -> None:
    with pytest.raises(PolicySyntaxError) as caught:
        parse_document(policy)
    assert len(str(caught.value)) < 1_000
    for kind in PolicyKind:
        with pytest.raises((MalformedPolicyDocument, LimitExceeded)) as refused:
            validate(policy, kind)
        assert len(refused.value.message) < 1_100


@pytest.mark.parametrize("element", NULLS)
def test_null_is_refused_as_any_element(element: str) -> None:
    policy: dict[str, Any] = {"Version": "2012-10-17", "Statement": statement()}
    if element in ("Version", "Id", "Statement"):
        policy[element] = None
    else:
        policy["Statement"][element] = None
    with pytest.raises(PolicySyntaxError):
        parse_document(json.dumps(policy))


@pytest.mark.parametrize(
    "value", [None, [None], {}, [[]], {"StringEquals": None}, {"StringEquals": {"a": None}}]
)
def test_null_and_empty_structures_are_refused_within(value: Any) -> None:
    for element in ("Action", "Resource", "Principal", "Condition"):
        if (element, value) in (("Condition", {}), ("Principal", {})):
            continue  # these two say nothing, and AWS takes them
        with pytest.raises(PolicySyntaxError):
            parse_document(text(statement(**{element: value})))


@pytest.mark.parametrize("kind", PolicyKind)
@pytest.mark.parametrize("size", [1, 100])
def test_whatever_is_refused_is_refused_in_words(kind: PolicyKind, size: int) -> None:
    """Beginnings of a policy, and policies without one character: accepted or refused, nothing else."""
    whole = text(*[statement(Sid=f"s{number}") for number in range(size)])
    for place in range(0, len(whole), max(1, len(whole) // 60)):
        for policy in (whole[:place], whole[:place] + whole[place + 1 :]):
            try:
                validate(policy, kind)
            except AwsError as error:
                assert error.message


# -- patterns in every place ------------------------------------------------------------------------

LONG = "a" * 6_000
PATTERNS = {
    "stars": "a*" * 1_400 + "b",
    "stars-first": "*a" * 1_400 + "b",
    "only-stars": "*" * 2_900,
    "questions": "?" * 2_900,
    "stars-and-questions": "*?" * 1_400 + "b",
    "gaps": "*" + "a?" * 1_400 + "b*",
    "gaps-between-stars": "*a?a*?a?" * 350 + "b",
    "nearly-the-text": "*" + "a" * 2_900 + "b*",
}
PLACES: dict[str, Callable[[str], tuple[dict[str, Any], RequestContext]]] = {
    "action": lambda pattern: (statement(Action=f"s3:{pattern}"), request(action=f"s3:{LONG}")),
    "not-action": lambda pattern: (
        {"Effect": "Allow", "NotAction": f"s3:{pattern}", "Resource": "*"},
        request(action=f"s3:{LONG}"),
    ),
    "resource": lambda pattern: (statement(Resource=S3 + pattern), request(resource=S3 + LONG)),
    "resource-partition": lambda pattern: (
        statement(Resource=f"arn:{pattern}:s3:::b"),
        request(resource=f"arn:{LONG}:s3:::b"),
    ),
    "resource-account": lambda pattern: (
        statement(Resource=f"arn:aws:s3::{pattern}:b"),
        request(resource=f"arn:aws:s3::{LONG}:b"),
    ),
    "resource-that-is-no-arn": lambda pattern: (statement(Resource=pattern), request(resource=LONG)),
    "short-resource": lambda pattern: (
        statement(Resource=f"arn:aws:{pattern}"),
        request(resource=f"arn:aws:{LONG}:::x"),
    ),
    "not-resource": lambda pattern: (
        {"Effect": "Allow", "Action": "*", "NotResource": S3 + pattern},
        request(resource=S3 + LONG),
    ),
    "resource-behind-a-variable": lambda pattern: (
        statement(Resource=f"{S3}${{k}}{pattern}"),
        request(resource=S3 + LONG, keys={"k": "a"}),
    ),
    "principal": lambda pattern: (
        statement(Principal={"AWS": f"arn:aws:iam::123456789012:user/{pattern}"}),
        request(),
    ),
    "not-principal": lambda pattern: (
        {"Effect": "Deny", "NotPrincipal": {"AWS": pattern}, "Action": "*", "Resource": "*"},
        request(),
    ),
    **{
        operator: lambda pattern, operator=operator: (  # type: ignore[misc]
            statement(Condition={operator: {"k": [f"{S3}{pattern}", pattern]}}),
            request(keys={"k": S3 + LONG}),
        )
        for operator in ("StringEquals", "StringLike", "StringNotLike", "ArnLike", "ArnNotEquals")
    },
    "any-value": lambda pattern: (
        statement(Condition={"ForAnyValue:StringLike": {"k": pattern}}),
        request(keys={"k": tuple("a" * length for length in range(0, 6_000, 120))}),
    ),
}


@pytest.mark.parametrize("pattern", [pytest.param(value, id=name) for name, value in PATTERNS.items()])
@pytest.mark.parametrize("place", PLACES)
def test_a_pattern_is_decided_wherever_it_stands(place: str, pattern: str) -> None:
    written, asked = PLACES[place](pattern)
    decide(text(written), asked)


@pytest.mark.parametrize("operator", OPERATORS)
def test_every_operator_decides_a_full_policy(operator: str) -> None:
    values = [f"{S3}*{number}*a?${{k}}" for number in range(250)]
    asked = request(keys={"k": "*" * 500, "other": ("a" * 500,) * 20})
    policy = text(
        statement(Condition={operator: {"k": values}, f"ForAnyValue:{operator}": {"other": values}})
    )
    assert len(policy) > 6_144
    decide(policy, asked)


@pytest.mark.parametrize(
    "written",
    [
        "${k}" * 1_500,
        "*${k}" * 1_200,
        "${k}*?" * 1_000,
        "${" * 3_000,
        "${" * 1_500 + "}" * 1_500,
        "${}" * 2_000,
    ],
)
@pytest.mark.parametrize("value", ["", "*", "a" * 2_000, "*" * 2_000, "${k}" * 500])
def test_variables_that_grow_are_decided(written: str, value: str) -> None:
    decide(text(statement(Resource=S3 + written)), request(resource=S3 + LONG, keys={"k": value}))
    condition = {
        "StringLike": {"k": written},
        "StringNotEquals": {"k": written},
        "ArnLike": {"k": S3 + written},
    }
    decide(text(statement(Condition=condition)), request(keys={"k": value}))


def test_a_value_of_wildcards_is_text() -> None:
    policy = text(statement(Resource=f"{S3}${{k}}"))
    assert not decide(policy, request(resource=S3 + "b" * 2_000, keys={"k": "*" * 2_000})).allowed
    assert decide(policy, request(resource=S3 + "*" * 2_000, keys={"k": "*" * 2_000})).allowed


# -- values that are not what they should be --------------------------------------------------------

VALUES: list[Any] = [
    *("", " ", "\x00", "\x00" * 5_000, "\n", "٣", "²", "Ⅷ", "１.１.１.１", "0x10", "1_000", "1" * 5_000, "-"),
    *("1e400", "-1e400", "1e999", "1e-999", "1e99999999999", "9" * 128, "9" * 129, "NaN", "Infinity", "sNaN"),
    *("9999-12-31T23:59:60Z", "0000-00-00", "2024-02-30", "2024-01-01T00:00:00+99:99", "1" * 20, "-1" * 60),
    *("0/0", "0.0.0.0/99999999999999", "::/129", "::%eth0", "1.1.1.1/255.0.0.0", "0x7f.1", "::ffff:1.1.1.1"),
    *(
        "====",
        "A",
        "AAA=A",
        "é===",
        "İ",
        "ß" * 3_000,
        "\U0010ffff",
        "\u202e",
        "e\u0301",
        "arn:" * 2_000,
        ":" * 6_000,
    ),
    *("${k}", "${", "$", "${*}" * 1_000, "true\n", "TRUE ", "yes"),
    *(10**400, -(10**400), 1e308, 5e-324, True, False),
]


@pytest.mark.parametrize("operator", OPERATORS)
def test_odd_values_are_decided_by_every_operator(operator: str) -> None:
    for value in VALUES:
        given = json.dumps(value) if not isinstance(value, str) else value
        for qualifier in ("", "ForAllValues:", "ForAnyValue:"):
            policy = text(statement(Condition={qualifier + operator: {"k": [value, "x"]}}))
            decide(policy, request(keys={"k": given}))
            decide(policy, request(keys={"k": (given, "x")}))


@pytest.mark.parametrize("number", ["1e400", "-1E+400", NINES, f"0.{NINES}", "1e" + "9" * 5_000, "-0"])
def test_numbers_keep_the_way_they_are_written(number: str) -> None:
    policy = ONE.replace(
        '"Resource": "*"', f'"Resource": "*", "Condition": {{"StringEquals": {{"k": {number}}}}}'
    )
    assert decide(policy, request(keys={"k": number})).allowed
    assert not decide(policy, request(keys={"k": number + "0"})).allowed


@pytest.mark.parametrize(
    "odd", ["\ud800", "\udfff\ud800", "\x00", "\x1b[31m", "\U0010ffff", "İ", "a" * 100_000, ""]
)
def test_odd_requests_are_decided(odd: str) -> None:
    policy = text(
        statement(Action="s3:*", Resource=f"{S3}*"),
        statement(
            Effect="Deny", Condition={"StringLike": {"k": "*b*"}, "StringNotEqualsIgnoreCase": {"k": "b"}}
        ),
    )
    for asked in (
        request(action=f"s3:{odd}"),
        request(resource=S3 + odd),
        request(keys={"k": odd, odd: "b"}),
    ):
        decide(policy, asked)
    for asked in (request(action=odd), request(resource=odd)):
        assert not decide(policy, asked).allowed


@pytest.mark.parametrize("odd", ["a\x00b", "a" * 100_000, "é", "\u202e", "a b", "\x7f", "🜁"])
def test_an_odd_sid_is_kept_and_shown(odd: str) -> None:
    decision = decide(text(statement(Sid=odd)), request())
    assert decision.determining[0].sid == odd
    with pytest.raises((MalformedPolicyDocument, LimitExceeded)) as caught:
        validate(text(statement(Sid=odd), statement(Sid=odd)), PolicyKind.SCP)
    assert caught.value.message.isprintable()


# -- many of everything -----------------------------------------------------------------------------


def test_as_many_statements_as_fit_are_decided() -> None:
    policy = json.dumps({"Statement": [{"Effect": "Deny", "Action": "a:b", "Resource": "*"}] * 2_400})
    assert not decide(policy, request()).allowed


def test_as_many_values_as_fit_are_decided() -> None:
    many = [f"a{number}" for number in range(12_000)]
    for more in ({"Action": ["s3:" + each for each in many]}, {"Resource": many[:9_000]}):
        assert not decide(text(statement(**more)), request()).allowed
    assert not decide(text(statement(Principal={"AWS": many})), request()).allowed
    assert not decide(
        text(statement(Condition={"ForAllValues:StringEquals": {"k": many}})), request(keys={"k": "a"})
    ).allowed
    assert decide(
        text(statement(Condition={"StringNotEquals": {"k": many}})), request(keys={"k": "a"})
    ).allowed


def test_as_many_conditions_as_fit_are_decided() -> None:
    keys = {f"k{number}": "*a*" for number in range(2_000)}
    asked = request(keys=dict.fromkeys(keys, "bab"))
    assert decide(text(statement(Condition={"StringLike": keys})), asked).allowed
    assert not decide(text(statement(Condition={"StringNotLike": keys})), asked).allowed


# -- linear work, by counting -----------------------------------------------------------------------


def calls(work: Callable[[], object]) -> int:
    """How many functions are called, Python's and C's, while it works."""
    counted = 0

    def count(frame: object, event: str, argument: object) -> None:
        nonlocal counted
        counted += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        work()
    finally:
        sys.setprofile(before)
    return counted


GROWING: dict[str, Callable[[int], tuple[dict[str, Any], RequestContext]]] = {
    "stars": lambda n: (statement(Resource=S3 + "a*" * n + "b"), request(resource=S3 + "a" * 2 * n)),
    "gaps": lambda n: (statement(Resource=S3 + "*a?" * n + "b"), request(resource=S3 + "a" * 3 * n)),
    "actions": lambda n: (statement(Action=[f"s3:*a{k}*b" for k in range(n)]), request()),
    "resources": lambda n: (statement(Resource=[f"{S3}*a{k}*b" for k in range(n)]), request()),
    "short-resources": lambda n: (statement(Resource=[f"arn:*{k}*" for k in range(n)]), request()),
    "principals": lambda n: (statement(Principal={"AWS": [f"arn:x:{k}" for k in range(n)]}), request()),
    "values": lambda n: (
        statement(Condition={"StringLike": {"k": [f"*{k}*" for k in range(n)]}}),
        request(keys={"k": "a"}),
    ),
    "values-of-a-crowd": lambda n: (
        statement(Condition={"ForAnyValue:StringLike": {"k": [f"*a?{k}*" for k in range(n)]}}),
        request(keys={"k": tuple("a" * 8 + str(k) for k in range(10))}),
    ),
    "gaps-in-a-list": lambda n: (
        statement(Condition={"StringLike": {"k": [f"*a?b{k}*" for k in range(n)]}}),
        request(keys={"k": "a" * 400 + "b"}),
    ),
    "addresses": lambda n: (
        statement(Condition={"IpAddress": {"k": [f"{k:x}::/9" for k in range(n)]}}),
        request(keys={"k": "1.1.1.1"}),
    ),
    "variables": lambda n: (
        statement(Resource=S3 + "*${k}" * n),
        request(resource=S3 + "ab" * n, keys={"k": "a"}),
    ),
    "conditions": lambda n: (
        statement(Condition={"StringNotLike": {f"k{k}": "*a" for k in range(n)}}),
        request(keys={f"k{k}": "b" for k in range(n)}),
    ),
}


@pytest.mark.parametrize("name", GROWING)
@pytest.mark.parametrize("evaluator", [authorize, explain])
def test_twice_the_policy_is_twice_the_work(name: str, evaluator: Callable[..., object]) -> None:
    counted: list[int] = []
    for size in (200, 400):
        written, asked = GROWING[name](size)

        def work(written: Any = written, asked: RequestContext = asked) -> None:
            document = parse_document(text(written))
            at_resource = "Principal" in written
            evaluator(
                asked, PolicyLayers(resource=document) if at_resource else PolicyLayers(identity=(document,))
            )

        counted.append(calls(work))
    assert counted[1] < 2.5 * counted[0]


@pytest.mark.parametrize(
    "name", ["arrays", "escapes-open", "quotes", "100000-statements", "duplicates-by-the-thousand"]
)
def test_a_refusal_looks_at_a_text_a_few_times(name: str) -> None:
    policy = REFUSED[name]

    def work() -> None:
        with pytest.raises(PolicySyntaxError):
            parse_document(policy)

    work()
    assert calls(work) < 4 * len(policy) + 1_000


class Looked(str):
    """A text that counts how far it is looked through."""

    steps = 0

    def find(self, *arguments: Any) -> int:
        found = super().find(*arguments)
        Looked.steps += (found if found >= 0 else arguments[2]) - arguments[1] + len(arguments[0])
        return found


@pytest.mark.parametrize("stars", [10, 100, 1_000])
def test_a_text_is_looked_through_once_however_many_stars_there_are(stars: int) -> None:
    asked = Looked("ab" * 3_000)
    for pattern in ("*ab" * stars + "*", "*ab" * stars + "*c*", "a" + "*b*a" * stars + "b"):
        Looked.steps = 0
        assert matcher(pattern)(asked) is ("c" not in pattern)
        assert 0 < Looked.steps <= len(asked) + 2 * len(pattern)
