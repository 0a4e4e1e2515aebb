"""The tree of an instance's metadata."""

from __future__ import annotations

import msgspec
import pytest

from rolekeeper.iam.instance_metadata import Live, mac, tree, zone_id
from tests.service.workers import instance


def test_what_is_not_given_is_not_there() -> None:
    found = tree(instance(), "aws", has_profile=False, role=None, user_data=False)
    assert not [path for path in found if "iam" in path or "public" in path or "tags" in path]
    assert found[""] == "dynamic\nmeta-data"
    assert found["meta-data/"] == found["meta-data"]


def test_secrets_are_never_in_it() -> None:
    found = tree(instance(), "aws", has_profile=True, role="web", user_data=True)
    assert found["meta-data/iam/security-credentials/"] == "web"
    assert found["meta-data/iam/security-credentials/web"] is Live.CREDENTIALS
    assert found[""] == "dynamic\nmeta-data\nuser-data"
    assert "user-data" not in found


def test_a_partition_and_a_region() -> None:
    place = {"region": "cn-north-1", "availability_zone": "cn-north-1b", "private_ip": "10.0.0.7"}
    there = msgspec.structs.replace(instance(), **place)
    found = tree(there, "aws-cn", has_profile=False, role=None, user_data=False)
    assert found["meta-data/services/domain"] == "amazonaws.com.cn"
    assert found["meta-data/services/partition"] == "aws-cn"
    assert found["meta-data/hostname"] == "ip-10-0-0-7.cn-north-1.compute.internal"


@pytest.mark.parametrize(
    ("zone", "id"),
    [
        ("us-east-1a", "use1-az1"),
        ("eu-central-1c", "euc1-az3"),
        ("ap-southeast-2b", "apse2-az2"),
        ("us-gov-west-1a", "usgw1-az1"),
        ("somewhere", "somewhere"),
    ],
)
def test_the_id_of_a_zone(zone: str, id: str) -> None:
    assert zone_id(zone) == id


def test_a_hardware_address_is_local_and_an_instances_own() -> None:
    first, second = mac("i-1"), mac("i-2")
    assert first != second
    assert first == mac("i-1")
    assert int(first[:2], 16) & 0b11 == 0b10
