"""Applications on EC2 instances, with what stands behind: rows SR-071 to SR-075 and SR-085."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.client import Person
from tests.people import Statement, allow, policy, refused, role, user
from tests.served import EC2, Served

requirement = pytest.mark.requirement

IMAGE = "ami-12c6146b"


def in_profile(root: Person, name: str, *statements: Statement) -> str:
    """A role for EC2 in a profile of its name; its ARN."""
    arn = role(root, name, EC2, *statements)
    root.iam.create_instance_profile(InstanceProfileName=name)
    root.iam.add_role_to_instance_profile(InstanceProfileName=name, RoleName=name)
    return arn


def launch(person: Person, profile: str | None = None, **more: Any) -> str:
    """A new instance; its ID."""
    if profile is not None:
        more["IamInstanceProfile"] = {"Name": profile}
    made = person.client("ec2").run_instances(ImageId=IMAGE, MinCount=1, MaxCount=1, **more)
    found: str = made["Instances"][0]["InstanceId"]
    return found


def bucket(root: Person, name: str, **objects: bytes) -> str:
    """A bucket of an account with objects; its name."""
    whole = f"{name}-{root.account}"
    root.client("s3").create_bucket(Bucket=whole)
    for key, body in objects.items():
        root.client("s3").put_object(Bucket=whole, Key=key, Body=body)
    return whole


def read(person: Person, name: str, key: str = "pic") -> bytes:
    found: bytes = person.client("s3").get_object(Bucket=name, Key=key)["Body"].read()
    return found


def reading(name: str) -> tuple[Statement, Statement]:
    """What a role needs to read a bucket."""
    inside = allow("s3:GetObject", on=f"arn:aws:s3:::{name}/*")
    return allow("s3:ListBucket", on=f"arn:aws:s3:::{name}"), inside


@requirement("SR-071", "SR-085")
def test_sr_071_a_developer_without_rights_launches_an_application_that_has_them(
    behind: Served, ours: Person
) -> None:
    photos, other = bucket(ours, "photos", pic=b"a picture"), bucket(ours, "other", pic=b"not this one")
    arn = in_profile(ours, "Get-pics", *reading(photos))
    developer = user(ours, "developer", allow("ec2:RunInstances"), allow("iam:PassRole", on=arn))
    mine = launch(developer, "Get-pics")
    application = behind.on_instance(ours, mine)
    assert application.arn == f"arn:aws:sts::{ours.account}:assumed-role/Get-pics/{mine}"
    assert read(application, photos) == b"a picture"
    assert [each["Key"] for each in application.client("s3").list_objects_v2(Bucket=photos)["Contents"]] == [
        "pic"
    ]
    for denied in (
        lambda: read(developer, photos),
        lambda: read(application, other),
        lambda: application.client("s3").put_object(Bucket=photos, Key="new", Body=b""),
        lambda: application.client("s3").delete_object(Bucket=photos, Key="pic"),
        lambda: application.client("s3").list_buckets(),
    ):
        with refused("AccessDenied", 403):
            denied()
    assert read(ours, photos) == b"a picture"


@requirement("SR-071")
def test_sr_071_who_may_not_pass_the_role_launches_nothing(behind: Served, ours: Person) -> None:
    in_profile(ours, "Get-pics", allow("s3:GetObject"))
    other = in_profile(ours, "Other")
    developer = user(ours, "developer", allow("ec2:RunInstances"), allow("iam:PassRole", on=other))
    with refused("UnauthorizedOperation", 403):
        launch(developer, "Get-pics")
    assert ours.client("ec2").describe_instances()["Reservations"] == []
    assert ours.workloads.list_instances()["Instances"] == []


def scan(person: Person, table: str) -> list[Any]:
    found: list[Any] = person.client("dynamodb").scan(TableName=table)["Items"]
    return found


def a_table(root: Person, name: str = "pets") -> str:
    """A table with one item; its ARN."""
    made = root.client("dynamodb").create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
    )
    root.client("dynamodb").put_item(TableName=name, Item={"id": {"S": "rex"}})
    arn: str = made["TableDescription"]["TableArn"]
    return arn


@requirement("SR-072", "SR-085")
def test_sr_072_a_role_reaches_s3_and_dynamodb(behind: Served, ours: Person) -> None:
    photos, table = bucket(ours, "photos", pic=b"x"), a_table(ours)
    in_profile(ours, "both", *reading(photos), allow("dynamodb:Scan", on=table))
    application = behind.on_instance(ours, launch(ours, "both"))
    assert read(application, photos) == b"x"
    assert scan(application, "pets") == [{"id": {"S": "rex"}}]
    with refused("AccessDeniedException", 400, "dynamodb:DeleteItem"):
        application.client("dynamodb").delete_item(TableName="pets", Key={"id": {"S": "rex"}})
    without = behind.on_instance(ours, launch(ours, in_profile(ours, "none").rpartition("/")[2]))
    with refused("AccessDeniedException", 400, "dynamodb:Scan"):
        scan(without, "pets")
    with refused("AccessDenied", 403):
        read(without, photos)


@requirement("SR-073")
def test_sr_073_an_instance_assumes_a_role_and_reads(behind: Served, ours: Person) -> None:
    photos = bucket(ours, "photos", pic=b"x")
    in_profile(ours, "launched")
    reader = role(ours, "reader", f"arn:aws:iam::{ours.account}:root", *reading(photos))
    application = behind.on_instance(ours, launch(ours, "launched"))
    with refused("AccessDenied", 403):
        application.sts.assume_role(RoleArn=reader, RoleSessionName="app")
    ours.iam.put_role_policy(
        RoleName="launched", PolicyName="own", PolicyDocument=policy(allow("sts:AssumeRole", on=reader))
    )
    with refused("AccessDenied", 403):
        read(application, photos)
    as_reader = application.sts.assume_role(RoleArn=reader, RoleSessionName="app")["Credentials"]
    assert read(behind.person(as_reader), photos) == b"x"


@requirement("SR-074")
def test_sr_074_an_association_that_is_made_anew_forces_the_change(behind: Served, ours: Person) -> None:
    photos = bucket(ours, "photos", pic=b"x")
    in_profile(ours, "web", *reading(photos))
    in_profile(ours, "batch")
    mine = launch(ours, "web")
    first = behind.on_instance(ours, mine)
    found = ours.client("ec2").describe_iam_instance_profile_associations(
        Filters=[{"Name": "instance-id", "Values": [mine]}]
    )
    id = found["IamInstanceProfileAssociations"][0]["AssociationId"]
    ours.client("ec2").disassociate_iam_instance_profile(AssociationId=id)
    with pytest.raises(KeyError):
        behind.on_instance(ours, mine)
    ours.client("ec2").associate_iam_instance_profile(InstanceId=mine, IamInstanceProfile={"Name": "batch"})
    second = behind.on_instance(ours, mine)
    assert "/batch/" in second.arn
    assert read(first, photos) == b"x"  # what an application still holds lasts to its end
    with refused("AccessDenied", 403):
        read(second, photos)


@requirement("SR-074")
def test_sr_074_so_does_a_replacement_for_who_may_pass_the_role(behind: Served, ours: Person) -> None:
    in_profile(ours, "web")
    batch = in_profile(ours, "batch")
    mine = launch(ours, "web")
    found = ours.client("ec2").describe_iam_instance_profile_associations()["IamInstanceProfileAssociations"]
    asked = {"AssociationId": found[0]["AssociationId"], "IamInstanceProfile": {"Name": "batch"}}
    replacing = allow("ec2:ReplaceIamInstanceProfileAssociation")
    with refused("UnauthorizedOperation", 403):
        user(ours, "bob", replacing).client("ec2").replace_iam_instance_profile_association(**asked)
    assert "/web/" in behind.on_instance(ours, mine).arn
    operator = user(ours, "operator", replacing, allow("iam:PassRole", on=batch))
    operator.client("ec2").replace_iam_instance_profile_association(**asked)
    assert "/batch/" in behind.on_instance(ours, mine).arn


@requirement("SR-074")
def test_sr_074_a_terminated_instance_has_nothing_any_more(behind: Served, ours: Person) -> None:
    in_profile(ours, "web")
    mine = launch(ours, "web")
    behind.on_instance(ours, mine)
    ours.client("ec2").terminate_instances(InstanceIds=[mine])
    with pytest.raises(ClientError, match="There is no instance"):
        behind.on_instance(ours, mine)


@requirement("SR-075", "SR-106")
def test_sr_075_an_instance_of_one_account_reads_a_bucket_of_another(
    behind: Served, ours: Person, theirs: Person
) -> None:
    first, second = bucket(ours, "my-bucket-1", pic=b"1"), bucket(theirs, "my-bucket-2", pic=b"2")
    efgh = f"arn:aws:iam::{theirs.account}:role/efgh"
    abcd = in_profile(ours, "abcd", *reading(first), allow("sts:AssumeRole", on=efgh))
    assert role(theirs, "efgh", abcd, *reading(second)) == efgh
    application = behind.on_instance(ours, launch(ours, "abcd"))
    assert read(application, first) == b"1"
    with refused("AccessDenied", 403):
        read(application, second)
    given = application.sts.assume_role(RoleArn=efgh, RoleSessionName="app")["Credentials"]
    there = behind.person(given)
    assert read(there, second) == b"2"
    with refused("AccessDenied", 403):
        read(there, first)
