"""Which account has a bucket."""

from __future__ import annotations

import pytest

from rolekeeper.gateway.owners import Owners
from rolekeeper.iam.buckets import ASPECTS, EVERYTHING_BLOCKED
from rolekeeper.service.denials import Denied
from tests.client import ACCOUNT, OTHER_ACCOUNT, LocalWorld
from tests.gateway.behind import NOW, Behind, Gateway, asked, at_once, wait
from tests.people import allow, policy, user

BUCKET = "arn:aws:s3:::photos"


@pytest.fixture
def behind() -> Behind:
    return Behind()


@pytest.fixture
def owners(local: LocalWorld, behind: Behind) -> Owners:
    return Owners(local.server.store, behind, at_once, lambda: NOW, home=ACCOUNT)


def test_who_makes_a_bucket_has_it_and_nothing_is_asked(owners: Owners, behind: Behind) -> None:
    wait(owners.made(asked("s3", "CreateBucket"), OTHER_ACCOUNT, "photos", "BucketOwnerEnforced", ()))
    found = wait(owners.of(asked("s3", "ListObjectsV2"), "photos"))
    assert found is not None
    assert (found.account, found.told, found.public_access) == (OTHER_ACCOUNT, ASPECTS, EVERYTHING_BLOCKED)
    assert behind.asked == []


def test_a_bucket_that_was_there_is_that_of_the_account_it_is_shown_to(
    owners: Owners, behind: Behind
) -> None:
    behind.buckets[OTHER_ACCOUNT] = ["photos"]
    for _ in range(2):
        found = wait(owners.of(asked("s3", "GetObject"), "photos"))
        assert found is not None
        assert (found.account, found.told) == (OTHER_ACCOUNT, frozenset())
    assert behind.asked == [(ACCOUNT, "ListBuckets"), (OTHER_ACCOUNT, "ListBuckets")]


def test_where_all_accounts_see_it_it_is_the_servers_own(owners: Owners, behind: Behind) -> None:
    behind.buckets = {ACCOUNT: ["photos"], OTHER_ACCOUNT: ["photos"]}
    found = wait(owners.of(asked("s3", "GetObject", OTHER_ACCOUNT), "photos"))
    assert found is not None
    assert found.account == ACCOUNT


def test_a_bucket_that_is_not_there_is_nobodys(owners: Owners, behind: Behind) -> None:
    assert wait(owners.of(asked("s3", "GetObject"), "photos")) is None
    behind.buckets[ACCOUNT] = ["photos"]
    assert wait(owners.of(asked("s3", "GetObject"), "photos")) is not None


def test_a_deleted_bucket_is_forgotten(owners: Owners, behind: Behind) -> None:
    wait(owners.made(asked("s3", "CreateBucket"), OTHER_ACCOUNT, "photos", "BucketOwnerEnforced", ()))
    wait(owners.gone("aws", "photos"))
    wait(owners.gone("aws", "photos"))
    assert wait(owners.of(asked("s3", "GetObject"), "photos")) is None


def test_who_is_second_to_make_a_bucket_does_not_get_it(owners: Owners) -> None:
    for account in (OTHER_ACCOUNT, ACCOUNT):
        wait(owners.made(asked("s3", "CreateBucket"), account, "photos", "BucketOwnerEnforced", ()))
    found = owners.known("aws", "photos")
    assert found is not None
    assert found.account == OTHER_ACCOUNT
    assert owners.known("aws-cn", "photos") is None


def test_a_bucket_and_its_objects_are_its_owners(local: LocalWorld) -> None:
    gateway = Gateway(local)
    gateway.behind.buckets[OTHER_ACCOUNT] = ["photos"]
    mine, theirs = (user(root, "bob", allow("s3:*")) for root in (local.root, local.other))
    for arn in (BUCKET, f"{BUCKET}/a/b"):
        gateway.try_it(theirs, "s3:GetObject", arn)
        with pytest.raises(Denied):
            gateway.try_it(mine, "s3:GetObject", arn)


def test_the_policy_of_a_bucket_that_was_there_counts(local: LocalWorld) -> None:
    gateway = Gateway(local)
    gateway.behind.buckets[OTHER_ACCOUNT] = ["photos"]
    bob = user(local.root, "bob", allow("s3:*"))
    statement = {"Effect": "Allow", "Principal": {"AWS": bob.arn}, "Resource": f"{BUCKET}/*"}
    text = policy(statement | {"Action": "s3:GetObject"})
    gateway.behind.answers[OTHER_ACCOUNT, "GetBucketPolicy", "photos"] = {"Policy": text}
    gateway.try_it(bob, "s3:GetObject", f"{BUCKET}/a")
    with pytest.raises(Denied):
        gateway.try_it(bob, "s3:PutObject", f"{BUCKET}/a")
