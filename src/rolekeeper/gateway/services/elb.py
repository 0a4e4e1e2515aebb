"""Elastic Load Balancing's Classic Load Balancers, which are called by their names.

Source: "Actions, resources, and condition keys for AWS Elastic Load Balancing" in the Service Authorization
Reference; "ELB API permissions to tag resources during creation" in the ELB User Guide.
"""

from __future__ import annotations

from collections.abc import Mapping

from rolekeeper.gateway.asked import Asked
from rolekeeper.gateway.rules import Lookups, Rules
from rolekeeper.gateway.services.tables import NEW, Table, values
from rolekeeper.policy.context import KeyValue

TABLE = Table(
    prefix="elasticloadbalancing",
    places={"loadbalancer": ("LoadBalancerName", "LoadBalancerNames")},
    names={"loadbalancer": "[A-Za-z0-9-]+"},
    tagging="AddTags",
    tagged={"CreateLoadBalancer": ("loadbalancer",)},
)


def keys(asked: Asked) -> Mapping[str, KeyValue]:
    """What a request says of a load balancer: its scheme, its networks, the protocols that it listens to."""
    members, prefix = asked.members, "elasticloadbalancing:"
    found: dict[str, KeyValue] = {}
    if asked.operation.name == "CreateLoadBalancer":
        found[f"{prefix}scheme"] = members.get("Scheme") or "internet-facing"
    for key, path in (
        ("listenerprotocol", "Listeners.Protocol"),
        ("securitygroup", "SecurityGroups"),
        ("subnet", "Subnets"),
    ):
        given = tuple(dict.fromkeys(values(members, path)))
        if given:
            found[prefix + key] = given
    return found


async def tags_of(lookups: Lookups, asked: Asked, arn: str) -> Mapping[str, str]:
    """The tags of a load balancer; none of one that is not made yet."""
    name = arn.rpartition("/")[2]
    if name == NEW:
        return {}
    answer = await lookups.ask(asked, "elb", "DescribeTags", LoadBalancerNames=[name])
    found = (answer or {}).get("TagDescriptions") or [{}]
    return {tag["Key"]: tag.get("Value", "") for tag in found[0].get("Tags") or ()}


RULES = Rules(
    prefix="elasticloadbalancing",
    special=TABLE.special("elb"),
    keys=keys,
    tags={"loadbalancer": tags_of},
)
