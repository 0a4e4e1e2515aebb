"""What other services run: allowed as what makes it, and the service must get the role."""

from __future__ import annotations

import pytest

from tests.client import ACCOUNT, OTHER_ACCOUNT, LocalWorld, Person
from tests.people import allow, refused, role, user
from tests.workers import EC2, become

STACK = f"arn:aws:cloudformation:us-east-1:{ACCOUNT}:stack/blue/1"
FORMATION = "cloudformation.amazonaws.com"


@pytest.fixture
def deployer(root: Person) -> str:
    return role(root, "deployer", {"Service": FORMATION}, allow("lambda:CreateFunction"))


def stack(role_arn: str, service: str = FORMATION, resource: str = STACK) -> dict[str, str]:
    return {"ServicePrincipal": service, "ResourceArn": resource, "RoleArn": role_arn}


def test_it_is_allowed_as_what_makes_it(root: Person, deployer: str) -> None:
    passing = allow("iam:PassRole")
    with refused("AccessDeniedException", 400, f"cloudformation:CreateStack on resource: {STACK}"):
        user(root, "bob", allow("rolekeeper:*"), passing).workloads.register_service_role(**stack(deployer))
    with refused("AccessDeniedException", 400, "iam:PassRole"):
        user(root, "eve", allow("cloudformation:CreateStack")).workloads.register_service_role(
            **stack(deployer)
        )
    tied = {"Condition": {"ArnEquals": {"cloudformation:RoleArn": deployer}}}
    ann = user(root, "ann", allow("cloudformation:CreateStack", **tied), passing)
    ann.workloads.register_service_role(**stack(deployer))


def test_what_nobody_knows_how_to_make_has_an_action_of_ours(root: Person) -> None:
    keeper = role(root, "keeper", {"Service": "backup.amazonaws.com"})
    vault = f"arn:aws:backup:us-east-1:{ACCOUNT}:backup-vault:blue"
    asked = stack(keeper, "backup.amazonaws.com", vault)
    passing = allow("iam:PassRole")
    with refused("AccessDeniedException", 400, "rolekeeper:RegisterServiceRole"):
        user(root, "bob", allow("backup:*"), passing).workloads.register_service_role(**asked)
    may = allow("rolekeeper:RegisterServiceRole", on=vault)
    user(root, "eve", may, passing).workloads.register_service_role(**asked)


def test_who_may_make_a_services_own_resources_hands_no_other_service_a_role(root: Person) -> None:
    """What makes a rule is weak; with it nobody comes by what a stack may do."""
    deployer = role(root, "deployer", {"Service": [FORMATION, "events.amazonaws.com"]})
    rule = f"arn:aws:events:us-east-1:{ACCOUNT}:rule/nightly"
    ann = user(root, "ann", allow("events:PutTargets", "events:RemoveTargets"), allow("iam:PassRole"))
    with refused("AccessDeniedException", 400, f"rolekeeper:RegisterServiceRole on resource: {rule}"):
        ann.workloads.register_service_role(**stack(deployer, resource=rule))
    own = ann.workloads.register_service_role(**stack(deployer, "events.amazonaws.com", rule))
    ann.workloads.deregister_service_role(ServiceRoleId=own["ServiceRole"]["ServiceRoleId"])
    of_root = root.workloads.register_service_role(**stack(deployer, resource=rule))
    with refused("AccessDeniedException", 400, "rolekeeper:DeregisterServiceRole"):
        ann.workloads.deregister_service_role(ServiceRoleId=of_root["ServiceRole"]["ServiceRoleId"])
    monitor = role(root, "monitor", {"Service": "monitoring.rds.amazonaws.com"})
    database = stack(monitor, "monitoring.rds.amazonaws.com", f"arn:aws:rds:us-east-1:{ACCOUNT}:db:blue")
    bob = user(root, "bob", allow("rds:CreateDBInstance"), allow("iam:PassRole"))
    bob.workloads.register_service_role(**database)


def test_the_service_must_get_the_role(root: Person, deployer: str) -> None:
    with refused("InvalidInput", 400, "cannot be assumed by glue.amazonaws.com."):
        root.workloads.register_service_role(**stack(deployer, "glue.amazonaws.com"))


def test_a_service_role_is_for_its_own_account(root: Person, deployer: str) -> None:
    foreign = STACK.replace(ACCOUNT, OTHER_ACCOUNT)
    with refused("InvalidParameterValue", 400, f"is not of account {ACCOUNT}"):
        root.workloads.register_service_role(**stack(deployer, resource=foreign))
    with refused("InvalidParameterValue", 400, "is no ARN"):
        root.workloads.register_service_role(**stack(deployer, resource="something-without-any-arn"))


def test_what_has_an_operation_of_its_own_is_not_registered_so(root: Person) -> None:
    server = role(root, "server", EC2)
    with refused("InvalidParameterValue", 400, "an operation of its own"):
        root.workloads.register_service_role(**stack(server, "ec2.amazonaws.com"))


def test_it_becomes_the_role_in_the_services_name(local: LocalWorld) -> None:
    own = role(local.root, "deployer", {"Service": FORMATION})
    made = local.root.workloads.register_service_role(**stack(own))
    assert become(local, made["Secret"]).arn.endswith("assumed-role/deployer/AWSCloudFormation")
    id = made["ServiceRole"]["ServiceRoleId"]
    assert local.root.workloads.list_service_roles()["ServiceRoles"] == [made["ServiceRole"]]
    with refused("AccessDeniedException", 400, "cloudformation:DeleteStack"):
        user(local.root, "bob").workloads.deregister_service_role(ServiceRoleId=id)
    local.root.workloads.deregister_service_role(ServiceRoleId=id)
    assert local.server.attest(made["Secret"]) is None
    with refused("ResourceNotFoundException", 400):
        local.root.workloads.deregister_service_role(ServiceRoleId=id)
