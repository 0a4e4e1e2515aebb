"""From workloads to grants: each gets its own role, and what changes shows at once."""

from __future__ import annotations

from rolekeeper.iam.workloads import AGENT, Instance, ServiceRole, Workload
from rolekeeper.service.delivery import Grant
from rolekeeper.service.grants import grant_for
from tests.client import ACCOUNT, LocalWorld
from tests.people import role
from tests.service.workers import PLACE, associate, disassociate_in, function, instance, keep, task

EC2 = {"Service": "ec2.amazonaws.com"}


def of(local: LocalWorld, workload: Workload, part: str = "") -> Grant | None:
    with local.server.store.read() as tx:
        return grant_for(tx, workload, part)


def profile(local: LocalWorld, name: str, *roles: str) -> None:
    local.root.iam.create_instance_profile(InstanceProfileName=name)
    for each in roles:
        local.root.iam.add_role_to_instance_profile(InstanceProfileName=name, RoleName=each)


def test_an_instance_without_a_profile_or_a_role_has_nothing(local: LocalWorld) -> None:
    keep(local, instance())
    assert of(local, instance()) is None
    profile(local, "empty")
    associate(local, instance(), "empty")
    assert of(local, instance()) is None


def test_an_instance_has_the_role_of_its_profile(local: LocalWorld) -> None:
    arn = role(local.root, "web", EC2, Path="/team/")
    profile(local, "web", "web")
    mine = instance(vpc_id="vpc-1")
    keep(local, mine)
    associate(local, mine, "web")
    grant = of(local, mine)
    assert grant is not None
    assert (grant.role_arn, grant.session_name, grant.service) == (arn, mine.id, "ec2.amazonaws.com")
    assert grant.source_arn == f"arn:aws:ec2:us-east-1:{ACCOUNT}:instance/{mine.id}"
    assert dict(grant.keys) == {
        "ec2:roledelivery": "2.0",
        "ec2:sourceinstancearn": grant.source_arn,
        "aws:ec2instancesourceprivateipv4": "10.0.0.5",
        "aws:ec2instancesourcevpc": "vpc-1",
    }


def test_another_association_is_another_grant_and_none_is_none(local: LocalWorld) -> None:
    role(local.root, "web", EC2)
    profile(local, "web", "web")
    keep(local, instance())
    associate(local, instance(), "web", "iip-assoc-1")
    first = of(local, instance())
    associate(local, instance(), "web", "iip-assoc-2")
    assert of(local, instance()) not in (first, None)
    with local.server.store.write() as tx:
        disassociate_in(tx.account(ACCOUNT), instance())
    assert of(local, instance()) is None


def test_a_profile_that_is_made_again_is_another(local: LocalWorld) -> None:
    role(local.root, "web", EC2)
    profile(local, "web", "web")
    keep(local, instance())
    associate(local, instance(), "web")
    names = {"InstanceProfileName": "web"}
    local.root.iam.remove_role_from_instance_profile(**names, RoleName="web")
    local.root.iam.delete_instance_profile(**names)
    profile(local, "web", "web")
    assert of(local, instance()) is None


def test_what_is_not_registered_has_nothing(local: LocalWorld) -> None:
    unknown: list[Workload] = [Instance(**PLACE, id="i-9", availability_zone="a", private_ip="10.0.0.1")]
    unknown += [task("t9", task_role="r"), function("f9", "r")]
    assert [of(local, each) for each in unknown] == [None, None, None]


def test_a_task_has_one_role_and_its_agent_another(local: LocalWorld) -> None:
    both = task("t1", task_role="arn:task", execution_role="arn:execution")
    keep(local, both, task("t2", execution_role="arn:execution"))
    application, agent = of(local, both), of(local, both, AGENT)
    assert application is not None
    assert agent is not None
    assert (application.role_arn, agent.role_arn) == ("arn:task", "arn:execution")
    assert application.source_arn == f"arn:aws:ecs:us-east-1:{ACCOUNT}:task/blue/t1"
    assert of(local, task("t2")) is None


def test_functions_and_resources_of_services(local: LocalWorld) -> None:
    stack = f"arn:aws:cloudformation:us-east-1:{ACCOUNT}:stack/blue/1"
    more = ServiceRole(
        **PLACE, id="sr-1", principal="cloudformation.amazonaws.com", resource=stack, role="arn:r"
    )
    keep(local, function("mine", "arn:f"), more)
    found = of(local, function("mine", "arn:f")), of(local, more)
    assert found[0] is not None
    assert found[1] is not None
    assert (found[0].session_name, found[0].duration) == ("mine", 12 * 3600)
    assert (found[1].service, found[1].session_name) == ("cloudformation.amazonaws.com", "AWSCloudFormation")
    assert found[1].source_arn == stack
