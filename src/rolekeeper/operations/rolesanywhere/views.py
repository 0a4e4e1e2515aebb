"""What the answers of IAM Roles Anywhere show of an entity.

Source: TrustAnchorDetail, ProfileDetail, CrlDetail, SubjectDetail and SubjectSummary in its API Reference.
"""

from __future__ import annotations

from typing import Any

from rolekeeper.iam.roles_anywhere import (
    SERVICE,
    AnywhereProfile,
    AnywhereSubject,
    NamedResource,
    RevocationList,
    TrustAnchor,
    arn_of,
)
from rolekeeper.service.call import Call

EVENTS = ("CA_CERTIFICATE_EXPIRY", "END_ENTITY_CERTIFICATE_EXPIRY")
_DEFAULT_DAYS = 45


def trust_anchor(call: Call, anchor: TrustAnchor) -> dict[str, Any]:
    """A trust anchor."""
    return {
        "trustAnchorId": anchor.id,
        "trustAnchorArn": anchor.arn(call.partition),
        "source": {
            "sourceType": "CERTIFICATE_BUNDLE",
            "sourceData": {"x509CertificateData": anchor.bundle},
        },
        "crlDpRevocationEnabled": False,
        "notificationSettings": _notifications(anchor),
        **_named(call, anchor),
    }


def _notifications(anchor: TrustAnchor) -> list[dict[str, Any]]:
    own = {setting.event: setting for setting in anchor.notifications}
    shown = []
    for event in EVENTS:
        setting = own.get(event)
        shown.append(
            {
                "event": event,
                "enabled": True if setting is None else setting.enabled,
                "threshold": _DEFAULT_DAYS if setting is None else setting.threshold,
                "channel": "ALL" if setting is None else setting.channel,
                "configuredBy": SERVICE if setting is None else anchor.account,
            }
        )
    return shown


def profile(call: Call, profile: AnywhereProfile) -> dict[str, Any]:
    """A profile."""
    return {
        "profileId": profile.id,
        "profileArn": profile.arn(call.partition),
        "requireInstanceProperties": profile.require_instance_properties,
        "createdBy": profile.account,
        "sessionPolicy": profile.session_policy,
        "roleArns": list(profile.role_arns),
        "managedPolicyArns": list(profile.managed_policy_arns),
        "durationSeconds": profile.duration,
        "acceptRoleSessionName": profile.accept_role_session_name,
        "attributeMappings": [
            {
                "certificateField": field,
                "mappingRules": [{"specifier": specifier} for specifier in specifiers],
            }
            for field, specifiers in sorted(profile.mappings.items())
        ],
        **_named(call, profile),
    }


def crl(call: Call, found: RevocationList) -> dict[str, Any]:
    """A revocation list."""
    anchor = arn_of(call.partition, found.region, found.account, "trust-anchor", found.trust_anchor)
    return {
        "crlId": found.id,
        "crlArn": found.arn(call.partition),
        "crlData": found.data,
        "trustAnchorArn": anchor,
        **_named(call, found),
    }


def _named(call: Call, entity: NamedResource) -> dict[str, Any]:
    return {
        "name": entity.name,
        "enabled": entity.enabled,
        "createdAt": entity.created,
        "updatedAt": entity.updated,
        "aliasName": entity.alias,
        "aliasArn": entity.alias_arn(call.partition),
    }


def subject_summary(call: Call, subject: AnywhereSubject) -> dict[str, Any]:
    """A subject in a list."""
    return {
        "subjectArn": subject.arn(call.partition),
        "subjectId": subject.id,
        "enabled": subject.enabled,
        "x509Subject": subject.x509_subject,
        "lastSeenAt": subject.last_seen,
        "createdAt": subject.created,
        "updatedAt": subject.updated,
    }


def subject(call: Call, subject: AnywhereSubject) -> dict[str, Any]:
    """A subject with what it has come with."""
    return {
        **subject_summary(call, subject),
        "credentials": [
            {
                "seenAt": each.seen,
                "serialNumber": each.serial,
                "issuer": each.issuer,
                "enabled": True,
                "x509CertificateData": each.pem,
                "failed": False,
            }
            for each in subject.certificates
        ],
        "instanceProperties": [
            {"seenAt": each.seen, "properties": each.properties, "failed": False}
            for each in subject.properties
        ],
    }
