"""What S3 takes as a bucket's policy, and in which words it does not."""

from __future__ import annotations

import json
from typing import Any

import pytest

from rolekeeper.errors.buckets import MalformedPolicy, PolicyTooLarge
from rolekeeper.gateway import bucket_policies
from rolekeeper.gateway.canonical_ids import id_of
from tests.client import ACCOUNT, OTHER_ACCOUNT, LocalWorld
from tests.people import policy, user

BUCKET = "arn:aws:s3:::photos"


def statement(**more: Any) -> dict[str, Any]:
    shared = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": f"{BUCKET}/*"}
    return {key: value for key, value in (shared | more).items() if value is not None}


def bind(world: LocalWorld, text: str) -> str:
    with world.server.store.read() as tx:
        return bucket_policies.bind(tx, "aws", ACCOUNT, "photos", text)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"Action": "s3:Nothing"}, "Policy has invalid action"),
        ({"Action": "sqs:SendMessage"}, "Policy has invalid action"),
        ({"Action": ["s3:GetObject", "s3:Nothing*"]}, "Policy has invalid action"),
        ({"Resource": "arn:aws:s3:::other/*"}, "Policy has invalid resource"),
        ({"Resource": "arn:aws:s3:::photo/*"}, "Policy has invalid resource"),
        ({"Resource": [f"{BUCKET}/*", "arn:aws:s3:::other/*"]}, "Policy has invalid resource"),
        ({"Resource": "arn:aws-cn:s3:::photos/*"}, "Policy has invalid resource"),
        ({"Resource": BUCKET}, "Action does not apply to any resource(s) in statement"),
        ({"Action": "s3:ListBucket"}, "Action does not apply to any resource(s) in statement"),
        ({"Action": "s3:ListAllMyBuckets"}, "Action does not apply to any resource(s) in statement"),
        ({"Action": ["s3:*", "s3:ListBucket"]}, "Action does not apply to any resource(s) in statement"),
        ({"Principal": None}, "Missing required field Principal"),
        ({"Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:user/none"}}, "Invalid principal in policy"),
        ({"Principal": {"CanonicalUser": "0" * 64}}, "Invalid principal in policy"),
    ],
    ids=str,
)
def test_what_no_bucket_can_have(local: LocalWorld, wrong: dict[str, Any], said: str) -> None:
    bind(local, policy(statement()))
    with pytest.raises(MalformedPolicy) as refused:
        bind(local, policy(statement(**wrong)))
    assert refused.value.message == said


@pytest.mark.parametrize("text", ["", "[]", " {}", "policy"])
def test_a_policy_is_an_object(local: LocalWorld, text: str) -> None:
    with pytest.raises(MalformedPolicy, match="the first byte must be"):
        bind(local, text)


@pytest.mark.parametrize("text", ["{", "{}", '{"Version":"2012-10-17","Statement":[]}', '{"Version":"2000"}'])
def test_it_has_to_be_a_policy(local: LocalWorld, text: str) -> None:
    with pytest.raises(MalformedPolicy):
        bind(local, text)


def test_it_has_at_most_twenty_kilobytes(local: LocalWorld) -> None:
    text = policy(statement())
    bind(local, text + " " * (bucket_policies.MAX_SIZE - len(text)))
    with pytest.raises(PolicyTooLarge):
        bind(local, text + " " * (bucket_policies.MAX_SIZE - len(text) + 1))


@pytest.mark.parametrize(
    "right",
    [
        {"Resource": [BUCKET, f"{BUCKET}/*"], "Action": "s3:ListBucket"},
        {"Resource": f"{BUCKET}*", "Action": ["s3:ListBucket", "s3:GetObject"]},
        {"Resource": f"{BUCKET}/home/${{aws:username}}/*"},
        {"Resource": "*", "Action": "*"},
        {"Resource": f"{BUCKET}/*", "Action": "s3:*"},
        {"Resource": f"{BUCKET}/*", "Action": "S3:getobject"},
        {"Action": None, "NotAction": "s3:ListBucket"},
        {"Principal": {"AWS": ["999999999999", "arn:aws:iam::127311923021:root"]}},
        {"Resource": None, "NotResource": f"{BUCKET}/public/*", "Effect": "Deny"},
    ],
    ids=str,
)
def test_what_a_bucket_can_have(local: LocalWorld, right: dict[str, Any]) -> None:
    bind(local, policy(statement(**right)))


def test_principals_are_kept_by_their_ids_and_shown_as_they_are_called(local: LocalWorld) -> None:
    bob = user(local.root, "bob")
    with local.server.store.read() as tx:
        canonical = id_of(tx, OTHER_ACCOUNT)
    named = {"AWS": bob.arn, "CanonicalUser": canonical}
    kept = bind(local, policy(statement(Principal=named)))
    (who,) = (each["Principal"]["AWS"] for each in json.loads(kept)["Statement"])
    assert who[0].startswith("AIDA")
    assert who[1] == f"arn:aws:iam::{OTHER_ACCOUNT}:root"
    with local.server.store.read() as tx:
        assert bob.arn in bucket_policies.show(tx, "aws", kept)
    local.root.iam.delete_access_key(UserName="bob", AccessKeyId=bob.key_id)
    local.root.iam.delete_user(UserName="bob")
    with local.server.store.read() as tx:
        assert who[0] in bucket_policies.show(tx, "aws", kept)
