"""ACLs, and objects that another account owns than the one that has the bucket."""

from __future__ import annotations

from typing import Any

import pytest

from rolekeeper.errors import AccessDenied, AwsError
from rolekeeper.errors.buckets import (
    AccessControlListNotSupported,
    InvalidBucketAclWithBlockPublicAccess,
    InvalidBucketAclWithObjectOwnership,
    MalformedAclError,
    NoSuchKey,
    UnresolvableGrantByEmailAddress,
)
from rolekeeper.gateway import acls
from rolekeeper.gateway.asked import Wanted
from rolekeeper.gateway.canonical_ids import NOBODY, id_of
from rolekeeper.iam.entities import AccessKey, Account
from rolekeeper.iam.secret import Secret
from rolekeeper.service.call import ANONYMOUS
from rolekeeper.service.denials import Denied
from tests.client import ACCOUNT, OTHER_ACCOUNT, LocalWorld, Person
from tests.gateway.behind import NOW, S3, asked, wait
from tests.people import allow, policy, user

BUCKET = "arn:aws:s3:::photos"
CAT = f"{BUCKET}/cat"
OPEN = dict.fromkeys(
    ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), False
)
Statement = dict[str, Any]


@pytest.fixture
def s3(local: LocalWorld) -> S3:
    """The gateway, with a bucket of the first account."""
    found = S3(local)
    found.call(local.root, "CreateBucket", Bucket="photos")
    for account in (ACCOUNT, OTHER_ACCOUNT):
        found.behind.answers[account, "HeadObject", "photos"] = {"ETag": "x"}
    found.behind.buckets[ACCOUNT] = ["photos"]
    return found


@pytest.fixture
def older(s3: S3) -> S3:
    """The same, with ACLs."""
    own(s3, "ObjectWriter")
    return s3


def own(s3: S3, ownership: str) -> None:
    controls = {"Rules": [{"ObjectOwnership": ownership}]}
    s3.call(s3.world.root, "PutBucketOwnershipControls", Bucket="photos", OwnershipControls=controls)


def unblock(s3: S3, **settings: bool) -> None:
    block = {"PublicAccessBlockConfiguration": OPEN | settings}
    s3.call(s3.world.root, "PutPublicAccessBlock", Bucket="photos", **block)


def canonical(s3: S3, account: str) -> str:
    with s3.world.server.store.read() as tx:
        return id_of(tx, account)


def upload(s3: S3, by: Person, key: str = "cat", **more: Any) -> None:
    s3.call(by, "PutObject", Bucket="photos", Key=key, **more)


def acl(s3: S3, by: Person, key: str = "cat") -> dict[str, Any]:
    told: dict[str, Any] = s3.call(by, "GetObjectAcl", Bucket="photos", Key=key)
    return told


def put_policy(s3: S3, *statements: Statement) -> None:
    s3.call(s3.world.root, "PutBucketPolicy", Bucket="photos", Policy=policy(*statements))


def to(account: Any, *actions: str, on: str = f"{BUCKET}/*", **more: Any) -> Statement:
    named = account if account == "*" else {"AWS": account}
    return {"Effect": "Allow", "Principal": named, "Action": list(actions), "Resource": on, **more}


# -- where there are none ---------------------------------------------------------------------------


def test_a_new_bucket_takes_no_acls_but_that_its_owner_has_all(s3: S3) -> None:
    other, owner = s3.world.other, f"id={canonical(s3, ACCOUNT)}"
    for fine in ({}, {"ACL": "bucket-owner-full-control"}, {"GrantFullControl": owner}):
        upload(s3, other, **fine)
    for wrong in (
        {"ACL": "public-read"},
        {"ACL": "private"},
        {"GrantRead": owner},
        {"GrantFullControl": f"id={canonical(s3, OTHER_ACCOUNT)}"},
        {"GrantFullControl": owner, "GrantRead": f'uri="{acls.EVERYBODY}"'},
    ):
        with pytest.raises(AccessControlListNotSupported, match="The bucket does not allow ACLs"):
            upload(s3, other, **wrong)
    for operation, key in (("PutObjectAcl", {"Key": "cat"}), ("PutBucketAcl", {})):
        with pytest.raises(AccessControlListNotSupported):
            s3.call(s3.world.root, operation, Bucket="photos", ACL="private", **key)


def test_what_anybody_writes_there_is_the_bucket_owners(s3: S3) -> None:
    upload(s3, s3.world.other)
    mine = canonical(s3, ACCOUNT)
    full = [{"Grantee": {"ID": mine, "Type": "CanonicalUser"}, "Permission": "FULL_CONTROL"}]
    assert acl(s3, s3.world.root) == {"Owner": {"ID": mine}, "Grants": full}
    assert s3.call(s3.world.root, "GetBucketAcl", Bucket="photos") == {"Owner": {"ID": mine}, "Grants": full}
    assert s3.of(asked("s3", "GetObject"), "s3:GetObject", CAT).account == ACCOUNT


def test_a_new_bucket_with_acls_must_say_so(s3: S3) -> None:
    root = s3.world.root
    for members, refused in (
        ({"ACL": "public-read"}, InvalidBucketAclWithObjectOwnership),
        ({"ACL": "public-read", "ObjectOwnership": "ObjectWriter"}, InvalidBucketAclWithBlockPublicAccess),
    ):
        with pytest.raises(refused):
            s3.call(root, "CreateBucket", Bucket="new", **members)
    s3.call(root, "CreateBucket", Bucket="new", ACL="private", ObjectOwnership="BucketOwnerPreferred")
    told = s3.call(root, "GetBucketOwnershipControls", Bucket="new")["OwnershipControls"]
    assert told == {"Rules": [{"ObjectOwnership": "BucketOwnerPreferred"}]}


# -- what ACLs allow --------------------------------------------------------------------------------


def test_an_object_is_its_writers_and_the_bucket_owner_has_no_right_to_it(older: S3) -> None:
    root, other = older.world.root, older.world.other
    put_policy(older, to(OTHER_ACCOUNT, "s3:PutObject"))
    older.try_it(other, "s3:PutObject", CAT, "object")
    upload(older, other)
    assert acl(older, other)["Owner"] == {"ID": canonical(older, OTHER_ACCOUNT)}
    found = older.of(asked("s3", "GetObject"), "s3:GetObject", CAT)
    assert found.account == OTHER_ACCOUNT
    older.try_it(other, "s3:GetObject", CAT, "object")
    with pytest.raises(Denied):
        older.try_it(root, "s3:GetObject", CAT, "object")
    for action in ("s3:DeleteObject", "s3:PutObject"):
        older.try_it(root, action, CAT, "object")
    with pytest.raises(Denied):
        older.try_it(other, "s3:DeleteObject", CAT, "object")


def test_an_object_is_still_asked_of_the_account_that_has_the_bucket(older: S3) -> None:
    upload(older, older.world.other)
    asking = asked("s3", "GetObject", OTHER_ACCOUNT)
    found = older.of(asking, "s3:GetObject", CAT)
    assert older.resources.home(asking, [], []).account == OTHER_ACCOUNT
    assert (
        older.resources.home(
            asking, [Wanted(action="s3:GetObject", resource=CAT, type="object")], [found]
        ).account
        == ACCOUNT
    )


@pytest.mark.parametrize(
    ("canned", "everybody", "known", "bucket_owner"),
    [
        ("private", False, False, False),
        ("public-read", True, True, True),
        ("authenticated-read", False, True, True),
        ("bucket-owner-read", False, False, True),
        ("bucket-owner-full-control", False, False, True),
    ],
)
def test_canned_acls(older: S3, canned: str, everybody: bool, known: bool, bucket_owner: bool) -> None:
    unblock(older)
    other = older.world.other
    upload(older, other, ACL=canned)
    older.try_it(other, "s3:GetObject", CAT, "object")
    stranger = user(older.world.root, "ann", allow("s3:GetObject", "s3:GetObjectAcl"))
    _check(older, everybody, lambda: older.try_anonymously("s3:GetObject", CAT))
    _check(older, known or bucket_owner, lambda: older.try_it(stranger, "s3:GetObject", CAT, "object"))
    full = canned == "bucket-owner-full-control"
    _check(older, full, lambda: older.try_it(stranger, "s3:GetObjectAcl", CAT, "object"))


def _check(s3: S3, allowed: bool, attempt: Any) -> None:
    if allowed:
        attempt()
    else:
        with pytest.raises(Denied):
            attempt()


def test_public_acls_can_be_blocked_and_ignored(older: S3) -> None:
    other = older.world.other
    with pytest.raises(AccessDenied) as refused:
        upload(older, other, ACL="public-read")
    assert refused.value.message.endswith(
        f's3:PutObjectAcl on resource: "{CAT}" because public ACLs are prevented by the BlockPublicAcls '
        "setting in S3 Block Public Access."
    )
    unblock(older)
    upload(older, other, ACL="public-read")
    older.try_anonymously("s3:GetObject", CAT)
    unblock(older, IgnorePublicAcls=True)
    with pytest.raises(Denied):
        older.try_anonymously("s3:GetObject", CAT)
    assert [each["Grantee"]["Type"] for each in acl(older, other)["Grants"]] == ["CanonicalUser"]


def test_a_buckets_acl_lets_others_list_and_write(older: S3) -> None:
    other = older.world.other
    theirs = f'id="{canonical(older, OTHER_ACCOUNT)}"'
    bob = user(other, "bob", allow("s3:*"))
    for attempt in (("s3:ListBucket", BUCKET, "bucket"), ("s3:PutObject", CAT, "object")):
        with pytest.raises(Denied):
            older.try_it(bob, *attempt)
    older.call(older.world.root, "PutBucketAcl", Bucket="photos", GrantWrite=theirs)
    older.try_it(bob, "s3:PutObject", CAT, "object")
    with pytest.raises(Denied):
        older.try_it(bob, "s3:ListBucket", BUCKET, "bucket")
    older.call(older.world.root, "PutBucketAcl", Bucket="photos", GrantRead=theirs)
    older.try_it(bob, "s3:ListBucket", BUCKET, "bucket")
    for attempt in (("s3:PutObject", CAT, "object"), ("s3:PutBucketAcl", BUCKET, "bucket")):
        with pytest.raises(Denied):
            older.try_it(bob, *attempt)
    with pytest.raises(InvalidBucketAclWithObjectOwnership):
        own(older, "BucketOwnerEnforced")
    older.call(older.world.root, "PutBucketAcl", Bucket="photos", ACL="private")
    own(older, "BucketOwnerEnforced")


def test_acls_stop_counting_and_count_again(older: S3) -> None:
    other, root = older.world.other, older.world.root
    upload(older, other)
    own(older, "BucketOwnerEnforced")
    older.try_it(root, "s3:GetObject", CAT, "object")
    with pytest.raises(Denied):
        older.try_it(other, "s3:GetObject", CAT, "object")
    own(older, "ObjectWriter")
    with pytest.raises(Denied):
        older.try_it(root, "s3:GetObject", CAT, "object")
    own(older, "BucketOwnerEnforced")
    upload(older, other)
    own(older, "ObjectWriter")
    older.try_it(root, "s3:GetObject", CAT, "object")


def test_a_preferred_owner_gets_what_is_given_to_it_whole(s3: S3) -> None:
    own(s3, "BucketOwnerPreferred")
    upload(s3, s3.world.other, "mine", ACL="bucket-owner-full-control")
    upload(s3, s3.world.other, "theirs")
    upload(s3, s3.world.other, "granted", GrantFullControl=f"id={canonical(s3, ACCOUNT)}")
    owners = [
        s3.of(asked("s3", "GetObject"), "s3:GetObject", f"{BUCKET}/{key}").account
        for key in ("mine", "theirs", "granted")
    ]
    assert owners == [ACCOUNT, OTHER_ACCOUNT, OTHER_ACCOUNT]


def test_an_object_in_parts_is_whose_upload_it_is(older: S3) -> None:
    other, behind = older.world.other, older.behind
    behind.answers[OTHER_ACCOUNT, "CreateMultipartUpload", "cat"] = {"UploadId": "one"}
    part = {"Bucket": "photos", "Key": "cat"}
    older.call(other, "CreateMultipartUpload", **part, ACL="bucket-owner-read")
    older.call(older.world.root, "CompleteMultipartUpload", **part, UploadId="one")
    assert acl(older, other)["Owner"]["ID"] == canonical(older, OTHER_ACCOUNT)
    older.try_it(older.world.root, "s3:GetObject", CAT, "object")
    behind.answers[OTHER_ACCOUNT, "CreateMultipartUpload", "cat"] = {"UploadId": "two"}
    older.call(other, "CreateMultipartUpload", **part)
    older.call(other, "AbortMultipartUpload", **part, UploadId="two")


def test_versions_have_owners_of_their_own(older: S3) -> None:
    root, other, answers = older.world.root, older.world.other, older.behind.answers
    answers[OTHER_ACCOUNT, "PutObject", "cat"] = {"VersionId": "1"}
    answers[ACCOUNT, "PutObject", "cat"] = {"VersionId": "2"}
    upload(older, other)
    upload(older, root)

    def owner(**keys: str) -> str:
        found = older.of(asked("s3", "GetObject"), "s3:GetObjectVersion", CAT, "object", **keys)
        return found.account

    assert owner() == ACCOUNT
    assert owner(**{"s3:versionid": "1"}) == OTHER_ACCOUNT
    assert owner(**{"s3:versionid": "2"}) == ACCOUNT
    answers[ACCOUNT, "DeleteObject", "cat"] = {"VersionId": "2"}
    answers[ACCOUNT, "HeadObject", "photos"] = {"VersionId": "1"}
    older.call(root, "DeleteObject", Bucket="photos", Key="cat", VersionId="2")
    assert owner() == OTHER_ACCOUNT
    answers[ACCOUNT, "DeleteObject", "cat"] = {"VersionId": "1"}
    del answers[ACCOUNT, "HeadObject", "photos"]
    older.call(root, "DeleteObject", Bucket="photos", Key="cat", VersionId="1")
    assert owner() == owner(**{"s3:versionid": "1"}) == ACCOUNT


def test_an_object_without_versions_has_the_version_null(older: S3) -> None:
    """S3 takes that name for it, so that nobody may get around an owner by it."""
    upload(older, older.world.other)
    keys = {"s3:versionid": "null"}
    found = older.of(asked("s3", "GetObject"), "s3:GetObjectVersion", CAT, "object", **keys)
    assert found.account == OTHER_ACCOUNT
    older.call(older.world.other, "PutObjectAcl", Bucket="photos", Key="cat", ACL="bucket-owner-read")
    older.try_it(older.world.root, "s3:GetObjectVersion", CAT, "object", **keys)
    older.call(older.world.root, "DeleteObject", Bucket="photos", Key="cat")
    found = older.of(asked("s3", "GetObject"), "s3:GetObjectVersion", CAT, "object", **keys)
    assert found.account == ACCOUNT


def test_what_is_deleted_is_forgotten(older: S3) -> None:
    root, other, answers = older.world.root, older.world.other, older.behind.answers
    asking = asked("s3", "GetObject")
    for key in ("cat", "dog"):
        upload(older, other, key)
    answers[ACCOUNT, "DeleteObject", "cat"] = {"DeleteMarker": True, "VersionId": "9"}
    older.call(root, "DeleteObject", Bucket="photos", Key="cat")
    assert older.of(asking, "s3:GetObject", CAT).account == OTHER_ACCOUNT
    answers[ACCOUNT, "DeleteObject", "cat"] = {}
    older.call(root, "DeleteObject", Bucket="photos", Key="cat")
    assert older.of(asking, "s3:GetObject", CAT).account == ACCOUNT
    answers[ACCOUNT, "DeleteObjects", "photos"] = {"Deleted": [{"Key": "dog"}]}
    older.call(root, "DeleteObjects", Bucket="photos", Delete={"Objects": [{"Key": "dog"}]})
    assert older.of(asking, "s3:GetObject", f"{BUCKET}/dog").account == ACCOUNT


def test_a_deleted_bucket_takes_its_objects_along(older: S3) -> None:
    root = older.world.root
    for number in range(3):
        upload(older, older.world.other, f"cat{number}")
    older.call(root, "DeleteBucket", Bucket="photos")
    older.behind.buckets.clear()
    older.call(root, "CreateBucket", Bucket="photos")
    own(older, "ObjectWriter")
    assert older.of(asked("s3", "GetObject"), "s3:GetObject", f"{BUCKET}/cat1").account == ACCOUNT


def test_what_nobody_known_has_written_is_nobodys(older: S3) -> None:
    asking = asked("s3", "PutObject", "", Bucket="photos", Key="cat")
    wait(older.resources.after(asking, ANONYMOUS, {}))
    assert acl(older, older.world.root)["Owner"]["ID"] == NOBODY
    for person in (older.world.root, older.world.other):
        with pytest.raises(Denied):
            older.try_it(person, "s3:GetObject", CAT, "object")


# -- how they are said ------------------------------------------------------------------------------


def test_an_acl_is_set_and_read(older: S3) -> None:
    root, theirs = older.world.root, canonical(older, OTHER_ACCOUNT)
    upload(older, root)
    grants = [
        {"Grantee": {"ID": theirs, "Type": "CanonicalUser"}, "Permission": "READ"},
        {"Grantee": {"URI": acls.LOGS, "Type": "Group"}, "Permission": "READ_ACP"},
    ]
    said = {"AccessControlPolicy": {"Owner": {"ID": canonical(older, ACCOUNT)}, "Grants": grants}}
    older.call(root, "PutObjectAcl", Bucket="photos", Key="cat", **said)
    assert acl(older, root) == {"Owner": {"ID": canonical(older, ACCOUNT)}, "Grants": grants}
    bob = user(older.world.other, "bob", allow("s3:GetObject"))
    older.try_it(bob, "s3:GetObject", CAT, "object")


def test_an_account_can_be_called_by_its_address(older: S3) -> None:
    root = older.world.root
    upload(older, root)
    address = f'emailAddress="root@{OTHER_ACCOUNT}.invalid"'
    older.call(root, "PutObjectAcl", Bucket="photos", Key="cat", GrantRead=address)
    assert acl(older, root)["Grants"][0]["Grantee"]["ID"] == canonical(older, OTHER_ACCOUNT)


@pytest.mark.parametrize(
    ("members", "refused"),
    [
        ({}, MalformedAclError),
        ({"ACL": "everybody"}, AwsError),
        ({"ACL": "private", "GrantRead": 'id="x"'}, AwsError),
        ({"GrantRead": "somebody"}, AwsError),
        ({"GrantRead": 'id="0"'}, AwsError),
        ({"GrantRead": 'uri="http://acs.amazonaws.com/groups/global/Friends"'}, AwsError),
        ({"GrantRead": "emailAddress=a@b.example"}, UnresolvableGrantByEmailAddress),
        ({"AccessControlPolicy": {"Owner": {"ID": "0"}}}, AwsError),
        ({"AccessControlPolicy": {"Grants": [{"Permission": "READ"}]}}, MalformedAclError),
        (
            {"AccessControlPolicy": {"Grants": [{"Grantee": {"URI": acls.EVERYBODY}, "Permission": "ALL"}]}},
            MalformedAclError,
        ),
    ],
    ids=str,
)
def test_what_is_no_acl(older: S3, members: dict[str, Any], refused: type[AwsError]) -> None:
    upload(older, older.world.root)
    with pytest.raises(refused):
        older.call(older.world.root, "PutObjectAcl", Bucket="photos", Key="cat", **members)


def test_an_acl_is_that_of_an_object(older: S3) -> None:
    older.behind.answers.clear()
    for operation, more in (("GetObjectAcl", {}), ("PutObjectAcl", {"ACL": "private"})):
        with pytest.raises(NoSuchKey):
            older.call(older.world.root, operation, Bucket="photos", Key="none", **more)


# -- the walkthrough --------------------------------------------------------------------------------


@pytest.mark.requirement("SR-109", "SR-112", "SR-114")
def test_an_owner_of_a_bucket_reads_what_it_was_given_and_cannot_pass_it_on(older: S3) -> None:
    root, other = older.world.root, older.world.other
    uploader = user(other, "AccountBadmin", allow("s3:*"))
    owner = f"id={canonical(older, ACCOUNT)}"
    only = {"Condition": {"StringNotEquals": {"s3:x-amz-grant-full-control": owner}}}
    put_policy(
        older,
        to(uploader.arn, "s3:PutObject"),
        {**to(uploader.arn, "s3:PutObject"), "Effect": "Deny", **only},
        to(OTHER_ACCOUNT, "s3:GetObject"),
    )
    given = {"s3:x-amz-grant-full-control": owner}
    older.try_it(uploader, "s3:PutObject", CAT, "object", **given)
    for keys in ({}, {"s3:x-amz-grant-full-control": "id=0"}):
        with pytest.raises(Denied):
            older.try_it(uploader, "s3:PutObject", CAT, "object", **keys)
    upload(older, uploader, GrantFullControl=owner)
    assert acl(older, root)["Owner"]["ID"] == canonical(older, OTHER_ACCOUNT)
    reader = user(root, "reader", allow("s3:GetObject"))
    older.try_it(reader, "s3:GetObject", CAT, "object")
    with pytest.raises(Denied):
        older.try_it(reader, "s3:GetObjectAcl", CAT, "object")
    upload(older, root, "dog")
    third = another(older)
    put_policy(older, to(third.account, "s3:GetObject"))
    stranger = user(third, "stranger", allow("s3:GetObject"))
    older.try_it(stranger, "s3:GetObject", f"{BUCKET}/dog", "object")
    with pytest.raises(Denied):
        older.try_it(stranger, "s3:GetObject", CAT, "object")
    own(older, "BucketOwnerEnforced")
    older.try_it(stranger, "s3:GetObject", CAT, "object")


def another(s3: S3, number: str = "333333333333") -> Person:
    """The root user of a third account."""
    with s3.world.server.store.write() as tx:
        tx.add_account(Account(account=number, name="third", created=NOW, canonical_id="3" * 64))
        key = AccessKey(account=number, id="third_root", user=None, created=NOW)
        tx.account(number).access_keys.add(key)
        tx.account(number).secrets.put(AccessKey.kind, key.id, Secret("third_secret"))
    return s3.world.person({"AccessKeyId": "third_root", "SecretAccessKey": "third_secret"})
