"""What runs with a role: instances with their profile, tasks with their two roles, and who else becomes a
role: rows SR-011, SR-064 to SR-066, SR-070, SR-074, SR-089 and SR-090."""

from __future__ import annotations

import json

import pytest

from tests.client import ACCOUNT, LocalWorld, Person
from tests.people import allow, assume, refused, role, user
from tests.workers import EC2, ECS, LAMBDA, association, become, delivered, instance, profile

requirement = pytest.mark.requirement


def in_profile(root: Person, *names: str) -> None:
    for name in names:
        role(root, name, EC2, allow("iam:ListRoles"))
        profile(root, name, name)


@requirement("SR-011")
def test_sr_011_applications_of_the_account_of_others_and_of_services_become_a_role(
    local: LocalWorld,
) -> None:
    trust = {"Effect": "Allow", "Action": "sts:AssumeRole"}
    trust |= {"Principal": {"AWS": [local.root.account, local.other.account], **EC2}}
    shared = role(local.root, "shared", trust, allow("iam:ListRoles"))
    profile(local.root, "shared", "shared")
    _, secret = instance(local.root, "shared")
    inside = user(local.root, "application", allow("sts:AssumeRole", on=shared))
    outside = user(local.other, "application", allow("sts:AssumeRole", on=shared))
    for application in (assume(inside, shared), assume(outside, shared), become(local, secret)):
        application.iam.list_roles()
        with refused("AccessDenied", 403):
            application.iam.list_users()


@requirement("SR-011")
def test_sr_011_who_is_not_trusted_becomes_nothing(local: LocalWorld) -> None:
    own = role(local.root, "own", LAMBDA)
    with refused("AccessDenied", 403):
        assume(user(local.root, "bob", allow("sts:AssumeRole")), own)
    with refused("AccessDenied", 403):
        assume(user(local.other, "bob", allow("sts:AssumeRole")), own)
    with refused("ClientException", 400):
        local.root.workloads.register_task(Family="web", TaskRoleArn=own)


@requirement("SR-064")
def test_sr_064_the_role_is_assigned_at_launch(local: LocalWorld) -> None:
    in_profile(local.root, "web")
    mine, secret = instance(local.root, "web")
    application = become(local, secret)
    assert application.arn == f"arn:aws:sts::{ACCOUNT}:assumed-role/web/{mine}"
    application.iam.list_roles()


@requirement("SR-064")
def test_sr_064_not_by_who_may_not_pass_it(local: LocalWorld) -> None:
    in_profile(local.root, "web")
    tied = {"Condition": {"StringEquals": {"iam:PassedToService": "lambda.amazonaws.com"}}}
    for name, passing in (("bob", allow("iam:ListRoles")), ("eve", allow("iam:PassRole", **tied))):
        launcher = user(local.root, name, allow("ec2:RunInstances"), passing)
        with refused("AccessDeniedException", 400, f"iam:PassRole on resource: arn:aws:iam::{ACCOUNT}"):
            instance(launcher, "web")
    assert local.root.workloads.list_instances()["Instances"] == []


@requirement("SR-065")
def test_sr_065_or_at_any_time_after(local: LocalWorld) -> None:
    in_profile(local.root, "web")
    mine, secret = instance(local.root)
    local.advance(24 * 3600)
    assert delivered(local, secret) is None
    asked = {"InstanceId": mine, "IamInstanceProfile": {"Name": "web"}}
    associating = allow("ec2:AssociateIamInstanceProfile")
    with refused("AccessDeniedException", 400, "iam:PassRole"):
        user(local.root, "bob", associating).workloads.associate_instance_profile(**asked)
    operator = user(local.root, "operator", associating, allow("iam:PassRole"))
    operator.workloads.associate_instance_profile(**asked)
    become(local, secret).iam.list_roles()


@requirement("SR-066")
def test_sr_066_an_instance_has_one_role_at_a_time(local: LocalWorld) -> None:
    in_profile(local.root, "web", "batch")
    mine, secret = instance(local.root, "web")
    with refused("IncorrectState", 400, f"There is an existing association for instance {mine}"):
        local.root.workloads.associate_instance_profile(InstanceId=mine, IamInstanceProfile={"Name": "batch"})
    with refused("LimitExceeded", 409):
        local.root.iam.add_role_to_instance_profile(InstanceProfileName="web", RoleName="batch")
    assert "/web/" in become(local, secret).arn
    local.root.workloads.replace_instance_profile_association(
        AssociationId=association(local.root, mine)["AssociationId"], IamInstanceProfile={"Name": "batch"}
    )
    assert "/batch/" in become(local, secret).arn
    association(local.root, mine)  # there is one


@requirement("SR-070")
def test_sr_070_all_applications_on_an_instance_share_its_role(local: LocalWorld) -> None:
    in_profile(local.root, "web", "batch")
    _, secret = instance(local.root, "web")
    _, other = instance(local.root, "batch")
    first, second = become(local, secret), become(local, secret)
    assert first.arn == second.arn
    assert first.key_id == second.key_id
    assert become(local, other).arn != first.arn


@requirement("SR-070")
def test_sr_070_and_none_has_that_of_another_instance(local: LocalWorld) -> None:
    in_profile(local.root, "web")
    own, foreign = (instance(local.root, "web")[1] for _ in range(2))
    assert become(local, own).arn != become(local, foreign).arn
    assert local.server.attest(own[:-1] + ("A" if own[-1] != "A" else "B")) is None


@requirement("SR-074")
def test_sr_074_a_change_of_the_role_in_a_profile_takes_effect(local: LocalWorld) -> None:
    in_profile(local.root, "web")
    role(local.root, "batch", EC2)
    _, secret = instance(local.root, "web")
    before = become(local, secret)
    names = {"InstanceProfileName": "web"}
    local.root.iam.remove_role_from_instance_profile(**names, RoleName="web")
    assert delivered(local, secret) is None
    local.root.iam.add_role_to_instance_profile(**names, RoleName="batch")
    assert "/batch/" in become(local, secret).arn
    before.iam.list_roles()  # what an application still holds lasts to its end


@requirement("SR-074")
def test_sr_074_disassociating_and_associating_makes_new_credentials(local: LocalWorld) -> None:
    in_profile(local.root, "web")
    mine, secret = instance(local.root, "web")
    before = become(local, secret)
    assert become(local, secret).key_id == before.key_id
    local.root.workloads.disassociate_instance_profile(
        AssociationId=association(local.root, mine)["AssociationId"]
    )
    assert delivered(local, secret) is None
    local.root.workloads.associate_instance_profile(InstanceId=mine, IamInstanceProfile={"Name": "web"})
    assert become(local, secret).key_id != before.key_id


@requirement("SR-089")
def test_sr_089_the_common_policy_of_the_execution_role_exists(local: LocalWorld) -> None:
    arn = "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"
    found = local.root.iam.get_policy(PolicyArn=arn)["Policy"]
    version = local.root.iam.get_policy_version(PolicyArn=arn, VersionId=found["DefaultVersionId"])
    text = json.dumps(version["PolicyVersion"]["Document"])
    for action in ("ecr:GetAuthorizationToken", "ecr:BatchGetImage", "logs:PutLogEvents"):
        assert action in text
    execution = role(local.root, "execution", ECS)
    local.root.iam.attach_role_policy(RoleName="execution", PolicyArn=arn)
    made = local.root.workloads.register_task(Family="web", ExecutionRoleArn=execution)
    agent = become(local, made["AgentSecret"])
    with refused("AccessDenied", 403):  # it is for images and logs, and nothing else
        agent.iam.list_roles()


@requirement("SR-090")
def test_sr_090_both_roles_of_a_task_are_arns_and_both_are_passed(local: LocalWorld) -> None:
    roles = {
        "TaskRoleArn": role(local.root, "task", ECS),
        "ExecutionRoleArn": role(local.root, "execution", ECS),
    }
    running = allow("ecs:RunTask")
    for name, own in roles.items():
        other = next(arn for each, arn in roles.items() if each != name)
        person = user(local.root, name, running, allow("iam:PassRole", on=own))
        with refused("AccessDeniedException", 400, f"iam:PassRole on resource: {other}"):
            person.workloads.register_task(Family="web", **roles)
        with refused("ValidationException", 400):
            local.root.workloads.register_task(Family="web", **(roles | {name: "task"}))
    both = user(local.root, "both", running, allow("iam:PassRole", on=list(roles.values())))
    made = both.workloads.register_task(Family="web", **roles)["Task"]
    assert roles.items() <= made.items()


@requirement("SR-090")
def test_sr_090_a_role_that_does_not_trust_ecs_is_refused(local: LocalWorld) -> None:
    wrong = role(local.root, "wrong", EC2)
    with refused("ClientException", 400, "ECS was unable to assume the role"):
        local.root.workloads.register_task(Family="web", TaskRoleArn=wrong)
