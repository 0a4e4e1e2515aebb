"""A plain question is read once, however often it is put; a change, or what has a secret in it, each time."""

from __future__ import annotations

import pytest

from rolekeeper.app import OPERATIONS
from rolekeeper.errors import MalformedInput, ValidationError
from rolekeeper.service.registry import OperationTable
from rolekeeper.wire.form import FORM_TYPE
from rolekeeper.wire.http import HttpRequest

TABLE = OperationTable(OPERATIONS)
ROLE = "RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Fdev&RoleSessionName=me"


def request(body, *, content_type=FORM_TYPE, method="POST", query=""):
    return HttpRequest(
        method=method, path="/", query=query, headers=[("content-type", content_type)], body=body.encode()
    )


def read(body, **more):
    """The members that a request has, and the form that they were read from."""
    asked = request(body, **more)
    return TABLE.find(asked).read(asked), asked.form


def sts(action, rest):
    return f"Action={action}&Version=2011-06-15&{rest}"


def iam(action, rest):
    return f"Action={action}&Version=2010-05-08&{rest}"


def test_an_equal_question_is_not_read_again():
    members, form = read(sts("AssumeRole", ROLE))
    assert members == {"RoleArn": "arn:aws:iam::123456789012:role/dev", "RoleSessionName": "me"}
    again, same = read(sts("AssumeRole", ROLE))
    assert again is members
    assert same is form


def test_another_question_is_another():
    one, _ = read(iam("GetRole", "RoleName=one"))
    other, _ = read(iam("GetRole", "RoleName=two"))
    assert (one["RoleName"], other["RoleName"]) == ("one", "two")
    _, form = read(iam("GetRole", "RoleName=one"), query="RoleName2=x")
    assert form["RoleName2"] == "x"
    with pytest.raises(MalformedInput):
        read(iam("GetRole", "RoleName=one"), content_type="application/json")


@pytest.mark.parametrize(
    "body",
    [
        sts("AssumeRole", f"{ROLE}&SerialNumber=GAHT12345678&TokenCode=123456"),
        iam("CreateRole", "RoleName=r&AssumeRolePolicyDocument=%7B%7D"),
        iam("UpdateAccessKey", "AccessKeyId=AKIAIOSFODNN7EXAMPLE&Status=Inactive"),
        sts("AssumeRole", f"{ROLE}&Tags.member.1.Key=a&Tags.member.1.Value=b"),
        sts("AssumeRole", f"{ROLE}&ExternalId={'x' * 1100}"),
    ],
    ids=["a code", "a change", "another change", "a list", "a long one"],
)
def test_what_is_read_each_time(body):
    members, form = read(body)
    again, other = read(body)
    assert again == members
    assert again is not members
    assert other is not form


def test_what_is_wrong_is_wrong_each_time():
    for _ in range(2):
        with pytest.raises(ValidationError):
            read(iam("GetRole", "RoleName=a%20b"))


def test_many_questions_do_not_fill_the_memory():
    for number in range(9000):
        read(iam("GetRole", f"RoleName=r{number}"))
    members, _ = read(iam("GetRole", "RoleName=r0"))
    assert members == {"RoleName": "r0"}
