"""Tags of resources in conditions, by an unmodified SDK: under whichever name a service has for them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.gateway.served import ServedWorld
from tests.people import allow, deny, refused, user


@pytest.mark.parametrize("key", ["aws:ResourceTag/team", "ec2:ResourceTag/team"])
def test_instances_by_their_tags(served: ServedWorld, key: str) -> None:
    ec2 = served.root.client("ec2")

    def launched(team: str) -> str:
        tags = [{"ResourceType": "instance", "Tags": [{"Key": "team", "Value": team}]}]
        image = ec2.describe_images(Owners=["amazon"])["Images"][0]["ImageId"]
        made = ec2.run_instances(ImageId=image, MinCount=1, MaxCount=1, TagSpecifications=tags)
        found: str = made["Instances"][0]["InstanceId"]
        return found

    web, db = launched("web"), launched("db")
    name = key.replace(":", "").replace("/", "")
    allowed = allow("ec2:StopInstances", Condition={"StringEquals": {key: "web"}})
    bob = user(served.root, f"allowed{name}", allowed).client("ec2")
    bob.stop_instances(InstanceIds=[web])
    denied = deny("ec2:StopInstances", Condition={"StringEquals": {key: "db"}})
    ann = user(served.root, f"denied{name}", allow("ec2:StopInstances"), denied).client("ec2")
    ann.stop_instances(InstanceIds=[web])
    for person, instances in ((bob, [db]), (bob, [web, db]), (ann, [db])):
        with refused("UnauthorizedOperation", 403):
            person.stop_instances(InstanceIds=instances)
    ec2.create_tags(Resources=[web], Tags=[{"Key": "team", "Value": "db"}])
    for person in (bob, ann):
        with refused("UnauthorizedOperation", 403):
            person.stop_instances(InstanceIds=[web])


def test_objects_by_their_tags(served: ServedWorld) -> None:
    s3 = served.root.client("s3")
    s3.create_bucket(Bucket="tagged")
    for key, tag in (("open", "secret=no"), ("shut", "secret=yes"), ("plain", "")):
        s3.put_object(Bucket="tagged", Key=key, Body=b"x", Tagging=tag)
    closed: Any = {"StringEquals": {"s3:ExistingObjectTag/secret": "yes"}}
    bob = user(served.root, "taggedbob", allow("s3:GetObject"), deny("s3:GetObject", Condition=closed))
    for key in ("open", "plain"):
        bob.client("s3").get_object(Bucket="tagged", Key=key)
    with refused("AccessDenied", 403):
        bob.client("s3").get_object(Bucket="tagged", Key="shut")
    s3.put_object_tagging(
        Bucket="tagged", Key="open", Tagging={"TagSet": [{"Key": "secret", "Value": "yes"}]}
    )
    with refused("AccessDenied", 403):
        bob.client("s3").get_object(Bucket="tagged", Key="open")
    misled = allow("s3:GetObject", Condition={"StringEquals": {"aws:ResourceTag/secret": "yes"}})
    ann = user(served.root, "taggedann", misled)
    with refused("AccessDenied", 403):
        ann.client("s3").get_object(Bucket="tagged", Key="shut")
