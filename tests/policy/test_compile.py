from __future__ import annotations

from typing import Any

import pytest

from rolekeeper.policy.compile import compile_document
from rolekeeper.policy.context import IamUser, RequestContext
from rolekeeper.policy.decision import Layer
from rolekeeper.policy.document import parse_document

ANA = IamUser(arn="arn:aws:iam::111122223333:user/ana", user_id="AIDAANA")


def applies(statement: dict[str, Any], resource: str, layer: Layer = "identity", **keys: str) -> bool:
    full = {"Effect": "Allow", "Action": "*", **statement}
    document = parse_document({"Version": "2012-10-17", "Statement": full})
    context = RequestContext(principal=ANA, action="s3:GetObject", resource=resource, keys=keys)
    return bool(compile_document(document, layer).statements[0].terms().applies(context, context.value))


def speaks_of(action: str, **elements: Any) -> bool:
    document = parse_document({"Statement": {"Effect": "Allow", "Resource": "*", **elements}})
    return any(compile_document(document, "identity").select(action.lower()))


@pytest.mark.fact(44)
@pytest.mark.parametrize(
    "pattern", ["s3:Get", "3:GetObject", "s3:Get?bject?", "s*:GetObject", "*:GetObject", "iam:*"]
)
def test_a_statement_does_not_speak_of_an_action(pattern: str) -> None:
    assert not speaks_of("s3:GetObject", Action=pattern)
    assert speaks_of("s3:GetObject", NotAction=pattern)


@pytest.mark.fact(44)
@pytest.mark.parametrize("pattern", ["*", "s3:*", "S3:GETOBJECT", "s3:get*", "s3:*object", "s3:G?t*"])
def test_a_statement_speaks_of_an_action(pattern: str) -> None:
    assert speaks_of("s3:GetObject", Action=["iam:GetRole", pattern])
    assert not speaks_of("s3:GetObject", NotAction=["iam:GetRole", pattern])


@pytest.mark.fact(107)
@pytest.mark.parametrize("pattern", ["s3:", "s3:Get Object", "s3: *", "s3:GetObject,PutObject", "", "s3"])
def test_a_broken_action_matches_nothing(pattern: str) -> None:
    assert not speaks_of("s3:GetObject", Action=pattern)
    assert speaks_of("s3:GetObject", NotAction=pattern)


def test_denies_and_allows_are_told_apart_in_order() -> None:
    effects = ["Allow", "Deny", "Allow", "Deny"]
    listed = [{"Effect": effect, "Action": "s3:*", "Resource": "*"} for effect in effects]
    denies, allows = compile_document(parse_document({"Statement": listed}), "identity").select(
        "s3:getobject"
    )
    assert [each.index for each in denies] == [1, 3]
    assert [each.index for each in allows] == [0, 2]


@pytest.mark.fact(79)
def test_an_empty_list_never_matches() -> None:
    assert not applies({"Resource": []}, "arn:aws:s3:::b")
    assert not speaks_of("s3:GetObject", Action=[])


@pytest.mark.fact(76)
def test_a_condition_that_fails_takes_the_statement_away() -> None:
    statement = {"Resource": "*", "Condition": {"StringEquals": {"a:b": "x"}}}
    assert applies(statement, "arn:aws:s3:::b", **{"a:b": "x"})
    assert not applies(statement, "arn:aws:s3:::b", **{"a:b": "y"})


def test_the_same_text_is_compiled_once_for_a_layer() -> None:
    text = '{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}'
    first = compile_document(parse_document(text), "identity")
    assert compile_document(parse_document(text), "identity") is first
    assert compile_document(parse_document(text), "scp") is not first
