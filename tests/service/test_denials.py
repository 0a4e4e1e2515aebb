"""Encoded authorization messages: what they tell, to whom, and that nobody else makes or reads one."""

from __future__ import annotations

import json
from collections.abc import Callable
from random import Random
from typing import Any

import pytest

from tests.asking import refusal
from tests.client import LocalWorld, Person
from tests.people import allow, assume, deny, refused, role, trusting, user

INSTANCE = "arn:aws:ec2:us-east-1:111111111111:instance/i-0123456789abcdef0"
RUN = {"keys": {"ec2:instancetype": "t3.micro", "aws:requesttag/cost": "1"}}


def decoded(person: Person, message: str) -> Any:
    answer = person.sts.decode_authorization_message(EncodedMessage=message)
    return json.loads(answer["DecodedMessage"])


def values(items: dict[str, list[dict[str, str]]]) -> list[str]:
    return [item["value"] for item in items["items"]]


def test_an_explicit_deny_is_told_with_its_statement(local: LocalWorld) -> None:
    big = deny("ec2:Run*", Sid="NoRuns", Condition={"StringLike": {"ec2:InstanceType": ["t3.*", "m5.*"]}})
    bob = user(local.root, "bob", allow("*"), big)
    told = decoded(local.root, refusal(bob, "ec2:RunInstances", INSTANCE, **RUN))
    assert (told["allowed"], told["explicitDeny"], told["failures"]) == (False, True, {"items": []})
    (statement,) = told["matchedStatements"]["items"]
    user_id = local.root.iam.get_user(UserName="bob")["User"]["UserId"]
    assert (statement["statementId"], statement["effect"]) == ("NoRuns", "DENY")
    assert values(statement["principals"]) == [user_id]
    assert statement["principalGroups"] == {"items": []}
    assert values(statement["actions"]) == ["ec2:Run*"]
    assert values(statement["resources"]) == ["*"]
    (condition,) = statement["conditions"]["items"]
    assert (condition["key"], values(condition["values"])) == ("ec2:InstanceType", ["t3.*", "m5.*"])
    context = told["context"]
    assert context["principal"] == {"id": user_id, "name": "bob", "arn": bob.arn}
    assert (context["action"], context["resource"]) == ("ec2:RunInstances", INSTANCE)
    keys = {item["key"]: values(item["values"]) for item in context["conditions"]["items"]}
    assert keys["ec2:instancetype"] == ["t3.micro"]
    assert keys["aws:requesttag/cost"] == ["1"]
    assert keys["aws:sourceip"] == ["127.0.0.1"]


def test_an_implicit_deny_matches_no_statement(local: LocalWorld) -> None:
    dev = assume(user(local.root, "bob", allow("*")), role(local.root, "dev", local.root.account))
    told = decoded(local.root, refusal(dev, "ec2:RunInstances", INSTANCE))
    assert (told["allowed"], told["explicitDeny"]) == (False, False)
    assert told["matchedStatements"] == {"items": []}
    role_id = local.root.iam.get_role(RoleName="dev")["Role"]["RoleId"]
    assert told["context"]["principal"] == {"id": f"{role_id}:session", "arn": dev.arn}


def test_it_needs_the_permission(local: LocalWorld) -> None:
    bob = user(local.root, "bob")
    message = refusal(bob, "ec2:RunInstances", INSTANCE)
    with refused("AccessDenied", 403, "is not authorized to perform: sts:DecodeAuthorizationMessage"):
        decoded(bob, message)
    decoded(user(local.root, "eve", allow("sts:DecodeAuthorizationMessage")), message)


def test_another_account_cannot_read_it(local: LocalWorld) -> None:
    message = refusal(user(local.root, "bob"), "ec2:RunInstances", INSTANCE)
    with refused("InvalidAuthorizationMessageException", 400, "Message is not valid"):
        decoded(local.other, message)


def test_what_is_changed_or_cut_or_not_ours_is_refused(local: LocalWorld) -> None:
    message = refusal(user(local.root, "bob"), "ec2:RunInstances", INSTANCE)
    middle = len(message) // 2
    other = "A" if message[middle] != "A" else "B"
    changed = [
        f"{message[:at]}{other if message[at] != other else 'C'}{message[at + 1 :]}" for at in (0, 2, 20)
    ]
    changed.append(f"{message[:middle]}{other}{message[middle + 1 :]}")
    for wrong in (*changed, message[:-4], message + "AAAA", "x", "AQ==", "é" * 10, "A" * 10_240):
        with refused("InvalidAuthorizationMessageException", 400):
            decoded(local.root, wrong)
    token = local.root.sts.get_session_token()["Credentials"]["SessionToken"]
    with refused("InvalidAuthorizationMessageException", 400):
        decoded(local.root, token)
    decoded(local.root, message)


def test_a_message_is_no_session_token(local: LocalWorld) -> None:
    message = refusal(user(local.root, "bob"), "ec2:RunInstances", INSTANCE)
    thief = Person(local, "ASIAXXXXXXXXXXXXXXXX", "secret", message)
    with refused("InvalidClientTokenId", 403):
        thief.sts.get_caller_identity()


def test_a_message_of_another_server_is_refused(local: LocalWorld) -> None:
    elsewhere = LocalWorld()
    message = refusal(user(elsewhere.root, "bob"), "ec2:RunInstances", INSTANCE)
    elsewhere.close()
    with refused("InvalidAuthorizationMessageException", 400):
        decoded(local.root, message)


@pytest.mark.parametrize("length", [0, 10_241])
def test_a_length_that_is_none_is_refused(local: LocalWorld, length: int) -> None:
    with refused("ValidationError", 400, "at 'encodedMessage' failed to satisfy constraint"):
        decoded(local.root, "A" * length)


def test_a_message_is_never_too_long_to_be_decoded(local: LocalWorld) -> None:
    """Noise, which no compression makes shorter, in as many keys as a request may have tags and more."""
    bob = user(local.root, "bob", deny("*", Sid="All"))
    noise = Random(7)
    keys = {f"aws:requesttag/{number}": noise.randbytes(200).hex() for number in range(100)}
    message = refusal(bob, "ec2:RunInstances", INSTANCE, keys=keys)
    assert len(message) <= 10_240
    told = decoded(local.root, message)
    assert told["explicitDeny"]
    assert told["context"]["resource"] == INSTANCE


def test_it_holds_no_secret(local: LocalWorld) -> None:
    dev = assume(user(local.root, "bob", allow("*")), role(local.root, "dev", local.root.account))
    answer = local.root.sts.decode_authorization_message(
        EncodedMessage=refusal(dev, "ec2:RunInstances", INSTANCE)
    )
    assert all(secret not in answer["DecodedMessage"] for secret in dev._keys[1:])


def test_iam_and_sts_answer_no_message(local: LocalWorld) -> None:
    with refused("AccessDenied", 403) as caught:
        user(local.root, "bob").iam.list_roles()
    assert "ncoded" not in str(caught.value)


MARK = " Encoded authorization failure message: "


def test_where_that_is_wanted_they_answer_one_that_decodes_to_all_of_it(
    world_with: Callable[..., LocalWorld],
) -> None:
    root = world_with(encoded_denials=True).root
    bob = user(root, "bob", allow("*"), deny("iam:Create*", Sid="NoMore"))
    text = "not authorized to perform: iam:CreateUser on resource: "
    with refused("AccessDenied", 403, text) as caught:
        bob.iam.create_user(UserName="eve")
    message = caught.value.response["Error"]["Message"].partition(MARK)[2]
    told = decoded(root, message)
    assert (told["explicitDeny"], told["context"]["action"]) == (True, "iam:CreateUser")
    assert [one["statementId"] for one in told["matchedStatements"]["items"]] == ["NoMore"]
    with refused("AccessDeniedException", 400, MARK):
        user(root, "ana").organizations.describe_organization()


def test_of_another_accounts_policies_none_is_answered(world_with: Callable[..., LocalWorld]) -> None:
    world = world_with(encoded_denials=True)
    door = role(world.other, "door", trusting("*") | {"Effect": "Deny"})
    with refused("AccessDenied", 403, "sts:AssumeRole") as caught:
        assume(user(world.root, "bob", allow("*")), door)
    assert MARK not in str(caught.value)


def test_the_trail_shows_no_message_decoded(local: LocalWorld) -> None:
    message = refusal(user(local.root, "bob"), "ec2:RunInstances", INSTANCE)
    decoded(local.root, message)
    event = [one for one in local.events() if one["eventName"] == "DecodeAuthorizationMessage"][-1]
    assert event["responseElements"] is None
