"""EC2: some 150 operations that are asked on resources by ID, launches, tags; the rest on `*`.

Source: "Actions, resources, and condition keys for Amazon EC2" in the Service Authorization Reference;
"Grant permission to tag Amazon EC2 resources during creation" in the EC2 User Guide.
"""

from __future__ import annotations

from rolekeeper.gateway.ec2 import about, finding, keys, places, tagging
from rolekeeper.gateway.ec2.launching import RUN_INSTANCES, launch
from rolekeeper.gateway.rules import Rules
from rolekeeper.gateway.services.tables import Table
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

RULES = Rules(
    prefix="ec2",
    special={**TABLE.special(), **tagging.tagging(TABLE), "RunInstances": launch(TABLE)},
    keys=keys.keys,
    found=about.FOUND,
    completions={type: finding.completion(TABLE, type) for type in finding.TYPES},
    tags={kind.name: tagging.tags_of for kind in catalog.resource_types("ec2") if ":ec2:" in kind.arn},
)
