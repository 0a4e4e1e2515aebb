"""Objects under KMS keys: who may use the object must be allowed to use its key too, by an unmodified SDK."""

from __future__ import annotations

import urllib.error
import urllib.request
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.client import ACCOUNT, OTHER_ACCOUNT, Person
from tests.gateway.served import ServedWorld
from tests.people import Statement, allow, deny, policy, refused, user

OBJECTS = allow("s3:GetObject", "s3:PutObject")
VIA_S3 = {"StringEquals": {"kms:ViaService": "s3.us-east-1.amazonaws.com"}}


def key(owner: Person, *statements: Statement, own: bool = True) -> str:
    """A new key: its account's policies count (if `own`), and so do these statements."""
    account = allow("kms:*", Principal={"AWS": f"arn:aws:iam::{owner.account}:root"})
    if not own:  # but its root user can still change the policy
        account["Action"] = ["kms:PutKeyPolicy", "kms:GetKeyPolicy"]
    made = owner.client("kms").create_key(Policy=policy(account, *statements))
    arn: str = made["KeyMetadata"]["Arn"]
    return arn


def to(person_arn: str, *actions: str, effect: str = "Allow", **more: Any) -> Statement:
    """A statement of a key's policy."""
    return {
        "Effect": effect,
        "Principal": {"AWS": person_arn},
        "Action": list(actions),
        "Resource": "*",
        **more,
    }


def bucket(owner: Person, name: str, default: str = "", **more: Any) -> str:
    """A new bucket; with `default` it is encrypted by that key."""
    owner.client("s3").create_bucket(Bucket=name)
    if default:
        by = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": default}
        rule = {"ApplyServerSideEncryptionByDefault": by, **more}
        owner.client("s3").put_bucket_encryption(
            Bucket=name, ServerSideEncryptionConfiguration={"Rules": [rule]}
        )
    return name


def put(owner: Person, name: str, arn: str = "", item: str = "cat") -> None:
    by = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": arn} if arn else {}
    owner.client("s3").put_object(Bucket=name, Key=item, Body=b"meow", **by)


def read(person: Person, name: str, item: str = "cat") -> bytes:
    body: bytes = person.client("s3").get_object(Bucket=name, Key=item)["Body"].read()
    return body


# -- reading ----------------------------------------------------------------------------------------


def test_who_may_read_an_object_and_not_use_its_key_gets_nothing_of_it(served: ServedWorld) -> None:
    arn, name = key(served.root), bucket(served.root, "sealed")
    put(served.root, name, arn)
    put(served.root, name, item="open")
    person = user(served.root, "reader", OBJECTS)
    assert read(person, name, "open") == b"meow"
    with refused("AccessDenied", 403, f"not authorized to perform: kms:Decrypt on resource: {arn}") as caught:
        read(person, name)
    assert "meow" not in str(caught.value.response)
    event = served.events()[-1]
    assert (event["eventName"], event["errorCode"]) == ("GetObject", "AccessDenied")
    assert "kms:Decrypt" in event["errorMessage"]


def test_what_an_object_is_called_and_how_long_it_is_needs_no_key_but_its_checksum_does(
    served: ServedWorld,
) -> None:
    arn, name = key(served.root), bucket(served.root, "heads")
    put(served.root, name, arn)
    client = user(served.root, "header", OBJECTS).client("s3")
    assert client.head_object(Bucket=name, Key="cat")["SSEKMSKeyId"] == arn
    with refused("403", 403):
        client.head_object(Bucket=name, Key="cat", ChecksumMode="ENABLED")


def test_a_key_for_s3_alone_opens_objects_and_nothing_at_kms(served: ServedWorld) -> None:
    arn, name = key(served.root), bucket(served.root, "through")
    put(served.root, name, arn)
    sealed = served.root.client("kms").encrypt(KeyId=arn, Plaintext=b"x")["CiphertextBlob"]
    person = user(served.root, "through", OBJECTS, allow("kms:Decrypt", on=arn, Condition=VIA_S3))
    assert read(person, name) == b"meow"
    with refused("AccessDeniedException", 400, "kms:Decrypt"):
        person.client("kms").decrypt(KeyId=arn, CiphertextBlob=sealed)


def test_a_key_for_another_service_opens_no_object(served: ServedWorld) -> None:
    arn, name = key(served.root), bucket(served.root, "elsewhere")
    put(served.root, name, arn)
    via = {"StringEquals": {"kms:ViaService": "ssm.us-east-1.amazonaws.com"}}
    person = user(served.root, "elsewhere", OBJECTS, allow("kms:Decrypt", on=arn, Condition=via))
    with refused("AccessDenied", 403, "kms:Decrypt"):
        read(person, name)


def test_the_policy_of_the_key_alone_lets_somebody_read(served: ServedWorld) -> None:
    person, other = user(served.root, "named", OBJECTS), user(served.root, "unnamed", OBJECTS)
    arn = key(served.root, to(f"arn:aws:iam::{ACCOUNT}:user/named", "kms:Decrypt", Condition=VIA_S3))
    name = bucket(served.root, "named")
    put(served.root, name, arn)
    assert read(person, name) == b"meow"
    with refused("AccessDenied", 403, "kms:Decrypt"):
        read(other, name)


def test_a_key_whose_policy_does_not_let_its_account_in_is_opened_by_no_policy_of_the_account(
    served: ServedWorld,
) -> None:
    writer = f"arn:aws:iam::{ACCOUNT}:root"
    arn = key(served.root, to(writer, "kms:GenerateDataKey"), own=False)
    name = bucket(served.root, "shut")
    put(served.root, name, arn)
    with refused("AccessDenied", 403, "kms:Decrypt"):
        read(user(served.root, "anything", allow("*")), name)


@pytest.mark.parametrize("where", ["identity", "key"])
def test_a_deny_wins(served: ServedWorld, where: str) -> None:
    who = f"denied-{where}"
    mine = [deny("kms:Decrypt", Condition=VIA_S3)] if where == "identity" else []
    person = user(served.root, who, OBJECTS, allow("kms:*"), *mine)
    theirs = [to(f"arn:aws:iam::{ACCOUNT}:user/{who}", "kms:Decrypt", effect="Deny")] if not mine else []
    arn, name = key(served.root, *theirs), bucket(served.root, who)
    put(served.root, name, arn)
    with refused("AccessDenied", 403, "with an explicit deny"):
        read(person, name)


def test_an_object_that_is_encrypted_twice_over_needs_its_key(served: ServedWorld) -> None:
    arn, name = key(served.root), bucket(served.root, "twice")
    served.root.client("s3").put_object(
        Bucket=name, Key="cat", Body=b"meow", ServerSideEncryption="aws:kms:dsse", SSEKMSKeyId=arn
    )
    with refused("AccessDenied", 403, f"kms:Decrypt on resource: {arn}"):
        read(user(served.root, "twice", OBJECTS), name)
    assert read(user(served.root, "twice-2", OBJECTS, allow("kms:Decrypt", on=arn)), name) == b"meow"


def test_a_key_may_be_for_the_objects_of_a_prefix(served: ServedWorld) -> None:
    arn, name = key(served.root), bucket(served.root, "prefixes")
    for item in ("2026/cat", "2025/cat"):
        put(served.root, name, arn, item)
    of = {"StringLike": {"kms:EncryptionContext:aws:s3:arn": f"arn:aws:s3:::{name}/2026/*"}}
    person = user(served.root, "prefixes", OBJECTS, allow("kms:Decrypt", on=arn, Condition=of))
    assert read(person, name, "2026/cat") == b"meow"
    with refused("AccessDenied", 403, "kms:Decrypt"):
        read(person, name, "2025/cat")


def test_another_accounts_object_needs_leave_of_both_accounts_for_the_key(served: ServedWorld) -> None:
    theirs = f"arn:aws:iam::{OTHER_ACCOUNT}:root"
    arn, name = key(served.root, to(theirs, "kms:Decrypt")), bucket(served.root, "shared")
    closed, s3 = key(served.root), served.root.client("s3")
    put(served.root, name, arn)
    put(served.root, name, closed, "closed")
    s3.put_bucket_policy(
        Bucket=name, Policy=policy(to(theirs, "s3:GetObject") | {"Resource": f"arn:aws:s3:::{name}/*"})
    )
    able = user(served.other, "able", OBJECTS, allow("kms:Decrypt"))
    assert read(able, name) == b"meow"
    with pytest.raises(ClientError, match="AccessDenied"):
        read(able, name, "closed")
    with pytest.raises(ClientError, match="AccessDenied"):
        read(user(served.other, "unable", OBJECTS), name)
    mine = {"StringEquals": {"kms:CallerAccount": OTHER_ACCOUNT}}
    served.root.client("kms").put_key_policy(
        KeyId=closed,
        PolicyName="default",
        Policy=policy(to(f"arn:aws:iam::{ACCOUNT}:root", "kms:*"), to("*", "kms:Decrypt", Condition=mine)),
    )
    assert read(able, name, "closed") == b"meow"


def test_the_key_that_aws_has_for_s3_needs_no_leave(served: ServedWorld) -> None:
    name, s3 = bucket(served.root, "aws-managed"), served.root.client("s3")
    s3.put_object(Bucket=name, Key="cat", Body=b"meow", ServerSideEncryption="aws:kms")
    put(served.root, name, "alias/aws/s3", "dog")
    person = user(served.root, "plain", OBJECTS, deny("kms:*"))
    assert read(person, name) == read(person, name, "dog") == b"meow"
    put(person, name, "alias/aws/s3", "cow")


def test_a_stranger_reads_nothing_that_is_under_a_key(served: ServedWorld) -> None:
    name, s3 = bucket(served.root, "public"), served.root.client("s3")
    everybody = to("*", "kms:Decrypt")
    put(served.root, name, key(served.root, everybody))
    put(served.root, name, item="open")
    s3.delete_public_access_block(Bucket=name)
    s3.put_bucket_policy(
        Bucket=name, Policy=policy(to("*", "s3:GetObject") | {"Resource": f"arn:aws:s3:::{name}/*"})
    )
    with urllib.request.urlopen(f"{served.url}/{name}/open") as answer:
        assert answer.read() == b"meow"
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(f"{served.url}/{name}/cat")
    told = caught.value.read()
    assert caught.value.code == 400
    assert b"require AWS Signature Version 4" in told
    assert b"meow" not in told


# -- writing ----------------------------------------------------------------------------------------


def test_the_default_key_of_a_bucket_is_asked_of_who_writes_to_it(served: ServedWorld) -> None:
    arn = key(served.root)
    name = bucket(served.root, "default", arn, BucketKeyEnabled=True)
    bare = user(served.root, "bare", OBJECTS)
    with refused("AccessDenied", 403, f"kms:GenerateDataKey on resource: {arn}"):
        put(bare, name)
    with refused("AccessDenied", 403, "kms:GenerateDataKey"):
        bare.client("s3").create_multipart_upload(Bucket=name, Key="cat")
    put(served.root, bucket(served.root, "sources"))
    with refused("AccessDenied", 403, "kms:GenerateDataKey"):
        bare.client("s3").copy_object(Bucket=name, Key="cat", CopySource="sources/cat")
    whole = {"StringEquals": {"kms:EncryptionContext:aws:s3:arn": f"arn:aws:s3:::{name}"}}
    able = user(served.root, "able-to-write", OBJECTS, allow("kms:GenerateDataKey", on=arn, Condition=whole))
    put(able, name)
    assert served.root.client("s3").head_object(Bucket=name, Key="cat")["SSEKMSKeyId"] == arn
    with refused("AccessDenied", 403, "kms:Decrypt"):  # who writes need not read
        read(able, name)


def test_an_upload_may_say_that_no_key_is_to_be_used(served: ServedWorld) -> None:
    name = bucket(served.root, "default-2", key(served.root))
    person = user(served.root, "other-way", OBJECTS)
    person.client("s3").put_object(Bucket=name, Key="cat", Body=b"meow", ServerSideEncryption="AES256")
    assert read(person, name) == b"meow"


def test_the_default_key_counts_until_it_is_taken_away(served: ServedWorld) -> None:
    name = bucket(served.root, "default-3", key(served.root))
    person = user(served.root, "until", OBJECTS)
    with refused("AccessDenied", 403, "kms:GenerateDataKey"):
        put(person, name)
    served.root.client("s3").delete_bucket_encryption(Bucket=name)
    put(person, name)
    assert read(person, name) == b"meow"


def test_a_default_key_by_its_alias_is_that_of_who_writes(served: ServedWorld) -> None:
    arn = key(served.root)
    served.root.client("kms").create_alias(AliasName="alias/photos", TargetKeyId=arn)
    name = bucket(served.root, "default-4", "alias/photos")
    of = {"StringEquals": {"kms:RequestAlias": "alias/photos"}}
    put(user(served.root, "by-alias", OBJECTS, allow("kms:GenerateDataKey", Condition=of)), name)
    assert served.root.client("s3").head_object(Bucket=name, Key="cat")["SSEKMSKeyId"] == arn
    with refused("AccessDenied", 403, f"kms:GenerateDataKey on resource: {arn}"):
        put(user(served.root, "not-by-alias", OBJECTS), name)


def test_a_key_that_an_upload_names_is_asked_and_kept_as_the_key_that_it_is(served: ServedWorld) -> None:
    arn, name = key(served.root), bucket(served.root, "headers")
    with refused("AccessDenied", 403, f"kms:GenerateDataKey on resource: {arn}"):
        put(user(served.root, "no-header", OBJECTS), name, arn)
    short = arn.rpartition("/")[2]
    put(user(served.root, "header-2", OBJECTS, allow("kms:GenerateDataKey", on=arn)), name, short)
    assert served.root.client("s3").head_object(Bucket=name, Key="cat")["SSEKMSKeyId"] == arn


def test_an_upload_in_parts_needs_both_permissions(served: ServedWorld) -> None:
    arn, name = key(served.root), bucket(served.root, "parts")
    by = {"Bucket": name, "Key": "cat", "ServerSideEncryption": "aws:kms", "SSEKMSKeyId": arn}
    half = user(served.root, "half", OBJECTS, allow("kms:GenerateDataKey"))
    with refused("AccessDenied", 403, "kms:Decrypt"):
        half.client("s3").create_multipart_upload(**by)
    client = user(
        served.root, "both", OBJECTS, allow("kms:GenerateDataKey", "kms:Decrypt", Condition=VIA_S3)
    ).client("s3")
    upload = {
        "Bucket": name,
        "Key": "cat",
        "UploadId": client.create_multipart_upload(**by)["UploadId"],
    }
    with refused("AccessDenied", 403, f"kms:Decrypt on resource: {arn}"):
        half.client("s3").upload_part(**upload, PartNumber=1, Body=b"moo")
    part = client.upload_part(**upload, PartNumber=1, Body=b"meow")
    told = {"Parts": [{"ETag": part["ETag"], "PartNumber": 1}]}
    client.complete_multipart_upload(**upload, MultipartUpload=told)
    assert client.get_object(Bucket=name, Key="cat")["Body"].read() == b"meow"


# -- copies -----------------------------------------------------------------------------------------


def test_a_copy_needs_the_key_of_what_it_reads(served: ServedWorld) -> None:
    arn, name = key(served.root), bucket(served.root, "copies")
    put(served.root, name, arn)
    put(served.root, name, item="open")
    bare = user(served.root, "copier", OBJECTS).client("s3")
    bare.copy_object(Bucket=name, Key="copy", CopySource=f"{name}/open")
    with refused("AccessDenied", 403, f"kms:Decrypt on resource: {arn}"):
        bare.copy_object(Bucket=name, Key="copy", CopySource=f"{name}/cat")
    upload = bare.create_multipart_upload(Bucket=name, Key="copy")["UploadId"]
    with refused("AccessDenied", 403, f"kms:Decrypt on resource: {arn}"):
        bare.upload_part_copy(
            Bucket=name, Key="copy", UploadId=upload, PartNumber=1, CopySource=f"{name}/cat"
        )
    able = user(served.root, "copier-2", OBJECTS, allow("kms:Decrypt", on=arn))
    able.client("s3").copy_object(Bucket=name, Key="copy", CopySource=f"{name}/cat")
    assert read(able, name, "copy") == b"meow"


def test_what_is_selected_of_an_object_needs_its_key(served: ServedWorld) -> None:
    arn, name = key(served.root), bucket(served.root, "selected")
    served.root.client("s3").put_object(
        Bucket=name, Key="cats.csv", Body=b"tom,1\n", ServerSideEncryption="aws:kms", SSEKMSKeyId=arn
    )
    how: dict[str, Any] = {
        "Expression": "SELECT * FROM s3object",
        "ExpressionType": "SQL",
        "InputSerialization": {"CSV": {}},
        "OutputSerialization": {"CSV": {}},
    }
    with refused("AccessDenied", 403, "kms:Decrypt"):
        user(served.root, "select", OBJECTS).client("s3").select_object_content(
            Bucket=name, Key="cats.csv", **how
        )
    able = user(served.root, "select-2", OBJECTS, allow("kms:Decrypt", on=arn)).client("s3")
    events = able.select_object_content(Bucket=name, Key="cats.csv", **how)["Payload"]
    assert b"tom" in b"".join(each["Records"]["Payload"] for each in events if "Records" in each)
