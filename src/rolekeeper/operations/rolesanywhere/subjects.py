"""Subjects: who has come with a certificate, when, and with which ones. They are made by coming.

Source: "GetSubject" and "ListSubjects" in the IAM Roles Anywhere API Reference.
"""

from __future__ import annotations

from typing import Any

import msgspec
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from rolekeeper.iam.roles_anywhere import AnywhereSubject, SeenCertificate, SeenProperties, subject_id
from rolekeeper.operations.rolesanywhere import keeping, naming, views
from rolekeeper.service.call import Call
from rolekeeper.service.registry import operation

_KEPT = 10
"""Certificates of a subject that are remembered; the oldest goes first."""


@operation(resource=naming.subject)
def get_subject(call: Call, *, subject_id: str) -> dict[str, Any]:
    """Read a subject."""
    return {"subject": views.subject(call, naming.get(call, AnywhereSubject, subject_id))}


@operation(resource=naming.any_subject)
def list_subjects(
    call: Call, *, next_token: str | None = None, page_size: int | None = None
) -> dict[str, Any]:
    """List the subjects of the region."""
    return keeping.page(
        call,
        AnywhereSubject,
        "subjects",
        lambda found: views.subject_summary(call, found),
        next_token,
        page_size,
    )


def seen(call: Call, certificate: x509.Certificate, properties: dict[str, str] | None) -> AnywhereSubject:
    """Remember that somebody has come with a certificate just now."""
    name = certificate.subject.rfc4514_string()
    kept = call.tx.collection(AnywhereSubject)
    identifier = subject_id(call.account, call.region, name)
    subject = kept.find(identifier)
    if subject is None:
        subject = AnywhereSubject(
            account=call.account,
            region=call.region,
            id=identifier,
            enabled=True,
            created=call.now,
            updated=call.now,
            x509_subject=name,
            last_seen=call.now,
        )
        kept.add(subject)
    own = SeenCertificate(
        serial=str(certificate.serial_number),
        issuer=certificate.issuer.rfc4514_string(),
        pem=certificate.public_bytes(Encoding.PEM).decode(),
        seen=call.now,
    )
    others = [each for each in subject.certificates if each.pem != own.pem]
    told = subject.properties
    if properties:
        told = (SeenProperties(properties=properties, seen=call.now),)
    changed = msgspec.structs.replace(
        subject,
        updated=call.now,
        last_seen=call.now,
        certificates=(own, *others)[:_KEPT],
        properties=told,
    )
    kept.put(changed)
    return changed
