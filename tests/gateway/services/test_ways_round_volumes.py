"""Ways round what a policy refuses of volumes, which what stands behind would go: none of them is open."""

from __future__ import annotations

from typing import Any

import pytest

from tests.gateway.served import ServedWorld
from tests.people import allow, deny, refused, user

IMAGE = "ami-12c6146b"
VOLUMES = "arn:aws:ec2:*:*:volume/*"


@pytest.fixture(scope="module")
def careful(served: ServedWorld) -> Any:
    """Somebody who may make no volume that is large or in the clear."""
    return user(
        served.root,
        "careful",
        allow("ec2:*"),
        deny("ec2:*", on=VOLUMES, Condition={"Bool": {"ec2:Encrypted": "false"}}),
        deny("ec2:*", on=VOLUMES, Condition={"NumericGreaterThan": {"ec2:VolumeSize": "100"}}),
    ).client("ec2")


def blocks(**volume: Any) -> Any:
    return [{"DeviceName": "/dev/sdb", "Ebs": volume}]


def test_a_volume_of_which_nothing_is_said_is_in_the_clear(careful: Any) -> None:
    with refused("UnauthorizedOperation", 403, "explicit deny"):
        careful.create_volume(AvailabilityZone="us-east-1a", Size=8)
    careful.create_volume(AvailabilityZone="us-east-1a", Size=8, Encrypted=True)
    with refused("UnauthorizedOperation", 403, "explicit deny"):
        careful.run_instances(ImageId=IMAGE, MinCount=1, MaxCount=1)
    with refused("UnauthorizedOperation", 403, "explicit deny"):
        careful.run_instances(ImageId=IMAGE, MinCount=1, MaxCount=1, BlockDeviceMappings=blocks(VolumeSize=8))
    careful.run_instances(
        ImageId=IMAGE, MinCount=1, MaxCount=1, BlockDeviceMappings=blocks(VolumeSize=8, Encrypted=True)
    )


def test_the_volumes_of_a_launch_template_are_asked_with_what_it_says(served: ServedWorld) -> None:
    person = user(
        served.root,
        "sparing",
        allow("ec2:*"),
        deny("ec2:*", on=VOLUMES, Condition={"NumericGreaterThan": {"ec2:VolumeSize": "100"}}),
    ).client("ec2")
    for name, size in (("large", 900), ("small", 8)):
        person.create_launch_template(
            LaunchTemplateName=name,
            LaunchTemplateData={"ImageId": IMAGE, "BlockDeviceMappings": blocks(VolumeSize=size)},
        )
    launch: Any = {"MinCount": 1, "MaxCount": 1}
    with refused("UnauthorizedOperation", 403, "explicit deny"):
        person.run_instances(**launch, LaunchTemplate={"LaunchTemplateName": "large"})
    person.run_instances(**launch, LaunchTemplate={"LaunchTemplateName": "small"})
    person.run_instances(
        **launch, LaunchTemplate={"LaunchTemplateName": "large"}, BlockDeviceMappings=blocks(VolumeSize=8)
    )


def test_what_is_encrypted_by_default_is_not_refused(served: ServedWorld, careful: Any) -> None:
    served.root.client("ec2").enable_ebs_encryption_by_default()
    try:
        careful.create_volume(AvailabilityZone="us-east-1a", Size=8)
        careful.run_instances(ImageId=IMAGE, MinCount=1, MaxCount=1)
    finally:
        served.root.client("ec2").disable_ebs_encryption_by_default()
