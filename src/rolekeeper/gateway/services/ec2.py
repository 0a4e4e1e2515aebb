"""EC2: some 150 operations that are asked on resources by ID, launches, tags; the rest on `*`.

Source: "Actions, resources, and condition keys for Amazon EC2" in the Service Authorization Reference;
"Grant permission to tag Amazon EC2 resources during creation" in the EC2 User Guide.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from rolekeeper.gateway.ec2 import about, finding, keys, places, tagging
from rolekeeper.gateway.ec2.launching import RUN_INSTANCES, launch
from rolekeeper.gateway.rules import Rules
from rolekeeper.gateway.services.tables import Asking, Table
from rolekeeper.policy import catalog

TABLE = Table(
    prefix="ec2",
    places=places.PLACES,
    own={**places.OWN, "RunInstances": RUN_INSTANCES},
    made=places.MADE,
    names={"key-pair": r"[ -~]{1,255}", "placement-group": r"[ -~]{1,255}"},
    tagging="CreateTags",
    tagged=places.TAGGED,
)


class Special(Mapping[str, Asking]):
    """What the table says of each operation, held to what may be tagged."""

    def __init__(self) -> None:
        self._found = TABLE.special("ec2", RunInstances=launch(TABLE), **tagging.tagging(TABLE))

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
    found=about.FOUND,
    completions={type: finding.completion(TABLE, type) for type in finding.TYPES},
    tags={kind.name: tagging.tags_of for kind in catalog.resource_types("ec2") if ":ec2:" in kind.arn},
)
