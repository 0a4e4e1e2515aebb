from __future__ import annotations

from typing import Any

import pytest

from rolekeeper.policy.compile import compile_document
from rolekeeper.policy.compile_resources import names_star, resource_beginnings
from rolekeeper.policy.context import IamUser, RequestContext
from rolekeeper.policy.decision import Layer
from rolekeeper.policy.document import parse_document

ANA = IamUser(arn="arn:aws:iam::111122223333:user/ana", user_id="AIDAANA")


def applies(statement: dict[str, Any], resource: str, layer: Layer = "identity", **keys: str) -> bool:
    full = {"Effect": "Allow", "Action": "*", **statement}
    document = parse_document({"Version": "2012-10-17", "Statement": full})
    context = RequestContext(principal=ANA, action="s3:GetObject", resource=resource, keys=keys)
    return bool(compile_document(document, layer).statements[0].terms().applies(context, context.value))


@pytest.mark.fact(48)
def test_not_resource_is_all_the_rest() -> None:
    assert not applies({"NotResource": "arn:aws:s3:::b/*"}, "arn:aws:s3:::b/x")
    assert applies({"NotResource": "arn:aws:s3:::b/*"}, "arn:aws:s3:::c/x")


@pytest.mark.fact(49)
def test_a_star_is_matched_by_a_star_only() -> None:
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


@pytest.mark.fact(49)
@pytest.mark.parametrize(
    ("elements", "expected"),
    [
        ({"Resource": "*"}, True),
        ({"Resource": ["arn:aws:s3:::b", "?"]}, True),
        ({"Resource": "arn:aws:s3:::*"}, False),
        ({"Resource": "arn:*"}, False),
        ({"Resource": "${*}"}, False),
        ({"Resource": []}, False),
        ({"NotResource": "arn:aws:s3:::*"}, True),
        ({"NotResource": []}, True),
        ({"NotResource": "*"}, False),
    ],
)
def test_what_names_a_star(elements: dict[str, Any], expected: bool) -> None:
    document = parse_document({"Statement": {"Effect": "Allow", "Action": "*", **elements}})
    assert names_star(document.statements[0]) is expected


def test_the_beginnings_of_resources() -> None:
    def beginnings(**elements: Any) -> set[str]:
        document = parse_document({"Statement": {"Effect": "Allow", "Action": "*", **elements}})
        return set(resource_beginnings(document.statements[0]))

    assert beginnings(Resource=["arn:a", "arn:b*", "arn:b?"]) == {"arn:a", "arn:b"}
    assert beginnings(Resource=["arn:a", "*"]) == beginnings(NotResource="arn:a") == beginnings() == {""}
    assert beginnings(Resource=[]) == set()
