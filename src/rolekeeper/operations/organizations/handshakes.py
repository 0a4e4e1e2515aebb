"""Handshakes: an organization asks an account, which accepts or declines; whoever asked can take it back.

The one who is asked finds a handshake by a link in its own account, whichever organization it is of.
Source: "Inviting an account to join" in the Organizations User Guide; "Handshake" in the API Reference.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from rolekeeper.errors import (
    AccessDenied,
    HandshakeAlreadyInStateException,
    HandshakeConstraintViolationException,
    HandshakeNotFoundException,
    InvalidHandshakeTransitionException,
    InvalidInputException,
)
from rolekeeper.iam.organization_requests import ASKED, WAITING, Handshake
from rolekeeper.operations import service_linked_roles
from rolekeeper.operations.organizations import consent, membership, names, standing, views
from rolekeeper.operations.organizations.paging import page
from rolekeeper.operations.organizations.standing import Standing, every
from rolekeeper.service.call import Access, Call, Resource
from rolekeeper.service.registry import operation


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
