"""The simulator: decisions without requests, with the statements that made them and the keys that lack."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.client import LocalWorld, Person
from tests.people import allow, deny, managed, policy, refused, role, trusting, user

BUCKET = "arn:aws:s3:::reports"
READ = policy(allow("s3:GetObject", on=f"{BUCKET}/*"))


def custom(root: Person, *texts: str, action: str = "s3:GetObject", **more: Any) -> dict[str, Any]:
    answer = root.iam.simulate_custom_policy(PolicyInputList=list(texts), ActionNames=[action], **more)
    (result,) = answer["EvaluationResults"]
    found: dict[str, Any] = result
    return found


def principal(root: Person, arn: str, action: str, **more: Any) -> dict[str, Any]:
    answer = root.iam.simulate_principal_policy(PolicySourceArn=arn, ActionNames=[action], **more)
    (result,) = answer["EvaluationResults"]
    found: dict[str, Any] = result
    return found


def user_arn(root: Person, name: str) -> str:
    return f"arn:aws:iam::{root.account}:user/{name}"


def test_simulating_needs_the_permission_on_the_entity(root: Person) -> None:
    bob = user(root, "bob", allow("iam:SimulatePrincipalPolicy", on=user_arn(root, "bob")))
    with refused("AccessDenied", 403, "iam:SimulatePrincipalPolicy on resource: " + user_arn(root, "eve")):
        principal(bob, user_arn(root, "eve"), "s3:GetObject")
    assert principal(bob, user_arn(root, "bob"), "s3:GetObject")["EvalDecision"] == "implicitDeny"
    with refused("AccessDenied", 403, "iam:SimulateCustomPolicy"):
        custom(bob, READ)


def test_each_resource_has_its_decision_and_the_action_the_strictest(root: Person) -> None:
    text = policy(allow("s3:GetObject", on=f"{BUCKET}/*"), deny("s3:GetObject", on=f"{BUCKET}/secret/*"))
    arns = [f"{BUCKET}/a", "arn:aws:s3:::other/a", f"{BUCKET}/secret/a"]
    result = custom(root, text, ResourceArns=arns)
    assert result["EvalDecision"] == "explicitDeny"
    assert result["EvalResourceName"] == "arn:${Partition}:s3:::${BucketName}/${ObjectName}"
    specific = {one["EvalResourceName"]: one for one in result["ResourceSpecificResults"]}
    assert [specific[arn]["EvalResourceDecision"] for arn in arns] == [
        "allowed",
        "implicitDeny",
        "explicitDeny",
    ]
    assert specific[arns[1]]["MatchedStatements"] == []
    assert result["MatchedStatements"] == specific[arns[2]]["MatchedStatements"]


def test_without_resources_everything_is_meant(root: Person) -> None:
    result = custom(root, READ)
    assert (result["EvalDecision"], result.get("ResourceSpecificResults", [])) == ("implicitDeny", [])
    assert custom(root, policy(allow("s3:*")))["EvalDecision"] == "allowed"
    assert (
        custom(root, policy(allow("ec2:Describe*")), action="ec2:DescribeInstances")["EvalResourceName"]
        == "*"
    )


def test_the_statement_that_decided_is_pointed_at(root: Person) -> None:
    text = '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}}'
    (matched,) = custom(root, READ, text)["MatchedStatements"]
    assert matched == {
        "SourcePolicyId": "PolicyInputList.2",
        "SourcePolicyType": "none",
        "StartPosition": {"Line": 1, "Column": 38},
        "EndPosition": {"Line": 1, "Column": len(text)},
    }


def test_keys_that_nobody_gave_are_missing(root: Person) -> None:
    here = {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}
    text = policy(
        allow("s3:*", Condition=here), allow("sqs:*", Condition={"Null": {"aws:SourceVpc": "true"}})
    )
    result = custom(root, text)
    assert (result["EvalDecision"], result["MissingContextValues"]) == ("implicitDeny", ["aws:SourceIp"])
    entry = {"ContextKeyName": "aws:sourceip", "ContextKeyType": "ip", "ContextKeyValues": ["203.0.113.9"]}
    result = custom(root, text, ContextEntries=[entry])
    assert (result["EvalDecision"], result["MissingContextValues"]) == ("allowed", [])
    outside = {**entry, "ContextKeyValues": ["198.51.100.1"]}
    assert custom(root, text, ContextEntries=[outside])["EvalDecision"] == "implicitDeny"


def test_a_key_with_several_values_is_a_list(root: Person) -> None:
    condition = {"ForAllValues:StringEquals": {"aws:TagKeys": ["a", "b"]}}
    text = policy(allow("ec2:CreateTags", Condition=condition))
    entry = {"ContextKeyName": "aws:TagKeys", "ContextKeyType": "stringList", "ContextKeyValues": ["a", "c"]}
    assert (
        custom(root, text, action="ec2:CreateTags", ContextEntries=[entry])["EvalDecision"] == "implicitDeny"
    )
    good = {**entry, "ContextKeyValues": ["a", "b"]}
    assert custom(root, text, action="ec2:CreateTags", ContextEntries=[good])["EvalDecision"] == "allowed"
    with refused("InvalidInput", 400, "has several values"):
        custom(root, text, ContextEntries=[{**entry, "ContextKeyType": "string"}])
    with refused("InvalidInput", 400, "Duplicate context key"):
        custom(root, text, ContextEntries=[entry, entry])


def test_a_boundary_limits_and_is_told_of(root: Person) -> None:
    boundary = [policy(allow("sqs:*"))]
    result = custom(root, policy(allow("*")), PermissionsBoundaryPolicyInputList=boundary)
    assert result["EvalDecision"] == "implicitDeny"
    assert result["PermissionsBoundaryDecisionDetail"] == {"AllowedByPermissionsBoundary": False}
    inside = custom(
        root, policy(allow("*")), action="sqs:SendMessage", PermissionsBoundaryPolicyInputList=boundary
    )
    assert inside["EvalDecision"] == "allowed"
    assert inside["PermissionsBoundaryDecisionDetail"] == {"AllowedByPermissionsBoundary": True}
    with refused("InvalidInput", 400, "At most one permissions boundary"):
        custom(root, READ, PermissionsBoundaryPolicyInputList=boundary * 2)


def test_each_level_of_an_organization_has_to_allow(root: Person) -> None:
    full, narrow = policy(allow("*")), policy(allow("sqs:*"))
    levels = [{"ServiceControlPolicyInputList": [full]}, {"ServiceControlPolicyInputList": [narrow]}]
    result = custom(root, full, OrderedOrganizationPolicyInputList=levels)
    assert result["EvalDecision"] == "implicitDeny"
    assert result["OrganizationsDecisionDetail"] == {"AllowedByOrganizations": False}
    passed = custom(root, full, action="sqs:SendMessage", OrderedOrganizationPolicyInputList=levels)
    assert passed["EvalDecision"] == "allowed"
    assert passed["OrganizationsDecisionDetail"] == {"AllowedByOrganizations": True}


def test_across_accounts_both_sides_are_told_of(root: Person) -> None:
    arn = user_arn(root, "bob")
    statement = {"Effect": "Allow", "Principal": {"AWS": arn}, "Action": "s3:*", "Resource": f"{BUCKET}/*"}
    foreign = {
        "CallerArn": arn,
        "ResourceArns": [f"{BUCKET}/a"],
        "ResourceOwner": "arn:aws:iam::999999999999:root",
        "ResourcePolicy": policy(statement),
    }
    result = custom(root, policy(allow("sqs:*")), **foreign)
    assert result["EvalDecision"] == "implicitDeny"
    assert result["EvalDecisionDetails"] == {"IAM Policy": "implicitDeny", "Resource Policy": "allowed"}
    assert custom(root, READ, **foreign)["EvalDecision"] == "allowed"
    with refused("InvalidInput", 400, "CallerArn is required"):
        custom(root, READ, ResourcePolicy=policy(statement))


def test_a_resource_policy_that_names_the_user_is_enough_at_home(root: Person) -> None:
    arn = user_arn(root, "bob")
    statement = {"Effect": "Allow", "Principal": {"AWS": arn}, "Action": "s3:*", "Resource": f"{BUCKET}/*"}
    given = {"ResourceArns": [f"{BUCKET}/a"], "ResourcePolicy": policy(statement)}
    assert custom(root, policy(allow("sqs:*")), CallerArn=arn, **given)["EvalDecision"] == "allowed"
    other = custom(root, policy(allow("sqs:*")), CallerArn=user_arn(root, "eve"), **given)
    assert other["EvalDecision"] == "implicitDeny"


def test_all_policies_of_a_user_take_part(root: Person) -> None:
    user(root, "bob", allow("sqs:*"))
    root.iam.create_group(GroupName="readers")
    root.iam.put_group_policy(GroupName="readers", PolicyName="read", PolicyDocument=READ)
    root.iam.add_user_to_group(GroupName="readers", UserName="bob")
    root.iam.attach_user_policy(UserName="bob", PolicyArn=managed(root, "topics", allow("sns:*")))
    root.iam.attach_user_policy(UserName="bob", PolicyArn="arn:aws:iam::aws:policy/IAMReadOnlyAccess")
    arn = user_arn(root, "bob")
    sources = {}
    for action in ("sqs:SendMessage", "sns:Publish", "iam:GetUser"):
        (matched,) = principal(root, arn, action)["MatchedStatements"][:1]
        sources[action] = (matched["SourcePolicyId"], matched["SourcePolicyType"])
    assert sources == {
        "sqs:SendMessage": ("own", "user"),
        "sns:Publish": ("topics", "user-managed"),
        "iam:GetUser": ("IAMReadOnlyAccess", "aws-managed"),
    }
    read = principal(root, arn, "s3:GetObject", ResourceArns=[f"{BUCKET}/a"])
    assert read["MatchedStatements"][0]["SourcePolicyType"] == "group"
    assert principal(root, arn, "ec2:RunInstances")["EvalDecision"] == "implicitDeny"


def test_policies_are_taken_out_of_a_simulation(root: Person) -> None:
    user(root, "bob", allow("sqs:*"))
    root.iam.attach_user_policy(UserName="bob", PolicyArn=managed(root, "topics", allow("sns:*")))
    arn = user_arn(root, "bob")

    def decided(action: str, *out: dict[str, Any]) -> str:
        result: str = principal(root, arn, action, PolicyExclusionList=list(out))["EvalDecision"]
        return result

    inline = {"PolicyName": "own", "AttachmentType": "user", "AttachmentName": "bob"}
    assert decided("sqs:SendMessage", {"InlinePolicyIdentifier": inline}) == "implicitDeny"
    assert decided("sqs:SendMessage", {"PolicyType": "user-managed"}) == "allowed"
    assert decided("sns:Publish", {"PolicyType": "user-managed"}) == "implicitDeny"
    assert decided("sns:Publish", {"PolicyArn": f"arn:aws:iam::{root.account}:policy/t*"}) == "implicitDeny"
    with refused("InvalidInput", 400, "Invalid policy identifier"):
        decided("sns:Publish", {"PolicyArn": f"arn:aws:iam::{root.account}:policy/*t*"})


def test_a_boundary_of_the_entity_takes_part_unless_another_is_given(root: Person) -> None:
    user(root, "bob", allow("*"), PermissionsBoundary=managed(root, "limit", allow("sqs:*")))
    arn = user_arn(root, "bob")
    assert principal(root, arn, "s3:GetObject")["EvalDecision"] == "implicitDeny"
    wide = [policy(allow("s3:*"))]
    other = principal(root, arn, "s3:GetObject", PermissionsBoundaryPolicyInputList=wide)
    assert other["EvalDecision"] == "allowed"


def test_a_trust_policy_is_honoured(root: Person) -> None:
    user(root, "bob", allow("sts:AssumeRole"))
    user(root, "eve", allow("sts:AssumeRole"))
    target = role(root, "dev", trusting(user_arn(root, "bob")))
    for name, expected in (("bob", "allowed"), ("eve", "implicitDeny")):
        result = principal(root, user_arn(root, name), "sts:AssumeRole", ResourceArns=[target])
        assert result["EvalDecision"] == expected


def test_a_trust_policy_is_left_out_where_the_settings_say_so(
    world_with: Callable[..., LocalWorld],
) -> None:
    root = world_with(simulator_ignores_trust=True).root
    may, cannot = user(root, "may", allow("sts:AssumeRole")), "cannot"
    user(root, cannot)
    target = role(root, "dev", trusting(user_arn(root, cannot)))
    missing = target.replace("dev", "none")
    for name, decision in (("may", "allowed"), (cannot, "implicitDeny")):
        for arn in (target, missing):
            result = principal(root, user_arn(root, name), "sts:AssumeRole", ResourceArns=[arn])
            assert result["EvalDecision"] == decision
            sources = {one["SourcePolicyType"] for one in result["MatchedStatements"]}
            assert sources == ({"user"} if decision == "allowed" else set())
    with refused("AccessDenied", 403, "sts:AssumeRole"):
        may.sts.assume_role(RoleArn=target, RoleSessionName="session")


def test_keys_are_listed(root: Person) -> None:
    text = policy(
        allow("s3:*", on="arn:aws:s3:::${aws:username}", Condition={"Bool": {"aws:SecureTransport": "true"}})
    )
    assert root.iam.get_context_keys_for_custom_policy(PolicyInputList=[text])["ContextKeyNames"] == [
        "aws:SecureTransport",
        "aws:username",
    ]
    user(root, "bob", json.loads(text)["Statement"][0])
    found = root.iam.get_context_keys_for_principal_policy(PolicySourceArn=user_arn(root, "bob"))
    assert found["ContextKeyNames"] == ["aws:SecureTransport", "aws:username"]


def test_actions_are_paged(root: Person) -> None:
    actions = [f"sqs:Action{number}" for number in range(5)]
    first = root.iam.simulate_custom_policy(PolicyInputList=[READ], ActionNames=actions, MaxItems=2)
    assert first["IsTruncated"]
    pages = root.iam.get_paginator("simulate_custom_policy").paginate(
        PolicyInputList=[READ], ActionNames=actions
    )
    assert [one["EvalActionName"] for page in pages for one in page["EvaluationResults"]] == actions


def test_a_simulation_is_bounded(root: Person) -> None:
    text = policy(*[allow(f"sqs:Action{number}") for number in range(100)])
    some, many = ([f"{BUCKET}/{number}" for number in range(count)] for count in (100, 201))
    given = {"PolicyInputList": [text], "ActionNames": ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"]}
    with refused("InvalidInput", 400, "too many resources"):
        root.iam.simulate_custom_policy(**given, ResourceArns=many)
    page = root.iam.simulate_custom_policy(**given, ResourceArns=some)
    assert (len(page["EvaluationResults"]), page["IsTruncated"]) == (2, True)
    rest = root.iam.simulate_custom_policy(**given, ResourceArns=some, Marker=page["Marker"])
    assert [one["EvalActionName"] for one in rest["EvaluationResults"]] == ["s3:DeleteObject"]


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"ActionNames": ["s3:*"]}, "Invalid action name"),
        ({"ActionNames": ["GetObject"]}, "Invalid action name"),
        ({"PolicyInputList": ["{}"]}, "Invalid policy"),
        ({"PolicyInputList": ["nonsense"]}, "Invalid policy"),
        ({"ResourceOwner": "somebody"}, "Invalid resource owner"),
        ({"CallerArn": "arn:aws:sts::111111111111:assumed-role/dev/s"}, "Invalid CallerArn"),
        ({"CallerArn": "bob"}, "Invalid CallerArn"),
        ({"ResourceHandlingOption": "EC2"}, "Invalid ResourceHandlingOption"),
        ({"ResourceHandlingOption": "EC2-VPC-EBS"}, "needs a resource of the type instance"),
    ],
)
def test_what_cannot_be_simulated(root: Person, more: dict[str, Any], words: str) -> None:
    given = {"PolicyInputList": [READ], "ActionNames": ["s3:GetObject"], **more}
    with refused("InvalidInput", 400, words):
        root.iam.simulate_custom_policy(**given)


def test_an_entity_that_is_not_there(root: Person) -> None:
    with refused("NoSuchEntity", 404, "The role with name none cannot be found."):
        principal(root, f"arn:aws:iam::{root.account}:role/none", "s3:GetObject")
    with refused("InvalidInput", 400, "Invalid Entity Arn"):
        principal(root, f"arn:aws:iam::{root.account}:policy/none", "s3:GetObject")
