"""CloudFormation: stacks and stack sets, which requests call by names and policies by ARNs with IDs.

The rule of this file: a stack is asked by its whole ARN, which is found by its name; one that is not there
yet has `*` for the ID. A change set is its stack's: whatever stack a request names beside it, the one that
the change set really is of is asked too, because a backend may look at the change set alone. A template or a
policy that a request gives the address of is read for the caller, who has to be allowed to read it.
Source: "Actions, resources, and condition keys for AWS CloudFormation" in the Service Authorization
Reference; "Control CloudFormation access with IAM" in the CloudFormation User Guide.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rolekeeper.errors import ValidationError
from rolekeeper.gateway.asked import Asked, Unclear, Wanted
from rolekeeper.gateway.ec2.keys import at
from rolekeeper.gateway.rules import Besides, Lookups, Rules
from rolekeeper.gateway.s3.urls import address_of
from rolekeeper.gateway.services.tables import NEW, Named, Place, Table, part_of_name, values
from rolekeeper.policy.context import KeyValue
from rolekeeper.service.call import Resource

_NAME = "[A-Za-z][A-Za-z0-9-]*"

_CHANGE, _PHYSICAL = "changeset#", "physical#"


def _stack(asked: Asked) -> Iterator[str]:
    for name in values(asked.members, "StackName"):
        if name.startswith("arn:"):
            yield name
        else:
            yield Named(name, f"{part_of_name('stack', name, _NAME)}/{NEW}")


def _of_change_set(asked: Asked) -> Iterator[str]:
    """The stack that a request names, and the one that its change set is of."""
    stacks = list(_stack(asked))
    yield from stacks
    for name in values(asked.members, "ChangeSetName"):
        stack = next(values(asked.members, "StackName"), "")
        if name.startswith("arn:"):
            TABLE.arn(asked, "changeset", name)
        else:
            part_of_name("changeset", name, _NAME)
            if not stack:
                raise Unclear(f"`{asked.operation.name}` says no stack of the change set `{name}`")
        best = next((each.best for each in stacks if isinstance(each, Named)), f"{NEW}/{NEW}")
        yield Named(f"{_CHANGE}{name}#{stack}", best)


def _of_resource(asked: Asked) -> Iterator[str]:
    """The stack of a resource, by the ID that the resource has by itself."""
    yield from _stack(asked)
    for id in values(asked.members, "PhysicalResourceId"):
        yield Named(_PHYSICAL + id, f"{NEW}/{NEW}")


def _stack_set(asked: Asked) -> Iterator[str]:
    for name in values(asked.members, "StackSetName"):
        if name.startswith("arn:"):
            yield name
        else:
            short = part_of_name("stackset", name.partition(":")[0], _NAME)
            yield Named(name, f"{short}:{NEW}")


def _targets(asked: Asked) -> Iterator[str]:
    paths = ("Accounts", "DeploymentTargets.Accounts", "DeploymentTargets.OrganizationalUnitIds")
    yield from (value for path in paths for value in values(asked.members, path))
    if any(values(asked.members, "DeploymentTargets.AccountsUrl")):  # a list that only the service reads
        yield NEW


_CHANGE_SETS: Mapping[str, tuple[Place, ...]] = {"stack": (_of_change_set,)}

TABLE = Table(
    prefix="cloudformation",
    places={"stack": (_stack,), "stackset": (_stack_set,), "stackset-target": (_targets,)},
    own={
        "DeleteChangeSet": _CHANGE_SETS,
        "DescribeChangeSet": _CHANGE_SETS,
        "DescribeStackResources": {"stack": (_of_resource,)},
        "ExecuteChangeSet": _CHANGE_SETS,
        "GetTemplate": _CHANGE_SETS,
    },
    names={
        "changeset": f"{_NAME}/[A-Za-z0-9-]+",
        "stack": f"{_NAME}/[A-Za-z0-9-]+",
        "stackset": f"{_NAME}:[A-Za-z0-9-]+",
    },
    tagging="TagResource",
    tagged={
        "CreateChangeSet": ("stack",),
        "CreateStack": ("stack",),
        "CreateStackSet": ("stackset",),
        "UpdateStack": ("stack",),
        "UpdateStackSet": ("stackset",),
    },
)


async def find_stack(lookups: Lookups, asked: Asked, wanted: Wanted) -> str | None:
    """The ARN of a stack by its name, by a change set of it or by a resource in it."""
    named = wanted.named
    if named.startswith(_CHANGE):
        return await _stack_of_change_set(lookups, asked, *named.removeprefix(_CHANGE).split("#"))
    if named.startswith(_PHYSICAL):
        only = {"PhysicalResourceId": named.removeprefix(_PHYSICAL)}
        answer = await lookups.ask(asked, "cloudformation", "DescribeStackResources", **only)
        found = set(values(answer or {}, "StackResources.StackId"))
        return found.pop() if len(found) == 1 else None
    if asked.operation.name == "CreateStack":
        return None
    return await _stack_by_name(lookups, asked, named)


async def _stack_by_name(lookups: Lookups, asked: Asked, name: str) -> str | None:
    answer = await lookups.ask(asked, "cloudformation", "DescribeStacks", StackName=name)
    return next(values(answer or {}, "Stacks.StackId"), None)


async def _stack_of_change_set(lookups: Lookups, asked: Asked, name: str, stack: str) -> str | None:
    """The stack that a change set is of. ValidationError where several stacks have one of that name."""
    if name.startswith("arn:"):
        answer = await lookups.ask(asked, "cloudformation", "DescribeChangeSet", ChangeSetName=name)
        return next(values(answer or {}, "StackId"), None)
    answer = await lookups.ask(asked, "cloudformation", "ListChangeSets", StackName=stack)
    alike = (each for each in at(answer or {}, "Summaries") if each.get("ChangeSetName") == name)
    found = list(dict.fromkeys(each["StackId"] for each in alike if each.get("StackId")))
    if len(found) > 1:
        raise ValidationError(f"`{name}` is the name of {len(found)} change sets: say which by its ARN")
    return found[0] if found else await _stack_by_name(lookups, asked, stack)


async def find_stack_set(lookups: Lookups, asked: Asked, wanted: Wanted) -> str | None:
    """The ARN of a stack set by its name."""
    if asked.operation.name == "CreateStackSet":
        return None
    name = wanted.named.partition(":")[0]
    answer = await lookups.ask(asked, "cloudformation", "DescribeStackSet", StackSetName=name)
    return next(values(answer or {}, "StackSet.StackSetARN"), None)


async def tags_of(lookups: Lookups, asked: Asked, arn: str) -> Mapping[str, str]:
    """The tags of a stack or a stack set; none of one that is not made yet."""
    if NEW in arn:
        return {}
    if ":stackset/" in arn:
        name = arn.rpartition("stackset/")[2].partition(":")[0]
        answer = await lookups.ask(asked, "cloudformation", "DescribeStackSet", StackSetName=name)
        found = ((answer or {}).get("StackSet") or {}).get("Tags")
    else:
        answer = await lookups.ask(asked, "cloudformation", "DescribeStacks", StackName=arn)
        found = ((answer or {}).get("Stacks") or [{}])[0].get("Tags")
    return {tag["Key"]: tag.get("Value", "") for tag in found or ()}


_ADDRESSES = ("TemplateURL", "StackPolicyURL", "StackPolicyDuringUpdateURL")
_ADDRESSED = (
    *("CreateChangeSet", "CreateStack", "CreateStackRefactor", "CreateStackSet", "EstimateTemplateCost"),
    *("GetTemplateSummary", "SetStackPolicy", "UpdateStack", "UpdateStackSet", "ValidateTemplate"),
)
"""Operations that may give the address of a document."""


async def documents(lookups: Lookups, asked: Asked, resources: Sequence[Resource]) -> Besides:
    """Reading the documents of which a request gives the address, which goes on as it was understood."""
    members, wanted = _addressed(asked, asked.members)
    definitions = [_addressed(asked, each) for each in asked.members.get("StackDefinitions") or ()]
    if definitions:
        members["StackDefinitions"] = [
            {**given, **new}
            for given, (new, _) in zip(asked.members["StackDefinitions"], definitions, strict=True)
        ]
    return Besides(wanted=(*wanted, *(one for _, each in definitions for one in each)), members=members)


def _addressed(asked: Asked, given: Mapping[str, Any]) -> tuple[dict[str, Any], list[Wanted]]:
    found = {name: address_of(name, given[name]) for name in _ADDRESSES if given.get(name)}
    members = {name: address.url for name, address in found.items()}
    return members, [each for address in found.values() for each in address.read(asked)]


def keys(asked: Asked) -> Mapping[str, KeyValue]:
    """What a request says: its template, its role, its change set, the types and regions it is for."""
    members, found = asked.members, dict[str, KeyValue]()
    for key, path in (
        ("changesetname", "ChangeSetName"),
        ("rolearn", "RoleARN"),
        ("stackpolicyurl", "StackPolicyURL"),
        ("templateurl", "TemplateURL"),
    ):
        if members.get(path):
            found[f"cloudformation:{key}"] = members[path]
    for key, path in (
        ("importresourcetypes", "ResourcesToImport.ResourceType"),
        ("resourcetypes", "ResourceTypes"),
        ("targetregion", "Regions"),
    ):
        given = tuple(dict.fromkeys(values(members, path)))
        if given:
            found[f"cloudformation:{key}"] = given
    return found


RULES = Rules(
    prefix="cloudformation",
    special=TABLE.special("cloudformation"),
    keys=keys,
    besides=dict.fromkeys(_ADDRESSED, documents),
    completions={"stack": find_stack, "stackset": find_stack_set},
    tags={"stack": tags_of, "stackset": tags_of},
)
