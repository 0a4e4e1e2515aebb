"""Profiles: which roles machines may become, and what bounds their sessions.

Who puts a role into a profile hands it to IAM Roles Anywhere, and must be allowed to pass it.
Source: "CreateProfile" and its like in the IAM Roles Anywhere API Reference; "CreateProfile" in the Service
Authorization Reference (iam:PassRole).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from rolekeeper.errors import MalformedPolicyDocument, ValidationError
from rolekeeper.iam import certificate_attributes
from rolekeeper.iam.roles_anywhere import SERVICE, AnywhereProfile
from rolekeeper.operations import creation, pass_role
from rolekeeper.operations.rolesanywhere import keeping, naming, views
from rolekeeper.operations.rolesanywhere.keeping import Given
from rolekeeper.policy.validate import PolicyKind, validate
from rolekeeper.service.call import Access, Call
from rolekeeper.service.registry import operation

_tagged = creation.tagged("rolesanywhere:TagResource", naming.any_profile)


def _passed(call: Call, *, role_arns: list[str] | None = None, **_: Any) -> Iterator[Access]:
    for role_arn in dict.fromkeys(role_arns or ()):
        yield pass_role.authorize_pass_role(call, role_arn, SERVICE)


def _new(call: Call, **arguments: Any) -> Iterator[Access]:
    yield from _tagged(call, **arguments)
    yield from _passed(call, **arguments)


@operation(resource=naming.any_profile, also=_new, writes=True)
def create_profile(
    call: Call,
    *,
    name: str,
    role_arns: list[str],
    require_instance_properties: bool = False,
    session_policy: str | None = None,
    managed_policy_arns: list[str] | None = None,
    duration_seconds: int = 3600,
    enabled: bool | None = None,
    tags: Given | None = None,
    accept_role_session_name: bool = False,
    alias_name: str | None = None,
) -> dict[str, Any]:
    """Let machines become roles."""
    profile = AnywhereProfile(
        **keeping.beginnings(call, name, enabled, tags),
        role_arns=tuple(dict.fromkeys(role_arns)),
        managed_policy_arns=tuple(dict.fromkeys(managed_policy_arns or ())),
        session_policy=_policy(session_policy),
        duration=duration_seconds,
        require_instance_properties=require_instance_properties,
        accept_role_session_name=accept_role_session_name,
        mappings=dict(certificate_attributes.DEFAULT_MAPPINGS),
    )
    return _shown(call, keeping.add(call, profile, alias_name, most=call.limits.anywhere_profiles))


@operation(resource=naming.profile)
def get_profile(call: Call, *, profile_id: str) -> dict[str, Any]:
    """Read a profile."""
    return _shown(call, _get(call, profile_id))


@operation(resource=naming.any_profile)
def list_profiles(
    call: Call, *, next_token: str | None = None, page_size: int | None = None
) -> dict[str, Any]:
    """List the profiles of the region."""
    return keeping.page(
        call, AnywhereProfile, "profiles", lambda found: views.profile(call, found), next_token, page_size
    )


@operation(resource=naming.profile, also=_passed, writes=True)
def update_profile(
    call: Call,
    *,
    profile_id: str,
    name: str | None = None,
    session_policy: str | None = None,
    role_arns: list[str] | None = None,
    managed_policy_arns: list[str] | None = None,
    duration_seconds: int | None = None,
    accept_role_session_name: bool | None = None,
    alias_name: str | None = None,
) -> dict[str, Any]:
    """Change what is given of a profile."""
    profile, told = keeping.realias(call, _get(call, profile_id), alias_name)
    changes: dict[str, Any] = {
        "name": name,
        "session_policy": _policy(session_policy),
        "role_arns": None if role_arns is None else tuple(dict.fromkeys(role_arns)),
        "managed_policy_arns": None if managed_policy_arns is None else tuple(managed_policy_arns),
        "duration": duration_seconds,
        "accept_role_session_name": accept_role_session_name,
    }
    given = {field: value for field, value in changes.items() if value is not None}
    return _shown(call, keeping.put(call, profile, **given), told)


@operation(resource=naming.profile, writes=True)
def enable_profile(call: Call, *, profile_id: str) -> dict[str, Any]:
    """Let sessions begin by a profile."""
    return _shown(call, keeping.put(call, _get(call, profile_id), enabled=True))


@operation(resource=naming.profile, writes=True)
def disable_profile(call: Call, *, profile_id: str) -> dict[str, Any]:
    """Let no session begin by a profile. Those that have begun go on."""
    return _shown(call, keeping.put(call, _get(call, profile_id), enabled=False))


@operation(resource=naming.profile, writes=True)
def delete_profile(call: Call, *, profile_id: str) -> dict[str, Any]:
    """Delete a profile."""
    profile = _get(call, profile_id)
    keeping.delete(call, profile)
    return _shown(call, profile)


@operation(resource=naming.profile, writes=True)
def put_attribute_mapping(
    call: Call, *, profile_id: str, certificate_field: str, mapping_rules: list[dict[str, str]]
) -> dict[str, Any]:
    """Say what of a field of the certificate becomes a tag, in place of what was said of that field."""
    profile = _get(call, profile_id)
    specifiers = tuple(dict.fromkeys(rule["specifier"] for rule in mapping_rules))
    if not specifiers:
        raise ValidationError("At least one mapping rule is needed.")
    for specifier in specifiers:
        try:
            certificate_attributes.check_specifier(certificate_field, specifier)
        except ValueError as error:
            raise ValidationError(f"Invalid mapping rule: {error}") from None
    mappings = {**profile.mappings, certificate_field: specifiers}
    return _shown(call, keeping.put(call, profile, mappings=mappings))


@operation(resource=naming.profile, writes=True)
def delete_attribute_mapping(
    call: Call, *, profile_id: str, certificate_field: str, specifiers: list[str] | None = None
) -> dict[str, Any]:
    """Take rules of a field away; all of them, where none is named."""
    profile = _get(call, profile_id)
    gone = profile.mappings.get(certificate_field, ()) if specifiers is None else specifiers
    left = tuple(each for each in profile.mappings.get(certificate_field, ()) if each not in gone)
    mappings = {field: rules for field, rules in profile.mappings.items() if field != certificate_field}
    if left:
        mappings[certificate_field] = left
    return _shown(call, keeping.put(call, profile, mappings=mappings))


def _get(call: Call, identifier: str) -> AnywhereProfile:
    return naming.get(call, AnywhereProfile, identifier)


def _shown(call: Call, profile: AnywhereProfile, told: Mapping[str, Any] | None = None) -> dict[str, Any]:
    return {"profile": {**views.profile(call, profile), **(told or {})}}


def _policy(text: str | None) -> str | None:
    if text is not None:
        try:
            validate(text, PolicyKind.SESSION)
        except MalformedPolicyDocument as error:
            raise ValidationError(f"Invalid session policy: {error.message}") from None
    return text
