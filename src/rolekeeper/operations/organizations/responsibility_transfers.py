"""Transfers of bills between organizations. There are no bills here, so none can be asked for or found.

Source: "InviteOrganizationToTransferResponsibility" and its like in the Organizations API Reference.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from rolekeeper.errors import ConstraintViolationException, ResponsibilityTransferNotFoundException
from rolekeeper.operations.organizations import keys, names, standing
from rolekeeper.service.call import Call, Resource
from rolekeeper.service.registry import operation


def _transfer(call: Call, *, id: str, **_: Any) -> Resource:
    return names.place(call, id)


def _none_found(call: Call) -> None:
    standing.administered(call)
    raise ResponsibilityTransferNotFoundException


@operation(resource=names.everything, keys=keys.transfer, writes=True)
def invite_organization_to_transfer_responsibility(
    call: Call,
    *,
    type: str,
    target: dict[str, str],
    start_timestamp: datetime,
    source_name: str,
    notes: str | None = None,
    tags: list[dict[str, str]] | None = None,
) -> None:
    """Refused: bills are not made here."""
    standing.administered(call)
    raise ConstraintViolationException(
        "UNMET_BILLING_PREREQUISITE", "Your current billing configuration is unsupported."
    )


@operation(resource=_transfer)
def describe_responsibility_transfer(call: Call, *, id: str) -> None:
    """Refused: there is none."""
    _none_found(call)


@operation(resource=_transfer, writes=True)
def update_responsibility_transfer(call: Call, *, id: str, name: str) -> None:
    """Refused: there is none."""
    _none_found(call)


@operation(resource=_transfer, writes=True)
def terminate_responsibility_transfer(call: Call, *, id: str, end_timestamp: datetime | None = None) -> None:
    """Refused: there is none."""
    _none_found(call)


@operation(resource=names.everything, keys=keys.transfer)
def list_inbound_responsibility_transfers(
    call: Call,
    *,
    type: str,
    id: str | None = None,
    next_token: str | None = None,
    max_results: int | None = None,
) -> dict[str, Any]:
    """List none."""
    standing.administered(call)
    return {"ResponsibilityTransfers": []}


@operation(resource=names.everything, keys=keys.transfer)
def list_outbound_responsibility_transfers(
    call: Call, *, type: str, next_token: str | None = None, max_results: int | None = None
) -> dict[str, Any]:
    """List none."""
    standing.administered(call)
    return {"ResponsibilityTransfers": []}
