"""What is allowed on one instance, group, database or stack is done, and refused on the next, by boto3."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.client import ACCOUNT, Person
from tests.gateway.served import ServedWorld
from tests.people import allow, deny, refused, user

HERE = f"us-east-1:{ACCOUNT}"
NOT_ALLOWED = "not authorized to perform|You are not authorized"


class Network:
    """A network with a subnet and a security group."""

    def __init__(self, root: Person, block: str) -> None:
        ec2 = root.client("ec2")
        self.vpc = ec2.create_vpc(CidrBlock=f"{block}.0.0/16")["Vpc"]["VpcId"]
        self.subnet = ec2.create_subnet(VpcId=self.vpc, CidrBlock=f"{block}.1.0/24")["Subnet"]["SubnetId"]
        made = ec2.create_security_group(GroupName=f"of-{block}", Description="x", VpcId=self.vpc)
        self.group = made["GroupId"]


def image(root: Person) -> str:
    found: str = root.client("ec2").describe_images()["Images"][0]["ImageId"]
    return found


def test_a_launch_is_held_to_its_network_its_type_and_its_tags(served: ServedWorld) -> None:
    root = served.root
    here, there, ami = Network(root, "10.71"), Network(root, "10.72"), image(root)
    ec2 = f"arn:aws:ec2:{HERE}"
    launch = "ec2:RunInstances"
    ann = user(
        root,
        "launcher",
        allow(launch, on=["arn:aws:ec2:us-east-1::image/*", f"{ec2}:volume/*", f"{ec2}:network-interface/*"]),
        allow(launch, on=f"{ec2}:subnet/{here.subnet}"),
        allow(
            launch,
            on=f"{ec2}:security-group/*",
            Condition={"ArnEquals": {"ec2:Vpc": f"{ec2}:vpc/{here.vpc}"}},
        ),
        allow(
            launch,
            on=f"{ec2}:instance/*",
            Condition={"StringEquals": {"ec2:InstanceType": "t3.micro", "aws:RequestTag/team": "a"}},
        ),
        allow(
            "ec2:CreateTags",
            on=f"{ec2}:*/*",
            Condition={"StringEquals": {"ec2:CreateAction": "RunInstances"}},
        ),
        allow(
            "ec2:StopInstances",
            on=f"{ec2}:instance/*",
            Condition={"StringEquals": {"ec2:ResourceTag/team": "a"}},
        ),
    ).client("ec2")

    def run(where: Network = here, type: str = "t3.micro", team: str = "a", group: str = here.group) -> Any:
        tags = [{"ResourceType": "instance", "Tags": [{"Key": "team", "Value": team}]}] if team else []
        return ann.run_instances(
            ImageId=ami,
            MinCount=1,
            MaxCount=1,
            InstanceType=type,
            SubnetId=where.subnet,
            SecurityGroupIds=[group],
            TagSpecifications=tags,
        )["Instances"][0]["InstanceId"]

    mine = run()
    for wrong in (
        {"where": there},
        {"type": "m5.large"},
        {"team": "b"},
        {"team": ""},
        {"group": there.group},
    ):
        with refused("UnauthorizedOperation", 403):
            run(**wrong)
    with refused("UnauthorizedOperation", 403):
        ann.create_tags(Resources=[mine], Tags=[{"Key": "team", "Value": "b"}])
    ann.stop_instances(InstanceIds=[mine])
    theirs = root.client("ec2").run_instances(ImageId=ami, MinCount=1, MaxCount=1)["Instances"][0][
        "InstanceId"
    ]
    for several in ([theirs], [mine, theirs]):
        with refused("UnauthorizedOperation", 403):
            ann.stop_instances(InstanceIds=several)


def test_a_launch_template_does_not_lead_past_a_policy(served: ServedWorld) -> None:
    root = served.root
    here, there, ami = Network(root, "10.73"), Network(root, "10.74"), image(root)
    ec2 = f"arn:aws:ec2:{HERE}"
    ann = user(
        root,
        "templater",
        allow("ec2:RunInstances"),
        deny("ec2:RunInstances", on=f"{ec2}:subnet/{there.subnet}"),
        deny(
            "ec2:RunInstances",
            on=f"{ec2}:instance/*",
            Condition={"StringEquals": {"ec2:InstanceType": "p5.48xlarge"}},
        ),
    ).client("ec2")
    for name, subnet, type in (
        ("fine", here.subnet, "t3.micro"),
        ("elsewhere", there.subnet, "t3.micro"),
        ("large", here.subnet, "p5.48xlarge"),
    ):
        data = {
            "ImageId": ami,
            "InstanceType": type,
            "NetworkInterfaces": [{"DeviceIndex": 0, "SubnetId": subnet}],
        }
        root.client("ec2").create_launch_template(LaunchTemplateName=name, LaunchTemplateData=data)
    ann.run_instances(LaunchTemplate={"LaunchTemplateName": "fine"}, MinCount=1, MaxCount=1)
    for name in ("elsewhere", "large"):
        with refused("UnauthorizedOperation", 403):
            ann.run_instances(LaunchTemplate={"LaunchTemplateName": name}, MinCount=1, MaxCount=1)


def test_what_is_called_otherwise_is_decided_by_what_it_is(served: ServedWorld) -> None:
    root = served.root
    ec2 = root.client("ec2")
    ids = {
        name: ec2.create_security_group(GroupName=name, Description="x")["GroupId"] for name in ("one", "two")
    }
    addresses = [ec2.allocate_address(Domain="vpc") for _ in range(2)]
    arn = f"arn:aws:ec2:{HERE}"
    ann = user(
        root,
        "namer",
        allow("ec2:DeleteSecurityGroup", on=f"{arn}:security-group/{ids['one']}"),
        allow("ec2:ReleaseAddress", on=f"{arn}:elastic-ip/{addresses[0]['AllocationId']}"),
    ).client("ec2")
    for call in (
        lambda: ann.delete_security_group(GroupName="two"),
        lambda: ann.delete_security_group(GroupId=ids["one"], GroupName="two"),
        lambda: ann.release_address(AllocationId=addresses[1]["AllocationId"]),
        lambda: ann.release_address(PublicIp=addresses[1]["PublicIp"]),
    ):
        with pytest.raises(ClientError, match=NOT_ALLOWED):
            call()
    ann.delete_security_group(GroupName="one")
    ann.release_address(AllocationId=addresses[0]["AllocationId"])


def test_a_name_that_two_groups_have_names_neither(served: ServedWorld) -> None:
    root = served.root
    made = []
    for block in ("10.78", "10.79"):
        network = Network(root, block)
        group = {"GroupName": "twice", "Description": "x", "VpcId": network.vpc}
        made.append(root.client("ec2").create_security_group(**group)["GroupId"])
    ann = user(
        root, "twin", allow("ec2:DeleteSecurityGroup", on=f"arn:aws:ec2:{HERE}:security-group/{made[0]}")
    ).client("ec2")
    for person in (ann, root.client("ec2")):
        with pytest.raises(ClientError, match="say which by its ID"):
            person.delete_security_group(GroupName="twice")


def test_a_group_is_held_to_its_tags_and_its_template(served: ServedWorld) -> None:
    root = served.root
    network, ami = Network(root, "10.75"), image(root)
    root.client("ec2").create_launch_template(LaunchTemplateName="group", LaunchTemplateData={"ImageId": ami})
    scaling = root.client("autoscaling")
    sizes = {"MinSize": 0, "MaxSize": 1, "VPCZoneIdentifier": network.subnet}
    template = {"LaunchTemplateName": "group", "Version": "1"}
    for name in ("red", "blue"):
        tag = {"Key": "team", "Value": name, "ResourceId": name, "ResourceType": "auto-scaling-group"}
        scaling.create_auto_scaling_group(
            AutoScalingGroupName=name,
            LaunchTemplate=template,
            Tags=[{**tag, "PropagateAtLaunch": False}],
            **sizes,
        )
    ann = user(
        root,
        "scaler",
        allow("autoscaling:*", Condition={"StringEquals": {"autoscaling:ResourceTag/team": "red"}}),
        allow("autoscaling:CreateAutoScalingGroup"),
    ).client("autoscaling")
    ann.set_desired_capacity(AutoScalingGroupName="red", DesiredCapacity=0)
    with pytest.raises(ClientError, match="autoScalingGroupName/blue"):
        ann.set_desired_capacity(AutoScalingGroupName="blue", DesiredCapacity=0)
    with pytest.raises(ClientError, match="ec2:RunInstances"):
        ann.create_auto_scaling_group(AutoScalingGroupName="new", LaunchTemplate=template, **sizes)


def test_tasks_are_held_to_their_cluster_and_their_definition(served: ServedWorld) -> None:
    root = served.root
    network, ecs = Network(root, "10.76"), root.client("ecs")
    for name in ("prod", "dev"):
        ecs.create_cluster(clusterName=name)
        container = {"name": "a", "image": "x", "memory": 64}
        ecs.register_task_definition(family=name, containerDefinitions=[container])
        ecs.create_service(cluster=name, serviceName="api", taskDefinition=name, desiredCount=0)
    cluster = {"ArnEquals": {"ecs:cluster": f"arn:aws:ecs:{HERE}:cluster/dev"}}
    ann = user(
        root,
        "developer",
        allow("ecs:RunTask", on=f"arn:aws:ecs:{HERE}:task-definition/dev:1", Condition=cluster),
        allow("ecs:DeleteService", on=f"arn:aws:ecs:{HERE}:service/dev/*"),
    ).client("ecs")
    how = {
        "launchType": "FARGATE",
        "networkConfiguration": {"awsvpcConfiguration": {"subnets": [network.subnet]}},
    }
    ann.run_task(cluster="dev", taskDefinition="dev", **how)
    for cluster_name, definition in (("prod", "dev"), ("dev", "prod")):
        with refused("AccessDeniedException", 400):
            ann.run_task(cluster=cluster_name, taskDefinition=definition, **how)
    for where in ({"cluster": "prod"}, {"cluster": "prod", "service": f"arn:aws:ecs:{HERE}:service/dev/api"}):
        with pytest.raises(ClientError):
            ann.delete_service(**{"service": "api", **where})
    assert ecs.describe_services(cluster="prod", services=["api"])["services"][0]["status"] == "ACTIVE"
    ann.delete_service(cluster="dev", service="api")


def test_a_database_is_the_same_in_whatever_letters(served: ServedWorld) -> None:
    root = served.root
    made = {"DBInstanceClass": "db.t3.micro", "Engine": "mysql", "AllocatedStorage": 10}
    for name in ("prod", "dev"):
        root.client("rds").create_db_instance(
            DBInstanceIdentifier=name, MasterUsername="a", MasterUserPassword="password1", **made
        )
    ann = user(
        root,
        "dba",
        allow("rds:*", on=f"arn:aws:rds:{HERE}:*"),
        deny("rds:*", on=f"arn:aws:rds:{HERE}:db:prod"),
        deny("rds:CreateDBInstance", Condition={"StringNotEquals": {"rds:DatabaseEngine": "mysql"}}),
    ).client("rds")
    for name in ("prod", "PROD", "Prod", f"arn:aws:rds:{HERE}:db:PROD"):
        with pytest.raises(ClientError, match="explicit deny"):
            ann.delete_db_instance(DBInstanceIdentifier=name, SkipFinalSnapshot=True)
    ann.delete_db_instance(DBInstanceIdentifier="DEV", SkipFinalSnapshot=True)


def test_a_change_set_does_not_lead_to_another_stack(served: ServedWorld) -> None:
    root = served.root
    template = '{"Resources": {"Queue": {"Type": "AWS::SQS::Queue"}}}'
    cloud = root.client("cloudformation")
    change = {}
    for name in ("dev", "prod"):
        cloud.create_stack(StackName=name, TemplateBody=template)
        change[name] = cloud.create_change_set(
            StackName=name, ChangeSetName=f"of-{name}", TemplateBody=template
        )["Id"]
    ann = user(
        root, "stacker", allow("cloudformation:*", on=f"arn:aws:cloudformation:{HERE}:stack/dev/*")
    ).client("cloudformation")
    ann.describe_stacks(StackName="dev")
    for members in (
        {"StackName": "prod", "ChangeSetName": "of-prod"},
        {"StackName": "dev", "ChangeSetName": "of-prod"},
        {"StackName": "dev", "ChangeSetName": change["prod"]},
        {"ChangeSetName": change["prod"]},
    ):
        with pytest.raises(ClientError, match="stack/prod/"):
            ann.execute_change_set(**members)
    with pytest.raises(ClientError, match=NOT_ALLOWED):
        ann.describe_stacks()
    ann.execute_change_set(StackName="dev", ChangeSetName="of-dev")


def test_an_api_is_held_to_its_path_and_its_tags(served: ServedWorld) -> None:
    root = served.root
    apis = {
        team: root.client("apigateway").create_rest_api(name=team, tags={"team": team})["id"]
        for team in ("a", "b")
    }
    here = "arn:aws:apigateway:us-east-1::"
    ann = user(
        root,
        "designer",
        allow("apigateway:GET", on=f"{here}/restapis/{apis['b']}/resources"),
        allow(
            "apigateway:*",
            on=f"{here}/restapis/*",
            Condition={"StringEquals": {"aws:ResourceTag/team": "a"}},
        ),
        deny("apigateway:UpdateRestApiPolicy"),
    ).client("apigateway")
    ann.get_resources(restApiId=apis["a"])
    ann.get_resources(restApiId=apis["b"])
    ann.get_rest_api(restApiId=apis["a"])
    for call in (
        lambda: ann.get_rest_api(restApiId=apis["b"]),
        lambda: ann.delete_rest_api(restApiId=apis["b"]),
        lambda: ann.create_rest_api(name="c"),
        lambda: ann.update_rest_api(
            restApiId=apis["a"], patchOperations=[{"op": "replace", "path": "/policy", "value": "{}"}]
        ),
    ):
        with pytest.raises(ClientError, match="not authorized to perform: apigateway:"):
            call()


def test_tables_zones_and_certificates_are_held_to_their_names(served: ServedWorld) -> None:
    root = served.root
    glue, zones, certificates = (root.client(name) for name in ("glue", "route53", "acm"))
    glue.create_database(DatabaseInput={"Name": "shop"})
    for name in ("orders", "people"):
        glue.create_table(DatabaseName="shop", TableInput={"Name": name})
    zone = zones.create_hosted_zone(Name="example.com", CallerReference="1")["HostedZone"]["Id"].rpartition(
        "/"
    )[2]
    certificate = [
        certificates.request_certificate(DomainName=f"{name}.com")["CertificateArn"] for name in "ab"
    ]
    records = {
        "ForAllValues:StringLike": {
            "route53:ChangeResourceRecordSetsNormalizedRecordNames": ["*.dev.example.com"]
        }
    }
    client = user(
        root,
        "keeper",
        allow(
            "glue:GetTable",
            on=[f"arn:aws:glue:{HERE}:{tail}" for tail in ("catalog", "database/shop", "table/shop/orders")],
        ),
        allow(
            "route53:ChangeResourceRecordSets", on=f"arn:aws:route53:::hostedzone/{zone}", Condition=records
        ),
        allow("acm:DescribeCertificate", on=certificate[0]),
    ).client
    assert client("glue").get_table(DatabaseName="shop", Name="orders")["Table"]["Name"] == "orders"
    with pytest.raises(ClientError, match="table/shop/people"):
        client("glue").get_table(DatabaseName="shop", Name="people")

    def record(name: str) -> None:
        new = {"Name": name, "Type": "A", "TTL": 1, "ResourceRecords": [{"Value": "1.2.3.4"}]}
        batch = {"Changes": [{"Action": "UPSERT", "ResourceRecordSet": new}]}
        client("route53").change_resource_record_sets(HostedZoneId=zone, ChangeBatch=batch)

    record("WWW.dev.example.com.")
    with pytest.raises(ClientError, match=NOT_ALLOWED):
        record("www.example.com")
    client("acm").describe_certificate(CertificateArn=certificate[0])
    with pytest.raises(ClientError, match=NOT_ALLOWED):
        client("acm").describe_certificate(CertificateArn=certificate[1])


def test_a_load_balancer_is_held_to_its_tags(served: ServedWorld) -> None:
    root = served.root
    network = Network(root, "10.77")
    balancers = root.client("elbv2")
    groups = {
        team: balancers.create_target_group(
            Name=f"of-{team}",
            Protocol="HTTP",
            Port=80,
            VpcId=network.vpc,
            Tags=[{"Key": "team", "Value": team}],
        )["TargetGroups"][0]["TargetGroupArn"]
        for team in ("a", "b")
    }
    own = {"StringEquals": {"aws:ResourceTag/team": "a"}}
    ann = user(
        root,
        "balancer",
        allow(
            "elasticloadbalancing:*", on=f"arn:aws:elasticloadbalancing:{HERE}:targetgroup/*", Condition=own
        ),
        allow("elasticloadbalancing:CreateTargetGroup"),
    ).client("elbv2")
    ann.modify_target_group(TargetGroupArn=groups["a"], HealthCheckPath="/up")
    with refused("AccessDenied", 403, "targetgroup/of-b"):
        ann.modify_target_group(TargetGroupArn=groups["b"], HealthCheckPath="/up")
    made = {"Name": "new", "Protocol": "HTTP", "Port": 80, "VpcId": network.vpc}
    with refused("AccessDenied", 403, "elasticloadbalancing:AddTags"):
        ann.create_target_group(**made, Tags=[{"Key": "team", "Value": "a"}])
    ann.create_target_group(**made)
