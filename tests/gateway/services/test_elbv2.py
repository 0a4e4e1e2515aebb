"""What requests to Application, Network and Gateway Load Balancers ask for."""

from __future__ import annotations

from typing import Any

import pytest

from tests.gateway.asking import ACCOUNT, OTHER, REGION, tags
from tests.gateway.services.classified import accesses, asks, inexact, on, refused, said

ELB = f"arn:aws:elasticloadbalancing:{REGION}:{ACCOUNT}"
APP, NET = f"{ELB}:loadbalancer/app/web/1a", f"{ELB}:loadbalancer/net/web/1a"
LISTENER = f"{ELB}:listener/app/web/1a/2b"
RULE = f"{ELB}:listener-rule/app/web/1a/2b/3c"
GROUP = f"{ELB}:targetgroup/blue/4d"
TAGS = [{"Key": "team", "Value": "a"}]


@pytest.mark.parametrize(
    "arn",
    [
        "web",
        f"{ELB}:loadbalancer/web",
        f"{ELB}:loadbalancer/app/*",
        APP.replace(REGION, "us-east-1"),
        APP.replace("arn:aws:", "arn:aws-cn:"),
        APP.replace("elasticloadbalancing", "s3"),
        f"{ELB}:thing/app/web/1a",
    ],
)
def test_what_is_no_arn_of_here_is_refused(arn: str) -> None:
    refused("elbv2", "DeleteLoadBalancer", LoadBalancerArn=arn)


def test_an_operation_that_names_nothing_is_refused() -> None:
    refused("elbv2", "SetRulePriorities", RulePriorities=[])
    refused("elbv2", "CreateLoadBalancer", Name="a/b")
    refused("elbv2", "CreateLoadBalancer", Name="web", Type="classic")
    refused("elbv2", "CreateTargetGroup", Name="*")


@pytest.mark.parametrize(
    ("operation", "members", "resources"),
    [
        ("DeleteLoadBalancer", {"LoadBalancerArn": NET}, [NET]),
        ("ModifyLoadBalancerAttributes", {"LoadBalancerArn": APP}, [APP]),
        ("CreateListener", {"LoadBalancerArn": APP}, [APP]),
        ("DeleteListener", {"ListenerArn": LISTENER}, [LISTENER]),
        ("CreateRule", {"ListenerArn": LISTENER}, [LISTENER]),
        ("ModifyRule", {"RuleArn": RULE}, [RULE]),
        ("SetRulePriorities", {"RulePriorities": [{"RuleArn": RULE, "Priority": 1}]}, [RULE]),
        ("RegisterTargets", {"TargetGroupArn": GROUP}, [GROUP]),
        ("AddTags", {"ResourceArns": [APP, GROUP, LISTENER], "Tags": TAGS}, [APP, GROUP, LISTENER]),
        ("CreateLoadBalancer", {"Name": "web"}, [f"{ELB}:loadbalancer/app/web/*"]),
        ("CreateLoadBalancer", {"Name": "web", "Type": "gateway"}, [f"{ELB}:loadbalancer/gwy/web/*"]),
        ("CreateTargetGroup", {"Name": "blue"}, [f"{ELB}:targetgroup/blue/*"]),
        ("DescribeRules", {"ListenerArn": LISTENER}, ["*"]),
    ],
)
def test_an_operation_is_asked_on_what_it_names(
    operation: str, members: dict[str, Any], resources: list[str]
) -> None:
    assert on("elbv2", operation, **members) == [arn.removeprefix(f"{ELB}:") for arn in resources]


def test_a_load_balancer_of_another_account_is_that_accounts() -> None:
    theirs = APP.replace(ACCOUNT, OTHER)
    assert on("elbv2", "DeleteLoadBalancer", LoadBalancerArn=theirs) == [theirs]


@pytest.mark.parametrize(
    ("operation", "members", "tagged"),
    [
        ("CreateLoadBalancer", {"Name": "web"}, "loadbalancer/app/web/*"),
        ("CreateTargetGroup", {"Name": "blue"}, "targetgroup/blue/*"),
        ("CreateListener", {"LoadBalancerArn": APP}, "listener/app/web/1a/*"),
        ("CreateRule", {"ListenerArn": LISTENER}, "listener-rule/app/web/1a/2b/*"),
    ],
)
def test_tags_of_what_is_made_are_asked_as_tagging(
    operation: str, members: dict[str, Any], tagged: str
) -> None:
    assert len(asks("elbv2", operation, **members)) == 1
    access = accesses("elbv2", operation, **members, Tags=TAGS)[1]
    assert (access.action, access.resource) == ("elasticloadbalancing:AddTags", f"{ELB}:{tagged}")
    assert access.keys["elasticloadbalancing:createaction"] == operation
    assert access.keys["aws:requesttag/team"] == "a"


def test_a_request_says_its_scheme_networks_and_protocols() -> None:
    found = said(
        "elbv2", "loadbalancer/app/", "CreateLoadBalancer", Name="web", SubnetMappings=[{"SubnetId": "s-1"}]
    )
    assert found["elasticloadbalancing:scheme"] == "internet-facing"
    assert found["elasticloadbalancing:subnet"] == ("s-1",)
    found = said(
        "elbv2", "loadbalancer/app/", "CreateListener", LoadBalancerArn=APP, Protocol="HTTP", SslPolicy="x"
    )
    assert found["elasticloadbalancing:listenerprotocol"] == ("HTTP",)
    assert found["elasticloadbalancing:securitypolicy"] == ("x",)


def test_tags_are_read_from_what_stands_behind() -> None:
    answers = {"DescribeTags": {"TagDescriptions": [{"Tags": [{"Key": "a", "Value": "b"}]}]}}
    assert tags("elbv2", "targetgroup", GROUP, answers) == {"a": "b"}
    assert tags("elbv2", "targetgroup", f"{ELB}:targetgroup/blue/*", answers) == {}


def test_only_descriptions_are_on_nothing_in_particular() -> None:
    found = inexact("elbv2")
    assert set(found.values()) == {"*"}
    assert all(name.startswith("Describe") for name in found)
