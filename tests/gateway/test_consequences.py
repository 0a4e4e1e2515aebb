"""What follows here from what was done behind."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from rolekeeper.gateway import consequences
from rolekeeper.gateway.asked import Asked
from rolekeeper.gateway.referred import NOTHING, Referred
from rolekeeper.iam.workloads import Instance
from rolekeeper.policy.context import AccountRoot
from rolekeeper.service.call import Caller
from rolekeeper.service.delivery import NotDelivered
from rolekeeper.service.grants import grant_for
from rolekeeper.service.instance_metadata import USER_DATA
from rolekeeper.wire import model
from tests.client import ACCOUNT, OTHER_ACCOUNT, LocalWorld, Person
from tests.people import role, trusting

REGION = "us-east-1"
INSTANCE = "i-0123456789abcdef0"
EC2 = {"Service": "ec2.amazonaws.com"}
PODS = ["sts:AssumeRole", "sts:TagSession"]


def asked(service: str, operation: str, **members: Any) -> Asked:
    found = model.service(service)
    return Asked(
        service=found,
        operation=found.operations[operation],
        members=members,
        account=ACCOUNT,
        region=REGION,
        partition="aws",
    )


def after(local: LocalWorld, request: Asked, answer: dict[str, Any], referred: Referred = NOTHING) -> None:
    """The same thing twice: it changes nothing the second time."""
    service = local.server._service
    root = AccountRoot(account=ACCOUNT, partition="aws")
    caller = Caller(principal=root, account=ACCOUNT, access_key_id="", revision=0)
    consequences.after(service, caller, request, answer, referred)
    before = listed(local.root)
    consequences.after(service, caller, request, answer, referred)
    assert listed(local.root) == before


def listed(root: Person) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = root.workloads.list_workloads()["Workloads"]
    return found


def ids(root: Person) -> list[str]:
    return [each["Id"] for each in listed(root)]


def roles_of(root: Person) -> list[list[str]]:
    return [each["RoleArns"] for each in listed(root)]


def profile(root: Person, name: str, path: str = "/") -> str:
    root.iam.create_instance_profile(InstanceProfileName=name, Path=path)
    root.iam.add_role_to_instance_profile(InstanceProfileName=name, RoleName=name)
    return f"arn:aws:iam::{ACCOUNT}:instance-profile{path}{name}"


def launched(local: LocalWorld, **members: Any) -> None:
    told = {
        "InstanceId": INSTANCE,
        "InstanceType": "m5.large",
        "ImageId": "ami-1",
        "Placement": {"AvailabilityZone": "us-east-1b"},
        "PrivateIpAddress": "10.0.0.7",
        "VpcId": "vpc-1",
        "Tags": [{"Key": "team", "Value": "web"}],
    }
    after(local, asked("ec2", "RunInstances", **members), {"Instances": [told]})


def become(local: LocalWorld) -> Person:
    """Whatever runs on the instance."""
    secret = local.root.workloads.create_workload_secret(Kind="instance", Id=INSTANCE)["Secret"]
    opened = local.server.attest(secret)
    assert opened is not None
    with local.server.store.read() as tx:
        grant = grant_for(tx, opened.workload)
    if grant is None:
        raise NotDelivered
    given = local.server.deliveries.credentials(grant).credentials
    return Person(local, given.access_key_id, given.secret.reveal(), given.token.reveal())


def test_a_launched_instance_has_its_role_by_its_profile(local: LocalWorld) -> None:
    role(local.root, "web", EC2)
    profile(local.root, "web")
    launched(local, IamInstanceProfile={"Name": "web"}, MetadataOptions={"HttpTokens": "optional"})
    (found,) = local.root.workloads.list_instances()["Instances"]
    assert (found["InstanceId"], found["InstanceType"], found["AvailabilityZone"]) == (
        INSTANCE,
        "m5.large",
        "us-east-1b",
    )
    assert found["MetadataOptions"]["HttpTokens"] == "optional"
    assert found["Tags"] == [{"Key": "team", "Value": "web"}]
    assert become(local).arn == f"arn:aws:sts::{ACCOUNT}:assumed-role/web/{INSTANCE}"


def test_one_without_a_profile_has_none(local: LocalWorld) -> None:
    launched(local)
    assert ids(local.root) == [INSTANCE]
    with pytest.raises(NotDelivered):
        become(local)


def test_a_profile_of_a_launch_template_counts(local: LocalWorld) -> None:
    role(local.root, "web", EC2)
    arn = profile(local.root, "web", "/team/")
    told = {"Instances": [{"InstanceId": INSTANCE}]}
    said = {"IamInstanceProfile": {"Arn": arn}, "MetadataOptions": {"HttpTokens": "optional"}}
    after(local, asked("ec2", "RunInstances"), told, Referred(profiles=(arn,), launch=said))
    assert become(local).arn.endswith(f"assumed-role/web/{INSTANCE}")
    (found,) = local.root.workloads.list_instances()["Instances"]
    assert found["MetadataOptions"]["HttpTokens"] == "optional"


def test_so_does_an_instance_that_is_asked_for_otherwise(local: LocalWorld) -> None:
    role(local.root, "web", EC2)
    arn = profile(local.root, "web")
    spot = asked("ec2", "RequestSpotInstances", LaunchSpecification={"IamInstanceProfile": {"Name": "web"}})
    after(local, spot, {"SpotInstanceRequests": [{"InstanceId": INSTANCE}, {"State": "open"}]})
    assert "/web/" in become(local).arn
    after(local, asked("ec2", "TerminateInstances"), {"TerminatingInstances": [{"InstanceId": INSTANCE}]})
    told = {"Instances": [{"InstanceIds": [INSTANCE], "InstanceType": "m5.large"}]}
    after(local, asked("ec2", "CreateFleet"), told, Referred(profiles=(arn,)))
    assert "/web/" in become(local).arn


def test_user_data_are_for_the_instance(local: LocalWorld) -> None:
    launched(local, UserData=base64.b64encode(b"#!/bin/sh").decode())
    with local.server.store.read() as tx:
        kept = tx.account(ACCOUNT).secrets.get(USER_DATA, INSTANCE)
    assert kept is not None
    assert kept.reveal() == "#!/bin/sh"


def test_a_profile_is_associated_replaced_and_taken_away(local: LocalWorld) -> None:
    for name in ("web", "batch"):
        role(local.root, name, EC2)
        profile(local.root, name)
    launched(local)
    given = {"AssociationId": "iip-assoc-1", "InstanceId": INSTANCE}
    request = asked(
        "ec2", "AssociateIamInstanceProfile", InstanceId=INSTANCE, IamInstanceProfile={"Name": "web"}
    )
    after(local, request, {"IamInstanceProfileAssociation": given})
    assert "/web/" in become(local).arn
    request = asked(
        "ec2",
        "ReplaceIamInstanceProfileAssociation",
        AssociationId="iip-assoc-1",
        IamInstanceProfile={"Name": "batch"},
    )
    after(local, request, {"IamInstanceProfileAssociation": given})
    assert "/batch/" in become(local).arn
    request = asked("ec2", "DisassociateIamInstanceProfile", AssociationId="iip-assoc-1")
    after(local, request, {"IamInstanceProfileAssociation": given})
    with pytest.raises(NotDelivered):
        become(local)


def test_a_terminated_instance_is_gone_with_its_secrets(local: LocalWorld) -> None:
    role(local.root, "web", EC2)
    profile(local.root, "web")
    launched(local, IamInstanceProfile={"Name": "web"}, UserData=base64.b64encode(b"x").decode())
    secret = local.root.workloads.create_workload_secret(Kind="instance", Id=INSTANCE)["Secret"]
    request = asked("ec2", "TerminateInstances", InstanceIds=[INSTANCE])
    after(local, request, {"TerminatingInstances": [{"InstanceId": INSTANCE}]})
    assert listed(local.root) == []
    assert local.server.attest(secret) is None
    with local.server.store.read() as tx:
        assert tx.account(ACCOUNT).secrets.get(USER_DATA, INSTANCE) is None


def test_tags_and_metadata_options_of_an_instance_follow(local: LocalWorld) -> None:
    launched(local)
    after(local, asked("ec2", "CreateTags", Resources=[INSTANCE], Tags=[{"Key": "a", "Value": "1"}]), {})
    after(local, asked("ec2", "DeleteTags", Resources=[INSTANCE], Tags=[{"Key": "team"}]), {})
    after(
        local, asked("ec2", "ModifyInstanceMetadataOptions", InstanceId=INSTANCE, HttpEndpoint="disabled"), {}
    )
    with local.server.store.read() as tx:
        found = tx.account(ACCOUNT).collection(Instance).get(INSTANCE)
    assert (found.tags, found.http_endpoint, found.http_tokens) == ({"a": "1"}, "disabled", "required")


def test_functions_come_change_and_go(local: LocalWorld) -> None:
    first, second = f"arn:aws:iam::{ACCOUNT}:role/first", f"arn:aws:iam::{ACCOUNT}:role/second"
    after(local, asked("lambda", "CreateFunction", FunctionName="f", Role=first), {"FunctionName": "f"})
    assert roles_of(local.root) == [[first]]
    arn = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:f"
    after(local, asked("lambda", "UpdateFunctionConfiguration", FunctionName=arn, Role=second), {})
    after(local, asked("lambda", "DeleteFunction", FunctionName="f", Qualifier="1"), {})
    assert roles_of(local.root) == [[second]]
    after(local, asked("lambda", "DeleteFunction", FunctionName=f"{ACCOUNT}:function:f"), {})
    assert listed(local.root) == []


def test_what_is_another_accounts_or_regions_is_not_mistaken_for_ones_own(local: LocalWorld) -> None:
    arn = f"arn:aws:iam::{ACCOUNT}:role/first"
    after(local, asked("lambda", "CreateFunction", FunctionName="f", Role=arn), {"FunctionName": "f"})
    for place in (f"{REGION}:{OTHER_ACCOUNT}", f"eu-west-1:{ACCOUNT}", f"{REGION}:999999999999"):
        after(local, asked("lambda", "DeleteFunction", FunctionName=f"arn:aws:lambda:{place}:function:f"), {})
    assert roles_of(local.root) == [[arn]]
    place = f"{REGION}:{ACCOUNT}"
    after(local, asked("lambda", "DeleteFunction", FunctionName=f"arn:aws:lambda:{place}:function:f:1"), {})
    assert roles_of(local.root) == [[arn]]  # that was a version of it
    after(local, asked("lambda", "DeleteFunction", FunctionName=f"arn:aws:lambda:{place}:function:f"), {})
    assert listed(local.root) == []


def test_pods_of_a_cluster_can_have_roles_and_lose_them_with_it(local: LocalWorld) -> None:
    arn = role(local.root, "pods", trusting({"Service": "pods.eks.amazonaws.com"}, PODS))
    eks = local.root.client("eks")
    given = {"clusterName": "main", "namespace": "default", "serviceAccount": "app"}
    after(local, asked("eks", "CreateCluster", name="main", tags={"team": "web"}), {})
    eks.create_pod_identity_association(**given, roleArn=arn)
    local.root.workloads.get_service_account_token(
        ClusterName="main", Namespace="default", ServiceAccount="app"
    )
    after(local, asked("eks", "DeleteCluster", name="main"), {})
    assert listed(local.root) == []
    after(local, asked("eks", "CreateCluster", name="main"), {})
    assert eks.list_pod_identity_associations(clusterName="main")["associations"] == []


def test_a_task_has_the_roles_of_its_definition(local: LocalWorld) -> None:
    role(local.root, "task", {"Service": "ecs-tasks.amazonaws.com"}, Path="/app/")
    execution = f"arn:aws:iam::{ACCOUNT}:role/execution"
    told = {
        "taskArn": f"arn:aws:ecs:{REGION}:{ACCOUNT}:task/main/abc",
        "clusterArn": f"arn:aws:ecs:{REGION}:{ACCOUNT}:cluster/main",
        "taskDefinitionArn": f"arn:aws:ecs:{REGION}:{ACCOUNT}:task-definition/web:3",
    }
    referred = Referred(task_role="task", execution_role=execution, family="web", revision=3)
    after(local, asked("ecs", "RunTask", taskDefinition="web"), {"tasks": [told]}, referred)
    (found,) = local.root.workloads.list_tasks()["Tasks"]
    assert (found["TaskArn"], found["Family"], found["Revision"]) == (told["taskArn"], "web", 3)
    assert found["TaskRoleArn"] == f"arn:aws:iam::{ACCOUNT}:role/app/task"
    assert found["ExecutionRoleArn"] == execution
    after(local, asked("ecs", "StopTask", task="abc", cluster="main"), {"task": told})
    assert listed(local.root) == []


@pytest.mark.parametrize(
    ("service", "making", "members", "answer", "deleting", "gone"),
    [
        (
            "cloudformation",
            "CreateStack",
            {"StackName": "s", "RoleARN": "ROLE"},
            {"StackId": f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/s/1"},
            "DeleteStack",
            {"StackName": f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/s/1"},
        ),
        (
            "glue",
            "CreateJob",
            {"Name": "j", "Role": "worker"},
            {"Name": "j"},
            "DeleteJob",
            {"JobName": "j"},
        ),
        (
            "stepfunctions",
            "CreateStateMachine",
            {"name": "m", "roleArn": "ROLE"},
            {"stateMachineArn": f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:m"},
            "DeleteStateMachine",
            {"stateMachineArn": f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:m"},
        ),
        (
            "redshift",
            "CreateCluster",
            {"ClusterIdentifier": "c", "IamRoles": ["ROLE"]},
            {},
            "DeleteCluster",
            {"ClusterIdentifier": "c"},
        ),
        (
            "rds",
            "CreateDBInstance",
            {"DBInstanceIdentifier": "d", "MonitoringRoleArn": "ROLE"},
            {},
            "DeleteDBInstance",
            {"DBInstanceIdentifier": "d"},
        ),
    ],
)
def test_what_a_service_runs_with_a_role_comes_and_goes(
    local: LocalWorld,
    service: str,
    making: str,
    members: dict[str, Any],
    answer: dict[str, Any],
    deleting: str,
    gone: dict[str, Any],
) -> None:
    arn = role(local.root, "worker", EC2)
    told = {
        name: arn if value == "ROLE" else [arn] if value == ["ROLE"] else value
        for name, value in members.items()
    }
    after(local, asked(service, making, **told), answer)
    assert roles_of(local.root) == [[arn]]
    after(local, asked(service, deleting, **gone), {})
    assert listed(local.root) == []


def test_another_role_takes_the_place_of_the_first(local: LocalWorld) -> None:
    first, second = role(local.root, "first", EC2), role(local.root, "second", EC2)
    after(local, asked("glue", "CreateJob", Name="j", Role=first), {})
    after(local, asked("glue", "UpdateJob", JobName="j", JobUpdate={"Role": second}), {})
    assert roles_of(local.root) == [[second]]
    after(local, asked("glue", "UpdateJob", JobName="j", JobUpdate={"Timeout": 3}), {})
    assert roles_of(local.root) == [[second]]


def test_a_role_that_nobody_may_hand_over_is_not_registered(local: LocalWorld) -> None:
    foreign = f"arn:aws:iam::{OTHER_ACCOUNT}:role/worker"
    after(local, asked("glue", "CreateJob", Name="j", Role=foreign), {})
    assert listed(local.root) == []


def test_roles_are_added_to_a_cluster_and_taken_from_it(local: LocalWorld) -> None:
    first, second = role(local.root, "first", EC2), role(local.root, "second", EC2)
    cluster = {"ClusterIdentifier": "c"}
    after(local, asked("redshift", "CreateCluster", **cluster, IamRoles=[first]), {})
    after(local, asked("redshift", "ModifyClusterIamRoles", **cluster, AddIamRoles=[second]), {})
    assert sorted(roles_of(local.root)) == [[first], [second]]
    after(local, asked("redshift", "ModifyClusterIamRoles", **cluster, RemoveIamRoles=[first]), {})
    assert roles_of(local.root) == [[second]]


def test_what_uses_a_service_linked_role_keeps_it(local: LocalWorld) -> None:
    root = local.root
    made = root.iam.create_service_linked_role(AWSServiceName="autoscaling.amazonaws.com")["Role"]["RoleName"]
    after(local, asked("autoscaling", "CreateAutoScalingGroup", AutoScalingGroupName="g"), {})

    def deleting() -> str:
        task = root.iam.delete_service_linked_role(RoleName=made)["DeletionTaskId"]
        status: str = root.iam.get_service_linked_role_deletion_status(DeletionTaskId=task)["Status"]
        return status

    assert deleting() == "FAILED"
    after(local, asked("autoscaling", "DeleteAutoScalingGroup", AutoScalingGroupName="g"), {})
    assert deleting() == "SUCCEEDED"


@pytest.mark.parametrize(
    ("service", "operation", "answer"),
    [
        ("ec2", "RunInstances", {"Instances": [{}]}),
        ("ec2", "RunInstances", {}),
        ("ec2", "TerminateInstances", {"TerminatingInstances": [{}]}),
        ("ec2", "AssociateIamInstanceProfile", {}),
        ("ec2", "DisassociateIamInstanceProfile", {}),
        ("ec2", "CreateFleet", {"Instances": [{}]}),
        ("ecs", "RunTask", {"tasks": [{}]}),
        ("ecs", "StopTask", {}),
        ("eks", "CreateCluster", {}),
        ("lambda", "CreateFunction", {}),
        ("cloudformation", "CreateStack", {}),
    ],
)
def test_an_answer_that_says_nothing_changes_nothing(
    local: LocalWorld, service: str, operation: str, answer: dict[str, Any]
) -> None:
    after(local, asked(service, operation), answer)
    assert listed(local.root) == []


def test_most_requests_have_no_consequences() -> None:
    for service, operation in (("s3", "PutObject"), ("ec2", "DescribeInstances"), ("ecs", "ListTasks")):
        assert not consequences.has(asked(service, operation))
