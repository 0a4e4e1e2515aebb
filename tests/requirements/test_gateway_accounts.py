"""Resources behind, from one account to another: rows SR-052 and SR-106 to SR-108."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.client import Person
from tests.people import allow, assume, policy, refused, role, user
from tests.requirements.test_gateway_instances import bucket, in_profile, launch, read, reading
from tests.served import Served

requirement = pytest.mark.requirement


def shared(root: Person, name: str, principal: Any, *actions: str) -> None:
    """Let somebody into a bucket, by its policy."""
    on = [f"arn:aws:s3:::{name}", f"arn:aws:s3:::{name}/*"]
    statement = {"Effect": "Allow", "Principal": principal, "Action": list(actions), "Resource": on}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    root.client("s3").put_bucket_policy(Bucket=name, Policy=document)


@requirement("SR-052")
def test_sr_052_a_service_role_gives_access_in_its_own_account_only(
    behind: Served, ours: Person, theirs: Person
) -> None:
    own, foreign = bucket(ours, "own", pic=b"1"), bucket(theirs, "foreign", pic=b"2")
    in_profile(ours, "web", allow("s3:*"))
    application = behind.on_instance(ours, launch(ours, "web"))
    assert read(application, own) == b"1"
    with refused("AccessDenied", 403):
        read(application, foreign)


@requirement("SR-052")
def test_sr_052_no_service_of_another_account_gets_it(ours: Person, theirs: Person) -> None:
    arn = role(ours, "work", {"Service": "glue.amazonaws.com"})
    asked = {"Name": "j", "Command": {"Name": "glueetl", "ScriptLocation": "s3://b/s"}}
    with refused("AccessDeniedException", 400, "Cross-account pass role is not allowed."):
        theirs.client("glue").create_job(**asked, Role=arn)
    ours.client("glue").create_job(**asked, Role=arn)
    assert ours.workloads.list_workloads()["Workloads"][0]["RoleArns"] == [arn]


@requirement("SR-106")
def test_sr_106_users_of_another_account_assume_the_role_and_read(ours: Person, theirs: Person) -> None:
    data = bucket(ours, "data", pic=b"x")
    reader = role(ours, "reader", f"arn:aws:iam::{theirs.account}:root", *reading(data))
    bob = user(theirs, "bob", allow("sts:AssumeRole", on=reader))
    eve = user(theirs, "eve", allow("s3:*"))
    with refused("AccessDenied", 403):
        assume(eve, reader)
    for outsider in (bob, eve):
        with refused("AccessDenied", 403):
            read(outsider, data)
    there = assume(bob, reader)
    assert read(there, data) == b"x"
    with refused("AccessDenied", 403):
        there.client("s3").put_object(Bucket=data, Key="new", Body=b"")


@requirement("SR-107")
def test_sr_107_so_do_the_services_of_another_account(behind: Served, ours: Person, theirs: Person) -> None:
    data = bucket(ours, "data", pic=b"x")
    reader = f"arn:aws:iam::{ours.account}:role/reader"
    web = in_profile(theirs, "web", allow("sts:AssumeRole", on=reader))
    in_profile(theirs, "other", allow("sts:AssumeRole", on=reader))
    role(ours, "reader", web, *reading(data))
    application = behind.on_instance(theirs, launch(theirs, "web"))
    assert read(assume(application, reader), data) == b"x"
    with refused("AccessDenied", 403):
        assume(behind.on_instance(theirs, launch(theirs, "other")), reader)


@requirement("SR-108")
def test_sr_108_a_bucket_policy_is_the_alternative(ours: Person, theirs: Person) -> None:
    data = bucket(ours, "data", pic=b"x")
    bob, eve = user(theirs, "bob", *reading(data)), user(theirs, "eve")
    with refused("AccessDenied", 403):
        read(bob, data)
    shared(ours, data, {"AWS": f"arn:aws:iam::{theirs.account}:root"}, "s3:GetObject", "s3:ListBucket")
    assert read(bob, data) == b"x"
    assert bob.client("s3").list_objects_v2(Bucket=data)["KeyCount"] == 1
    with refused("AccessDenied", 403):
        read(eve, data)  # his own account must allow it as well
    with refused("AccessDenied", 403):
        bob.client("s3").delete_object(Bucket=data, Key="pic")
    theirs.iam.put_user_policy(UserName="eve", PolicyName="own", PolicyDocument=policy(*reading(data)))
    assert read(eve, data) == b"x"


@requirement("SR-108")
def test_sr_108_and_so_is_that_of_a_queue_and_a_topic(ours: Person, theirs: Person) -> None:
    url = ours.client("sqs").create_queue(QueueName="q")["QueueUrl"]
    queue = f"arn:aws:sqs:us-east-1:{ours.account}:q"
    bob = user(theirs, "bob", allow("sqs:SendMessage", on=queue))
    with pytest.raises(ClientError, match=r"AccessDenied.* sqs:SendMessage"):
        bob.client("sqs").send_message(QueueUrl=url, MessageBody="x")
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": theirs.account},
        "Action": "sqs:SendMessage",
        "Resource": queue,
    }
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    ours.client("sqs").set_queue_attributes(QueueUrl=url, Attributes={"Policy": document})
    bob.client("sqs").send_message(QueueUrl=url, MessageBody="x")
    assert ours.client("sqs").receive_message(QueueUrl=url)["Messages"][0]["Body"] == "x"
    with pytest.raises(ClientError, match=r"AccessDenied.* sqs:ReceiveMessage"):
        bob.client("sqs").receive_message(QueueUrl=url)
