"""What requests to Classic Load Balancers ask for."""

from __future__ import annotations

import pytest

from tests.gateway.asking import ACCOUNT, REGION, tags
from tests.gateway.services.classified import accesses, asks, inexact, on, refused, said

NEW = {"LoadBalancerName": "web", "Listeners": [{"Protocol": "HTTPS", "LoadBalancerPort": 443}]}
ARN = f"arn:aws:elasticloadbalancing:{REGION}:{ACCOUNT}:loadbalancer/web"


@pytest.mark.parametrize("name", ["app/web", "web/1", "web*", "web:1", "", "a b"])
def test_what_is_no_name_is_refused(name: str) -> None:
    refused("elb", "DeleteLoadBalancer", LoadBalancerName=name)


def test_an_operation_is_asked_on_its_load_balancers() -> None:
    assert on("elb", "DeleteLoadBalancer", LoadBalancerName="web") == ["loadbalancer/web"]
    tags = [{"Key": "a", "Value": "b"}]
    assert on("elb", "AddTags", LoadBalancerNames=["a", "b"], Tags=tags) == [
        "loadbalancer/a",
        "loadbalancer/b",
    ]
    assert on("elb", "DescribeLoadBalancers", LoadBalancerNames=["a"]) == ["*"]


def test_tags_of_a_new_load_balancer_are_asked_as_tagging() -> None:
    assert asks("elb", "CreateLoadBalancer", **NEW) == [
        "elasticloadbalancing:CreateLoadBalancer loadbalancer/web"
    ]
    made, tagged = accesses("elb", "CreateLoadBalancer", **NEW, Tags=[{"Key": "team", "Value": "a"}])
    assert (tagged.action, tagged.resource) == ("elasticloadbalancing:AddTags", ARN)
    assert tagged.keys["elasticloadbalancing:createaction"] == "CreateLoadBalancer"
    assert tagged.keys["aws:requesttag/team"] == made.keys["aws:requesttag/team"] == "a"


def test_a_new_load_balancer_says_where_it_is_and_what_it_listens_to() -> None:
    found = said(
        "elb", "loadbalancer", "CreateLoadBalancer", **NEW, Subnets=["subnet-1"], SecurityGroups=["sg-1"]
    )
    assert found["elasticloadbalancing:scheme"] == "internet-facing"
    assert found["elasticloadbalancing:listenerprotocol"] == ("HTTPS",)
    assert found["elasticloadbalancing:subnet"] == ("subnet-1",)
    assert found["elasticloadbalancing:securitygroup"] == ("sg-1",)


def test_tags_are_read_from_what_stands_behind() -> None:
    answers = {"DescribeTags": {"TagDescriptions": [{"Tags": [{"Key": "a", "Value": "b"}]}]}}
    assert tags("elb", "loadbalancer", ARN, answers) == {"a": "b"}
    assert tags("elb", "loadbalancer", ARN, {}) == {}


def test_only_descriptions_are_on_nothing_in_particular() -> None:
    assert inexact("elb") == dict.fromkeys(
        (
            "DescribeInstanceHealth",
            "DescribeLoadBalancerAttributes",
            "DescribeLoadBalancerPolicies",
            "DescribeLoadBalancers",
            "DescribeTags",
        ),
        "*",
    )
