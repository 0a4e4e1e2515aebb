"""Trust anchors: the certificate authorities whose certificates let machines in.

A trust anchor here is a bundle of certificates. What would ask elsewhere (AWS Private CA, the distribution
points of revocation lists) is refused, and so is a repository of certificates that sign themselves.
Source: "CreateTrustAnchor" and its like in the IAM Roles Anywhere API Reference.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rolekeeper.errors import ValidationError
from rolekeeper.iam import certificate_chains
from rolekeeper.iam.roles_anywhere import TrustAnchor
from rolekeeper.operations import creation
from rolekeeper.operations.rolesanywhere import keeping, naming, notifications, views
from rolekeeper.operations.rolesanywhere.keeping import Given
from rolekeeper.service.call import Call
from rolekeeper.service.registry import operation


@operation(
    resource=naming.any_trust_anchor,
    also=creation.tagged("rolesanywhere:TagResource", naming.any_trust_anchor),
    writes=True,
)
def create_trust_anchor(
    call: Call,
    *,
    name: str,
    source: Mapping[str, Any],
    enabled: bool | None = None,
    crl_dp_revocation_enabled: bool | None = None,
    tags: Given | None = None,
    notification_settings: list[dict[str, Any]] | None = None,
    alias_name: str | None = None,
) -> dict[str, Any]:
    """Trust a certificate authority."""
    _refuse_distribution_points(crl_dp_revocation_enabled)
    anchor = TrustAnchor(
        **keeping.beginnings(call, name, enabled, tags),
        bundle=_bundle(source),
        notifications=notifications.merged((), notification_settings or ()),
    )
    return _shown(call, keeping.add(call, anchor, alias_name, most=call.limits.trust_anchors))


@operation(resource=naming.trust_anchor)
def get_trust_anchor(call: Call, *, trust_anchor_id: str) -> dict[str, Any]:
    """Read a trust anchor."""
    return _shown(call, _get(call, trust_anchor_id))


@operation(resource=naming.any_trust_anchor)
def list_trust_anchors(
    call: Call, *, next_token: str | None = None, page_size: int | None = None
) -> dict[str, Any]:
    """List the trust anchors of the region."""
    return keeping.page(
        call,
        TrustAnchor,
        "trustAnchors",
        lambda anchor: views.trust_anchor(call, anchor),
        next_token,
        page_size,
    )


@operation(resource=naming.trust_anchor, writes=True)
def update_trust_anchor(
    call: Call,
    *,
    trust_anchor_id: str,
    name: str | None = None,
    source: Mapping[str, Any] | None = None,
    crl_dp_revocation_enabled: bool | None = None,
    alias_name: str | None = None,
) -> dict[str, Any]:
    """Change what is given of a trust anchor."""
    _refuse_distribution_points(crl_dp_revocation_enabled)
    anchor, told = keeping.realias(call, _get(call, trust_anchor_id), alias_name)
    bundle = anchor.bundle if source is None else _bundle(source)
    return _shown(call, keeping.put(call, anchor, name=name or anchor.name, bundle=bundle), told)


@operation(resource=naming.trust_anchor, writes=True)
def enable_trust_anchor(call: Call, *, trust_anchor_id: str) -> dict[str, Any]:
    """Let machines in by a trust anchor."""
    return _shown(call, keeping.put(call, _get(call, trust_anchor_id), enabled=True))


@operation(resource=naming.trust_anchor, writes=True)
def disable_trust_anchor(call: Call, *, trust_anchor_id: str) -> dict[str, Any]:
    """Let nobody in by a trust anchor. Sessions that have begun go on."""
    return _shown(call, keeping.put(call, _get(call, trust_anchor_id), enabled=False))


@operation(resource=naming.trust_anchor, writes=True)
def delete_trust_anchor(call: Call, *, trust_anchor_id: str) -> dict[str, Any]:
    """Delete a trust anchor."""
    anchor = _get(call, trust_anchor_id)
    keeping.delete(call, anchor)
    return _shown(call, anchor)


def _get(call: Call, identifier: str) -> TrustAnchor:
    return naming.get(call, TrustAnchor, identifier)


def _shown(call: Call, anchor: TrustAnchor, told: Mapping[str, Any] | None = None) -> dict[str, Any]:
    return {"trustAnchor": {**views.trust_anchor(call, anchor), **(told or {})}}


def _bundle(source: Mapping[str, Any]) -> str:
    kind, data = source.get("sourceType"), source.get("sourceData") or {}
    if kind != "CERTIFICATE_BUNDLE":
        raise ValidationError(f"A trust anchor of type {kind} is not supported here: use CERTIFICATE_BUNDLE.")
    bundle = data.get("x509CertificateData")
    if bundle is None or len(data) != 1:
        raise ValidationError("A trust anchor of type CERTIFICATE_BUNDLE needs x509CertificateData alone.")
    try:
        certificate_chains.anchors_of(bundle)
    except ValueError as error:
        raise ValidationError(f"Invalid certificate bundle: {error}") from None
    return str(bundle)


def _refuse_distribution_points(wanted: bool | None) -> None:
    if wanted:
        raise ValidationError("CRL distribution points are not asked here: import the lists with ImportCrl.")
