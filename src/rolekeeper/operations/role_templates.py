"""Roles from templates of AWS: made once, and from then on found again while nobody changes them.

There is no permission to acquire a role: what it does must be allowed, each with the template's ARN as
iam:RoleTemplateARN, and first of all reading the template, without that key.
Source: "AcquireRole" in the IAM API Reference, its row in the Service Authorization Reference, and "Manage
access to role manager" in the IAM User Guide; the texts of refusals are AWS's as they have been seen.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

import msgspec

from rolekeeper.errors import AwsError, NameConflict, NoSuchEntity, RoleModified, ValidationError
from rolekeeper.iam import aws_policies
from rolekeeper.iam.entities import Role, TemplateSource
from rolekeeper.iam.role_templates import TEMPLATES, RoleTemplate, rendered, rendered_document
from rolekeeper.operations import attachments, documents, resources, roles, views
from rolekeeper.policy.canonical import canonical_text
from rolekeeper.service.authorizer import document
from rolekeeper.service.call import Access, Call, Resource
from rolekeeper.service.registry import operation

_ROLE_NAME = re.compile(r"[\w+=,.@-]{1,64}", re.ASCII)

Values = Mapping[str, Mapping[str, list[str]]]


class _Wanted:
    """The role that a template and the values give. Raises what AWS answers where they give none."""

    def __init__(self, template: RoleTemplate, given: Values) -> None:
        for name, entry in given.items():
            if len(entry["Values"]) != 1:
                found = len(entry["Values"])
                raise ValidationError(f"{name} replacement value must contain exactly one value, got {found}")
        self.template = template
        self.values = template.values({name: entry["Values"][0] for name, entry in given.items()})
        self.name = self.values["RoleName"]
        if _ROLE_NAME.fullmatch(self.name) is None:
            raise ValidationError(f"The role name {self.name} is invalid")
        self.path = template.path or "/"
        self.trust = rendered_document(template.trust_policy, self.values)
        every = aws_policies.every()
        self.policies = [every[name.lower()] for name in template.managed_policies]
        self.source = TemplateSource(
            template=template.resource, minor=template.minor, values=dict(self.values)
        )

    def refuse_unless_same(self, call: Call, role: Role) -> None:
        """NameConflict or RoleModified where the role of that name is not this one, as it was made."""
        if role.source is None or role.source.template != self.source.template:
            raise NameConflict(
                "A role with this name already exists in the account but was not created from this template. "
                "Choose a different role name, or remove the existing role if it is no longer needed."
            )
        if role.source != self.source:
            raise NameConflict(
                "A role with this name exists but was created with different parameters. "
                "Pass a unique roleName to create a new role."
            )
        own = {policy.key for policy in attachments.attached(call, role)}
        trust = documents.trust_policy(call, self.trust)
        unchanged = (
            canonical_text(document(role.trust)) == canonical_text(document(trust))
            and own == {policy.key for policy in self.policies}
            and not (role.inline or role.tags or role.boundary)
        )
        if not unchanged:
            raise RoleModified(
                f"Role {role.name} has been modified since it was created and is no longer managed."
            )


def _template(call: Call, template_arn: str, minor: int | None) -> RoleTemplate:
    resource = template_arn.removeprefix(f"arn:{call.partition}:iam::aws:")
    template = TEMPLATES.get(resource)
    if template is None or minor not in (None, template.minor):
        raise NoSuchEntity(f"Role template not found in repository: {template_arn}")
    return template


def _of_arn(call: Call, *, template_arn: str, **_: Any) -> Resource:
    return Resource(arn=template_arn, account=call.account)


def _what_it_does(
    call: Call,
    *,
    template_arn: str,
    template_minor_version: int | None = None,
    replacement_values: Values | None = None,
) -> Iterator[Access]:
    """Finding the role or making it. Where there is nothing to do, the operation says why."""
    try:
        template = _template(call, template_arn, template_minor_version)
        wanted = _Wanted(template, replacement_values or {})
    except AwsError:
        return
    key = {"iam:roletemplatearn": template_arn}
    role = resources.role(call, role_name=wanted.name, path=wanted.path)
    if call.tx.roles.find(wanted.name) is not None:
        yield Access(action="iam:GetRole", resource=role, keys=lambda: key)
        return
    yield Access(action="iam:CreateRole", resource=role, keys=lambda: key)
    for policy in wanted.policies:
        attaching = key | {"iam:policyarn": policy.arn(call.partition)}
        yield Access(action="iam:AttachRolePolicy", resource=role, keys=partial(dict, attaching))


@operation(resource=_of_arn)
def get_role_template_version(
    call: Call, *, template_arn: str, minor_version: int | None = None
) -> dict[str, Any]:
    """Show what a template makes."""
    template = _template(call, template_arn, minor_version)
    every = aws_policies.every()
    view: dict[str, Any] = {
        "TemplateArn": template.arn(call.partition),
        "TemplateName": template.name,
        "TemplateVersionId": template.version_id,
        "MajorVersion": template.major,
        "MinorVersion": template.minor,
        "DefaultMinorVersion": template.minor,
        "ManagedByType": "Service",
        "ManagedByValue": template.service,
        "Enabled": True,
        "VersionEnabled": True,
        "RoleNamePattern": "@{RoleName}",
        "AssumeRolePolicyDocumentTemplate": views.encoded(template.trust_policy),
        "ManagedPolicyArns": [every[name.lower()].arn(call.partition) for name in template.managed_policies],
        "ParametersDefinition": [
            {"Name": name, "Type": "String", "IsRequired": default is None, "Immutable": False}
            | ({} if default is None else {"DefaultValue": default})
            for name, default in template.defaults.items()
        ],
        "MaxSessionDuration": 3600,
        "CreateTimestamp": template.created,
        "UpdateTimestamp": template.created,
    }
    if template.path is not None:
        view["RolePathPattern"] = template.path
    if template.description is not None:
        view["RoleDescriptionPattern"] = template.description
    return {"RoleTemplateVersion": view}


@operation(resource=_of_arn, action="iam:GetRoleTemplateVersion", also=_what_it_does, writes=True)
def acquire_role(
    call: Call,
    *,
    template_arn: str,
    template_minor_version: int | None = None,
    replacement_values: Values | None = None,
) -> dict[str, Any]:
    """Make the role of a template and its values, or find the one that was made so."""
    template = _template(call, template_arn, template_minor_version)
    wanted = _Wanted(template, replacement_values or {})
    role = call.tx.roles.find(wanted.name)
    if role is None:
        role = _make(call, wanted)
    else:
        wanted.refuse_unless_same(call, role)
    shown = views.role(call, role)
    members = ("Path", "RoleName", "RoleId", "Arn", "CreateDate", "AssumeRolePolicyDocument")
    return {"Role": {member: shown[member] for member in members}}


def _make(call: Call, wanted: _Wanted) -> Role:
    pattern = wanted.template.description
    roles.create_role(
        call,
        role_name=wanted.name,
        path=wanted.path,
        assume_role_policy_document=wanted.trust,
        description=None if pattern is None else rendered(pattern, wanted.values),
    )
    role = msgspec.structs.replace(call.tx.roles.get(wanted.name), source=wanted.source)
    call.tx.roles.put(role)
    for policy in wanted.policies:
        attachments.attach_role_policy(call, role_name=role.name, policy_arn=policy.arn(call.partition))
    return role
