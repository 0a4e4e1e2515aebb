"""What requests to Route 53 ask for."""

from __future__ import annotations

from typing import Any

import pytest

from rolekeeper.gateway.services import route53
from tests.gateway.asking import tags
from tests.gateway.services.classified import inexact, on, refused, said

ZONE = "arn:aws:route53:::hostedzone/Z1"


@pytest.mark.parametrize(
    "id", ["", "Z1/x", "/healthcheck/Z1", "Z*", "*", "Z:1", "arn:aws:route53:::change/C1"]
)
def test_what_is_no_zone_is_refused(id: str) -> None:
    refused("route53", "DeleteHostedZone", Id=id)


def test_tags_of_unknown_things_are_refused() -> None:
    refused("route53", "ChangeTagsForResource", ResourceType="domain", ResourceId="x")
    refused("route53", "ListTagsForResource", ResourceId="x")


@pytest.mark.parametrize(
    ("operation", "members", "resources"),
    [
        ("DeleteHostedZone", {"Id": "Z1"}, [ZONE]),
        ("GetHostedZone", {"Id": "/hostedzone/Z1"}, [ZONE]),
        ("ListResourceRecordSets", {"HostedZoneId": "Z1"}, [ZONE]),
        ("GetChange", {"Id": "/change/C1"}, ["arn:aws:route53:::change/C1"]),
        ("DeleteHealthCheck", {"HealthCheckId": "a-1"}, ["arn:aws:route53:::healthcheck/a-1"]),
        (
            "ChangeTagsForResource",
            {"ResourceType": "healthcheck", "ResourceId": "a-1"},
            ["arn:aws:route53:::healthcheck/a-1"],
        ),
        (
            "ListTagsForResources",
            {"ResourceType": "hostedzone", "ResourceIds": ["Z1", "Z2"]},
            [ZONE, "arn:aws:route53:::hostedzone/Z2"],
        ),
        ("ListQueryLoggingConfigs", {}, ["arn:aws:route53:::hostedzone/*"]),
        ("DeleteReusableDelegationSet", {"Id": "N1"}, ["arn:aws:route53:::delegationset/N1"]),
        ("ListHostedZones", {}, ["*"]),
    ],
)
def test_an_operation_is_asked_on_what_it_names(
    operation: str, members: dict[str, Any], resources: list[str]
) -> None:
    assert on("route53", operation, **members) == resources


def test_changes_of_records_say_which() -> None:
    changes = [
        {"Action": "UPSERT", "ResourceRecordSet": {"Name": "WWW.Example.com.", "Type": "A"}},
        {"Action": "DELETE", "ResourceRecordSet": {"Name": "*.example.com", "Type": "TXT"}},
    ]
    found = said(
        "route53",
        "hostedzone",
        "ChangeResourceRecordSets",
        HostedZoneId="Z1",
        ChangeBatch={"Changes": changes},
    )
    assert found["route53:changeresourcerecordsetsactions"] == ("UPSERT", "DELETE")
    assert found["route53:changeresourcerecordsetsrecordtypes"] == ("A", "TXT")
    names = found["route53:changeresourcerecordsetsnormalizedrecordnames"]
    assert names == ("www.example.com", "\\052.example.com")


def test_a_network_is_said_with_its_region() -> None:
    network = {"VPCId": "vpc-1", "VPCRegion": "eu-west-1"}
    found = said("route53", "hostedzone", "AssociateVPCWithHostedZone", HostedZoneId="Z1", VPC=network)
    assert found["route53:vpcs"] == "VPCId=vpc-1,VPCRegion=eu-west-1"


def test_tags_are_read_from_what_stands_behind() -> None:
    answers = {"ListTagsForResource": {"ResourceTagSet": {"Tags": [{"Key": "a", "Value": "b"}]}}}
    assert tags("route53", "hostedzone", ZONE, answers) == {"a": "b"}


def test_every_operation_that_the_embedded_backend_has_is_exact_or_on_nothing_in_particular() -> None:
    assert inexact("route53") == dict.fromkeys(
        (
            "CreateHealthCheck",
            "CreateHostedZone",
            "CreateReusableDelegationSet",
            "GetHostedZoneCount",
            "ListHealthChecks",
            "ListHostedZones",
            "ListHostedZonesByName",
            "ListHostedZonesByVPC",
            "ListReusableDelegationSets",
        ),
        "*",
    )


def test_a_letter_that_is_written_as_a_code_is_that_letter() -> None:
    assert route53.normalized(r"\141dmin.Example.com.") == "admin.example.com"
    assert route53.normalized(r"\101dmin.example.com") == "admin.example.com"
    assert route53.normalized(r"\052.example.com") == route53.normalized("*.example.com")
    assert route53.normalized(r"a\056b.example.com") == r"a\056b.example.com"
    assert route53.normalized(r"a\b") == r"a\134b"
