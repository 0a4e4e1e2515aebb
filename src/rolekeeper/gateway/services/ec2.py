"""EC2: some 150 operations that are asked on resources by ID, launches, tags; the rest on `*`.

Source: "Actions, resources, and condition keys for Amazon EC2" in the Service Authorization Reference;
"Grant permission to tag Amazon EC2 resources during creation" in the EC2 User Guide.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any

import msgspec

from rolekeeper.gateway.asked import Asked, Wanted
from rolekeeper.gateway.ec2 import about, finding, keys, places, tagging, templates
from rolekeeper.gateway.ec2.launching import RUN_INSTANCES, launch
from rolekeeper.gateway.given_keys import Keys
from rolekeeper.gateway.rules import Besides, Lookups, Rules
from rolekeeper.gateway.services.tables import Asking, Table
from rolekeeper.policy import catalog
from rolekeeper.policy.context import KeyValue
from rolekeeper.service.call import Resource
from rolekeeper.wire import model

TABLE = Table(
    prefix="ec2",
    places=places.PLACES,
    own={**places.OWN, "RunInstances": RUN_INSTANCES},
    made=places.MADE,
    names={
        "key-pair": r"[ -~]{1,255}",
        "placement-group": r"[ -~]{1,255}",
        "security-group": templates.GROUP_ID,  # a backend takes a name for an ID as well
    },
    tagging="CreateTags",
    tagged=places.TAGGED,
)


def launches(asked: Asked, members: Mapping[str, Any]) -> Iterator[Wanted]:
    """The launch that another operation leads to, with the condition keys of a launch."""
    service = model.service("ec2")
    request = msgspec.structs.replace(
        asked,
        service=service,
        operation=service.operations["RunInstances"],
        members={**members, "MinCount": 1, "MaxCount": 1},
    )
    said = keys.keys(request)
    for access in launch(TABLE)(request):
        allowed = {key: value for key, value in said.items() if key in _keys_of_launch(access.type)}
        yield msgspec.structs.replace(access, keys={**allowed, **access.keys})


@cache
def _keys_of_launch(type: str) -> frozenset[str]:
    """The condition keys that AWS has for a kind of resource of a launch."""
    action = catalog.action("ec2:RunInstances")
    kinds = [kind for kind in action.resources if kind.type == type] if action else []
    return frozenset(key.lower() for kind in kinds for key in (*kind.condition_keys, "ec2:region"))


def create_fleet(asked: Asked) -> Iterator[Wanted]:
    """A fleet, and each launch of it: by a launch template, and by what is said instead of that."""
    yield from TABLE.asking(asked)
    for config in asked.members.get("LaunchTemplateConfigs") or ():
        template = config.get("LaunchTemplateSpecification")
        overrides: list[Mapping[str, Any]] = config.get("Overrides") or [{}]
        for override in overrides:
            for subnet in (override.get("SubnetId") or "").split(","):
                said = {**override, "LaunchTemplate": template, "SubnetId": subnet.strip()}
                names = ("ImageId", "InstanceType", "LaunchTemplate", "SubnetId")
                yield from launches(asked, {name: said[name] for name in names if said.get(name)})


async def volumes_of_template(lookups: Lookups, asked: Asked, resources: Sequence[Resource]) -> Besides:
    """The volumes that a launch has by its template, each with what the template says of it."""
    said = (await about.template(lookups, asked)).get("BlockDeviceMappings") or ()
    own = {each.get("DeviceName") for each in asked.members.get("BlockDeviceMappings") or ()}
    theirs = [each for each in said if each.get("Ebs") and each.get("DeviceName") not in own]
    if not theirs:
        return Besides()
    request = msgspec.structs.replace(asked, members={**asked.members, "BlockDeviceMappings": theirs})
    given = Keys(RULES, asked.operation).of(request)
    return Besides(
        wanted=tuple(
            msgspec.structs.replace(access, keys={**given(access.action, "volume"), **access.keys, **_THEIRS})
            for access in launch(TABLE)(request)
            if access.type == "volume" and access.action.endswith(":RunInstances")
        )
    )


_THEIRS: Mapping[str, KeyValue] = {"ec2:islaunchtemplateresource": "true"}


class Special(Mapping[str, Asking]):
    """What the table says of each operation, held to what may be tagged."""

    def __init__(self) -> None:
        self._found = TABLE.special(
            "ec2", CreateFleet=create_fleet, RunInstances=launch(TABLE), **tagging.tagging(TABLE)
        )

    def __getitem__(self, name: str) -> Asking:
        found = self._found[name]
        return found if name in tagging.OPERATIONS else tagging.with_tags(TABLE, found)

    def __iter__(self) -> Iterator[str]:
        return iter(self._found)

    def __len__(self) -> int:
        return len(self._found)


RULES = Rules(
    prefix="ec2",
    special=Special(),
    keys=keys.keys,
    besides={"RunInstances": volumes_of_template},
    found=about.FOUND,
    completions={type: finding.completion(TABLE, type) for type in finding.TYPES},
    tags={kind.name: tagging.tags_of for kind in catalog.resource_types("ec2") if ":ec2:" in kind.arn},
)
