"""Service-linked roles and the kinds of role: rows SR-013, SR-048 in part, and SR-092 to SR-105."""

from __future__ import annotations

from typing import Any

import pytest

from rolekeeper.operations import service_linked_roles
from tests.client import LocalWorld, Person
from tests.people import allow, assume, policy, refused, role, trusting, user

requirement = pytest.mark.requirement

SERVICE = "autoscaling.amazonaws.com"
NAME = "AWSServiceRoleForAutoScaling"
POLICY = "arn:aws:iam::aws:policy/aws-service-role/AutoScalingServiceRolePolicy"
EVERYTHING = "arn:aws:iam::aws:policy/AdministratorAccess"


def linked(person: Person, service: str = SERVICE, **more: Any) -> dict[str, Any]:
    made: dict[str, Any] = person.iam.create_service_linked_role(AWSServiceName=service, **more)["Role"]
    return made


@requirement("SR-013", "SR-105")
def test_sr_013_three_kinds_are_the_customers_and_one_is_the_services(root: Person, other: Person) -> None:
    role(root, "for-lambda", {"Service": "lambda.amazonaws.com"})
    role(root, "for-ec2", {"Service": "ec2.amazonaws.com"})
    role(root, "cross-account", other.account)
    root.iam.create_instance_profile(InstanceProfileName="web")
    root.iam.add_role_to_instance_profile(InstanceProfileName="web", RoleName="for-ec2")
    for name in ("for-lambda", "for-ec2", "cross-account"):
        root.iam.put_role_policy(RoleName=name, PolicyName="own", PolicyDocument=policy(allow("s3:*")))
        root.iam.update_assume_role_policy(
            RoleName=name, PolicyDocument=policy(trusting({"Service": "ecs-tasks.amazonaws.com"}))
        )
    linked(root)
    with refused("UnmodifiableEntity", 400, "only modifiable by AWS"):
        root.iam.put_role_policy(RoleName=NAME, PolicyName="own", PolicyDocument=policy(allow("s3:*")))
    with refused("UnmodifiableEntity", 400, "only modifiable by AWS"):
        root.iam.add_role_to_instance_profile(InstanceProfileName="web", RoleName=NAME)


@requirement("SR-092")
def test_sr_092_it_is_linked_to_one_service_which_defines_it(root: Person) -> None:
    made = linked(root)
    assert made["RoleName"] == NAME
    assert made["Path"] == f"/aws-service-role/{SERVICE}/"
    (statement,) = made["AssumeRolePolicyDocument"]["Statement"]
    assert statement == {
        "Effect": "Allow",
        "Action": ["sts:AssumeRole"],
        "Principal": {"Service": [SERVICE]},
    }
    attached = root.iam.list_attached_role_policies(RoleName=NAME)["AttachedPolicies"]
    assert attached == [{"PolicyName": "AutoScalingServiceRolePolicy", "PolicyArn": POLICY}]
    with refused("InvalidInput", 400, "has no service-linked role"):
        linked(root, "my-own.example")
    with refused("InvalidInput", 400, "can only be used for AWS Service linked Roles"):
        role(root, "mine", {"Service": SERVICE}, Path=made["Path"])


@requirement("SR-093")
def test_sr_093_there_is_one_for_a_service_and_account(root: Person, other: Person) -> None:
    linked(root)
    with refused("InvalidInput", 400, f"Service role name {NAME} has been taken in this account"):
        linked(root)
    assert linked(other)["RoleName"] == NAME
    assert linked(root, CustomSuffix="second")["RoleName"] == f"{NAME}_second"
    with refused("InvalidInput", 400, "Custom suffix is not allowed for ecs.amazonaws.com"):
        linked(root, "ecs.amazonaws.com", CustomSuffix="second")


@requirement("SR-094", "SR-105")
def test_sr_094_an_administrator_sees_it_and_tells_it_by_its_path(root: Person) -> None:
    role(root, "for-lambda", {"Service": "lambda.amazonaws.com"})
    made = linked(root)
    admin = user(root, "admin", allow("*"))
    (found,) = admin.iam.list_roles(PathPrefix="/aws-service-role/")["Roles"]
    assert (found["RoleName"], found["Arn"]) == (NAME, made["Arn"])
    assert admin.iam.get_role(RoleName=NAME)["Role"]["RoleId"] == made["RoleId"]
    assert admin.iam.get_policy_version(PolicyArn=POLICY, VersionId="v1")["PolicyVersion"]["Document"]
    with refused("AccessDenied", 403, f"iam:GetRole on resource: {made['Arn']}"):
        user(root, "bob").iam.get_role(RoleName=NAME)


@requirement("SR-095")
def test_sr_095_nobody_modifies_it(root: Person) -> None:
    linked(root)
    admin = user(root, "admin", allow("*"))
    for person in (root, admin):
        with refused("UnmodifiableEntity", 400, f"protected role '{NAME}'"):
            person.iam.update_assume_role_policy(RoleName=NAME, PolicyDocument=policy(trusting(root.account)))
        with refused("UnmodifiableEntity", 400, f"protected role '{NAME}'"):
            person.iam.attach_role_policy(RoleName=NAME, PolicyArn=EVERYTHING)
        with refused("UnmodifiableEntity", 400, f"protected role '{NAME}'"):
            person.iam.detach_role_policy(RoleName=NAME, PolicyArn=POLICY)
        with refused("UnmodifiableEntity", 400, f"protected role '{NAME}'"):
            person.iam.put_role_permissions_boundary(RoleName=NAME, PermissionsBoundary=EVERYTHING)
        with refused("UnmodifiableEntity", 400, f"protected role '{NAME}'"):
            person.iam.delete_role(RoleName=NAME)


@requirement("SR-048")
def test_sr_048_it_cannot_have_a_boundary(root: Person) -> None:
    linked(root)
    with refused("UnmodifiableEntity", 400, f"protected role '{NAME}'"):
        root.iam.put_role_permissions_boundary(RoleName=NAME, PermissionsBoundary=EVERYTHING)
    assert "PermissionsBoundary" not in root.iam.get_role(RoleName=NAME)["Role"]


@requirement("SR-096")
def test_sr_096_its_description_can_be_changed(root: Person) -> None:
    linked(root)
    root.iam.update_role(RoleName=NAME, Description="by UpdateRole")
    assert root.iam.get_role(RoleName=NAME)["Role"]["Description"] == "by UpdateRole"
    found = root.iam.update_role_description(RoleName=NAME, Description="by its own operation")
    assert found["Role"]["Description"] == "by its own operation"
    with refused("UnmodifiableEntity", 400):
        root.iam.update_role(RoleName=NAME, MaxSessionDuration=43200)
    bob = user(root, "bob", allow("iam:GetRole"))
    with refused("AccessDenied", 403, "iam:UpdateRole"):
        bob.iam.update_role(RoleName=NAME, Description="by nobody")


@requirement("SR-097")
def test_sr_097_a_service_makes_it_when_it_is_first_used(local: LocalWorld) -> None:
    with refused("NoSuchEntity", 404):
        local.root.iam.get_role(RoleName=NAME)
    for _ in range(2):
        with local.server.store.write() as tx:
            state = tx.account(local.root.account)
            service_linked_roles.ensure(state, SERVICE, local.server.clock.now())
    (found,) = local.root.iam.list_roles()["Roles"]
    assert found["RoleName"] == NAME
    attached = local.root.iam.list_attached_role_policies(RoleName=NAME)["AttachedPolicies"]
    assert [one["PolicyArn"] for one in attached] == [POLICY]


@requirement("SR-098", "SR-099")
def test_sr_098_nobody_but_its_service_becomes_it(root: Person, other: Person) -> None:
    arn = linked(root)["Arn"]
    for person in (user(root, "admin", allow("*")), user(other, "stranger", allow("*"))):
        with refused("AccessDenied", 403, "is not authorized to perform: sts:AssumeRole"):
            assume(person, arn)
    with refused("NoSuchEntity", 404):
        other.iam.get_role(RoleName=NAME)


@requirement("SR-099")
def test_sr_099_its_trust_names_the_service_alone_and_stays(root: Person) -> None:
    made = linked(root)
    with refused("UnmodifiableEntity", 400):
        root.iam.update_assume_role_policy(
            RoleName=NAME, PolicyDocument=policy(trusting({"Service": "ec2.amazonaws.com"}))
        )
    found = root.iam.get_role(RoleName=NAME)["Role"]["AssumeRolePolicyDocument"]
    assert found == made["AssumeRolePolicyDocument"]
    assert [one["Principal"] for one in found["Statement"]] == [{"Service": [SERVICE]}]


@requirement("SR-100")
def test_sr_100_its_policy_is_attached_nowhere_else(root: Person) -> None:
    role(root, "mine", {"Service": SERVICE})
    with refused("PolicyNotAttachable", 400, "Cannot attach a Service Role Policy to a Customer Role."):
        root.iam.attach_role_policy(RoleName="mine", PolicyArn=POLICY)
    linked(root)
    (found,) = root.iam.list_entities_for_policy(PolicyArn=POLICY)["PolicyRoles"]
    assert found["RoleName"] == NAME


@requirement("SR-101")
def test_sr_101_deleting_it_is_a_task_that_asks_the_service(local: LocalWorld) -> None:
    root, store = local.root, local.server.store
    linked(root)
    group = f"arn:aws:autoscaling:eu-west-1:{root.account}:autoScalingGroup:1:autoScalingGroupName/web"
    with store.write() as tx:
        state = tx.account(root.account)
        service_linked_roles.begin_use(state, state.roles.get(NAME), group)
    task = root.iam.delete_service_linked_role(RoleName=NAME)["DeletionTaskId"]
    found = root.iam.get_service_linked_role_deletion_status(DeletionTaskId=task)
    assert found["Status"] == "FAILED"
    assert found["Reason"]["RoleUsageList"] == [{"Region": "eu-west-1", "Resources": [group]}]
    assert root.iam.get_role(RoleName=NAME)
    with store.write() as tx:
        state = tx.account(root.account)
        service_linked_roles.end_use(state, state.roles.get(NAME), group)
    task = root.iam.delete_service_linked_role(RoleName=NAME)["DeletionTaskId"]
    found = root.iam.get_service_linked_role_deletion_status(DeletionTaskId=task)
    assert (found["Status"], "Reason" in found) == ("SUCCEEDED", False)
    with refused("NoSuchEntity", 404, f"The role with name {NAME} cannot be found."):
        root.iam.get_role(RoleName=NAME)


@requirement("SR-102")
def test_sr_102_its_sessions_cannot_be_revoked(root: Person) -> None:
    linked(root)
    revoked = {"DateLessThan": {"aws:TokenIssueTime": "2099-01-01T00:00:00Z"}}
    document = policy({"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": revoked})
    with refused("UnmodifiableEntity", 400):
        root.iam.put_role_policy(RoleName=NAME, PolicyName="AWSRevokeOlderSessions", PolicyDocument=document)
    assert root.iam.list_role_policies(RoleName=NAME)["PolicyNames"] == []


@requirement("SR-103")
def test_sr_103_it_may_exceed_the_quota_of_roles(world_with: Any) -> None:
    root = world_with(limits={"roles": 1}).root
    role(root, "mine", root.account)
    with refused("LimitExceeded", 409, "Cannot exceed quota for RolesPerAccount: 1"):
        role(root, "another", root.account)
    linked(root)
    assert len(root.iam.list_roles()["Roles"]) == 2


@requirement("SR-104")
def test_sr_104_making_one_can_be_permitted_for_one_service(root: Person) -> None:
    tied = {"StringLike": {"iam:AWSServiceName": SERVICE}}
    on = f"arn:aws:iam::*:role/aws-service-role/{SERVICE}/{NAME}*"
    bob = user(root, "bob", allow("iam:CreateServiceLinkedRole", on=on, Condition=tied))
    with refused("AccessDenied", 403, "perform: iam:CreateServiceLinkedRole on resource: arn:aws:iam::"):
        linked(bob, "ecs.amazonaws.com")
    assert linked(bob)["RoleName"] == NAME


@requirement("SR-105")
def test_sr_105_a_service_role_and_a_service_linked_role_are_told_apart(root: Person) -> None:
    role(root, "for-autoscaling", {"Service": SERVICE}, Path="/service-role/")
    linked(root)
    paths = {one["RoleName"]: one["Path"] for one in root.iam.list_roles()["Roles"]}
    assert paths == {"for-autoscaling": "/service-role/", NAME: f"/aws-service-role/{SERVICE}/"}
    root.iam.attach_role_policy(RoleName="for-autoscaling", PolicyArn=EVERYTHING)
    root.iam.detach_role_policy(RoleName="for-autoscaling", PolicyArn=EVERYTHING)
    root.iam.delete_role(RoleName="for-autoscaling")
    with refused("UnmodifiableEntity", 400):
        root.iam.delete_role(RoleName=NAME)
    with refused("NoSuchEntity", 404):
        root.iam.delete_service_linked_role(RoleName="for-autoscaling")
