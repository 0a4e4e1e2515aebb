"""What EC2's requests ask for."""

from __future__ import annotations

from typing import Any

import pytest

from tests.gateway.asking import ACCOUNT, OTHER, REGION, tags
from tests.gateway.services.classified import (
    accesses,
    asks,
    embedded,
    inexact,
    looked_up,
    on,
    refused,
    said,
    whole,
)

EC2 = f"arn:aws:ec2:{REGION}"
AMI, SNAPSHOT = f"{EC2}::image/ami-1", f"{EC2}::snapshot/snap-1"
LAUNCH = {"ImageId": "ami-1", "MinCount": 1, "MaxCount": 1}
PLACED = {**LAUNCH, "SubnetId": "subnet-1", "SecurityGroupIds": ["sg-1"]}


def launched(**members: Any) -> set[str]:
    return set(on("ec2", "RunInstances", **LAUNCH, **members))


# -- refusals ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("id", ["vol-1/vol-2", "vol-1:x", "vol 1", "vol-1\n", "vol-*", "*", "é", AMI])
def test_what_is_no_id_names_nothing(id: str) -> None:
    refused("ec2", "DeleteVolume", VolumeId=id)


def test_an_operation_on_a_resource_that_names_none_is_refused() -> None:
    refused("ec2", "DeleteVolume")
    refused("ec2", "TerminateInstances", InstanceIds=[])
    refused("ec2", "AttachVolume", VolumeId="vol-1", Device="/dev/sdf")
    refused("ec2", "RunInstances", MinCount=1, MaxCount=1)
    refused("ec2", "DeleteSecurityGroup")


def test_tags_of_an_unknown_kind_of_thing_are_refused() -> None:
    for id in ("thing-1", "1", "vol-1:", "*"):
        refused("ec2", "CreateTags", Resources=[id], Tags=[{"Key": "a", "Value": "b"}])


def test_no_request_can_speak_of_a_launch_template_as_the_gateway_does() -> None:
    forged = "launch-template#lt-1#1#0#SecurityGroupIds"
    refused("ec2", "RunInstances", **LAUNCH, SubnetId="subnet-1", SecurityGroups=[forged])
    refused("ec2", "DeleteSecurityGroup", GroupName=forged)


def test_what_a_launch_names_of_other_services_has_to_be_theirs() -> None:
    for arn in ("x", f"arn:aws:s3:::license-configuration:{'1' * 12}", AMI):
        refused("ec2", "RunInstances", **PLACED, LicenseSpecifications=[{"LicenseConfigurationArn": arn}])
        refused("ec2", "RunInstances", **PLACED, Placement={"HostResourceGroupArn": arn})
    group = f"arn:aws:resource-groups:{REGION}:{ACCOUNT}:group/hosts"
    assert "group/hosts" in on("ec2", "RunInstances", **PLACED, Placement={"HostResourceGroupArn": group})


def test_a_name_that_two_groups_have_is_refused() -> None:
    two = {"DescribeSecurityGroups": {"SecurityGroups": [{"GroupId": "sg-1"}, {"GroupId": "sg-2"}]}}
    with pytest.raises(Exception, match="say which by its ID"):
        whole("ec2", two, "DeleteSecurityGroup", GroupName="web")


# -- resources by their IDs -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("operation", "members", "resources"),
    [
        ("DeleteVolume", {"VolumeId": "vol-1"}, ["volume/vol-1"]),
        ("AttachVolume", {"VolumeId": "vol-1", "InstanceId": "i-1"}, ["instance/i-1", "volume/vol-1"]),
        ("TerminateInstances", {"InstanceIds": ["i-1", "i-2", "i-1"]}, ["instance/i-1", "instance/i-2"]),
        ("DeleteNetworkAcl", {"NetworkAclId": "acl-1"}, ["network-acl/acl-1"]),
        ("DeleteFlowLogs", {"FlowLogIds": ["fl-1"]}, ["vpc-flow-log/fl-1"]),
        ("ReleaseHosts", {"HostIds": ["h-1"]}, ["dedicated-host/h-1"]),
        ("DeregisterImage", {"ImageId": "ami-1"}, [AMI]),
        ("DeleteSnapshot", {"SnapshotId": "snap-1"}, [SNAPSHOT]),
        ("CreateSecurityGroup", {"GroupName": "web", "VpcId": "vpc-1"}, ["security-group/*", "vpc/vpc-1"]),
        ("CreateKeyPair", {"KeyName": "my key"}, ["key-pair/my key"]),
        ("CreateVolume", {"AvailabilityZone": "eu-west-1a", "SnapshotId": "snap-1"}, [SNAPSHOT, "volume/*"]),
        (
            "CreateSubnet",
            {"VpcId": "vpc-1", "Ipv4IpamPoolId": "ipam-pool-1"},
            ["ipam-pool/ipam-pool-1", "subnet/*", "vpc/vpc-1"],
        ),
        (
            "AssociateRouteTable",
            {"RouteTableId": "rtb-1", "GatewayId": "vgw-1"},
            ["route-table/rtb-1", "vpn-gateway/vgw-1"],
        ),
        (
            "CreateFlowLogs",
            {"ResourceIds": ["tgw-1", "tgw-attach-1", "vpc-1"], "ResourceType": "VPC"},
            [
                "transit-gateway/tgw-1",
                "transit-gateway-attachment/tgw-attach-1",
                "vpc/vpc-1",
                "vpc-flow-log/*",
            ],
        ),
        (
            "ModifyVpcEndpoint",
            {"VpcEndpointId": "vpce-1", "AddSubnetIds": ["subnet-1"], "RemoveSubnetIds": ["subnet-2"]},
            ["subnet/subnet-1", "subnet/subnet-2", "vpc-endpoint/vpce-1"],
        ),
        (
            "ModifySecurityGroupRules",
            {"GroupId": "sg-1", "SecurityGroupRules": [{"SecurityGroupRuleId": "sgr-1"}]},
            ["security-group/sg-1", "security-group-rule/sgr-1"],
        ),
        (
            "CreateNatGateway",
            {"SubnetId": "subnet-1", "AllocationId": "eipalloc-1", "SecondaryAllocationIds": ["eipalloc-2"]},
            ["elastic-ip/eipalloc-1", "elastic-ip/eipalloc-2", "natgateway/*", "subnet/subnet-1"],
        ),
        (
            "CopySnapshot",
            {"SourceSnapshotId": "snap-1", "SourceRegion": "us-east-1"},
            [f"{EC2}::snapshot/*", "arn:aws:ec2:us-east-1::snapshot/snap-1"],
        ),
        ("DescribeInstances", {"InstanceIds": ["i-1"]}, ["*"]),
        ("CreateVpc", {"CidrBlock": "10.0.0.0/16"}, ["vpc/*"]),
        (
            "CreateVpcPeeringConnection",
            {"VpcId": "vpc-1", "PeerVpcId": "vpc-2"},
            ["vpc/vpc-1", "vpc-peering-connection/*"],
        ),
    ],
)
def test_an_operation_is_asked_on_what_it_names(
    operation: str, members: dict[str, Any], resources: list[str]
) -> None:
    assert on("ec2", operation, **members) == resources


@pytest.mark.parametrize(
    ("operation", "members", "answers", "resources"),
    [
        (
            "DeleteSecurityGroup",
            {"GroupName": "web"},
            {"DescribeSecurityGroups": {"SecurityGroups": [{"GroupId": "sg-7"}]}},
            ["security-group/sg-7"],
        ),
        (
            "DeleteKeyPair",
            {"KeyPairId": "key-1"},
            {"DescribeKeyPairs": {"KeyPairs": [{"KeyName": "mine"}]}},
            ["key-pair/mine"],
        ),
        (
            "ReleaseAddress",
            {"PublicIp": "1.2.3.4"},
            {"DescribeAddresses": {"Addresses": [{"AllocationId": "eipalloc-1"}]}},
            ["elastic-ip/eipalloc-1"],
        ),
        (
            "DetachNetworkInterface",
            {"AttachmentId": "eni-attach-1"},
            {
                "DescribeNetworkInterfaces": {
                    "NetworkInterfaces": [
                        {"NetworkInterfaceId": "eni-1", "Attachment": {"InstanceId": "i-1"}}
                    ]
                }
            },
            ["instance/i-1", "network-interface/eni-1"],
        ),
        (
            "DisassociateIamInstanceProfile",
            {"AssociationId": "iip-assoc-1"},
            {
                "DescribeIamInstanceProfileAssociations": {
                    "IamInstanceProfileAssociations": [{"InstanceId": "i-1"}]
                }
            },
            ["instance/i-1"],
        ),
        (
            "DisassociateRouteTable",
            {"AssociationId": "rtbassoc-1"},
            {
                "DescribeRouteTables": {
                    "RouteTables": [
                        {
                            "RouteTableId": "rtb-1",
                            "Associations": [
                                {"RouteTableAssociationId": "rtbassoc-2", "SubnetId": "subnet-2"},
                                {"RouteTableAssociationId": "rtbassoc-1", "SubnetId": "subnet-1"},
                            ],
                        }
                    ]
                }
            },
            ["route-table/rtb-1", "subnet/subnet-1"],
        ),
        (
            "AcceptVpcPeeringConnection",
            {"VpcPeeringConnectionId": "pcx-1"},
            {
                "DescribeVpcPeeringConnections": {
                    "VpcPeeringConnections": [{"AccepterVpcInfo": {"VpcId": "vpc-2"}}]
                }
            },
            ["vpc/vpc-2", "vpc-peering-connection/pcx-1"],
        ),
        (
            "DeleteLaunchTemplate",
            {"LaunchTemplateName": "web"},
            {"DescribeLaunchTemplates": {"LaunchTemplates": [{"LaunchTemplateId": "lt-1"}]}},
            ["launch-template/lt-1"],
        ),
        (
            "DisassociateSubnetCidrBlock",
            {"AssociationId": "subnet-cidr-assoc-2"},
            {
                "DescribeSubnets": {
                    "Subnets": [
                        {"SubnetId": "subnet-1"},
                        {
                            "SubnetId": "subnet-2",
                            "Ipv6CidrBlockAssociationSet": [{"AssociationId": "subnet-cidr-assoc-2"}],
                        },
                    ]
                }
            },
            ["subnet/subnet-2"],
        ),
        ("ReleaseAddress", {"PublicIp": "1.2.3.4"}, {}, ["elastic-ip/*"]),
    ],
)
def test_what_is_called_otherwise_is_found(
    operation: str, members: dict[str, Any], answers: dict[str, Any], resources: list[str]
) -> None:
    assert whole("ec2", answers, operation, **members) == resources


def test_snapshots_of_an_instance_are_asked_on_each_of_its_volumes() -> None:
    taken = {"InstanceSpecification": {"InstanceId": "i-1"}}
    volumes = {"DescribeVolumes": {"Volumes": [{"VolumeId": "vol-1"}, {"VolumeId": "vol-2"}]}}
    found = set(whole("ec2", volumes, "CreateSnapshots", **taken))
    assert found == {"instance/i-1", f"{EC2}::snapshot/*", "volume/vol-1", "volume/vol-2"}
    assert "volume/*" in whole("ec2", {}, "CreateSnapshots", **taken)
    many = {"DescribeVolumes": {"Volumes": [{"VolumeId": f"vol-{number}"} for number in range(29)]}}
    with pytest.raises(Exception, match="take snapshots of each"):
        whole("ec2", many, "CreateSnapshots", **taken)


# -- launches ---------------------------------------------------------------------------------------


def test_a_launch_is_asked_on_all_that_it_is_made_of() -> None:
    found = launched(
        SubnetId="subnet-1",
        SecurityGroupIds=["sg-1", "sg-2"],
        KeyName="mine",
        Placement={"GroupName": "near"},
        BlockDeviceMappings=[{"DeviceName": "/dev/sdf", "Ebs": {"SnapshotId": "snap-1"}}],
    )
    assert found == {
        AMI,
        "instance/*",
        "key-pair/mine",
        "network-interface/*",
        "placement-group/near",
        "security-group/sg-1",
        "security-group/sg-2",
        SNAPSHOT,
        "subnet/subnet-1",
        "volume/*",
    }


def test_a_launch_with_interfaces_is_asked_on_what_these_say() -> None:
    found = launched(
        NetworkInterfaces=[
            {"DeviceIndex": 0, "SubnetId": "subnet-1", "Groups": ["sg-1"]},
            {"DeviceIndex": 1, "NetworkInterfaceId": "eni-1"},
        ]
    )
    assert {
        "network-interface/*",
        "network-interface/eni-1",
        "subnet/subnet-1",
        "security-group/sg-1",
    } < found


def test_a_launch_that_says_no_subnet_is_in_the_default_one() -> None:
    answers = {
        "DescribeSubnets": {"Subnets": [{"SubnetId": "subnet-9", "VpcId": "vpc-9"}]},
        "DescribeSecurityGroups": {"SecurityGroups": [{"GroupId": "sg-9"}]},
    }
    found = whole("ec2", answers, "RunInstances", **LAUNCH)
    assert {"subnet/subnet-9", "security-group/sg-9"} < set(found)
    assert {"subnet/*", "security-group/*"} < set(whole("ec2", {}, "RunInstances", **LAUNCH))


def test_what_a_launch_template_says_is_asked_too() -> None:
    data = {
        "ImageId": "ami-7",
        "KeyName": "theirs",
        "InstanceType": "m5.large",
        "NetworkInterfaces": [{"SubnetId": "subnet-7", "Groups": ["sg-7", "sg-8"]}],
    }
    answers = {"DescribeLaunchTemplateVersions": {"LaunchTemplateVersions": [{"LaunchTemplateData": data}]}}
    launch = {"MinCount": 1, "MaxCount": 1, "LaunchTemplate": {"LaunchTemplateId": "lt-1", "Version": "3"}}
    found = set(whole("ec2", answers, "RunInstances", **launch))
    assert found == {
        f"{EC2}::image/ami-7",
        "instance/*",
        "key-pair/theirs",
        "launch-template/lt-1",
        "network-interface/*",
        "security-group/sg-7",
        "security-group/sg-8",
        "subnet/subnet-7",
        "volume/*",
    }
    assert looked_up("ec2", "ec2:instancetype", "instance", answers, "RunInstances", **launch) == "m5.large"


def test_a_launch_says_what_its_template_says_and_what_it_says_itself() -> None:
    launch = {"MinCount": 1, "MaxCount": 1, "LaunchTemplate": {"LaunchTemplateName": "web"}}
    found = accesses("ec2", "RunInstances", **launch, SubnetId="subnet-1", InstanceType="m5.large")
    theirs = {each.type: each.keys["ec2:islaunchtemplateresource"] for each in found}
    assert (theirs["instance"], theirs["subnet"]) == ("false", "false")
    assert (theirs["image"], theirs["volume"], theirs["launch-template"]) == ("true", "true", "true")
    answers = {"DescribeLaunchTemplates": {"LaunchTemplates": [{"LaunchTemplateId": "lt-1"}]}}
    named = looked_up("ec2", "ec2:launchtemplate", "image", answers, "RunInstances", **launch)
    assert named == f"{EC2}:{ACCOUNT}:launch-template/lt-1"
    plain = accesses("ec2", "RunInstances", **PLACED)
    assert not any("ec2:islaunchtemplateresource" in each.keys for each in plain)
    both = {"LaunchTemplateName": "web", "LaunchTemplateId": "lt-1"}
    refused("ec2", "RunInstances", MinCount=1, MaxCount=1, LaunchTemplate=both)


def test_an_id_of_a_group_is_one_wherever_it_stands() -> None:
    assert "security-group/sg-7" in launched(SubnetId="subnet-1", SecurityGroups=["sg-7"])
    assert on("ec2", "DeleteSecurityGroup", GroupName="sg-7") == ["security-group/sg-7"]


def test_groups_of_a_template_are_asked_beside_those_that_a_launch_names() -> None:
    data = {"ImageId": "ami-7", "SecurityGroupIds": ["sg-7"], "SecurityGroups": ["web"]}
    answers = {
        "DescribeLaunchTemplateVersions": {"LaunchTemplateVersions": [{"LaunchTemplateData": data}]},
        "DescribeSecurityGroups": {"SecurityGroups": [{"GroupId": "sg-8"}]},
    }
    launch = {"MinCount": 1, "MaxCount": 1, "LaunchTemplate": {"LaunchTemplateId": "lt-1"}}
    interfaces = [{"SubnetId": "subnet-1", "Groups": ["sg-1"]}]
    found = whole("ec2", answers, "RunInstances", **launch, NetworkInterfaces=interfaces)
    groups = {each for each in found if each.startswith("security-group/")}
    assert groups == {"security-group/sg-1", "security-group/sg-7", "security-group/sg-8"}
    bare = {
        "DescribeLaunchTemplateVersions": {
            "LaunchTemplateVersions": [{"LaunchTemplateData": {"ImageId": "ami-7"}}]
        }
    }
    found = whole("ec2", bare, "RunInstances", **launch, NetworkInterfaces=interfaces)
    assert {each for each in found if each.startswith("security-group/")} == {"security-group/sg-1"}
    found = whole("ec2", answers, "RunInstances", **launch, SecurityGroupIds=["sg-1"])
    assert {each for each in found if each.startswith("security-group/")} == {"security-group/sg-1"}


def test_a_fleet_is_asked_as_its_launches_too() -> None:
    template = {"LaunchTemplateId": "lt-1", "Version": "1"}
    overrides = [
        {"InstanceType": "m5.large", "SubnetId": "subnet-1, subnet-2"},
        {"InstanceType": "p5.48xlarge"},
    ]
    configs = [{"LaunchTemplateSpecification": template, "Overrides": overrides}]
    found = accesses("ec2", "CreateFleet", LaunchTemplateConfigs=configs)
    launches = [each for each in found if each.action == "ec2:RunInstances"]
    types = {each.keys["ec2:instancetype"] for each in launches if each.type == "instance"}
    assert types == {"m5.large", "p5.48xlarge"}
    subnets = {
        each.resource.rpartition("/")[2] for each in launches if each.type == "subnet" and not each.named
    }
    assert subnets == {"subnet-1", "subnet-2"}
    assert "ec2:CreateFleet fleet/*" in asks("ec2", "CreateFleet", LaunchTemplateConfigs=configs)


def test_an_image_may_be_called_by_a_parameter() -> None:
    answers = {"GetParameter": {"Parameter": {"Value": "ami-5"}}}
    launch = {**PLACED, "ImageId": "resolve:ssm:/images/web"}
    assert f"{EC2}::image/ami-5" in whole("ec2", answers, "RunInstances", **launch)
    assert f"{EC2}::image/*" in whole("ec2", {}, "RunInstances", **launch)


def test_the_keys_of_a_launch_are_those_of_what_they_are_about() -> None:
    members = {
        **PLACED,
        "InstanceType": "t3.micro",
        "MetadataOptions": {"HttpTokens": "required"},
        "IamInstanceProfile": {"Name": "web"},
    }
    instance = said("ec2", "instance", "RunInstances", **members)
    assert instance["ec2:instancetype"] == "t3.micro"
    assert instance["ec2:metadatahttptokens"] == "required"
    assert instance["ec2:tenancy"] == "default"
    assert instance["ec2:instanceprofile"] == f"arn:aws:iam::{ACCOUNT}:instance-profile/web"
    image = said("ec2", "image", "RunInstances", **members)
    assert "ec2:instancetype" not in image
    assert image["ec2:region"] == REGION
    interface = said("ec2", "network-interface", "RunInstances", **members)
    assert interface["ec2:subnet"] == f"{EC2}:{ACCOUNT}:subnet/subnet-1"


def test_each_volume_of_a_launch_is_asked_with_its_own_keys() -> None:
    blocks = [
        {"DeviceName": "/dev/sda", "Ebs": {"VolumeType": "gp3", "VolumeSize": 8, "Encrypted": True}},
        {"DeviceName": "/dev/sdb", "Ebs": {"VolumeType": "io2", "VolumeSize": 900}},
    ]
    found = accesses("ec2", "RunInstances", **PLACED, BlockDeviceMappings=blocks)
    volumes = [each.keys for each in found if each.type == "volume"]
    assert [each["ec2:volumetype"] for each in volumes] == ["gp3", "io2"]
    assert volumes[0]["ec2:encrypted"] == "true"
    assert [each["ec2:volumesize"] for each in volumes] == ["8", "900"]


# -- tags -------------------------------------------------------------------------------------------


def test_tags_at_a_launch_are_asked_as_tagging_too() -> None:
    found = accesses(
        "ec2",
        "RunInstances",
        **PLACED,
        TagSpecifications=[
            {"ResourceType": "instance", "Tags": [{"Key": "Team", "Value": "a"}]},
            {"ResourceType": "volume", "Tags": [{"Key": "cost", "Value": "7"}]},
        ],
    )
    tagging = {each.type: dict(each.keys) for each in found if each.action == "ec2:CreateTags"}
    assert set(tagging) == {"instance", "volume"}
    assert tagging["instance"]["ec2:createaction"] == "RunInstances"
    assert tagging["instance"]["aws:requesttag/team"] == "a"
    assert tagging["instance"]["aws:tagkeys"] == ("Team",)
    assert "aws:requesttag/team" not in tagging["volume"]
    own = {each.type: each.keys for each in found if each.action == "ec2:RunInstances"}
    assert own["volume"]["aws:requesttag/cost"] == "7"
    assert "aws:requesttag/cost" not in own["instance"]
    assert not any(key.startswith("aws:requesttag") for key in own["image"])


def test_tags_that_are_said_to_be_for_something_else_are_refused() -> None:
    for kind in ("instance", "thing", ""):
        tags = [{"ResourceType": kind, "Tags": [{"Key": "a", "Value": "b"}]}]
        refused("ec2", "CreateVpc", CidrBlock="10.0.0.0/16", TagSpecifications=tags)
        fleet = {"SpotFleetRequestConfig": {"TagSpecifications": [{"ResourceType": "thing"}]}}
        refused("ec2", "RequestSpotFleet", **fleet)


def test_tags_inside_of_a_fleets_request_are_asked_as_tagging() -> None:
    tags = [{"ResourceType": "instance", "Tags": [{"Key": "Team", "Value": "a"}]}]
    fleet = {"SpotFleetRequestConfig": {"TagSpecifications": tags}}
    found = accesses("ec2", "RequestSpotFleet", **fleet)[-1]
    assert (found.action, found.type) == ("ec2:CreateTags", "instance")
    assert found.keys["aws:requesttag/team"] == "a"
    assert found.keys["ec2:createaction"] == "RequestSpotFleet"


def test_an_operation_of_which_nothing_is_said_asks_for_its_tags_by_the_reference() -> None:
    tags = [{"ResourceType": "ipam", "Tags": [{"Key": "a", "Value": "b"}]}]
    assert asks("ec2", "ModifyIpam", IpamId="ipam-1") == ["ec2:ModifyIpam ipam/ipam-1"]
    assert asks("ec2", "CreateIpam", TagSpecifications=tags) == [
        "ec2:CreateIpam ipam/*",
        "ec2:CreateTags ipam/*",
    ]


def test_what_is_made_without_tags_asks_for_no_tagging() -> None:
    assert asks("ec2", "CreateVpc", CidrBlock="10.0.0.0/16") == ["ec2:CreateVpc vpc/*"]
    tagged = [{"ResourceType": "vpc", "Tags": [{"Key": "a", "Value": "b"}]}]
    assert asks("ec2", "CreateVpc", CidrBlock="10.0.0.0/16", TagSpecifications=tagged) == [
        "ec2:CreateVpc vpc/*",
        "ec2:CreateTags vpc/*",
    ]


def test_tags_are_asked_on_each_resource_by_the_beginning_of_its_id() -> None:
    ids = ["i-1", "vol-1", "ami-1", "tgw-attach-1", "tgw-rtb-1", "vpce-svc-1", "fleet-1-2-3"]
    assert on("ec2", "CreateTags", Resources=ids, Tags=[{"Key": "a", "Value": "b"}]) == [
        "instance/i-1",
        "volume/vol-1",
        AMI,
        "transit-gateway-attachment/tgw-attach-1",
        "transit-gateway-route-table/tgw-rtb-1",
        "vpc-endpoint-service/vpce-svc-1",
        "fleet/fleet-1-2-3",
    ]
    assert "ec2:createaction" not in accesses("ec2", "CreateTags", Resources=["i-1"])[0].keys


def test_a_key_pair_is_tagged_by_its_id_and_named_by_its_name() -> None:
    answers = {"DescribeKeyPairs": {"KeyPairs": [{"KeyName": "mine"}]}}
    assert whole("ec2", answers, "DeleteTags", Resources=["key-1"]) == ["key-pair/mine"]


def test_the_tags_of_a_resource_are_those_that_ec2_describes() -> None:
    answers = {
        "DescribeTags": {"Tags": [{"Key": "a", "Value": "b"}]},
        "DescribeKeyPairs": {"KeyPairs": [{"Tags": [{"Key": "k", "Value": "v"}]}]},
    }
    assert tags("ec2", "volume", f"{EC2}:{ACCOUNT}:volume/vol-1", answers) == {"a": "b"}
    assert tags("ec2", "key-pair", f"{EC2}:{ACCOUNT}:key-pair/mine", answers) == {"k": "v"}
    assert tags("ec2", "volume", f"{EC2}:{ACCOUNT}:volume/*", answers) == {}
    assert tags("ec2", "volume", f"{EC2}:{ACCOUNT}:volume/vol-1", {}) == {}


# -- keys -------------------------------------------------------------------------------------------


def test_changes_of_attributes_say_which() -> None:
    found = said("ec2", "instance", "ModifyInstanceAttribute", InstanceId="i-1", InstanceType={"Value": "p5"})
    assert found["ec2:attribute"] == "InstanceType"
    assert found["ec2:attribute/instancetype"] == "p5"
    assert "ec2:instancetype" not in found
    old = said(
        "ec2", "instance", "ModifyInstanceAttribute", InstanceId="i-1", Attribute="userData", Value="x"
    )
    assert old["ec2:attribute"] == "userData"


def test_sharing_a_snapshot_says_with_whom() -> None:
    change = {"Add": [{"UserId": OTHER}, {"Group": "all"}]}
    found = said(
        "ec2", "snapshot", "ModifySnapshotAttribute", SnapshotId="snap-1", CreateVolumePermission=change
    )
    assert found["ec2:add/userid"] == (OTHER,)
    assert found["ec2:add/group"] == ("all",)


def test_a_peering_says_both_networks() -> None:
    found = said(
        "ec2",
        "vpc-peering-connection",
        "CreateVpcPeeringConnection",
        VpcId="vpc-1",
        PeerVpcId="vpc-2",
        PeerOwnerId=OTHER,
        PeerRegion="us-east-1",
    )
    assert found["ec2:requestervpc"] == f"{EC2}:{ACCOUNT}:vpc/vpc-1"
    assert found["ec2:acceptervpc"] == f"arn:aws:ec2:us-east-1:{OTHER}:vpc/vpc-2"


def test_the_network_of_a_resource_is_looked_up() -> None:
    answers = {
        "DescribeSecurityGroups": {"SecurityGroups": [{"GroupId": "sg-1", "VpcId": "vpc-1"}]},
        "DescribeSubnets": {"Subnets": [{"SubnetId": "subnet-1", "VpcId": "vpc-1"}]},
    }
    vpc = f"{EC2}:{ACCOUNT}:vpc/vpc-1"
    assert (
        looked_up("ec2", "ec2:vpc", "security-group", answers, "DeleteSecurityGroup", GroupId="sg-1") == vpc
    )
    assert looked_up("ec2", "ec2:vpc", "network-interface", answers, "RunInstances", **PLACED) == vpc
    assert looked_up("ec2", "ec2:vpc", "instance", answers, "RunInstances", **PLACED) is None
    assert looked_up("ec2", "ec2:vpc", "security-group", {}, "DeleteSecurityGroup", GroupId="sg-1") is None


def test_what_an_instance_is_like_is_looked_up() -> None:
    described = {"InstanceType": "p5", "EbsOptimized": False, "Placement": {"Tenancy": "default"}}
    answers = {"DescribeInstances": {"Reservations": [{"Instances": [described]}]}}
    stop = {"InstanceIds": ["i-1"]}
    assert looked_up("ec2", "ec2:instancetype", "instance", answers, "StopInstances", **stop) == "p5"
    assert looked_up("ec2", "ec2:ebsoptimized", "instance", answers, "StopInstances", **stop) == "false"
    assert looked_up("ec2", "ec2:instanceid", "instance", answers, "StopInstances", **stop) == "i-1"


# -- all of them ------------------------------------------------------------------------------------


def test_every_operation_that_the_embedded_backend_has_is_exact_or_on_nothing_in_particular() -> None:
    """What AWS's reference gives no resource types is on `*`; there is nothing else that is not exact."""
    found = inexact("ec2")
    assert set(found.values()) <= {"*"}
    kept = [name for name in found if not name.startswith(("Describe", "Get"))]
    assert kept == [
        "BundleInstance",
        "CancelBundleTask",
        "CancelReservedInstancesListing",
        "CreateDefaultSubnet",
        "CreateDefaultVpc",
        "CreateReservedInstancesListing",
        "CreateSpotDatafeedSubscription",
        "DeleteSpotDatafeedSubscription",
        "DeleteSubnetCidrReservation",
        "DisableEbsEncryptionByDefault",
        "EnableEbsEncryptionByDefault",
        "ModifyEbsDefaultKmsKeyId",
        "PurchaseReservedInstancesOffering",
    ]
    assert len(embedded("ec2")) > 250
