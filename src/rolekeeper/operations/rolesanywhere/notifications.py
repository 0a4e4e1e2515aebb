"""When to tell of certificates that end: settings of a trust anchor, kept and shown; nobody is told here.

Source: "PutNotificationSettings" and "NotificationSetting" in the IAM Roles Anywhere API Reference.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from rolekeeper.errors import ValidationError
from rolekeeper.iam.roles_anywhere import Notification, TrustAnchor
from rolekeeper.operations.rolesanywhere import keeping, naming, views
from rolekeeper.service.call import Call
from rolekeeper.service.registry import operation


@operation(resource=naming.trust_anchor, writes=True)
def put_notification_settings(
    call: Call, *, trust_anchor_id: str, notification_settings: list[dict[str, Any]]
) -> dict[str, Any]:
    """Set when to tell of what."""
    anchor = naming.get(call, TrustAnchor, trust_anchor_id)
    own = merged(anchor.notifications, notification_settings)
    return {"trustAnchor": views.trust_anchor(call, keeping.put(call, anchor, notifications=own))}


@operation(resource=naming.trust_anchor, writes=True)
def reset_notification_settings(
    call: Call, *, trust_anchor_id: str, notification_setting_keys: list[dict[str, str]]
) -> dict[str, Any]:
    """Let events be told of as they are without a setting."""
    anchor = naming.get(call, TrustAnchor, trust_anchor_id)
    gone = {key["event"] for key in notification_setting_keys}
    own = tuple(setting for setting in anchor.notifications if setting.event not in gone)
    return {"trustAnchor": views.trust_anchor(call, keeping.put(call, anchor, notifications=own))}


def merged(current: Iterable[Notification], given: Iterable[Mapping[str, Any]]) -> tuple[Notification, ...]:
    """The settings with those given over them; ValidationException."""
    settings = {setting.event: setting for setting in current}
    for each in given:
        if each["enabled"] and each.get("threshold") is None:
            raise ValidationError("A notification setting that is enabled needs a threshold.")
        settings[each["event"]] = Notification(
            event=each["event"],
            enabled=each["enabled"],
            threshold=each.get("threshold"),
            channel=each.get("channel", "ALL"),
        )
    return tuple(settings.values())
