"""Buckets by an unmodified SDK, against a server with the embedded backend behind it."""

from __future__ import annotations

import http.client
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import pytest
from botocore import UNSIGNED
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from tests.client import ACCOUNT, OTHER_ACCOUNT, Person, World
from tests.gateway.served import ServedWorld
from tests.people import allow, policy, refused, user

EVERYBODY = "http://acs.amazonaws.com/groups/global/AllUsers"


def made(served: ServedWorld, name: str, **more: Any) -> Any:
    """A new bucket of the first account's; its client."""
    s3 = served.root.client("s3")
    s3.create_bucket(Bucket=name, **more)
    s3.put_object(Bucket=name, Key="cat", Body=b"meow")
    return s3


def opened(served: ServedWorld, name: str, **more: Any) -> Any:
    """One that blocks no public access."""
    s3 = made(served, name, **more)
    s3.delete_public_access_block(Bucket=name)
    return s3


def for_everybody(name: str) -> str:
    return policy(
        {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{name}/*"}
    )


def fetched(served: ServedWorld, path: str) -> tuple[int, bytes]:
    """What somebody without credentials gets."""
    return asked(served, "GET", f"/{path}")


def asked(
    served: World, method: str, path: str, headers: Mapping[str, str] | None = None, body: str = ""
) -> tuple[int, bytes]:
    """The status and the body of an answer."""
    asking = http.client.HTTPConnection(urlsplit(str(served.url)).netloc)
    try:
        asking.request(method, path, body, dict(headers or {}))
        answer = asking.getresponse()
        return answer.status, answer.read()
    finally:
        asking.close()


def test_a_buckets_policy_is_put_read_and_deleted(served: ServedWorld) -> None:
    s3, bob = made(served, "policed"), user(served.other, "policed", allow("s3:*"))
    named = {"Bucket": "policed"}
    with refused("NoSuchBucketPolicy", 404):
        s3.get_bucket_policy(**named)
    with refused("AccessDenied", 403):
        bob.client("s3").get_object(**named, Key="cat")
    statement = {"Effect": "Allow", "Principal": {"AWS": bob.arn}, "Action": "s3:GetObject"}
    s3.put_bucket_policy(**named, Policy=policy(statement | {"Resource": "arn:aws:s3:::policed/*"}))
    assert bob.client("s3").get_object(**named, Key="cat")["Body"].read() == b"meow"
    with refused("AccessDenied", 403):
        bob.client("s3").put_object(**named, Key="cat", Body=b"woof")
    told = json.loads(s3.get_bucket_policy(**named)["Policy"])
    assert told["Statement"][0]["Principal"] == {"AWS": bob.arn}
    assert s3.get_bucket_policy_status(**named)["PolicyStatus"] == {"IsPublic": False}
    everything = statement | {"Action": "s3:*", "Resource": "arn:aws:s3:::policed"}
    s3.put_bucket_policy(**named, Policy=policy(everything))
    with refused("MethodNotAllowed", 405):
        bob.client("s3").put_bucket_policy(**named, Policy=policy(everything))
    s3.delete_bucket_policy(**named)
    with refused("AccessDenied", 403):
        bob.client("s3").get_object(**named, Key="cat")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("no", "Policies must be valid JSON and the first byte must be '{'"),
        (for_everybody("other"), "Policy has invalid resource"),
        (for_everybody("wrong").replace("s3:GetObject", "s3:None"), "Policy has invalid action"),
    ],
)
def test_a_wrong_policy_is_refused_in_s3s_words(served: ServedWorld, text: str, said: str) -> None:
    s3 = served.root.client("s3")
    s3.create_bucket(Bucket="wrong")
    with refused("MalformedPolicy", 400, said):
        s3.put_bucket_policy(Bucket="wrong", Policy=text)


def test_nobody_without_credentials_gets_in_before_the_owner_says_so(served: ServedWorld) -> None:
    s3 = made(served, "public")
    nobody = served.root.client("s3", signature_version=UNSIGNED)
    with refused("AccessDenied", 403, "because public policies are prevented by the BlockPublicPolicy"):
        s3.put_bucket_policy(Bucket="public", Policy=for_everybody("public"))
    assert fetched(served, "public/cat")[0] == 403
    block = s3.get_public_access_block(Bucket="public")["PublicAccessBlockConfiguration"]
    assert set(block.values()) == {True}
    s3.put_public_access_block(
        Bucket="public", PublicAccessBlockConfiguration={**block, "BlockPublicPolicy": False}
    )
    s3.put_bucket_policy(Bucket="public", Policy=for_everybody("public"))
    assert fetched(served, "public/cat")[0] == 403
    s3.delete_public_access_block(Bucket="public")
    assert fetched(served, "public/cat") == (200, b"meow")
    assert nobody.get_object(Bucket="public", Key="cat")["Body"].read() == b"meow"
    for refused_one in (
        lambda: nobody.put_object(Bucket="public", Key="dog", Body=b""),
        lambda: nobody.list_objects_v2(Bucket="public"),
        lambda: nobody.get_bucket_policy(Bucket="public"),
    ):
        with refused("AccessDenied", 403):
            refused_one()
    nobody.close()
    assert fetched(served, "none-of-that-name/cat")[0] == 404


def test_an_accounts_own_block_closes_all_of_its_buckets(served: ServedWorld) -> None:
    opened(served, "open").put_bucket_policy(Bucket="open", Policy=for_everybody("open"))
    assert fetched(served, "open/cat") == (200, b"meow")
    closed = "<RestrictPublicBuckets>true</RestrictPublicBuckets>"
    block = f"<PublicAccessBlockConfiguration>{closed}</PublicAccessBlockConfiguration>"
    assert controlled(served.root, "PUT", ACCOUNT, block) == (200, b"")
    assert closed.encode() in controlled(served.root, "GET", ACCOUNT)[1]
    assert fetched(served, "open/cat")[0] == 403
    assert controlled(served.root, "DELETE", OTHER_ACCOUNT)[0] == 403
    assert controlled(served.root, "DELETE", ACCOUNT)[0] in (200, 204)
    assert controlled(served.root, "GET", ACCOUNT)[0] == 404
    assert fetched(served, "open/cat") == (200, b"meow")


def controlled(person: Person, method: str, account: str, body: str = "") -> tuple[int, bytes]:
    """The answer of S3 Control about an account's block. The SDK would put the account before the host."""
    path = "/v20180820/configuration/publicAccessBlock"
    request = AWSRequest(
        method, f"{person.world.url}{path}", headers={"x-amz-account-id": account}, data=body.encode()
    )
    S3SigV4Auth(Credentials(*person._keys), "s3", "us-east-1").add_auth(request)
    return asked(person.world, method, path, dict(request.headers.items()), body)


def test_an_account_sees_its_own_buckets(served: ServedWorld) -> None:
    made(served, "mine")
    mine, theirs = (person.client("s3").list_buckets() for person in (served.root, served.other))
    assert "mine" in [each["Name"] for each in mine["Buckets"]]
    assert "mine" not in [each["Name"] for each in theirs.get("Buckets", ())]
    assert mine["Owner"]["ID"] != theirs["Owner"]["ID"]
    assert len(mine["Owner"]["ID"]) == 64
    with refused("BucketAlreadyExists", 409):
        served.other.client("s3").create_bucket(Bucket="mine")


def canonical(person: Person) -> str:
    found: str = person.client("s3").list_buckets()["Owner"]["ID"]
    return found


def test_acls_are_refused_in_new_buckets_and_count_in_others(served: ServedWorld) -> None:
    s3, theirs = made(served, "new"), served.other
    for call, more in ((s3.put_object, {"Key": "a", "Body": b""}), (s3.put_bucket_acl, {})):
        with refused("AccessControlListNotSupported", 400, "The bucket does not allow ACLs"):
            call(Bucket="new", ACL="public-read", **more)
    s3.put_object(Bucket="new", Key="a", Body=b"", ACL="bucket-owner-full-control")
    old = opened(served, "old", ObjectOwnership="ObjectWriter")
    old.put_object_acl(Bucket="old", Key="cat", ACL="public-read")
    assert fetched(served, "old/cat") == (200, b"meow")
    grants = old.get_object_acl(Bucket="old", Key="cat")["Grants"]
    assert [(each["Grantee"].get("URI"), each["Permission"]) for each in grants] == [
        (None, "FULL_CONTROL"),
        (EVERYBODY, "READ"),
    ]
    old.put_bucket_acl(Bucket="old", GrantWrite=f"id={canonical(theirs)}")
    theirs.client("s3").put_object(Bucket="old", Key="dog", Body=b"woof")
    with refused("AccessDenied", 403):
        old.get_object(Bucket="old", Key="dog")
    given = f'id="{canonical(served.root)}"'
    theirs.client("s3").put_object(Bucket="old", Key="dog", Body=b"woof", GrantFullControl=given)
    assert old.get_object(Bucket="old", Key="dog")["Body"].read() == b"woof"
    assert old.get_object_acl(Bucket="old", Key="dog")["Owner"]["ID"] == canonical(theirs)
    listed = {each["Key"]: each["Owner"]["ID"] for each in old.list_objects(Bucket="old")["Contents"]}
    assert listed == {"cat": canonical(served.root), "dog": canonical(theirs)}
    with refused("InvalidBucketAclWithObjectOwnership", 400):
        enforced = {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
        old.put_bucket_ownership_controls(Bucket="old", OwnershipControls=enforced)
    old.delete_object(Bucket="old", Key="dog")


def test_a_bucket_goes_and_leaves_nothing(served: ServedWorld) -> None:
    s3 = opened(served, "gone")
    s3.put_bucket_policy(Bucket="gone", Policy=for_everybody("gone"))
    s3.delete_object(Bucket="gone", Key="cat")
    s3.delete_bucket(Bucket="gone")
    with refused("NoSuchBucket", 404):
        s3.get_bucket_policy(Bucket="gone")
    theirs = served.other.client("s3")
    theirs.create_bucket(Bucket="gone")
    theirs.put_object(Bucket="gone", Key="cat", Body=b"meow")
    assert fetched(served, "gone/cat")[0] == 403
    with refused("AccessDenied", 403):
        s3.get_object(Bucket="gone", Key="cat")


def test_strangers_are_told_nothing_but_that_they_may_not(served: ServedWorld) -> None:
    made(served, "closed")
    bob, ann = user(served.other, "strangerbob", allow("s3:*")), user(served.root, "strangerann")
    with refused("AccessDenied", 403) as told:
        bob.client("s3").get_object(Bucket="closed", Key="cat")
    assert told.value.response["Error"]["Message"] == "Access Denied"
    with refused("AccessDenied", 403, f"User: {ann.arn} is not authorized to perform: s3:GetObject"):
        ann.client("s3").get_object(Bucket="closed", Key="cat")


def test_the_account_of_a_bucket_can_be_asked_for(served: ServedWorld) -> None:
    made(served, "accounted")
    for number, key in enumerate(("s3:ResourceAccount", "aws:ResourceAccount")):
        for account, fine in ((ACCOUNT, True), (OTHER_ACCOUNT, False)):
            statement = allow("s3:GetObject", Condition={"StringEquals": {key: account}})
            person = user(served.root, f"accounted{number}{fine}", statement).client("s3")
            if fine:
                person.get_object(Bucket="accounted", Key="cat")
                continue
            with refused("AccessDenied", 403):
                person.get_object(Bucket="accounted", Key="cat")


def test_whether_an_object_is_there_is_told_to_who_may_list_the_bucket(served: ServedWorld) -> None:
    made(served, "concealed")
    reads = allow("s3:GetObject")
    bob = user(served.root, "concealedbob", reads).client("s3")
    ann = user(served.root, "concealedann", reads, allow("s3:ListBucket")).client("s3")
    missing = {"Bucket": "concealed", "Key": "none"}
    with refused("AccessDenied", 403, "is not authorized to perform: s3:ListBucket on resource: "):
        bob.get_object(**missing)
    with refused("403", 403):
        bob.head_object(**missing)
    with refused("NoSuchKey", 404):
        ann.get_object(**missing)
    with refused("404", 404):
        ann.head_object(**missing)
    bob.get_object(Bucket="concealed", Key="cat")
    s3 = opened(served, "half-open")
    s3.put_bucket_policy(Bucket="half-open", Policy=for_everybody("half-open"))
    assert fetched(served, "half-open/cat") == (200, b"meow")
    assert fetched(served, "half-open/none")[0] == 403
