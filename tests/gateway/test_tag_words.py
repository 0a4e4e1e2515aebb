"""The names that services have of their own for tags."""

from __future__ import annotations

import asyncio

from rolekeeper.gateway.asked import Wanted
from rolekeeper.gateway.plans import compile_plan
from rolekeeper.gateway.rules import Rules
from rolekeeper.gateway.tag_words import found, of_resource
from tests.gateway.asking import Behind, asked, rules

TAGS = {"Team": "a"}


def words(action: str, kind: str) -> set[str]:
    return set(of_resource(Wanted(action=action, resource="*", type=kind), TAGS))


def test_a_service_without_words_of_its_own_has_none() -> None:
    assert words("sqs:SendMessage", "queue") == set()
    assert words("nobody:Knows", "it") == set()


def test_nothing_is_told_of_what_has_no_tags() -> None:
    assert of_resource(Wanted(action="ec2:StartInstances", resource="*", type="instance"), {}) == {}


def test_services_have_words_of_their_own_for_tags_of_resources() -> None:
    assert words("ec2:StartInstances", "instance") == {"ec2:resourcetag/team"}
    assert words("s3:GetObject", "object") == {"s3:buckettag/team"}
    assert words("rds:DeleteDBInstance", "db") == {"rds:db-tag/team"}
    assert words("secretsmanager:GetSecretValue", "Secret") == {"secretsmanager:resourcetag/team"}
    assert of_resource(Wanted(action="ec2:StartInstances", resource="*", type="instance"), TAGS) == {
        "ec2:resourcetag/team": "a"
    }


def test_tags_of_objects_are_looked_for_where_a_policy_names_one() -> None:
    request = asked("s3", "GetObject", Bucket="photos", Key="cat.jpg")
    behind = Behind({"GetObjectTagging": {"TagSet": [{"Key": "Team", "Value": "a"}]}})
    arn = "arn:aws:s3:::photos/cat.jpg"
    assert asyncio.run(found(rules("s3"), behind, request, arn, {"s3:prefix", "aws:resourcetag/team"})) == {}
    assert behind.calls == []
    assert asyncio.run(found(rules("s3"), behind, request, arn, {"s3:existingobjecttag/team"})) == {
        "s3:existingobjecttag/team": "a"
    }
    assert asyncio.run(found(None, behind, request, arn, {"s3:existingobjecttag/team"})) == {}


def test_services_have_words_of_their_own_for_tags_of_requests() -> None:
    tags = [{"Key": "Team", "Value": "a"}]
    request = asked("rds", "CreateDBParameterGroup", DBParameterGroupName="x", Tags=tags)
    alone = Rules(prefix="rds", fills={"ParameterGroupName": "DBParameterGroupName"})
    (wanted,) = compile_plan(alone, request.operation).wanted(request)
    assert wanted.keys["rds:req-tag/team"] == wanted.keys["aws:requesttag/team"] == "a"
