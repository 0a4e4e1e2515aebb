"""Policies of other resources than buckets: what is refused when one is put, and who keeps it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from rolekeeper.errors import AwsError, ServiceUnavailable
from rolekeeper.gateway.asked import Asked
from rolekeeper.gateway.rules import Lookups, Rules
from rolekeeper.service.call import Resource
from rolekeeper.wire import model
from tests.client import ACCOUNT, OTHER_ACCOUNT, LocalWorld, Person
from tests.gateway.behind import Gateway, asked, caller_of, wait
from tests.people import allow, policy, user

QUEUE = f"arn:aws:sqs:us-east-1:{ACCOUNT}:jobs"
KEY = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/one"


async def queue_policy(lookups: Lookups, asking: Asked, arn: str) -> str | None:
    found = await lookups.ask(asking, "sqs", "GetQueueAttributes", QueueUrl=arn)
    if found == {"broken": True}:
        raise ServiceUnavailable
    return found["Policy"] if found else None


@pytest.fixture
def gateway(local: LocalWorld) -> Gateway:
    return Gateway(local, sqs=Rules(prefix="sqs", policies={"queue": queue_policy}))


def to(principal: Any, *actions: str, **more: Any) -> str:
    statement = {"Effect": "Allow", "Principal": principal, "Action": list(actions), "Resource": "*"} | more
    return policy({key: value for key, value in statement.items() if value is not None})


def put(
    gateway: Gateway,
    service: str,
    operation: str,
    members: dict[str, Any],
    *,
    by: Person | None = None,
    arn: str = QUEUE,
    answer: dict[str, Any] | None = None,
) -> None:
    """Do what the proxy does: check, let the backend do it, keep what follows."""
    person = by or gateway.world.root
    asking = asked(service, operation, person.account, **members)
    caller = caller_of(person)
    assert wait(gateway.resources.answer(asking, caller)) is None
    found = [Resource(arn=arn, account=ACCOUNT)]
    if gateway.resources.follows(asking):
        wait(gateway.resources.after(asking, caller, answer or {}, found))


def of_queue(gateway: Gateway) -> str | None:
    return gateway.of(asked("sqs", "SendMessage"), "sqs:SendMessage", QUEUE, "queue").policy


PUTS = [
    ("sqs", "SetQueueAttributes", lambda text: {"Attributes": {"Policy": text}}, "InvalidAttributeValue"),
    ("sqs", "CreateQueue", lambda text: {"Attributes": {"Policy": text}}, "InvalidAttributeValue"),
    (
        "sns",
        "SetTopicAttributes",
        lambda text: {"AttributeName": "Policy", "AttributeValue": text},
        "InvalidParameter",
    ),
    ("sns", "CreateTopic", lambda text: {"Attributes": {"Policy": text}}, "InvalidParameter"),
    ("kms", "PutKeyPolicy", lambda text: {"Policy": text}, "MalformedPolicyDocumentException"),
    ("kms", "CreateKey", lambda text: {"Policy": text}, "MalformedPolicyDocumentException"),
    (
        "secretsmanager",
        "PutResourcePolicy",
        lambda text: {"ResourcePolicy": text},
        "MalformedPolicyDocumentException",
    ),
    ("dynamodb", "PutResourcePolicy", lambda text: {"Policy": text}, "ValidationException"),
    ("dynamodb", "CreateTable", lambda text: {"ResourcePolicy": text}, "ValidationException"),
    ("kinesis", "PutResourcePolicy", lambda text: {"Policy": text}, "InvalidArgumentException"),
    ("ecr", "SetRepositoryPolicy", lambda text: {"policyText": text}, "InvalidParameterException"),
    ("logs", "PutDestinationPolicy", lambda text: {"accessPolicy": text}, "InvalidParameterException"),
    ("events", "PutPermission", lambda text: {"Policy": text}, "ValidationException"),
    ("lambda", "PutResourcePolicy", lambda text: {"Policy": text}, "InvalidParameterValueException"),
    ("ssm", "PutResourcePolicy", lambda text: {"Policy": text}, "MalformedResourcePolicyDocumentException"),
    ("efs", "PutFileSystemPolicy", lambda text: {"Policy": text}, "InvalidPolicyException"),
]
WRONG = [
    "{",
    "[]",
    '{"Version":"2012-10-17","Statement":[]}',
    to(None, "sqs:SendMessage"),
    to({"AWS": f"arn:aws:iam::{ACCOUNT}:user/none"}, "sqs:SendMessage"),
    to("*", "nothing"),
]


@pytest.mark.parametrize(("service", "operation", "members", "code"), PUTS)
def test_what_cannot_be_read_is_not_put(
    gateway: Gateway, service: str, operation: str, members: Any, code: str
) -> None:
    for wrong in WRONG:
        with pytest.raises(AwsError) as refused:
            put(gateway, service, operation, members(wrong))
        assert (refused.value.code, refused.value.status) == (code, 400)
    put(gateway, service, operation, members(to({"AWS": ACCOUNT}, f"{service}:*")))


@pytest.mark.parametrize(("service", "operation", "members", "code"), PUTS)
def test_the_errors_are_those_of_the_model_where_it_names_them(
    service: str, operation: str, members: Any, code: str
) -> None:
    known = {error.code for error in model.service(service).operations[operation].errors}
    assert code in known or code in ("InvalidAttributeValue", "ValidationException")


def test_a_repository_needs_no_resource_in_its_policy(gateway: Gateway) -> None:
    text = to("*", "ecr:BatchGetImage", Resource=None)
    put(gateway, "ecr", "SetRepositoryPolicy", {"policyText": text})
    with pytest.raises(AwsError):
        put(gateway, "sqs", "SetQueueAttributes", {"Attributes": {"Policy": text}})


def test_other_accounts_than_those_here_may_be_named(gateway: Gateway) -> None:
    for principal in ({"AWS": "999999999999"}, {"AWS": "arn:aws:iam::127311923021:root"}):
        put(gateway, "sqs", "SetQueueAttributes", {"Attributes": {"Policy": to(principal, "sqs:*")}})


# -- who keeps it -----------------------------------------------------------------------------------


def test_a_backend_that_shows_a_policy_keeps_it(gateway: Gateway) -> None:
    first, second = to("*", "sqs:SendMessage"), to("*", "sqs:ReceiveMessage")
    gateway.behind.answers[ACCOUNT, "GetQueueAttributes", QUEUE] = {"Policy": first}
    put(gateway, "sqs", "SetQueueAttributes", {"Attributes": {"Policy": first}})
    gateway.behind.answers[ACCOUNT, "GetQueueAttributes", QUEUE] = {"Policy": second}
    assert of_queue(gateway) == second


@pytest.mark.parametrize("shown", [None, {"broken": True}])
def test_one_that_is_not_shown_is_held_until_it_is_taken_away(gateway: Gateway, shown: Any) -> None:
    text = to("*", "sqs:SendMessage")
    if shown is not None:
        gateway.behind.answers[ACCOUNT, "GetQueueAttributes", QUEUE] = shown
    put(gateway, "sqs", "SetQueueAttributes", {"Attributes": {"Policy": text}})
    gateway.behind.answers.clear()
    assert json.loads(of_queue(gateway) or "") == json.loads(text)
    put(gateway, "sqs", "SetQueueAttributes", {"Attributes": {"DelaySeconds": "1"}})
    assert json.loads(of_queue(gateway) or "") == json.loads(text)
    put(gateway, "sqs", "SetQueueAttributes", {"Attributes": {"Policy": ""}})
    assert of_queue(gateway) is None


@pytest.mark.parametrize("operation", ["DeleteQueue", "CreateQueue"])
def test_a_queue_that_ends_or_is_made_anew_has_no_policy_of_before(gateway: Gateway, operation: str) -> None:
    put(gateway, "sqs", "SetQueueAttributes", {"Attributes": {"Policy": to("*", "sqs:SendMessage")}})
    put(gateway, "sqs", operation, {})
    assert of_queue(gateway) is None


def test_a_new_key_has_the_policy_that_it_was_made_with(gateway: Gateway) -> None:
    root = gateway.world.root
    text = to({"AWS": ACCOUNT}, "kms:PutKeyPolicy", "kms:Decrypt")
    put(gateway, "kms", "CreateKey", {"Policy": text}, arn="*", answer={"KeyMetadata": {"Arn": KEY}})
    kept = json.loads(gateway.of(asked("kms", "Decrypt"), "kms:Decrypt", KEY, "key").policy or "")
    assert kept["Statement"][0]["Action"] == ["kms:PutKeyPolicy", "kms:Decrypt"]
    bob = user(root, "bob", allow("kms:*"))
    gateway.try_it(bob, "kms:Decrypt", KEY, "key")
    with pytest.raises(AwsError):
        gateway.try_it(bob, "kms:Encrypt", KEY, "key")


def test_nobody_locks_themselves_out_of_a_key_unless_they_say_so(gateway: Gateway) -> None:
    bob = user(gateway.world.root, "bob", allow("kms:*"))
    for principal, action in (
        ({"AWS": OTHER_ACCOUNT}, "kms:*"),
        ({"AWS": bob.arn}, "kms:Decrypt"),
        ({"Service": "logs.amazonaws.com"}, "kms:*"),
    ):
        text = to(principal, action)
        with pytest.raises(AwsError, match="will not allow you to update the key policy"):
            put(gateway, "kms", "PutKeyPolicy", {"Policy": text}, by=bob, arn=KEY)
        members = {"Policy": text, "BypassPolicyLockoutSafetyCheck": True}
        put(gateway, "kms", "PutKeyPolicy", members, by=bob, arn=KEY)
    for fine in ({"AWS": ACCOUNT}, {"AWS": bob.arn}):
        put(gateway, "kms", "PutKeyPolicy", {"Policy": to(fine, "kms:*")}, by=bob, arn=KEY)


def test_a_secret_is_opened_to_everybody_only_where_that_is_wanted(gateway: Gateway) -> None:
    for principal, blocked in (("*", True), ("*", False), ({"AWS": ACCOUNT}, True)):
        text = to(principal, "secretsmanager:GetSecretValue")
        members = {"ResourcePolicy": text, "BlockPublicPolicy": blocked}
        if principal != "*" or not blocked:
            put(gateway, "secretsmanager", "PutResourcePolicy", members)
            continue
        with pytest.raises(AwsError) as refused:
            put(gateway, "secretsmanager", "PutResourcePolicy", members)
        assert refused.value.code == "PublicPolicyException"


def test_a_replica_of_a_key_has_the_policy_that_it_was_made_with(gateway: Gateway) -> None:
    west = KEY.replace("us-east-1", "us-west-2")
    members = {"Policy": to({"AWS": ACCOUNT}, "kms:*"), "ReplicaRegion": "us-west-2"}
    answer = {"ReplicaKeyMetadata": {"Arn": west}}
    put(gateway, "kms", "ReplicateKey", members, arn=KEY, answer=answer)
    assert "kms:*" in (gateway.of(asked("kms", "Decrypt"), "kms:Decrypt", west, "key").policy or "")
    found = [Resource(arn=KEY.replace(ACCOUNT, "999999999999"), account="999999999999")]
    asking = asked("kms", "PutKeyPolicy", **members)
    wait(gateway.resources.after(asking, caller_of(gateway.world.root), {}, found))  # an account not here


def test_most_operations_leave_nothing_to_do(gateway: Gateway) -> None:
    for service, operation in (("sqs", "SendMessage"), ("kms", "Decrypt"), ("s3", "GetObject")):
        assert not gateway.resources.follows(asked(service, operation, Bucket="photos", Key="cat"))


def test_who_is_made_anew_is_not_who_was_named(gateway: Gateway) -> None:
    root = gateway.world.root
    bob = user(root, "bob")
    text = to({"AWS": bob.arn}, "sqs:SendMessage")
    gateway.behind.answers[ACCOUNT, "GetQueueAttributes", QUEUE] = {"Policy": text}
    put(gateway, "sqs", "SetQueueAttributes", {"Attributes": {"Policy": text}})
    gateway.try_it(bob, "sqs:SendMessage", QUEUE, "queue")
    root.iam.delete_access_key(UserName="bob", AccessKeyId=bob.key_id)
    root.iam.delete_user(UserName="bob")
    again = user(root, "bob")
    with pytest.raises(AwsError):
        gateway.try_it(again, "sqs:SendMessage", QUEUE, "queue")
    gateway.behind.answers[ACCOUNT, "GetQueueAttributes", QUEUE] = {"Policy": text + " "}
    gateway.try_it(again, "sqs:SendMessage", QUEUE, "queue")  # another one, put behind the gateway's back
