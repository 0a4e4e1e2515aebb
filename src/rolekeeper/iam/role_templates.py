"""Role templates of AWS: what a role that is made from one is like.

A template belongs to a service and has versions; `@{Parameter}` in its patterns stands for a value that
whoever makes the role gives. Those here are the ones whose whole content is known and that attach nothing but
managed policies.
Source: "Overview of role templates" in the IAM User Guide, and what GetRoleTemplateVersion has answered.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from rolekeeper.errors import InvalidInput

_PLACE = re.compile(r"@\{(\w+)\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleTemplate:
    """One version of a template: the first, and the only one that there is."""

    service: str
    name: str
    version_id: str
    trust: Mapping[str, Any]
    """The one statement of the trust policy, with patterns."""
    managed_policies: tuple[str, ...]
    """Names of AWS managed policies."""
    required: str
    """The parameter that must be given; `RoleName` may be."""
    role_name: str
    """The role's name where none is given."""
    path: str | None = None
    description: str | None = None
    created: datetime
    major: int = 1
    minor: int = 0

    @property
    def resource(self) -> str:
        """The last part of the template's ARN."""
        return f"role-template/{self.service}/{self.name}:{self.major}"

    @property
    def trust_policy(self) -> str:
        """The whole trust policy, with patterns."""
        return json.dumps({"Version": "2012-10-17", "Statement": [self.trust]}, separators=(",", ":"))

    @property
    def defaults(self) -> dict[str, str | None]:
        """Every parameter with its default, None where it must be given."""
        return {self.required: None, "RoleName": self.role_name}

    def arn(self, partition: str) -> str:
        """The template's ARN: AWS's own in every account."""
        return f"arn:{partition}:iam::aws:{self.resource}"

    def values(self, given: Mapping[str, str]) -> dict[str, str]:
        """Every parameter with its value; InvalidInput where one is missing or unknown."""
        for name in given:
            if name not in self.defaults:
                raise InvalidInput(f"Failed to render template: Unrecognized parameter: {name}")
        found = {name: given.get(name, default) for name, default in self.defaults.items()}
        for name, value in found.items():
            if value is None:
                raise InvalidInput(f"Failed to render template: Parameter '{name}' not found.")
        return {name: value for name, value in found.items() if value is not None}


def rendered(pattern: str, values: Mapping[str, str]) -> str:
    """A pattern with its values in place."""
    return _PLACE.sub(lambda found: values[found[1]], pattern)


def rendered_document(pattern: str, values: Mapping[str, str]) -> str:
    """A policy with its values in place: none can end the JSON string that it stands in."""
    return rendered(pattern, {name: json.dumps(value)[1:-1] for name, value in values.items()})


def _service_trust(service: str, **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole", **more}


_TEMPLATES = (
    RoleTemplate(
        service="iam.amazonaws.com",
        name="PowerUserRoleTemplate",
        version_id="AVTAZKAPJZG4N6BGA67NU",
        trust=_service_trust("@{AWSServiceName}"),
        managed_policies=("PowerUserAccess",),
        required="AWSServiceName",
        role_name="PowerUserRole",
        description="Power user role for @{AWSServiceName}",
        created=datetime(2026, 6, 12, 2, 57, 8, tzinfo=UTC),
    ),
    RoleTemplate(
        service="backup.amazonaws.com",
        name="AWSBackupDefaultServiceRoleTemplate",
        version_id="AVTAZKAPJZG4ILRKDYSS2",
        trust=_service_trust(
            "backup.amazonaws.com", Condition={"StringEquals": {"aws:SourceAccount": "@{accountId}"}}
        ),
        managed_policies=("AWSBackupServiceRolePolicyForBackup", "AWSBackupServiceRolePolicyForRestores"),
        required="accountId",
        role_name="AWSBackupDefaultServiceRole",
        path="/service-role/",
        created=datetime(2026, 7, 9, 15, 27, 12, tzinfo=UTC),
    ),
)
TEMPLATES: Mapping[str, RoleTemplate] = {template.resource: template for template in _TEMPLATES}
"""By the last part of their ARN."""
