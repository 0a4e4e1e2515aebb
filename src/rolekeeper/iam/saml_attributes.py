"""What the attributes of an assertion mean to AWS: roles, the session's terms, and condition keys.

Source: "Configure SAML assertions for the authentication response" (with "Mapping SAML attributes to AWS
trust policy context keys"), "Pass session tags in AWS STS" and "Available keys for SAML-based AWS STS
federation" in the IAM User Guide.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from rolekeeper.errors import InvalidIdentityToken
from rolekeeper.iam import tagging
from rolekeeper.iam.credentials import MAX_DURATION, MIN_DURATION
from rolekeeper.iam.saml_response import invalid

Attributes = Mapping[str, tuple[str, ...]]

_AWS = "https://aws.amazon.com/SAML/Attributes/"
_NAME = re.compile(r"[a-zA-Z_0-9+=,.@-]{2,64}")
_NUMBER = re.compile(r"[0-9]{1,6}")
_EDU: Final = "urn:oid:1.3.6.1.4.1.5923.1."
_CLAIMS: Final = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/"

_LISTS: Final = {
    f"{_EDU}1.1.1": "edupersonaffiliation",
    f"{_EDU}1.1.2": "edupersonnickname",
    f"{_EDU}1.1.4": "edupersonorgunitdn",
    f"{_EDU}1.1.7": "edupersonentitlement",
    f"{_EDU}1.1.9": "edupersonscopedaffiliation",
    f"{_EDU}1.1.10": "edupersontargetedid",
    f"{_EDU}1.1.11": "edupersonassurance",
    f"{_EDU}2.1.2": "eduorghomepageuri",
    f"{_EDU}2.1.3": "eduorgidentityauthnpolicyuri",
    f"{_EDU}2.1.4": "eduorglegalname",
    f"{_EDU}2.1.5": "eduorgsuperioruri",
    f"{_EDU}2.1.6": "eduorgwhitepagesuri",
    "urn:oid:2.5.4.3": "cn",
}
"""Attributes whose condition keys have any number of values."""

_SINGLE: Final = {
    f"{_EDU}1.1.3": "edupersonorgdn",
    f"{_EDU}1.1.5": "edupersonprimaryaffiliation",
    f"{_EDU}1.1.6": "edupersonprincipalname",
    f"{_EDU}1.1.8": "edupersonprimaryorgunitdn",
    f"{_CLAIMS}name": "name",
    "http://schemas.xmlsoap.org/claims/CommonName": "commonname",
    f"{_CLAIMS}givenname": "givenname",
    f"{_CLAIMS}surname": "surname",
    f"{_CLAIMS}emailaddress": "mail",
    "http://schemas.xmlsoap.org/claims/UID": "uid",
    "http://schemas.microsoft.com/ws/2008/06/identity/claims/primarygroupsid": "primarygroupsid",
    "urn:oid:2.5.4.3": "commonname",
    "urn:oid:2.5.4.4": "surname",
    "urn:oid:2.5.4.42": "givenname",
    "urn:oid:2.5.4.45": "x500uniqueidentifier",
    "urn:oid:0.9.2342.19200300.100.1.1": "uid",
    "urn:oid:0.9.2342.19200300.100.1.3": "mail",
    "urn:oid:0.9.2342.19200300.100.1.45": "organizationstatus",
}
"""Attributes whose condition keys have one value."""


def pairs(attributes: Attributes) -> frozenset[tuple[str, ...]]:
    """The roles that somebody may have, each with the provider it is had through, in either order."""
    found = attributes.get(f"{_AWS}Role", ())
    if not found:
        raise invalid("it has no Role attribute")
    split = (tuple(part.strip() for part in value.split(",")) for value in found)
    return frozenset(tuple(sorted(pair)) for pair in split if len(pair) == 2)


def session_name(attributes: Attributes) -> str:
    """The session's name."""
    name = _one(attributes, "RoleSessionName")
    if name is None:
        raise InvalidIdentityToken("RoleSessionName is required in AuthnResponse")
    if not _NAME.fullmatch(name):
        raise InvalidIdentityToken("RoleSessionName in AuthnResponse must match [a-zA-Z_0-9+=,.@-]{2,64}")
    return name


def source_identity(attributes: Attributes) -> str | None:
    """The session's source identity."""
    found = _one(attributes, "SourceIdentity")
    if found is not None and (not _NAME.fullmatch(found) or found.lower().startswith("aws:")):
        raise InvalidIdentityToken(
            'Source Identity must match [a-zA-Z_0-9+=,.@-]{2,64} and not begin with "aws:"'
        )
    return found


def duration(attributes: Attributes) -> int | None:
    """How long the session should last, in seconds."""
    found = _one(attributes, "SessionDuration")
    if found is None:
        return None
    if not _NUMBER.fullmatch(found) or not MIN_DURATION <= int(found) <= MAX_DURATION:
        raise invalid(f"its SessionDuration must be between {MIN_DURATION} and {MAX_DURATION}")
    return int(found)


def tags(attributes: Attributes) -> tuple[dict[str, str], tuple[str, ...]]:
    """The session's tags, and the keys of those that go on to later sessions."""
    prefix = f"{_AWS}PrincipalTag:"
    found = {}
    for name in attributes:
        if name.startswith(prefix):
            key = name.removeprefix(prefix)
            found[key] = _one(attributes, f"PrincipalTag:{key}") or ""
            if not tagging.is_session_tag(key, found[key]):
                raise invalid(f"its attribute PrincipalTag:{key[:128]!r} has not the form of a tag")
    return found, attributes.get(f"{_AWS}TransitiveTagKeys", ())


def _one(attributes: Attributes, name: str) -> str | None:
    values = attributes.get(_AWS + name, ())
    if len(values) > 1:
        raise invalid(f"its attribute {name[:128]} must have one value")
    return values[0] if values else None


def condition_keys(attributes: Attributes) -> dict[str, str | tuple[str, ...]]:
    """The condition keys of attributes that AWS knows; of one value what has several gives none."""
    found: dict[str, str | tuple[str, ...]] = {}
    for name, values in attributes.items():
        if name in _LISTS and values:
            found[f"saml:{_LISTS[name]}"] = values
        if name in _SINGLE and len(values) == 1:
            found[f"saml:{_SINGLE[name]}"] = values[0]
    return found
