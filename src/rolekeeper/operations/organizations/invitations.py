"""Invitations: an organization asks an account of this server to join. One is open for 15 days.

Source: "Inviting an account to join" in the Organizations User Guide.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from rolekeeper import ids
from rolekeeper.errors import (
    DuplicateHandshakeException,
    HandshakeConstraintViolationException,
    InvalidInputException,
)
from rolekeeper.iam.entities import Account
from rolekeeper.iam.organization_requests import ASKED, WAITING, Handshake
from rolekeeper.operations.organizations import keys, membership, names, standing, views
from rolekeeper.operations.organizations.standing import every
from rolekeeper.operations.organizations.tagging import with_tags
from rolekeeper.service.call import Call, Resource
from rolekeeper.service.registry import operation

_INVITATION = timedelta(days=15)


def _invited(call: Call, *, target: dict[str, str], **_: Any) -> Resource:
    of = standing.found(call)
    if of is None or target["Type"] != "ACCOUNT":
        return names.everything(call)
    return names.place(call, target["Id"])


@operation(resource=_invited, also=keys.tagging(_invited), writes=True)
def invite_account_to_organization(
    call: Call,
    *,
    target: dict[str, str],
    notes: str | None = None,
    tags: list[dict[str, str]] | None = None,
) -> dict[str, Any]:
    """Ask an account of this server to join. The tags are its, once it has."""
    of = standing.administered(call)
    account = _account(call, target)
    if standing.of_account(call, account.account) is not None:
        raise HandshakeConstraintViolationException(
            "ALREADY_IN_AN_ORGANIZATION", "The invited account is already a member of an organization."
        )
    kept = of.state.collection(Handshake)
    for one in every(kept):
        if (one.action, one.target) == ("INVITE", account.account) and one.state(call.now) in WAITING:
            raise DuplicateHandshakeException
    membership.refuse_over_limit(call, of)
    asked = Handshake(
        account=of.management,
        id=ids.organizations_id("h-", 32),
        organization=of.organization.id,
        action="INVITE",
        target=account.account,
        email=target["Id"] if target["Type"] == "EMAIL" else None,
        requested=call.now,
        expires=call.now + _INVITATION,
        notes=notes,
        tags=with_tags(call, {}, tags),
    )
    kept.add(asked)
    call.store.account(account.account).links.add(ASKED, "", f"{of.management}/{asked.id}")
    return {"Handshake": views.handshake(call, asked)}


def _account(call: Call, target: dict[str, str]) -> Account:
    """The account of this server that is meant, and is not closed; InvalidInputException."""
    named, kind = target["Id"], target["Type"]
    if kind not in ("ACCOUNT", "EMAIL"):
        raise InvalidInputException(
            "INVALID_PARTY_TYPE_TARGET", "You specified the wrong type of entity as a party."
        )
    for account in call.store.accounts():
        known = account.account if kind == "ACCOUNT" else account.email.lower()
        if known == named.lower() and account.closed is None:
            return account
    reason = "TARGET_NOT_SUPPORTED" if kind == "ACCOUNT" else "INVALID_EMAIL_ADDRESS_TARGET"
    raise InvalidInputException(reason, "You specified an account that this server does not have.")
