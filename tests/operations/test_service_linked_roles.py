"""Service-linked roles: who may make one, what nobody may do to it, and how it goes."""

from __future__ import annotations

from typing import Any

import pytest

from rolekeeper.operations import service_linked_roles
from tests.client import ACCOUNT, LocalWorld, Person
from tests.people import allow, deny, policy, refused, role, trusting, user

BEANSTALK = "elasticbeanstalk.amazonaws.com"
NAME = "AWSServiceRoleForElasticBeanstalk"
ARN = f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/{BEANSTALK}/{NAME}"
POLICY = "arn:aws:iam::aws:policy/aws-service-role/AWSElasticBeanstalkServiceRolePolicy"
TRUST = policy(trusting({"Service": "ec2.amazonaws.com"}))

CHANGES: list[tuple[str, dict[str, Any]]] = [
    ("delete_role", {}),
    ("update_role", {"MaxSessionDuration": 7200}),
    ("update_role", {"MaxSessionDuration": 7200, "Description": "longer"}),
    ("update_assume_role_policy", {"PolicyDocument": TRUST}),
    ("put_role_policy", {"PolicyName": "more", "PolicyDocument": policy(allow("*"))}),
    ("delete_role_policy", {"PolicyName": "more"}),
    ("attach_role_policy", {"PolicyArn": "arn:aws:iam::aws:policy/AdministratorAccess"}),
    ("detach_role_policy", {"PolicyArn": POLICY}),
    ("put_role_permissions_boundary", {"PermissionsBoundary": "arn:aws:iam::aws:policy/ReadOnlyAccess"}),
    ("delete_role_permissions_boundary", {}),
    ("add_role_to_instance_profile", {"InstanceProfileName": "web"}),
    ("remove_role_from_instance_profile", {"InstanceProfileName": "web"}),
]


def make(person: Person, service: str = BEANSTALK, **more: Any) -> dict[str, Any]:
    made: dict[str, Any] = person.iam.create_service_linked_role(AWSServiceName=service, **more)["Role"]
    return made


@pytest.mark.parametrize(("operation", "arguments"), CHANGES)
def test_nobody_changes_it(root: Person, operation: str, arguments: dict[str, Any]) -> None:
    root.iam.create_instance_profile(InstanceProfileName="web")
    before = make(root)
    text = (
        f"Cannot perform the operation on the protected role '{NAME}' - this role is only modifiable by AWS"
    )
    for person in (root, user(root, "admin", allow("*"))):
        with refused("UnmodifiableEntity", 400, text):
            getattr(person.iam, operation)(RoleName=NAME, **arguments)
    assert root.iam.get_role(RoleName=NAME)["Role"] == {**before, "RoleLastUsed": {}}
    attached = root.iam.list_attached_role_policies(RoleName=NAME)["AttachedPolicies"]
    assert [one["PolicyArn"] for one in attached] == [POLICY]


def test_who_may_not_touch_it_is_not_told_that_nobody_may(root: Person) -> None:
    make(root)
    bob = user(root, "bob", allow("iam:*"), deny("iam:DeleteRole", on=ARN))
    with refused("AccessDenied", 403, f"iam:DeleteRole on resource: {ARN}"):
        bob.iam.delete_role(RoleName=NAME)


def test_making_one_can_be_allowed_for_a_service_alone(root: Person) -> None:
    tied: dict[str, Any] = {"StringEquals": {"iam:AWSServiceName": BEANSTALK}}
    bob = user(root, "bob", allow("iam:CreateServiceLinkedRole", Condition=tied))
    with refused("AccessDenied", 403, "role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS"):
        make(bob, "ecs.amazonaws.com")
    assert make(bob)["Arn"] == ARN
    eve = user(root, "eve", allow("iam:CreateServiceLinkedRole", on=ARN.replace(NAME, "*")))
    with refused("AccessDenied", 403, "iam:CreateServiceLinkedRole"):
        make(eve, "ecs.amazonaws.com")
    with refused("InvalidInput", 400, f"Service role name {NAME} has been taken in this account"):
        make(eve)


@pytest.mark.parametrize("service", ["nobody.amazonaws.com", "ECS.amazonaws.com", "ecs"])
def test_a_service_without_such_a_role_is_refused(root: Person, service: str) -> None:
    with refused("InvalidInput", 400, f"{service} has no service-linked role"):
        make(root, service)
    bob = user(root, "bob")
    with refused("AccessDenied", 403, f"role/aws-service-role/{service}/"):
        make(bob, service)


def test_a_suffix_is_for_services_that_take_one(root: Person) -> None:
    with refused("InvalidInput", 400, f"Custom suffix is not allowed for {BEANSTALK}"):
        make(root, CustomSuffix="blue")
    with refused("InvalidInput", 400, "longer than 64 characters"):
        make(root, "autoscaling.amazonaws.com", CustomSuffix="x" * 64)
    made = make(root, "autoscaling.amazonaws.com", CustomSuffix="blue", Description="blue fleet")
    assert made["RoleName"] == "AWSServiceRoleForAutoScaling_blue"
    assert made["Description"] == "blue fleet"
    with refused("InvalidInput", 400, "please try a different suffix"):
        make(root, "autoscaling.amazonaws.com", CustomSuffix="BLUE")
    assert make(root, "autoscaling.amazonaws.com")["RoleName"] == "AWSServiceRoleForAutoScaling"


def test_a_name_that_a_customers_role_has_is_taken(root: Person) -> None:
    role(root, NAME, root.account)
    with refused("InvalidInput", 400, f"Service role name {NAME} has been taken in this account"):
        make(root)


def test_it_is_made_over_the_quota(world_with: Any) -> None:
    root = world_with(limits={"roles": 1}).root
    role(root, "own", root.account)
    with refused("LimitExceeded", 409, "Cannot exceed quota for RolesPerAccount: 1"):
        role(root, "other", root.account)
    assert make(root)["RoleName"] == NAME


def test_it_may_be_tagged(root: Person) -> None:
    make(root)
    root.iam.tag_role(RoleName=NAME, Tags=[{"Key": "team", "Value": "web"}])
    assert root.iam.list_role_tags(RoleName=NAME)["Tags"] == [{"Key": "team", "Value": "web"}]
    root.iam.untag_role(RoleName=NAME, TagKeys=["team"])
    assert root.iam.list_role_tags(RoleName=NAME)["Tags"] == []


def test_only_a_service_linked_role_goes_this_way(root: Person) -> None:
    role(root, "own", root.account)
    with refused("NoSuchEntity", 404, "own"):
        root.iam.delete_service_linked_role(RoleName="own")
    with refused("NoSuchEntity", 404, f"The role with name {NAME} cannot be found."):
        root.iam.delete_service_linked_role(RoleName=NAME)
    make(root)
    bob = user(root, "bob", allow("iam:DeleteServiceLinkedRole", on=ARN + "2"))
    with refused("AccessDenied", 403, f"iam:DeleteServiceLinkedRole on resource: {ARN}"):
        bob.iam.delete_service_linked_role(RoleName=NAME)


def test_a_task_is_asked_about_by_who_may(root: Person) -> None:
    make(root)
    task = root.iam.delete_service_linked_role(RoleName=NAME)["DeletionTaskId"]
    assert task.startswith(f"task/aws-service-role/{BEANSTALK}/{NAME}/")
    bob = user(root, "bob", allow("iam:GetServiceLinkedRoleDeletionStatus", on=ARN + "2"))
    with refused("AccessDenied", 403, f"iam:GetServiceLinkedRoleDeletionStatus on resource: {ARN}"):
        bob.iam.get_service_linked_role_deletion_status(DeletionTaskId=task)
    eve = user(root, "eve", allow("iam:GetServiceLinkedRoleDeletionStatus", on=ARN))
    found = eve.iam.get_service_linked_role_deletion_status(DeletionTaskId=task)
    assert found["Status"] == "SUCCEEDED"
    with refused("NoSuchEntity", 404):
        root.iam.get_service_linked_role_deletion_status(DeletionTaskId=task[:-36] + "0" * 36)
    with refused("InvalidInput", 400):
        root.iam.get_service_linked_role_deletion_status(DeletionTaskId="task")


def test_it_is_gone_when_the_task_is_there(root: Person) -> None:
    identifier = make(root)["RoleId"]
    root.iam.delete_service_linked_role(RoleName=NAME)
    with refused("NoSuchEntity", 404):
        root.iam.get_role(RoleName=NAME)
    assert root.iam.list_entities_for_policy(PolicyArn=POLICY)["PolicyRoles"] == []
    assert make(root)["RoleId"] != identifier


def test_it_stays_while_a_resource_uses_it(local: LocalWorld) -> None:
    root = local.root
    used = [f"arn:aws:elasticbeanstalk:eu-west-1:{ACCOUNT}:environment/app/{name}" for name in ("a", "b")]
    with local.server.store.write() as tx:
        state = tx.account(ACCOUNT)
        made = service_linked_roles.ensure(state, BEANSTALK, local.server.clock.now())
        for arn in used:
            service_linked_roles.begin_use(state, made, arn)
    task = root.iam.delete_service_linked_role(RoleName=NAME)["DeletionTaskId"]
    found = root.iam.get_service_linked_role_deletion_status(DeletionTaskId=task)
    assert found["Status"] == "FAILED"
    assert found["Reason"]["Reason"]
    assert found["Reason"]["RoleUsageList"] == [{"Region": "eu-west-1", "Resources": used}]
    assert root.iam.get_role(RoleName=NAME)["Role"]["Arn"] == ARN
    with local.server.store.write() as tx:
        for arn in used:
            service_linked_roles.end_use(tx.account(ACCOUNT), made, arn)
    task = root.iam.delete_service_linked_role(RoleName=NAME)["DeletionTaskId"]
    found = root.iam.get_service_linked_role_deletion_status(DeletionTaskId=task)
    assert found["Status"] == "SUCCEEDED"


def test_a_service_makes_its_role_once(local: LocalWorld) -> None:
    with local.server.store.write() as tx:
        state, now = tx.account(ACCOUNT), local.server.clock.now()
        first = service_linked_roles.ensure(state, BEANSTALK, now)
        assert service_linked_roles.ensure(state, BEANSTALK, now) == first
        with pytest.raises(KeyError):
            service_linked_roles.ensure(state, "nobody.amazonaws.com", now)
    with refused("InvalidInput", 400, "has been taken in this account"):
        make(local.root)
    assert local.root.iam.get_role(RoleName=NAME)["Role"]["RoleId"] == first.id


@pytest.mark.parametrize("bearer", ["role", "user", "group"])
def test_its_policy_is_not_attached_elsewhere(root: Person, bearer: str) -> None:
    role(root, "own", root.account)
    root.iam.create_user(UserName="own")
    root.iam.create_group(GroupName="own")
    attach = getattr(root.iam, f"attach_{bearer}_policy")
    with refused("PolicyNotAttachable", 400, "Cannot attach a Service Role Policy to a Customer Role."):
        attach(PolicyArn=POLICY, **{f"{bearer.capitalize()}Name": "own"})
    attach(
        PolicyArn=POLICY.replace("aws-service-role/AWSElasticBeanstalkServiceRolePolicy", "ReadOnlyAccess"),
        **{f"{bearer.capitalize()}Name": "own"},
    )


def test_its_policy_is_no_boundary(root: Person) -> None:
    with refused("PolicyNotAttachable", 400):
        root.iam.create_user(UserName="own", PermissionsBoundary=POLICY)
