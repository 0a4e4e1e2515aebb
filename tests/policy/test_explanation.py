"""The words of an explanation: each element of each statement, what the request has and what is wanted."""

from __future__ import annotations

import pytest

from rolekeeper.policy.context import RequestContext
from rolekeeper.policy.decision import PolicyLayers
from rolekeeper.policy.explanation import StatementReport
from rolekeeper.policy.reference import explain

A = "123456789012"
ANA = f"arn:aws:iam::{A}:user/ana"
ROLE = f"arn:aws:iam::{A}:role/app"
SESSION = f"arn:aws:sts::{A}:assumed-role/app/s"
OBJECT = "arn:aws:s3:::reports/ana/x"


def report(statement, *, layer="identity", principal=ANA, action="s3:GetObject", boundary=None, **context):
    """The report on one statement, in a layer of its own."""
    wanted = {"Effect": "Allow", "Action": "*", **({} if "NotResource" in statement else {"Resource": "*"})}
    if "NotAction" in statement:
        del wanted["Action"]
    document = {"Version": "2012-10-17", "Statement": {**wanted, **statement}}
    policies = {layer: document if layer == "resource" else [document]}
    if boundary is not None:
        policies["boundary"] = boundary
    request = {"principal": principal, "action": action, "resource": OBJECT, "resource_account": A}
    explanation = explain(
        RequestContext.from_json({**request, "context": context}), PolicyLayers.from_json(policies)
    )
    (found,) = (each for each in explanation.layers if each.layer == layer)
    (statement_report,) = found.statements
    return statement_report


def failing(found: StatementReport) -> list[str]:
    return [element.text for element in found.failures]


def conditioned(operator, key, values, **context):
    return report({"Condition": {operator: {key: values}}}, **context)


@pytest.mark.parametrize(
    ("statement", "text"),
    [
        (
            {"Action": ["s3:Put*", "ec2:*"]},
            "Action: request asks for 's3:GetObject', statement has 's3:Put*', 'ec2:*'",
        ),
        (
            {"NotAction": "s3:Get*"},
            "NotAction: request asks for 's3:GetObject', statement leaves out 's3:Get*'",
        ),
        (
            {"Resource": "arn:aws:s3:::other/*"},
            f"Resource: request is for '{OBJECT}', statement has 'arn:aws:s3:::other/*'",
        ),
        (
            {"NotResource": "arn:aws:s3:::reports/*"},
            f"NotResource: request is for '{OBJECT}', statement leaves out 'arn:aws:s3:::reports/*'",
        ),
        (
            {"Resource": "arn:aws:s3:::reports/${aws:PrincipalTag/team}/*"},
            (
                f"Resource: request is for '{OBJECT}', statement has "
                "'arn:aws:s3:::reports/${aws:PrincipalTag/team}/*' "
                "('reports/${aws:PrincipalTag/team}/*' has no value here)"
            ),
        ),
        ({"Action": []}, "Action: request asks for 's3:GetObject', statement names nothing"),
    ],
)
def test_an_element_tells_both_sides(statement, text) -> None:
    assert failing(report(statement)) == [text]


@pytest.mark.parametrize(
    ("operator", "key", "values", "given", "text"),
    [
        ("StringEquals", "aws:PrincipalTag/team", "blue", "red", "request has 'red', statement wants 'blue'"),
        (
            "StringEquals",
            "aws:PrincipalTag/team",
            "blue",
            None,
            "request has no such key, statement wants 'blue'",
        ),
        ("StringLike", "a:b", ["x*", "y*"], "z", "request has 'z', statement wants one of 'x*', 'y*'"),
        ("StringNotEquals", "a:b", "z", "z", "request has 'z', statement wants anything but 'z'"),
        ("StringNotLike", "a:b", ["y", "z*"], "z", "request has 'z', statement wants none of 'y', 'z*'"),
        ("StringEquals", "a:b", [], "z", "request has 'z', statement wants one of no values"),
        (
            "StringEquals",
            "a:b",
            "${aws:username}",
            "bob",
            "request has 'bob', statement wants '${aws:username}' ('${aws:username}' is 'ana' here)",
        ),
        (
            "StringEquals",
            "a:b",
            "${a:c}",
            "bob",
            "request has 'bob', statement wants '${a:c}' ('${a:c}' has no value here)",
        ),
        (
            "StringEquals",
            "a:b",
            "x",
            ["x", "y"],
            (
                "request has 'x', 'y', statement wants 'x' (a key of several values needs ForAllValues or "
                "ForAnyValue)"
            ),
        ),
        (
            "ForAllValues:StringEquals",
            "a:b",
            "x",
            ["x", "y"],
            "request has 'x', 'y', statement wants each value to be 'x'",
        ),
        (
            "ForAnyValue:StringLike",
            "a:b",
            ["x", "z*"],
            ["y"],
            "request has 'y', statement wants some value to be one of 'x', 'z*'",
        ),
        ("ForAnyValue:StringEquals", "a:b", "x", None, "no such key, statement wants some value to be 'x'"),
        ("NumericLessThan", "a:b", "10", "11", "request has '11', statement wants less than '10'"),
        ("NumericGreaterThanEquals", "a:b", 10, "9", "request has '9', statement wants at least '10'"),
        (
            "NumericEquals",
            "a:b",
            "10",
            "ten",
            "request has 'ten', statement wants '10' (no number: 'ten')",
        ),
        (
            "NumericNotEquals",
            "a:b",
            "ten",
            "10",
            "request has '10', statement wants anything but 'ten' (no number: 'ten')",
        ),
        (
            "DateLessThan",
            "a:b",
            "2024-01-01",
            "2025-01-01",
            "'2025-01-01', statement wants before '2024-01-01'",
        ),
        ("DateGreaterThan", "a:b", "2024-01-01", "now", "wants after '2024-01-01' (no date: 'now')"),
        ("Bool", "aws:MultiFactorAuthPresent", "true", None, "no such key, statement wants 'true'"),
        ("Bool", "a:b", "yes", "true", "request has 'true', statement wants 'yes' (no boolean: 'yes')"),
        ("BinaryEquals", "a:b", "YQ==", "YWI=", "request has 'YWI=', statement wants 'YQ=='"),
        ("BinaryEquals", "a:b", "YQ==", "?", "statement wants 'YQ==' (no base64 text: '?')"),
        (
            "IpAddress",
            "aws:SourceIp",
            ["10.0.0.0/8", "192.0.2.0/24"],
            "203.0.113.9",
            "request has '203.0.113.9', statement wants an address in '10.0.0.0/8' or '192.0.2.0/24'",
        ),
        (
            "NotIpAddress",
            "aws:SourceIp",
            "10.9.9.9/8",
            "10.0.0.1",
            "request has '10.0.0.1', statement wants an address outside '10.9.9.9/8'",
        ),
        ("IpAddress", "a:b", "10.0.0.0/99", "10.0.0.1", "'10.0.0.0/99' (no IP address: '10.0.0.0/99')"),
        ("Null", "aws:username", "true", None, "request has 'ana', statement wants no value"),
        ("Null", "a:b", "false", None, "request has no such key, statement wants a value"),
        (
            "ArnLike",
            "aws:SourceArn",
            "arn:aws:s3:::b",
            "b",
            "request has 'b', statement wants 'arn:aws:s3:::b' (no ARN: 'b')",
        ),
    ],
)
def test_a_condition_tells_both_sides(operator, key, values, given, text) -> None:
    context = {} if given is None else {key: given}
    (found,) = conditioned(operator, key, values, **context).failures
    assert found.text.startswith(f"Condition {operator} {key}: request ")
    assert found.text.endswith(text)


@pytest.mark.parametrize(
    ("operator", "note"),
    [
        ("StringEqualsIfExists", "IfExists lets a missing key pass"),
        ("StringNotEquals", "a negated operator holds where there is no value"),
        ("ForAllValues:StringEquals", "ForAllValues holds where there is no value"),
    ],
)
def test_a_missing_key_that_passes_is_told(operator, note) -> None:
    found = conditioned(operator, "a:b", "x")
    assert found.applies
    assert found.elements[-1].notes == (note,)


def test_what_holds_is_told_in_the_same_words() -> None:
    found = conditioned("StringEquals", "aws:username", "ana")
    assert found.applies and found.failure is None and found.failures == ()
    assert [element.text for element in found.elements] == [
        "Action: request asks for 's3:GetObject', statement has '*'",
        f"Resource: request is for '{OBJECT}', statement has '*'",
        "Condition StringEquals aws:username: request has 'ana', statement wants 'ana'",
    ]


def test_every_failing_element_is_told() -> None:
    found = report(
        {"Action": "s3:Put*", "Resource": "arn:aws:s3:::x", "Condition": {"Bool": {"a:b": "true"}}}
    )
    assert [element.name for element in found.failures] == ["Action", "Resource", "Condition Bool a:b"]
    assert found.failure == found.failures[0].text


@pytest.mark.parametrize(
    ("statement", "principal", "text"),
    [
        (
            {"Principal": {"AWS": ROLE}},
            ANA,
            f"Principal: request comes from '{ANA}', statement names '{ROLE}'",
        ),
        (
            {"Principal": {"AWS": ANA}},
            SESSION,
            f"Principal: request comes from '{SESSION}', statement names '{ANA}' (a session of '{ROLE}')",
        ),
        (
            {"NotPrincipal": {"AWS": ANA}},
            ANA,
            f"NotPrincipal: request comes from '{ANA}', statement leaves out '{ANA}'",
        ),
        (
            {"Effect": "Deny", "NotPrincipal": {"AWS": [ANA, A]}},
            ANA,
            f"NotPrincipal: request comes from '{ANA}', statement leaves out '{ANA}', '{A}'",
        ),
        (
            {"Principal": {"Service": "ec2.amazonaws.com"}},
            "ecs.amazonaws.com",
            "Principal: request comes from 'ecs.amazonaws.com', statement names 'ec2.amazonaws.com'",
        ),
    ],
)
def test_principals_tell_both_sides(statement, principal, text) -> None:
    assert failing(report(statement, layer="resource", principal=principal)) == [text]


@pytest.mark.parametrize(
    ("statement", "principal", "boundary", "note"),
    [
        (
            {"Principal": {"AWS": A}},
            ANA,
            None,
            "it names the account, whose own policies have to allow as well",
        ),
        (
            {"Effect": "Deny", "NotPrincipal": {"AWS": ANA}},
            ANA,
            None,
            "it spares who is listed with his account",
        ),
        (
            {"Effect": "Deny", "NotPrincipal": {"AWS": [ROLE, A]}},
            SESSION,
            None,
            f"it spares a session listed together with its role '{ROLE}' and its account",
        ),
        (
            {"Effect": "Deny", "NotPrincipal": {"AWS": [ANA, A]}},
            ANA,
            [],
            "it spares nobody who has a permissions boundary",
        ),
    ],
)
def test_principals_note_how_near_they_come(statement, principal, boundary, note) -> None:
    found = report(statement, layer="resource", principal=principal, boundary=boundary)
    assert found.applies
    assert found.elements[0].notes == (note,)


def test_an_older_policy_has_no_variables() -> None:
    document = {"Statement": {"Effect": "Allow", "Action": "*", "Resource": "arn:aws:s3:::${aws:username}"}}
    request = RequestContext.from_json({"principal": ANA, "action": "s3:GetObject", "resource": OBJECT})
    explanation = explain(request, PolicyLayers.from_json({"identity": [document]}))
    (element,) = explanation.layers[0].statements[0].failures
    assert element.notes == ()


def test_what_is_long_is_cut_in_words_only() -> None:
    values = [f"{number}" + "x" * 300 for number in range(20)]
    (found,) = conditioned("StringEquals", "a:b", values, **{"a:b": "y"}).failures
    assert found.wanted == tuple(values)
    assert len(found.text) < 1500 and found.text.endswith("and 14 more")


def test_no_value_steers_a_terminal() -> None:
    (found,) = conditioned("StringEquals", "a:b", "x\x1b[31m", **{"a:b": "\x1b]0;t\x07"}).failures
    assert "\x1b" not in found.text and "\x07" not in found.text


def test_the_nearest_is_the_one_with_fewest_failures() -> None:
    far = {"Sid": "Far", "Effect": "Allow", "Action": "ec2:*", "Resource": "arn:aws:s3:::x"}
    close = {"Sid": "Close", "Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::x"}
    layers = PolicyLayers.from_json({"identity": [{"Version": "2012-10-17", "Statement": [far, close]}]})
    request = {"principal": ANA, "action": "s3:GetObject", "resource": OBJECT}
    nearest = explain(RequestContext.from_json(request), layers).nearest
    assert nearest is not None and nearest.reference.sid == "Close"


def test_nothing_is_nearest_to_a_deny_or_an_allow() -> None:
    request = RequestContext.from_json({"principal": ANA, "action": "s3:GetObject", "resource": OBJECT})
    for effect in ("Allow", "Deny"):
        statements = [{"Effect": effect, "Action": "*", "Resource": "*"}]
        statements.append({"Effect": "Allow", "Action": "ec2:*", "Resource": "*"})
        document = {"Version": "2012-10-17", "Statement": statements}
        assert explain(request, PolicyLayers.from_json({"identity": [document]})).nearest is None


@pytest.mark.fact(105)
@pytest.mark.parametrize("action", ["sts:AssumeRole", "sts:TagSession"])
def test_fact_105_a_roles_own_policy_is_its_trust_policy(action) -> None:
    request = RequestContext.from_json({"principal": ANA, "action": action, "resource": ROLE})
    deny = {"Statement": {"Effect": "Deny", "Principal": "*", "Action": "sts:*"}}
    layers = PolicyLayers.from_json({"resource": deny})
    assert explain(request, layers).denial_text(action) == "with an explicit deny in the role trust policy"
    said = f"because no role trust policy allows the {action} action"
    assert explain(request, PolicyLayers()).denial_text(action) == said
