"""IoT's data plane: its actions are IoT's, on topics and on the shadows of things.

Source: "Actions, resources, and condition keys for AWS IoT" in the Service Authorization Reference.
"""

from __future__ import annotations

from rolekeeper.gateway.rules import Rules

RULES = Rules(
    prefix="iot",
    types={
        "GetRetainedMessage": ("topic",),
        "ListRetainedMessages": (),
        "Publish": ("topic",),
    },
    fills={"TopicName": "topic"},
)
