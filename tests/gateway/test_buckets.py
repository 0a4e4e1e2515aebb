"""Buckets: who may use them, as their policies and public access blocks say, and the operations for that."""

from __future__ import annotations

from typing import Any

import pytest

from rolekeeper.errors import AccessDenied
from rolekeeper.errors.buckets import (
    BucketAlreadyExists,
    MalformedPolicy,
    NoSuchBucket,
    NoSuchBucketPolicy,
    NoSuchPublicAccessBlockConfiguration,
    OwnershipControlsNotFoundError,
)
from rolekeeper.errors.paths import MalformedXml, MethodNotAllowed
from rolekeeper.policy.authorize import authorize
from rolekeeper.policy.context import AccountRoot, Anonymous, IamUser, RequestContext, ServicePrincipal
from rolekeeper.policy.decision import PolicyLayers
from rolekeeper.policy.document import parse_document
from rolekeeper.policy.public import restrict_public_buckets
from rolekeeper.service.denials import Denied
from tests.client import ACCOUNT, OTHER_ACCOUNT, LocalWorld, Person
from tests.gateway.behind import S3, asked
from tests.people import allow, deny, policy, user

BUCKET = "arn:aws:s3:::photos"
CAT = f"{BUCKET}/cat"
BLOCK = "PublicAccessBlockConfiguration"
OPEN = {"BlockPublicAcls": False, "IgnorePublicAcls": False} | {
    "BlockPublicPolicy": False,
    "RestrictPublicBuckets": False,
}


@pytest.fixture
def s3(local: LocalWorld) -> S3:
    """The gateway, with a bucket of the first account."""
    found = S3(local)
    found.call(local.root, "CreateBucket", Bucket="photos")
    found.behind.buckets[ACCOUNT] = ["photos"]
    return found


def to(principal: Any, *actions: str, on: str | list[str] = CAT, **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Principal": principal, "Action": list(actions), "Resource": on, **more}


def put(s3: S3, *statements: dict[str, Any], by: Person | None = None) -> None:
    s3.call(by or s3.world.root, "PutBucketPolicy", Bucket="photos", Policy=policy(*statements))


def unblock(s3: S3, **settings: bool) -> None:
    block = {BLOCK: OPEN | settings}
    s3.call(s3.world.root, "PutPublicAccessBlock", Bucket="photos", **block)


# -- policies ---------------------------------------------------------------------------------------


def test_a_policy_lets_in_who_it_names_with_their_own_accounts_leave(s3: S3) -> None:
    bob, ann = user(s3.world.other, "bob", allow("s3:GetObject")), user(s3.world.other, "ann")
    with pytest.raises(Denied):
        s3.try_it(bob, "s3:GetObject", CAT, "object")
    put(s3, to({"AWS": [bob.arn, ann.arn]}, "s3:GetObject"))
    s3.try_it(bob, "s3:GetObject", CAT, "object")
    for person, action, arn in (
        (ann, "s3:GetObject", CAT),
        (bob, "s3:PutObject", CAT),
        (bob, "s3:GetObject", f"{BUCKET}/dog"),
    ):
        with pytest.raises(Denied):
            s3.try_it(person, action, arn, "object")
    s3.call(s3.world.root, "DeleteBucketPolicy", Bucket="photos")
    with pytest.raises(Denied):
        s3.try_it(bob, "s3:GetObject", CAT, "object")


def test_who_is_made_anew_is_not_who_was_named(s3: S3) -> None:
    other = s3.world.other
    bob = user(other, "bob", allow("s3:GetObject"))
    put(s3, to({"AWS": bob.arn}, "s3:GetObject"))
    other.iam.delete_access_key(UserName="bob", AccessKeyId=bob.key_id)
    other.iam.delete_user_policy(UserName="bob", PolicyName="own")
    other.iam.delete_user(UserName="bob")
    again = user(other, "bob", allow("s3:GetObject"))
    with pytest.raises(Denied):
        s3.try_it(again, "s3:GetObject", CAT, "object")


def test_a_policy_is_read_as_it_was_put(s3: S3) -> None:
    root = s3.world.root
    with pytest.raises(NoSuchBucketPolicy):
        s3.call(root, "GetBucketPolicy", Bucket="photos")
    with pytest.raises(NoSuchBucketPolicy):
        s3.call(root, "GetBucketPolicyStatus", Bucket="photos")
    bob = user(s3.world.other, "bob")
    put(s3, to({"AWS": bob.arn}, "s3:GetObject"))
    assert bob.arn in s3.call(root, "GetBucketPolicy", Bucket="photos")["Policy"]
    status = s3.call(root, "GetBucketPolicyStatus", Bucket="photos")
    assert status == {"PolicyStatus": {"IsPublic": False}}
    with pytest.raises(MalformedPolicy):
        put(s3, to("*", "s3:Nothing"))


def test_only_the_buckets_account_sees_its_policy_and_sees_to_it(s3: S3) -> None:
    other = s3.world.other
    for call in (
        lambda: s3.call(other, "GetBucketPolicy", Bucket="photos"),
        lambda: s3.call(other, "DeleteBucketPolicy", Bucket="photos"),
        lambda: put(s3, to({"AWS": OTHER_ACCOUNT}, "s3:GetObject"), by=other),
    ):
        with pytest.raises(MethodNotAllowed):
            call()


def test_a_policy_cannot_lock_the_root_user_of_its_account_out(s3: S3) -> None:
    root, bob = s3.world.root, user(s3.world.root, "bob", allow("s3:*"))
    put(s3, {**deny("s3:*", on=[BUCKET, CAT]), "Principal": "*"})
    for action in ("s3:PutBucketPolicy", "s3:GetBucketPolicy", "s3:DeleteBucketPolicy"):
        s3.try_it(root, action, BUCKET, "bucket")
        with pytest.raises(Denied):
            s3.try_it(bob, action, BUCKET, "bucket")
    with pytest.raises(Denied):
        s3.try_it(root, "s3:ListBucket", BUCKET, "bucket")


# -- whose a bucket is ------------------------------------------------------------------------------


def test_a_name_that_is_taken_is_not_given_to_another(s3: S3) -> None:
    with pytest.raises(BucketAlreadyExists):
        s3.call(s3.world.other, "CreateBucket", Bucket="photos")
    put(s3, to({"AWS": OTHER_ACCOUNT}, "s3:GetObject"))
    s3.call(s3.world.root, "CreateBucket", Bucket="photos")
    assert "GetObject" in s3.call(s3.world.root, "GetBucketPolicy", Bucket="photos")["Policy"]


def test_a_bucket_that_the_backend_has_lost_can_be_made_by_anybody(s3: S3) -> None:
    put(s3, to({"AWS": OTHER_ACCOUNT}, "s3:GetObject"))
    s3.behind.buckets.clear()
    s3.call(s3.world.other, "CreateBucket", Bucket="photos")
    assert s3.of(asked("s3", "ListObjectsV2"), "s3:ListBucket", BUCKET).account == OTHER_ACCOUNT
    with pytest.raises(NoSuchBucketPolicy):
        s3.call(s3.world.other, "GetBucketPolicy", Bucket="photos")


def test_a_deleted_bucket_takes_its_policy_along(s3: S3) -> None:
    put(s3, to({"AWS": OTHER_ACCOUNT}, "s3:GetObject"))
    s3.behind.buckets.clear()
    s3.call(s3.world.root, "DeleteBucket", Bucket="photos")
    for operation in ("GetBucketPolicy", "ListObjectsV2", "HeadBucket"):
        with pytest.raises(NoSuchBucket):
            s3.call(s3.world.root, operation, Bucket="photos")


def test_who_expects_a_bucket_to_be_anothers_gets_nothing(s3: S3) -> None:
    root = s3.world.root
    s3.call(root, "ListObjectsV2", Bucket="photos", ExpectedBucketOwner=ACCOUNT)
    with pytest.raises(AccessDenied):
        s3.call(root, "ListObjectsV2", Bucket="photos", ExpectedBucketOwner=OTHER_ACCOUNT)
    copy = {"Bucket": "photos", "Key": "dog", "CopySource": "/photos/cat"}
    s3.call(root, "CopyObject", **copy, ExpectedSourceBucketOwner=ACCOUNT)
    with pytest.raises(AccessDenied):
        s3.call(root, "CopyObject", **copy, ExpectedSourceBucketOwner=OTHER_ACCOUNT)


@pytest.mark.requirement("SR-110")
def test_an_account_sees_its_own_buckets_and_its_own_canonical_id(s3: S3) -> None:
    s3.behind.buckets = {account: ["photos", "notes"] for account in (ACCOUNT, OTHER_ACCOUNT)}
    mine, theirs = (s3.call(person, "ListBuckets") for person in (s3.world.root, s3.world.other))
    assert [each["Name"] for each in mine["Buckets"]] == ["photos", "notes"]
    assert theirs["Buckets"] == []
    ids = [told["Owner"]["ID"] for told in (mine, theirs)]
    assert len(set(ids)) == 2
    assert all(len(each) == 64 and int(each, 16) for each in ids)
    assert s3.call(s3.world.root, "ListBuckets")["Owner"]["ID"] == ids[0]


# -- public access ----------------------------------------------------------------------------------


def test_a_new_bucket_blocks_all_public_access(s3: S3) -> None:
    root = s3.world.root
    block = s3.call(root, "GetPublicAccessBlock", Bucket="photos")[BLOCK]
    assert block == dict.fromkeys(OPEN, True)
    with pytest.raises(AccessDenied) as refused:
        put(s3, to("*", "s3:GetObject"))
    assert refused.value.message == (
        f"User: arn:aws:iam::{ACCOUNT}:root is not authorized to perform: s3:PutBucketPolicy on resource: "
        f'"{BUCKET}" because public policies are prevented by the BlockPublicPolicy setting in S3 Block '
        "Public Access."
    )


def test_everybody_gets_in_once_nothing_is_blocked(s3: S3) -> None:
    with pytest.raises(Denied):
        s3.try_anonymously("s3:GetObject", CAT)
    unblock(s3)
    put(s3, to("*", "s3:GetObject"))
    s3.try_anonymously("s3:GetObject", CAT)
    assert s3.call(s3.world.root, "GetBucketPolicyStatus", Bucket="photos")["PolicyStatus"]["IsPublic"]
    for action, arn in (("s3:PutObject", CAT), ("s3:GetObject", f"{BUCKET}/dog")):
        with pytest.raises(Denied):
            s3.try_anonymously(action, arn)


def test_a_block_put_later_shuts_a_public_policy_off(s3: S3) -> None:
    root, other = s3.world.root, s3.world.other
    bob = user(other, "bob", allow("s3:GetObject"))
    unblock(s3)
    put(s3, to("*", "s3:GetObject"), to({"AWS": bob.arn}, "s3:GetObject"))
    s3.try_it(bob, "s3:GetObject", CAT, "object")
    unblock(s3, RestrictPublicBuckets=True)
    with pytest.raises(Denied):
        s3.try_anonymously("s3:GetObject", CAT)
    with pytest.raises(Denied):
        s3.try_it(bob, "s3:GetObject", CAT, "object")
    s3.try_it(user(root, "ann", allow("s3:GetObject")), "s3:GetObject", CAT, "object")
    put(s3, to({"AWS": bob.arn}, "s3:GetObject"))
    s3.try_it(bob, "s3:GetObject", CAT, "object")


def test_a_block_can_be_deleted_and_must_be_one(s3: S3) -> None:
    root = s3.world.root
    s3.call(root, "DeletePublicAccessBlock", Bucket="photos")
    with pytest.raises(NoSuchPublicAccessBlockConfiguration):
        s3.call(root, "GetPublicAccessBlock", Bucket="photos")
    put(s3, to("*", "s3:GetObject"))
    with pytest.raises(MalformedXml):
        s3.call(root, "PutPublicAccessBlock", Bucket="photos")


def test_the_block_of_an_account_holds_for_all_of_its_buckets(s3: S3) -> None:
    root = s3.world.root
    unblock(s3)
    put(s3, to("*", "s3:GetObject"))
    own = {"service": "s3control", "AccountId": ACCOUNT}
    with pytest.raises(NoSuchPublicAccessBlockConfiguration):
        s3.call(root, "GetPublicAccessBlock", **own)
    everything = {BLOCK: OPEN | {"RestrictPublicBuckets": True, "BlockPublicPolicy": True}}
    s3.call(root, "PutPublicAccessBlock", **own, **everything)
    assert s3.call(root, "GetPublicAccessBlock", **own) == everything
    with pytest.raises(Denied):
        s3.try_anonymously("s3:GetObject", CAT)
    with pytest.raises(AccessDenied, match="BlockPublicPolicy"):
        put(s3, to("*", "s3:GetObject"))
    s3.call(root, "DeletePublicAccessBlock", **own)
    s3.try_anonymously("s3:GetObject", CAT)


def test_an_account_sees_to_its_own_block_only(s3: S3) -> None:
    theirs = {"service": "s3control", "AccountId": OTHER_ACCOUNT}
    for operation, more in (
        ("GetPublicAccessBlock", {}),
        ("PutPublicAccessBlock", {BLOCK: OPEN}),
        ("DeletePublicAccessBlock", {}),
    ):
        with pytest.raises(AccessDenied):
            s3.call(s3.world.root, operation, **theirs, **more)


PUBLIC = [
    [to("*", "s3:GetObject")],
    [to({"AWS": OTHER_ACCOUNT}, "s3:GetObject")],
    [to("*", "s3:GetObject"), to({"AWS": OTHER_ACCOUNT}, "s3:GetObject")],
    [to("*", "s3:GetObject", Condition={"StringEquals": {"aws:PrincipalAccount": OTHER_ACCOUNT}})],
    [to({"Service": "logs.amazonaws.com"}, "s3:GetObject"), to("*", "s3:GetObject")],
]


@pytest.mark.parametrize("statements", PUBLIC, ids=str)
@pytest.mark.parametrize(
    "principal",
    [
        AccountRoot(account=ACCOUNT),
        AccountRoot(account=OTHER_ACCOUNT),
        IamUser(arn=f"arn:aws:iam::{OTHER_ACCOUNT}:user/bob", user_id="AIDA1"),
        IamUser(arn=f"arn:aws:iam::{ACCOUNT}:user/bob", user_id="AIDA2"),
        ServicePrincipal(name="logs.amazonaws.com"),
        Anonymous(),
    ],
    ids=str,
)
def test_a_restricted_bucket_is_what_the_rule_says(
    s3: S3, statements: list[dict[str, Any]], principal: Any
) -> None:
    """The statement that is put beside a policy decides as `policy.public` does on what was decided."""
    unblock(s3)
    put(s3, *statements)
    context = RequestContext(
        principal=principal, action="s3:GetObject", resource=CAT, resource_account=ACCOUNT
    )
    identity = (parse_document(policy(allow("s3:*"))),)

    def layers() -> PolicyLayers:
        text = s3.of(asked("s3", "GetObject"), "s3:GetObject", CAT, "object").policy
        return PolicyLayers(identity=identity, resource=parse_document(text or ""))

    before = layers()
    expected = restrict_public_buckets(authorize(context, before), context, before.resource)
    unblock(s3, RestrictPublicBuckets=True)
    assert authorize(context, layers()).outcome is expected.outcome


# -- ownership --------------------------------------------------------------------------------------


def test_ownership_controls_are_put_read_and_deleted(s3: S3) -> None:
    root = s3.world.root
    controls = s3.call(root, "GetBucketOwnershipControls", Bucket="photos")
    assert controls == {"OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}}
    for wrong in ({}, {"Rules": []}, {"Rules": [{"ObjectOwnership": "Nobody"}]}):
        with pytest.raises(MalformedXml):
            s3.call(root, "PutBucketOwnershipControls", Bucket="photos", OwnershipControls=wrong)
    writer = {"Rules": [{"ObjectOwnership": "ObjectWriter"}]}
    s3.call(root, "PutBucketOwnershipControls", Bucket="photos", OwnershipControls=writer)
    assert s3.call(root, "GetBucketOwnershipControls", Bucket="photos")["OwnershipControls"] == writer
    s3.call(root, "DeleteBucketOwnershipControls", Bucket="photos")
    with pytest.raises(OwnershipControlsNotFoundError):
        s3.call(root, "GetBucketOwnershipControls", Bucket="photos")


def test_what_was_set_behind_the_gateways_back_counts_until_it_is_set_here(s3: S3) -> None:
    behind, other = s3.behind, s3.world.other
    behind.buckets[OTHER_ACCOUNT] = ["old"]
    block = {BLOCK: {**OPEN, "RestrictPublicBuckets": True}}
    behind.answers[OTHER_ACCOUNT, "GetPublicAccessBlock", "old"] = block
    controls = {"OwnershipControls": {"Rules": [{"ObjectOwnership": "ObjectWriter"}]}}
    behind.answers[OTHER_ACCOUNT, "GetBucketOwnershipControls", "old"] = controls
    assert s3.call(other, "GetPublicAccessBlock", Bucket="old") == block
    assert s3.call(other, "GetBucketOwnershipControls", Bucket="old") == controls
    s3.call(other, "DeletePublicAccessBlock", Bucket="old")
    with pytest.raises(NoSuchPublicAccessBlockConfiguration):
        s3.call(other, "GetPublicAccessBlock", Bucket="old")
    assert s3.call(other, "GetBucketOwnershipControls", Bucket="old") == controls
