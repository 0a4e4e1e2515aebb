"""What an access is about: the whole ARN, whose it is, and the policy on it."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from rolekeeper.errors import AccessDenied, ValidationError
from rolekeeper.gateway.asked import Asked, Wanted
from rolekeeper.gateway.resources import names
from rolekeeper.gateway.rules import Lookups, Rules
from rolekeeper.iam.buckets import ResourcePolicy
from rolekeeper.policy.decision import PolicyLayers
from rolekeeper.policy.document import parse_document
from rolekeeper.service.call import Resource
from rolekeeper.service.denials import Denied
from tests.client import ACCOUNT, OTHER_ACCOUNT, LocalWorld
from tests.gateway.behind import Gateway, asked, wait
from tests.people import allow, policy, role, user

QUEUE = f"arn:aws:sqs:us-east-1:{OTHER_ACCOUNT}:jobs"
KEY = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/one"


async def queue_policy(lookups: Lookups, asking: Asked, arn: str) -> str | None:
    found = await lookups.ask(asking, "sqs", "GetQueueAttributes", QueueUrl=arn)
    return found["Attributes"]["Policy"] if found else None


async def key_of_alias(lookups: Lookups, asking: Asked, wanted: Wanted) -> str | None:
    found = await lookups.ask(asking, "kms", "DescribeKey", KeyId=wanted.named)
    return found["KeyMetadata"]["Arn"] if found else None


async def tags_of_queue(lookups: Lookups, asking: Asked, arn: str) -> dict[str, str]:
    found = await lookups.ask(asking, "sqs", "ListQueueTags", QueueUrl=arn)
    return dict(found["Tags"]) if found else {}


SQS = Rules(prefix="sqs", policies={"queue": queue_policy}, tags={"queue": tags_of_queue})
KMS = Rules(prefix="kms", completions={"key": key_of_alias})


def for_anybody(*actions: str, principal: Any = "*", on: str = "*") -> str:
    return policy({"Effect": "Allow", "Principal": principal, "Action": list(actions), "Resource": on})


@pytest.fixture
def gateway(local: LocalWorld) -> Gateway:
    return Gateway(local, sqs=SQS, kms=KMS)


def test_a_resource_belongs_to_the_account_in_its_arn(gateway: Gateway) -> None:
    found = gateway.of(asked("sqs", "SendMessage"), "sqs:SendMessage", QUEUE, "queue")
    assert (found.arn, found.account, found.policy) == (QUEUE, OTHER_ACCOUNT, None)


@pytest.mark.parametrize("arn", ["*", "arn:aws:apigateway:us-east-1::/restapis/abc"])
def test_a_resource_without_an_account_is_the_callers_own(gateway: Gateway, arn: str) -> None:
    assert gateway.of(asked("apigateway", "GetRestApi"), "apigateway:GET", arn).account == ACCOUNT


def test_a_policy_is_asked_of_the_backend_in_the_name_of_the_owner(gateway: Gateway) -> None:
    text = for_anybody("sqs:SendMessage")
    gateway.behind.answers[OTHER_ACCOUNT, "GetQueueAttributes", QUEUE] = {"Attributes": {"Policy": text}}
    assert gateway.of(asked("sqs", "SendMessage"), "sqs:SendMessage", QUEUE, "queue").policy == text


def test_a_queue_of_another_account_opens_by_its_policy_and_the_callers_own(gateway: Gateway) -> None:
    root = gateway.world.root
    bob, ann = user(root, "bob", allow("sqs:SendMessage")), user(root, "ann")
    with pytest.raises(Denied):
        gateway.try_it(bob, "sqs:SendMessage", QUEUE, "queue")
    text = for_anybody("sqs:SendMessage", principal={"AWS": ACCOUNT})
    gateway.behind.answers[OTHER_ACCOUNT, "GetQueueAttributes", QUEUE] = {"Attributes": {"Policy": text}}
    gateway.try_it(bob, "sqs:SendMessage", QUEUE, "queue")
    for person, action in ((ann, "sqs:SendMessage"), (bob, "sqs:ReceiveMessage")):
        with pytest.raises(Denied):
            gateway.try_it(person, action, QUEUE, "queue")


def test_a_policy_that_the_backend_forgets_is_held(gateway: Gateway) -> None:
    policies, text = gateway.resources._policies, for_anybody("sqs:SendMessage")
    asking = asked("sqs", "SendMessage")
    wait(policies.hold(OTHER_ACCOUNT, QUEUE, ResourcePolicy(account=OTHER_ACCOUNT, arn=QUEUE, text=text)))
    assert gateway.of(asking, "sqs:SendMessage", QUEUE, "queue").policy == text
    wait(policies.hold(OTHER_ACCOUNT, QUEUE, None))
    assert gateway.of(asking, "sqs:SendMessage", QUEUE, "queue").policy is None


def test_a_policy_that_cannot_be_read_lets_nobody_in(gateway: Gateway) -> None:
    gateway.behind.answers[OTHER_ACCOUNT, "GetQueueAttributes", QUEUE] = {"Attributes": {"Policy": "{"}}
    with pytest.raises(AccessDenied, match="cannot be read"):
        gateway.of(asked("sqs", "SendMessage"), "sqs:SendMessage", QUEUE, "queue")


def test_a_key_has_awss_default_policy_where_none_is_known(gateway: Gateway) -> None:
    bob = user(gateway.world.root, "bob", allow("kms:Decrypt"))
    found = gateway.of(asked("kms", "Decrypt"), "kms:Decrypt", KEY, "key")
    assert found.policy_kind == "kms"
    assert found.policy is not None
    assert f"arn:aws:iam::{ACCOUNT}:root" in found.policy
    gateway.try_it(bob, "kms:Decrypt", KEY, "key")
    with pytest.raises(Denied):
        gateway.try_it(gateway.world.other, "kms:Decrypt", KEY, "key")


def test_a_name_is_completed_to_an_arn(gateway: Gateway) -> None:
    gateway.behind.answers[ACCOUNT, "DescribeKey", "alias/mine"] = {"KeyMetadata": {"Arn": KEY}}
    alias = f"arn:aws:kms:us-east-1:{ACCOUNT}:alias/mine"
    for name, arn in (("alias/mine", KEY), ("alias/none", alias)):
        assert gateway.of(asked("kms", "Decrypt"), "kms:Decrypt", alias, "key", named=name).arn == arn


def test_tags_are_fetched_of_the_owner_when_they_are_wanted(gateway: Gateway) -> None:
    gateway.behind.answers[OTHER_ACCOUNT, "ListQueueTags", QUEUE] = {"Tags": {"team": "web"}}
    asking, wanted = asked("sqs", "SendMessage"), Wanted(action="sqs:x", resource=QUEUE, type="queue")
    found = wait(gateway.resources.of(asking, wanted))
    assert dict(found.tags) == {}
    assert wait(gateway.resources.tagged(asking, wanted, found)).tags == {"team": "web"}


def test_a_services_own_words_for_tags_are_keys(gateway: Gateway) -> None:
    asking = asked("ec2", "StopInstances")
    arn = f"arn:aws:ec2:us-east-1:{ACCOUNT}:instance/i-1"
    wanted = Wanted(action="ec2:StopInstances", resource=arn, type="instance")
    found = Resource(arn=arn, account=ACCOUNT, tags={"Team": "web"})
    keys = wait(gateway.resources.tag_keys(asking, wanted, found, frozenset()))
    assert keys == {"ec2:resourcetag/team": "web"}


def test_a_role_that_is_handed_over_has_its_tags(gateway: Gateway) -> None:
    arn = role(gateway.world.root, "app", ACCOUNT, Tags=[{"Key": "team", "Value": "web"}], Path="/x/")
    asking = asked("lambda", "CreateFunction")
    assert gateway.of(asking, "iam:PassRole", arn, "role").tags == {"team": "web"}
    assert gateway.of(asking, "iam:PassRole", arn.replace("/x/", "/"), "role").tags == {}


@pytest.mark.parametrize(
    ("condition", "asks"),
    [
        ({"StringEquals": {"aws:ResourceTag/Team": "web"}}, True),
        ({"StringEquals": {"ec2:ResourceTag/Team": "web"}}, True),
        ({"StringEquals": {"s3:ExistingObjectTag/Team": "web"}}, True),
        ({"StringEquals": {"rds:db-tag/Team": "web"}}, True),
        ({"StringEquals": {"aws:PrincipalOrgID": "${aws:ResourceTag/Org}"}}, True),
        ({"StringEquals": {"aws:RequestTag/Team": "web"}}, False),
        ({"StringEquals": {"aws:PrincipalTag/Team": "web"}}, False),
        ({"StringEquals": {"s3:RequestObjectTag/Team": "web"}}, True),
        ({"ForAllValues:StringEquals": {"aws:TagKeys": "web"}}, False),
    ],
)
def test_policies_say_whether_they_ask_for_tags(condition: dict[str, Any], asks: bool) -> None:
    document = parse_document(policy(allow("s3:GetObject", Condition=condition)))
    assert names([PolicyLayers(identity=(document,))])[1] is asks
    assert names([PolicyLayers(), PolicyLayers(scp=((document,),))])[1] is asks
    assert not names([PolicyLayers()])[1]


def test_the_keys_of_policies_are_told() -> None:
    texts = [
        allow("s3:GetObject", Condition={"Null": {"S3:Prefix": "true"}}),
        allow("s3:GetObject", on="arn:aws:s3:::b/${aws:username}"),
    ]
    identity, boundary = ((parse_document(policy(text)),) for text in texts)
    layers = PolicyLayers(identity=identity, boundary=boundary)
    assert names([layers])[0] == {"s3:prefix", "aws:username"}
    assert names([PolicyLayers(), layers])[0] == {"s3:prefix", "aws:username"}
    assert names([PolicyLayers()]) == (frozenset(), False)


def test_a_request_is_carried_out_where_its_resource_is(gateway: Gateway) -> None:
    asking = asked("sqs", "SendMessage")
    west = QUEUE.replace("us-east-1", "us-west-2")
    one, two = (Wanted(action="sqs:SendMessage", resource=arn, type="queue") for arn in (QUEUE, west))
    found = [wait(gateway.resources.of(asking, each)) for each in (one, two)]
    home = gateway.resources.home(asking, [two], found[1:])
    assert (home.account, home.region) == (OTHER_ACCOUNT, "us-west-2")
    assert gateway.resources.home(asking, [], []).account == ACCOUNT
    with pytest.raises(ValidationError):
        gateway.resources.home(asking, [one, two], found)
    other = msgspec.structs.replace(two, type="role")
    assert gateway.resources.home(asking, [one, other], found).region == "us-east-1"


def test_what_is_no_arn_is_taken_as_it_is(gateway: Gateway) -> None:
    assert gateway.of(asked("sqs", "ListQueues"), "sqs:ListQueues", "*") == Resource(arn="*", account=ACCOUNT)


def test_the_default_policy_of_a_key_is_json(gateway: Gateway) -> None:
    found = gateway.of(asked("kms", "Decrypt"), "kms:Decrypt", KEY, "key")
    assert json.loads(found.policy or "")["Id"] == "key-default-1"
