"""Reading a policy: what is none is refused with its place; what is one becomes plain values."""

from __future__ import annotations

import json
from typing import Any

import pytest

from rolekeeper.policy.document import OPERATORS, PolicySyntaxError, parse_document
from rolekeeper.policy.source import MAX_CHARACTERS, MAX_DEPTH

STATEMENT = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}


def policy(**more: Any) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": [{**STATEMENT, **more}]}


@pytest.mark.parametrize(
    ("text", "path"),
    [
        pytest.param("[" * 10_000, "$", id="nested-arrays"),
        pytest.param('{"Statement":' * 10_000, "$", id="nested-objects"),
        pytest.param('{"Statement":' + "[" * 10_000 + "]" * 10_000 + "}", "$", id="closed-arrays"),
        pytest.param('"' + '\\"' * 60_000, "$", id="string-without-end"),
        pytest.param('"\\' * 60_000, "$", id="strings-without-end"),
        pytest.param(" " * (MAX_CHARACTERS + 1), "$", id="too-long"),
        pytest.param('{"Version": ' + "1" * 100_000 + "}", "$.Version", id="long-number"),
        pytest.param(b"\xff\xfe", "$", id="not-utf-8"),
        pytest.param("\ufeff{}", "$", id="byte-order-mark"),
        pytest.param('{"Id":"\\udc00"}', "$", id="half-a-surrogate"),
        pytest.param('{"Id":"a\\u0000","Statement":[{}]}', "$.Statement[0]", id="escaped-nul-is-text"),
        pytest.param('{"Statement":{"Effect":"Allow","Effect":"Deny"}}', "$", id="duplicate-key"),
        pytest.param("{}{}", "$", id="two-values"),
        pytest.param('{"Version":Infinity}', "$", id="infinity"),
    ],
)
def test_hostile_text_is_refused(text: str | bytes, path: str) -> None:
    with pytest.raises(PolicySyntaxError) as caught:
        parse_document(text)
    assert caught.value.path == path


def test_brackets_in_strings_are_no_depth() -> None:
    document = parse_document(policy(Sid="[" * (MAX_DEPTH + 1) + '"{'))
    assert document.statements[0].sid == "[" * (MAX_DEPTH + 1) + '"{'


def test_deep_python_values_are_refused() -> None:
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]
    with pytest.raises(PolicySyntaxError):
        parse_document({"Statement": deep})


@pytest.mark.parametrize("value", [float("nan"), {1, 2}, b"x"])
def test_python_values_that_are_no_json_are_refused(value: Any) -> None:
    with pytest.raises(PolicySyntaxError):
        parse_document({"Id": value})


@pytest.mark.parametrize(
    ("more", "path"),
    [
        ({"Effect": "Maybe"}, "$.Statement[0].Effect"),
        ({"Action": ["*", 1]}, "$.Statement[0].Action[1]"),
        ({"Principal": {"Nobody": "x"}}, "$.Statement[0].Principal.Nobody"),
        ({"Condition": {"Bool": {"k": ["true", {}]}}}, "$.Statement[0].Condition.Bool.k"),
        ({"Condition": {"StringSame": {"k": "v"}}}, "$.Statement[0].Condition.StringSame"),
    ],
)
def test_an_error_names_its_place(more: dict[str, Any], path: str) -> None:
    with pytest.raises(PolicySyntaxError) as caught:
        parse_document(policy(**more))
    assert caught.value.path == path


def test_a_statement_without_actions_is_refused() -> None:
    with pytest.raises(PolicySyntaxError, match="actions"):
        parse_document({"Statement": {"Effect": "Allow", "Resource": "*"}})


def test_every_element_is_kept() -> None:
    document = parse_document({**policy(Sid="s"), "Id": "i"})
    statement = document.statements[0]
    assert (document.id, document.version, document.has_variables) == ("i", "2012-10-17", True)
    assert (statement.index, statement.sid, statement.effect) == (0, "s", "Allow")
    assert (statement.actions, statement.not_actions) == (("s3:GetObject",), None)
    assert (statement.resources, statement.not_resources) == (("*",), None)


def test_principals_are_kept_by_kind() -> None:
    named = {"AWS": ["1", "2"], "Service": "s", "Federated": "f", "CanonicalUser": "c"}
    principals = parse_document(policy(Principal=named)).statements[0].principals
    assert principals is not None
    assert (principals.aws, principals.service, principals.federated) == (("1", "2"), ("s",), ("f",))
    assert (principals.canonical_user, principals.star, principals.everyone) == (("c",), False, False)


@pytest.mark.parametrize("written", ["*", {"AWS": "*"}, {"AWS": ["1", "*"]}])
def test_everyone(written: Any) -> None:
    principals = parse_document(policy(Principal=written)).statements[0].principals
    assert principals is not None
    assert principals.everyone


def test_a_star_elsewhere_is_not_everyone() -> None:
    principals = parse_document(policy(Principal={"Service": "*"})).statements[0].principals
    assert principals is not None
    assert not principals.everyone


@pytest.mark.fact(66)
@pytest.mark.parametrize("base", OPERATORS)
def test_fact_066_operators_ignore_case(base: str) -> None:
    condition = parse_document(policy(Condition={base.upper(): {"K": "v"}})).statements[0].conditions[0]
    assert (condition.operator, condition.base, condition.key) == (base.upper(), base, "K")
    assert (condition.qualifier, condition.if_exists) == (None, False)


def test_a_qualified_operator_is_taken_apart() -> None:
    written = {"ForAnyValue:StringLikeIfExists": {"k": ["a", "b"]}}
    condition = parse_document(policy(Condition=written)).statements[0].conditions[0]
    assert (condition.qualifier, condition.base, condition.if_exists) == ("ForAnyValue", "StringLike", True)
    assert condition.values == ("a", "b")


@pytest.mark.fact(71)
def test_fact_071_numbers_and_booleans_are_text() -> None:
    text = json.dumps(policy(Condition={"NumericEquals": {"n": [1.50, 10]}, "Bool": {"b": False}}))
    values = [c.values for c in parse_document(text.replace("1.5,", "1.50,")).statements[0].conditions]
    assert values == [("1.50", "10"), ("false",)]


@pytest.mark.fact(78)
def test_fact_078_one_or_several() -> None:
    alone = parse_document({"Statement": STATEMENT})
    listed = parse_document({"Statement": [{**STATEMENT, "Action": ["s3:GetObject"], "Resource": ["*"]}]})
    assert alone.statements == listed.statements


def test_documents_are_equal_by_their_text() -> None:
    text = json.dumps(policy())
    assert parse_document(text) == parse_document(text.encode())
    assert hash(parse_document(text)) == hash(parse_document(text))
    assert parse_document(text) != parse_document(text + " ")


def test_the_version_decides_on_variables() -> None:
    assert not parse_document({"Statement": []}).has_variables
    assert not parse_document({"Version": "2008-10-17", "Statement": []}).has_variables
