"""Signing certificates of users and of the root user.

Source: the IAM API Reference.
"""

from __future__ import annotations

from typing import Any

import msgspec

from rolekeeper import ids
from rolekeeper.errors import DuplicateCertificate
from rolekeeper.iam import certificates
from rolekeeper.iam.certificates import SigningCertificate
from rolekeeper.operations import belongings, owners, paging, resources
from rolekeeper.operations.belongings import Owner
from rolekeeper.service.call import Call
from rolekeeper.service.registry import operation

_SEEN = "signing-certificate-fingerprint"
"""The links from a fingerprint to the certificate that has it: an account has each certificate once."""


def _view(entity: SigningCertificate, whose: Owner) -> dict[str, Any]:
    return {
        "UserName": whose.name,
        "CertificateId": entity.id,
        "CertificateBody": entity.body,
        "Status": "Active" if entity.active else "Inactive",
        "UploadDate": entity.created,
    }


@operation(resource=resources.user, writes=True)
def upload_signing_certificate(
    call: Call, *, certificate_body: str, user_name: str | None = None
) -> dict[str, Any]:
    """Give a user a certificate."""
    whose = owners.user_or_root(call, user_name)
    certificate = certificates.single(certificate_body)
    certificates.require_valid(certificate, call.now)
    fingerprint, links = certificates.fingerprint(certificate), call.tx.links
    if links.targets(_SEEN, fingerprint):
        raise DuplicateCertificate("The same certificate is associated with a user of the account.")
    quota = call.limits.signing_certificates_per_user
    present = links.targets(SigningCertificate.kind, whose.key)
    belongings.refuse_over(quota, "SigningCertificatesPerUser", len(present))
    entity = SigningCertificate(
        account=call.account,
        id=ids.signing_certificate_id(),
        body=certificate_body,
        created=call.now.replace(microsecond=0),
    )
    call.tx.collection(SigningCertificate).add(entity)
    links.add(SigningCertificate.kind, whose.key, entity.key)
    links.add(_SEEN, fingerprint, entity.key)
    return {"Certificate": _view(entity, whose)}


@operation(resource=resources.user)
def list_signing_certificates(
    call: Call, *, user_name: str | None = None, marker: str | None = None, max_items: int | None = None
) -> dict[str, Any]:
    """List the certificates of a user."""
    whose = owners.user_or_root(call, user_name)
    return paging.of_list(
        belongings.of(call, SigningCertificate, whose),
        "Certificates",
        key=lambda entity: entity.key,
        view=lambda entity: _view(entity, whose),
        marker=marker,
        max_items=max_items,
    )


@operation(resource=resources.user, writes=True)
def update_signing_certificate(
    call: Call, *, certificate_id: str, status: str, user_name: str | None = None
) -> dict[str, Any]:
    """Switch a certificate on or off."""
    whose = owners.user_or_root(call, user_name)
    entity = belongings.one(call, SigningCertificate, whose, certificate_id)
    changed = msgspec.structs.replace(entity, active=owners.switched_on(status))
    call.tx.collection(SigningCertificate).put(changed)
    return {}


@operation(resource=resources.user, writes=True)
def delete_signing_certificate(
    call: Call, *, certificate_id: str, user_name: str | None = None
) -> dict[str, Any]:
    """Delete a certificate."""
    whose = owners.user_or_root(call, user_name)
    entity = belongings.one(call, SigningCertificate, whose, certificate_id)
    for fingerprint in call.tx.links.sources(_SEEN, entity.key):
        call.tx.links.remove(_SEEN, fingerprint, entity.key)
    call.tx.links.remove(SigningCertificate.kind, whose.key, entity.key)
    call.tx.collection(SigningCertificate).delete(entity)
    return {}
