"""Elastic Load Balancing's Application, Network and Gateway Load Balancers, which are called by their ARNs.

The rule of this file: an ARN says itself of what kind it is, and has to be of one that this API has. What is
made has its name in its ARN, with `*` for the ID that it will get.
Source: "Actions, resources, and condition keys for AWS Elastic Load Balancing V2" in the Service
Authorization Reference; "ELB API permissions to tag resources during creation" in the ELB User Guide.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from rolekeeper.gateway.asked import Asked, Unclear, Wanted
from rolekeeper.gateway.rules import Lookups, Rules
from rolekeeper.gateway.services.tables import NEW, has_tags, part_of_name, values
from rolekeeper.gateway.templates import arn as arn_of
from rolekeeper.gateway.templates import templates
from rolekeeper.policy import catalog
from rolekeeper.policy.context import KeyValue

_PREFIX = "elasticloadbalancing"
_CLASSIC = "loadbalancer"
_SUBJECTS = (
    "ListenerArn",
    "LoadBalancerArn",
    "ResourceArns",
    "RuleArn",
    "RulePriorities.RuleArn",
    "TargetGroupArn",
    "TrustStoreArn",
)
_KINDS = {"application": "app", "gateway": "gwy", "network": "net"}


def kind_of(asked: Asked, arn: str) -> str:
    """The kind of resource of an ARN. Unclear where it is none of this API, or of another region."""
    for kind, (template,) in templates(_PREFIX).items():
        found = template.read(arn) if kind != _CLASSIC and NEW not in arn else None
        here = found is not None and found["Region"] == asked.region
        if here and arn.startswith(f"arn:{asked.partition}:"):
            return kind
    raise Unclear(f"`{arn}` is no ARN of a load balancer or of what it has")


def on_arns(asked: Asked) -> Iterator[Wanted]:
    """An operation on what it names by ARN."""
    found = dict.fromkeys(arn for path in _SUBJECTS for arn in values(asked.members, path))
    if not found:
        raise Unclear(f"`{asked.operation.name}` names no resource")
    for arn in found:
        yield _wanted(asked, asked.operation.name, kind_of(asked, arn), arn)


def _wanted(asked: Asked, action: str, kind: str, arn: str, *, made: bool = False) -> Wanted:
    keys = {f"{_PREFIX}:createaction": asked.operation.name} if made else {}
    return Wanted(action=f"{_PREFIX}:{action}", resource=arn, type=kind, keys=keys)


def _tagged(asked: Asked, kind: str, arn: str) -> Iterator[Wanted]:
    """The tagging of what is made with tags."""
    if has_tags(asked, kind):
        yield _wanted(asked, "AddTags", kind, arn, made=True)


def create_load_balancer(asked: Asked) -> Iterator[Wanted]:
    """A load balancer of its type, `application` where the request does not say."""
    short = _KINDS.get(asked.members.get("Type") or "application")
    if short is None:
        raise Unclear(f"`{asked.members['Type']}` is no type of load balancers")
    kind, name = f"loadbalancer/{short}/", _name(asked)
    arn = arn_of(asked, _PREFIX, kind, LoadBalancerName=name, LoadBalancerId=NEW)
    yield _wanted(asked, "CreateLoadBalancer", kind, arn)
    yield from _tagged(asked, kind, arn)


def create_target_group(asked: Asked) -> Iterator[Wanted]:
    """A target group by its name."""
    arn = arn_of(asked, _PREFIX, "targetgroup", TargetGroupName=_name(asked), TargetGroupId=NEW)
    yield _wanted(asked, "CreateTargetGroup", "targetgroup", arn)
    yield from _tagged(asked, "targetgroup", arn)


def _name(asked: Asked) -> str:
    return part_of_name("load balancer", asked.members.get("Name", ""), "[A-Za-z0-9-]+")


def _inside(kind: str, before: str, member: str) -> Callable[[Asked], Iterator[Wanted]]:
    """What is made inside of another thing: a listener of a load balancer, a rule of a listener."""

    def asking(asked: Asked) -> Iterator[Wanted]:
        yield from on_arns(asked)
        outer = asked.members[member]
        arn = outer.replace(f":{before}/", f":{kind}/", 1) + f"/{NEW}"
        type = f"{kind}/{outer.split('/')[1]}"
        if type in templates(_PREFIX):
            yield from _tagged(asked, type, arn)

    return asking


def keys(asked: Asked) -> Mapping[str, KeyValue]:
    """What a request says of a load balancer: its scheme, its networks, protocols and security policy."""
    members, found = asked.members, dict[str, KeyValue]()
    if asked.operation.name == "CreateLoadBalancer":
        found[f"{_PREFIX}:scheme"] = members.get("Scheme") or "internet-facing"
    if "Listener" in asked.operation.name and members.get("Protocol"):
        found[f"{_PREFIX}:listenerprotocol"] = (members["Protocol"],)
    for key, paths in (
        ("securitygroup", ("SecurityGroups",)),
        ("securitypolicy", ("SslPolicy",)),
        ("subnet", ("Subnets", "SubnetMappings.SubnetId")),
    ):
        given = tuple(dict.fromkeys(value for path in paths for value in values(members, path)))
        if given:
            found[f"{_PREFIX}:{key}"] = given
    return found


async def tags_of(lookups: Lookups, asked: Asked, arn: str) -> Mapping[str, str]:
    """The tags of a resource; none of one that is not made yet."""
    if NEW in arn:
        return {}
    answer = await lookups.ask(asked, "elbv2", "DescribeTags", ResourceArns=[arn])
    found = (answer or {}).get("TagDescriptions") or [{}]
    return {tag["Key"]: tag.get("Value", "") for tag in found[0].get("Tags") or ()}


def _special() -> dict[str, Callable[[Asked], Iterator[Wanted]]]:
    known = (catalog.action(f"{_PREFIX}:{name}") for name in catalog.actions(_PREFIX))
    return {
        **{action.name.partition(":")[2]: on_arns for action in known if action and action.resources},
        "CreateLoadBalancer": create_load_balancer,
        "CreateTargetGroup": create_target_group,
        "CreateListener": _inside("listener", "loadbalancer", "LoadBalancerArn"),
        "CreateRule": _inside("listener-rule", "listener", "ListenerArn"),
    }


RULES = Rules(
    prefix=_PREFIX,
    special=_special(),
    keys=keys,
    tags={kind.name: tags_of for kind in catalog.resource_types(_PREFIX) if kind.name != _CLASSIC},
)
