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
    return bool(compile_document(document, layer).statements[0].applies(context, context.value))


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


@pytest.mark.fact(48)
def test_not_resource_is_all_the_rest() -> None:
    assert not applies({"NotResource": "arn:aws:s3:::b/*"}, "arn:aws:s3:::b/x")
    assert applies({"NotResource": "arn:aws:s3:::b/*"}, "arn:aws:s3:::c/x")


@pytest.mark.fact(49)
def test_an_action_without_resources_is_matched_by_a_star_only() -> None:
    assert applies({"Resource": ["arn:aws:s3:::b", "*"]}, "*")
    assert not applies({"Resource": "arn:aws:s3:::*"}, "*")
    assert applies({"NotResource": "arn:aws:s3:::*"}, "*")


@pytest.mark.fact(50)
def test_variables_stand_in_the_last_segment() -> None:
    keys = {"aws:username": "ana", "aws:region": "eu-west-1"}
    assert applies({"Resource": "arn:aws:s3:::b/${aws:username}/*"}, "arn:aws:s3:::b/ana/x", **keys)
    assert not applies({"Resource": "arn:aws:s3:::b/${aws:username}/*"}, "arn:aws:s3:::b/bob/x", **keys)
    assert not applies({"Resource": "arn:aws:sns:${aws:region}:1:t"}, "arn:aws:sns:eu-west-1:1:t", **keys)


@pytest.mark.fact(52)
def test_a_variable_without_a_value_matches_nothing_and_excludes_nothing() -> None:
    assert not applies({"Resource": "arn:aws:s3:::b/${s3:prefix}"}, "arn:aws:s3:::b/")
    assert applies({"NotResource": "arn:aws:s3:::b/${s3:prefix}"}, "arn:aws:s3:::b/")


@pytest.mark.fact(55)
def test_a_star_from_the_request_is_no_wildcard() -> None:
    resource = {"Resource": "arn:aws:s3:::b/${s3:prefix}"}
    assert not applies(resource, "arn:aws:s3:::b/all", **{"s3:prefix": "*"})
    assert applies(resource, "arn:aws:s3:::b/*", **{"s3:prefix": "*"})


@pytest.mark.fact(106)
@pytest.mark.parametrize(
    ("layer", "expected"),
    [
        ("identity", (True, True, True)),
        ("boundary", (True, True, True)),
        ("session", (True, True, True)),
        ("resource", (False, True, True)),
        ("vpc_endpoint", (False, True, True)),
        ("scp", (False, False, True)),
        ("rcp", (False, False, False)),
    ],
)
def test_a_short_arn_is_read_as_its_layer_reads_it(layer: Layer, expected: tuple[bool, ...]) -> None:
    patterns = ("arn:aws:s3", "arn:*:s3", "arn:aws:s*")
    found = [applies({"Resource": pattern}, "arn:aws:s3:::b", layer) for pattern in patterns]
    assert tuple(found) == expected


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
