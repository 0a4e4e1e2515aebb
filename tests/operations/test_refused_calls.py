"""Why a call was refused: the question as it was, for the account that has made it and nobody else."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from rolekeeper.policy.context import RequestContext
from rolekeeper.policy.decision import Outcome, PolicyLayers
from rolekeeper.policy.reference import explain
from rolekeeper.service.refusals import MOST
from tests.client import ACCOUNT, Person
from tests.people import allow, deny, managed, policy, refused, role, user

BOB = f"arn:aws:iam::{ACCOUNT}:user/bob"
BOB_TRUST = {"Service": "ec2.amazonaws.com"}
WRONG_TEAM = {"StringEquals": {"aws:PrincipalTag/team": "red"}}


def _refused_id(person: Person) -> str:
    with pytest.raises(ClientError) as error:
        person.iam.get_role(RoleName="deploy")
    found: str = error.value.response["ResponseMetadata"]["RequestId"]
    return found


def _asked_again(found: dict[str, Any]) -> Any:
    question = json.loads(found["Question"])
    context = RequestContext.from_json(question["request"])
    return explain(context, PolicyLayers.from_json(question["policies"]))


def test_who_may_not_ask_is_not_told(root: Person) -> None:
    bob = user(root, "bob")
    request_id = _refused_id(bob)
    with refused("AccessDeniedException", 400, "rolekeeper:GetDenial"):
        bob.workloads.get_denial(RequestId=request_id)


def test_a_request_that_was_allowed_or_is_not_known_has_nothing_to_tell(root: Person) -> None:
    answer = root.iam.list_roles()
    for request_id in (answer["ResponseMetadata"]["RequestId"], "never-was"):
        with refused("ResourceNotFoundException", 400, "No refusal of request"):
            root.workloads.get_denial(RequestId=request_id)


def test_another_account_is_not_told(root: Person, other: Person) -> None:
    request_id = _refused_id(user(root, "bob"))
    with refused("ResourceNotFoundException", 400, "No refusal of request"):
        other.workloads.get_denial(RequestId=request_id)


def test_the_question_gives_the_same_answer_again(root: Person) -> None:
    bob = user(root, "bob", allow("iam:GetRole", Condition=WRONG_TEAM))
    arn = managed(root, "lists", allow("iam:ListRoles"))
    root.iam.attach_user_policy(UserName="bob", PolicyArn=arn)
    root.iam.create_group(GroupName="readers")
    root.iam.put_group_policy(
        GroupName="readers", PolicyName="own", PolicyDocument=policy(deny("iam:DeleteRole"))
    )
    root.iam.add_user_to_group(GroupName="readers", UserName="bob")
    root.iam.put_user_permissions_boundary(UserName="bob", PermissionsBoundary=arn)
    found = root.workloads.get_denial(RequestId=_refused_id(bob))
    assert found["Observed"] is False
    assert found["Policies"] == [
        {"Place": "identity[0]", "Name": "inline policy own of user bob"},
        {"Place": "identity[1]", "Name": arn},
        {"Place": "identity[2]", "Name": "inline policy own of group readers"},
        {"Place": "boundary[0]", "Name": arn},
    ]
    explanation = _asked_again(found)
    assert explanation.decision.outcome is Outcome.IMPLICIT_DENY
    assert json.loads(found["Question"])["request"]["principal"] == BOB
    root.iam.delete_user_permissions_boundary(UserName="bob")
    assert _asked_again(root.workloads.get_denial(RequestId=found["RequestId"])) == explanation


def test_the_policy_of_another_accounts_role_is_not_shown(root: Person, other: Person) -> None:
    theirs = role(other, "theirs", f"arn:aws:iam::{ACCOUNT}:root", allow("s3:*"))
    bob = user(root, "bob")
    with pytest.raises(ClientError) as error:
        bob.sts.assume_role(RoleArn=theirs, RoleSessionName="session")
    found = root.workloads.get_denial(RequestId=error.value.response["ResponseMetadata"]["RequestId"])
    assert "resource" not in json.loads(found["Question"])["policies"]


def test_whether_another_accounts_role_is_there_is_not_told(root: Person, other: Person) -> None:
    theirs = role(
        other, "theirs", f"arn:aws:iam::{ACCOUNT}:root", Tags=[{"Key": "team", "Value": "hidden-red"}]
    )
    mine = role(root, "mine", BOB_TRUST, Tags=[{"Key": "team", "Value": "blue"}])
    bob = user(root, "bob", Tags=[{"Key": "who", "Value": "bob"}])
    told = {}
    for arn in (theirs, theirs.replace("theirs", "absent"), mine):
        with pytest.raises(ClientError) as error:
            bob.sts.assume_role(RoleArn=arn, RoleSessionName="session")
        request_id = error.value.response["ResponseMetadata"]["RequestId"]
        question = json.loads(root.workloads.get_denial(RequestId=request_id)["Question"])
        told[arn] = question["request"]["context"]
    there, absent, own = told.values()
    assert there.keys() == absent.keys()
    assert not any("hidden-red" in str(value) for value in there.values())
    assert there["aws:principaltag/who"] == "bob"
    assert own["aws:resourcetag/team"] == "blue"


def test_the_oldest_ones_are_forgotten(root: Person) -> None:
    bob = user(root, "bob")
    first = _refused_id(bob)
    for _ in range(MOST):
        _refused_id(bob)
    with refused("ResourceNotFoundException", 400, "No refusal of request"):
        root.workloads.get_denial(RequestId=first)
