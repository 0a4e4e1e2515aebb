"""The tagging API: its actions begin with `tag`.

Tagging through it needs the tagging action of each resource's own service as well. Which that is, is not
known here for every service, so that it is not classified: the services' own operations are.
Source: "Permissions for tagging" in the Resource Groups Tagging API Reference.
"""

from __future__ import annotations

from rolekeeper.gateway.rules import Rules

RULES = Rules(prefix="tag", actions={"TagResources": (), "UntagResources": ()})
