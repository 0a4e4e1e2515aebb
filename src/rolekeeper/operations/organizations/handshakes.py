"""Handshakes: an organization asks an account, which accepts or declines; whoever asked can take it back.

The one who is asked finds a handshake by a link in its own account, whichever organization it is of. An
invitation is open for 15 days.
Source: "Inviting an account to join" in the Organizations User Guide; "Handshake" in the API Reference.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import msgspec

from rolekeeper import ids
from rolekeeper.errors import (
    AccessDenied,
    DuplicateHandshakeException,
    HandshakeAlreadyInStateException,
    HandshakeConstraintViolationException,
    HandshakeNotFoundException,
    InvalidHandshakeTransitionException,
    InvalidInputException,
)
from rolekeeper.iam.entities import Account
from rolekeeper.iam.organization_requests import ASKED, WAITING, Handshake
from rolekeeper.operations import service_linked_roles
from rolekeeper.operations.organizations import consent, keys, membership, names, standing, views
from rolekeeper.operations.organizations.paging import page
from rolekeeper.operations.organizations.standing import Standing, every
from rolekeeper.operations.organizations.tagging import with_tags
from rolekeeper.service.call import Access, Call, Resource
from rolekeeper.service.registry import operation

_INVITATION = timedelta(days=15)


def _found(call: Call, id: str) -> Handshake | None:
    """The handshake, where the caller's account is asked by it or has asked."""
    for link in call.tx.links.targets(ASKED, ""):
        management, _, name = link.partition("/")
        if name == id:
            return call.store.account(management).collection(Handshake).find(id)
    return call.tx.collection(Handshake).find(id)


def _get(call: Call, id: str) -> Handshake:
    asked = _found(call, id)
    if asked is None:
        raise HandshakeNotFoundException
    return asked


def _handshake(call: Call, *, handshake_id: str, **_: Any) -> Resource:
    asked = _found(call, handshake_id)
    arn = names.handshake_arn(call, asked) if asked is not None else "*"
    return Resource(arn=arn, account=call.account)


def _service_role(call: Call, *, handshake_id: str) -> Iterable[Access]:
    if _found(call, handshake_id) is not None:
        yield service_linked_roles.making(call, membership.SERVICE)


def _invited(call: Call, *, target: dict[str, str], **_: Any) -> Resource:
    of = standing.found(call)
    if of is None or target["Type"] != "ACCOUNT":
        return names.everything(call)
    return names.place(call, target["Id"])


def _answered(call: Call, asked: Handshake, state: str) -> Handshake:
    """The handshake in its new state, kept; refused where it is over."""
    now = asked.state(call.now)
    if now == state:
        raise HandshakeAlreadyInStateException
    if now not in WAITING:
        raise InvalidHandshakeTransitionException
    answered = msgspec.structs.replace(asked, answered=state)
    call.store.account(asked.account).collection(Handshake).put(answered)
    return answered


def _for_the_asked(call: Call, id: str) -> Handshake:
    asked = _get(call, id)
    if asked.target != call.account or asked.answered == "REQUESTED":
        raise AccessDenied(standing.NOT_YOURS)
    return asked


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


@operation(resource=_handshake, also=_service_role, writes=True)
def accept_handshake(call: Call, *, handshake_id: str) -> dict[str, Any]:
    """Say yes: join, agree to all features or, in the management account, approve them."""
    answered = _answered(call, _for_the_asked(call, handshake_id), "ACCEPTED")
    of = standing.managed_by(call.store, answered.account)
    if of is None:
        raise HandshakeNotFoundException
    if answered.action == "INVITE":
        _join(call, of, answered)
    elif answered.action == "APPROVE_ALL_FEATURES":
        consent.give_all_features(call, of, answered)
    else:
        whole = of.state.collection(Handshake).find(answered.parent or "")
        if whole is not None:
            consent.approve_if_all_agree(call, of, whole)
    return {"Handshake": views.handshake(call, answered)}


def _join(call: Call, of: Standing, invitation: Handshake) -> None:
    if standing.found(call) is not None:
        raise HandshakeConstraintViolationException(
            "ALREADY_IN_AN_ORGANIZATION", "The account is already a member of an organization."
        )
    account = membership.account_of(call, call.account)
    membership.join(call, of, account, method="INVITED", tags=invitation.tags)


@operation(resource=_handshake, writes=True)
def decline_handshake(call: Call, *, handshake_id: str) -> dict[str, Any]:
    """Say no."""
    answered = _answered(call, _for_the_asked(call, handshake_id), "DECLINED")
    return {"Handshake": views.handshake(call, answered)}


@operation(resource=_handshake, writes=True)
def cancel_handshake(call: Call, *, handshake_id: str) -> dict[str, Any]:
    """Take back what the caller's organization has asked."""
    asked = _get(call, handshake_id)
    if asked.account != call.account:
        raise AccessDenied(standing.NOT_YOURS)
    return {"Handshake": views.handshake(call, _answered(call, asked, "CANCELED"))}


@operation(resource=_handshake)
def describe_handshake(call: Call, *, handshake_id: str) -> dict[str, Any]:
    """Read a handshake that the caller's account is a party of."""
    return {"Handshake": views.handshake(call, _get(call, handshake_id))}


@operation(resource=names.everything)
def list_handshakes_for_account(
    call: Call,
    *,
    filter: dict[str, str] | None = None,
    next_token: str | None = None,
    max_results: int | None = None,
) -> dict[str, Any]:
    """List what the caller's account is asked, by whatever organization."""
    asked = [_found(call, link.partition("/")[2]) for link in call.tx.links.targets(ASKED, "")]
    return _page(call, [one for one in asked if one is not None], filter, next_token, max_results)


@operation(resource=names.everything)
def list_handshakes_for_organization(
    call: Call,
    *,
    filter: dict[str, str] | None = None,
    next_token: str | None = None,
    max_results: int | None = None,
) -> dict[str, Any]:
    """List what the organization has asked."""
    of = standing.administered(call)
    return _page(call, every(of.state.collection(Handshake)), filter, next_token, max_results)


def _page(
    call: Call,
    found: Iterable[Handshake],
    filter: dict[str, str] | None,
    next_token: str | None,
    max_results: int | None,
) -> dict[str, Any]:
    wanted = filter or {}
    if len(wanted) > 1:
        raise InvalidInputException("MAX_FILTER_LIMIT_EXCEEDED", "You can specify only one filter.")
    kind, parent = wanted.get("ActionType"), wanted.get("ParentHandshakeId")
    chosen = (one for one in found if kind in (None, one.action) and parent in (None, one.parent))
    return page(
        "Handshakes",
        chosen,
        lambda one: views.handshake(call, one),
        key=lambda one: one.id,
        next_token=next_token,
        max_results=max_results,
    )
