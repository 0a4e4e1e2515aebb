"""Certificate revocation lists: which certificates of a trust anchor are no longer good.

A list is of a certificate of its trust anchor, which has signed it.
Source: "ImportCrl" and its like in the IAM Roles Anywhere API Reference.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rolekeeper.errors import ValidationError
from rolekeeper.iam import certificate_chains, revocation_lists
from rolekeeper.iam.roles_anywhere import RevocationList, TrustAnchor
from rolekeeper.operations import creation
from rolekeeper.operations.rolesanywhere import keeping, naming, views
from rolekeeper.operations.rolesanywhere.keeping import Given
from rolekeeper.service.call import Call
from rolekeeper.service.registry import operation
from rolekeeper.store.contract import AccountState

_OF = "anywhere-crl"


def lists_of(state: AccountState, anchor: TrustAnchor) -> list[RevocationList]:
    """The lists of a trust anchor."""
    kept = state.collection(RevocationList)
    return [kept.get(identifier) for identifier in state.links.targets(_OF, anchor.id)]


@operation(
    resource=naming.any_crl,
    also=creation.tagged("rolesanywhere:TagResource", naming.any_crl),
    writes=True,
)
def import_crl(
    call: Call,
    *,
    name: str,
    crl_data: bytes,
    trust_anchor_arn: str,
    enabled: bool | None = None,
    tags: Given | None = None,
    alias_name: str | None = None,
) -> dict[str, Any]:
    """Bring a list in."""
    anchor = naming.get(call, TrustAnchor, "" if ":alias/" in trust_anchor_arn else trust_anchor_arn)
    most = call.limits.crls_per_trust_anchor
    if len(call.tx.links.targets(_OF, anchor.id)) >= most:
        raise ValidationError(f"A trust anchor has at most {most} certificate revocation lists.")
    found = RevocationList(
        **keeping.beginnings(call, name, enabled, tags),
        data=_checked(crl_data, anchor),
        trust_anchor=anchor.id,
    )
    found = keeping.add(call, found, alias_name, most=most * call.limits.trust_anchors)
    call.tx.links.add(_OF, anchor.id, found.id)
    return _shown(call, found)


@operation(resource=naming.crl)
def get_crl(call: Call, *, crl_id: str) -> dict[str, Any]:
    """Read a list."""
    return _shown(call, _get(call, crl_id))


@operation(resource=naming.any_crl)
def list_crls(call: Call, *, next_token: str | None = None, page_size: int | None = None) -> dict[str, Any]:
    """List the lists of the region."""
    return keeping.page(
        call, RevocationList, "crls", lambda found: views.crl(call, found), next_token, page_size
    )


@operation(resource=naming.crl, writes=True)
def update_crl(
    call: Call,
    *,
    crl_id: str,
    name: str | None = None,
    crl_data: bytes | None = None,
    alias_name: str | None = None,
) -> dict[str, Any]:
    """Change what is given of a list."""
    found, told = keeping.realias(call, _get(call, crl_id), alias_name)
    data = found.data
    if crl_data is not None:
        data = _checked(crl_data, naming.get(call, TrustAnchor, found.trust_anchor))
    return _shown(call, keeping.put(call, found, name=name or found.name, data=data), told)


@operation(resource=naming.crl, writes=True)
def enable_crl(call: Call, *, crl_id: str) -> dict[str, Any]:
    """Let a list count."""
    return _shown(call, keeping.put(call, _get(call, crl_id), enabled=True))


@operation(resource=naming.crl, writes=True)
def disable_crl(call: Call, *, crl_id: str) -> dict[str, Any]:
    """Let a list count no more."""
    return _shown(call, keeping.put(call, _get(call, crl_id), enabled=False))


@operation(resource=naming.crl, writes=True)
def delete_crl(call: Call, *, crl_id: str) -> dict[str, Any]:
    """Delete a list."""
    found = _get(call, crl_id)
    keeping.delete(call, found)
    call.tx.links.remove(_OF, found.trust_anchor, found.id)
    return _shown(call, found)


def _get(call: Call, identifier: str) -> RevocationList:
    return naming.get(call, RevocationList, identifier)


def _shown(call: Call, found: RevocationList, told: Mapping[str, Any] | None = None) -> dict[str, Any]:
    return {"crl": {**views.crl(call, found), **(told or {})}}


def _checked(data: bytes, anchor: TrustAnchor) -> bytes:
    try:
        revocation_lists.require_signed(data, certificate_chains.anchors_of(anchor.bundle))
    except ValueError as error:
        raise ValidationError(f"Invalid certificate revocation list: {error}") from None
    return data
