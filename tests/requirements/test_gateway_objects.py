"""The walkthrough of S3 in which an owner lets others at objects that it does not own: rows SR-109 to SR-115.

Account A has a bucket, B uploads into it, and a user of C reads what B uploaded through a role of A.
Source: "Example 4: Bucket owner granting cross-account permission to objects it does not own" in the Amazon
S3 User Guide.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest

from tests.client import Person
from tests.journeys.conftest import bare_environment, up
from tests.people import allow, assume, policy, refused, role, user
from tests.served import Served

requirement = pytest.mark.requirement

KEY, PICTURE = "HappyFace.jpg", b"a happy face"


@dataclass
class Walk:
    """The three accounts, with the bucket as step 1 of the page leaves it."""

    root: Person
    """Of A."""
    a: Person
    """A's administrator."""
    b: Person
    c: Person
    uploader: Person
    bucket: str
    owner: str
    """A's canonical user ID."""

    def upload(self, **more: Any) -> None:
        self.uploader.client("s3").put_object(Bucket=self.bucket, Key=KEY, Body=PICTURE, **more)

    def share(self) -> str:
        """The rest of step 1: the role for C; its ARN."""
        self.a.iam.create_policy(
            PolicyName="access-accountA-bucket",
            PolicyDocument=policy(allow("s3:GetObject", on=f"arn:aws:s3:::{self.bucket}/*")),
        )
        arn = role(self.a, "examplerole", f"arn:aws:iam::{self.c.account}:root")
        self.a.iam.attach_role_policy(
            RoleName="examplerole", PolicyArn=f"arn:aws:iam::{self.a.account}:policy/access-accountA-bucket"
        )
        return arn

    def dave(self, role_arn: str) -> Person:
        return user(self.c, "Dave", allow("sts:AssumeRole", on=role_arn))


def canonical(root: Person) -> str:
    found: str = root.client("s3").list_buckets()["Owner"]["ID"]
    return found


def read(person: Person, bucket: str) -> bytes:
    found: bytes = person.client("s3").get_object(Bucket=bucket, Key=KEY)["Body"].read()
    return found


@pytest.fixture
def walk(behind: Served) -> Walk:
    a, b, c = (behind.account() for _ in range(3))
    admin = user(a, "AccountAadmin", allow("*"))
    bucket = f"examplebucket-{a.account}"
    admin.client("s3").create_bucket(Bucket=bucket, ObjectOwnership="ObjectWriter")
    uploader = user(b, "AccountBadmin", allow("*"))
    owner = canonical(a)
    into: dict[str, Any] = {
        "Principal": {"AWS": f"arn:aws:iam::{b.account}:user/AccountBadmin"},
        "Action": ["s3:PutObject"],
        "Resource": [f"arn:aws:s3:::{bucket}/*"],
    }
    full = {"StringNotEquals": {"s3:x-amz-grant-full-control": f"id={owner}"}}
    statements = [
        {"Sid": "111", "Effect": "Allow", **into},
        {"Sid": "112", "Effect": "Deny", **into, "Condition": full},
    ]
    document = json.dumps({"Version": "2012-10-17", "Statement": statements})
    admin.client("s3").put_bucket_policy(Bucket=bucket, Policy=document)
    return Walk(a, admin, b, c, uploader, bucket, owner)


@requirement("SR-109")
def test_sr_109_b_uploads_only_on_the_bucket_owners_condition(walk: Walk) -> None:
    for wrong in ({}, {"GrantFullControl": f"id={canonical(walk.b)}"}, {"ACL": "private"}):
        with refused("AccessDenied", 403):
            walk.upload(**wrong)
    walk.upload(GrantFullControl=f"id={walk.owner}")
    with refused("AccessDenied", 403):
        user(walk.b, "other", allow("*")).client("s3").put_object(
            Bucket=walk.bucket, Key=KEY, Body=b"", GrantFullControl=f"id={walk.owner}"
        )


@requirement("SR-110")
def test_sr_110_an_account_has_one_canonical_id(behind: Served, walk: Walk) -> None:
    assert re.fullmatch("[0-9a-f]{64}", walk.owner)
    assert canonical(walk.a) == walk.owner
    assert canonical(user(walk.a, "another", allow("s3:ListAllMyBuckets"))) == walk.owner
    assert len({walk.owner, canonical(walk.b), canonical(walk.c)}) == 3


@requirement("SR-110")
def test_sr_110_the_id_is_the_same_after_a_restart(tmp_path: Path) -> None:
    own = {"ROLEKEEPER_ROOT_ACCESS_KEY_ID": "AKIAROOTOFTHESERVER0"}
    own |= {"ROLEKEEPER_ROOT_SECRET_ACCESS_KEY": "its-secret-key"}
    found = []
    for _ in range(2):
        with up(bare_environment(tmp_path) | own, "--data", str(tmp_path / "data")) as running:
            s3 = boto3.client(
                "s3",
                endpoint_url=running.endpoint,
                region_name="us-east-1",
                aws_access_key_id=running.access_key_id,
                aws_secret_access_key=running.secret_access_key,
            )
            found.append(s3.list_buckets()["Owner"]["ID"])
            s3.close()
    assert re.fullmatch("[0-9a-f]{64}", found[0])
    assert found[0] == found[1]


@requirement("SR-111")
def test_sr_111_the_policy_and_the_role_of_step_one(walk: Walk) -> None:
    arn = walk.share()
    attached = walk.a.iam.list_attached_role_policies(RoleName="examplerole")["AttachedPolicies"]
    assert [each["PolicyName"] for each in attached] == ["access-accountA-bucket"]
    trust = walk.a.iam.get_role(RoleName="examplerole")["Role"]["AssumeRolePolicyDocument"]
    assert trust["Statement"][0]["Principal"] == {"AWS": f"arn:aws:iam::{walk.c.account}:root"}
    with refused("AccessDenied", 403):
        assume(user(walk.b, "stranger", allow("sts:AssumeRole")), arn)
    assume(walk.dave(arn), arn)


@requirement("SR-112")
def test_sr_112_the_object_is_bs_with_full_control_for_a(walk: Walk) -> None:
    walk.upload(GrantFullControl=f"id={walk.owner}")
    found = walk.uploader.client("s3").get_object_acl(Bucket=walk.bucket, Key=KEY)
    assert found["Owner"]["ID"] == canonical(walk.b)
    full = [each["Grantee"]["ID"] for each in found["Grants"] if each["Permission"] == "FULL_CONTROL"]
    assert walk.owner in full
    assert read(walk.a, walk.bucket) == PICTURE


@requirement("SR-113")
def test_sr_113_dave_reads_it_through_the_role(behind: Served, walk: Walk) -> None:
    arn = walk.share()
    walk.upload(GrantFullControl=f"id={walk.owner}")
    dave = walk.dave(arn)
    with refused("AccessDenied", 403):
        read(dave, walk.bucket)
    given = dave.sts.assume_role(RoleArn=arn, RoleSessionName="test")["Credentials"]
    temporary = behind.person(given)
    assert read(temporary, walk.bucket) == PICTURE
    with refused("AccessDenied", 403):
        temporary.client("s3").put_object(Bucket=walk.bucket, Key=KEY, Body=b"")


@requirement("SR-114")
def test_sr_114_without_a_role_the_owner_of_the_bucket_cannot_hand_it_on(walk: Walk) -> None:
    walk.upload(GrantFullControl=f"id={walk.owner}")
    dave = user(walk.c, "Dave", allow("s3:GetObject"))
    before = json.loads(walk.a.client("s3").get_bucket_policy(Bucket=walk.bucket)["Policy"])
    before["Statement"].append(
        {
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:aws:iam::{walk.c.account}:root"},
            "Action": "s3:GetObject",
            "Resource": f"arn:aws:s3:::{walk.bucket}/*",
        }
    )
    walk.a.client("s3").put_bucket_policy(Bucket=walk.bucket, Policy=json.dumps(before))
    with refused("AccessDenied", 403):
        read(dave, walk.bucket)
    walk.a.client("s3").put_object(Bucket=walk.bucket, Key="own", Body=b"A's own")
    assert dave.client("s3").get_object(Bucket=walk.bucket, Key="own")["Body"].read() == b"A's own"


@requirement("SR-115")
def test_sr_115_cleaning_up_works_in_the_order_of_the_page(walk: Walk) -> None:
    arn = walk.share()
    walk.upload(GrantFullControl=f"id={walk.owner}")
    walk.dave(arn)
    with refused("BucketNotEmpty", 409):
        walk.a.client("s3").delete_bucket(Bucket=walk.bucket)
    walk.a.client("s3").delete_object(Bucket=walk.bucket, Key=KEY)
    walk.a.client("s3").delete_bucket(Bucket=walk.bucket)
    own = f"{arn.rpartition(':')[0]}:policy/access-accountA-bucket"
    walk.a.iam.detach_role_policy(RoleName="examplerole", PolicyArn=own)
    walk.a.iam.delete_role(RoleName="examplerole")
    walk.a.iam.delete_policy(PolicyArn=own)
    for root, name in ((walk.b, "AccountBadmin"), (walk.c, "Dave"), (walk.root, "AccountAadmin")):
        root.iam.delete_user_policy(UserName=name, PolicyName="own")
        for key in root.iam.list_access_keys(UserName=name)["AccessKeyMetadata"]:
            root.iam.delete_access_key(UserName=name, AccessKeyId=key["AccessKeyId"])
        root.iam.delete_user(UserName=name)
        assert root.iam.list_users()["Users"] == []
