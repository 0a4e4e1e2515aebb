"""The federation endpoint, for identity brokers of one's own; and the page that takes SAML responses.

Source: "Enable custom identity broker access to the AWS console" and "Enabling SAML 2.0 federated principals
to access the AWS Management Console" in the IAM User Guide.
"""

from __future__ import annotations

import re

import msgspec

from rolekeeper.endpoints import signin_cookies as cookies
from rolekeeper.endpoints import signin_people
from rolekeeper.endpoints.signin_addresses import landing
from rolekeeper.endpoints.signin_pages import SAFE, choice, form, page, redirect, words
from rolekeeper.endpoints.signin_visit import Visit, refused
from rolekeeper.iam.signin_tokens import MAX_TOKEN
from rolekeeper.service import signin_saml
from rolekeeper.service.signin import Keys, SignInRefused
from rolekeeper.wire.http import HttpResponse

SAML = "/saml"
"""Where responses come; or to their provider's own address, `/saml/acs/ID`."""

_SECONDS = re.compile(r"[0-9]{1,6}")
_ELSEWHERE = "The destination is not on this server's console."


def federation(visit: Visit) -> HttpResponse:
    """`/federation`: getSigninToken, login, logout."""
    action = visit.form.get("Action", "")
    if action == "getSigninToken":
        return _token(visit)
    if action == "login":
        return _login(visit)
    if action == "logout":
        return signin_people.logout(visit)
    return _fault("The Action is getSigninToken, login or logout.")


def _token(visit: Visit) -> HttpResponse:
    given, seconds = visit.form.get("Session", ""), visit.form.get("SessionDuration")
    if seconds is not None and not _SECONDS.fullmatch(seconds):
        return _fault("SessionDuration is a number of seconds.")
    try:
        if len(given) > MAX_TOKEN:
            raise ValueError
        keys = msgspec.json.decode(given, type=Keys)
    except (ValueError, msgspec.MsgspecError, RecursionError):
        return _fault("The Session is a JSON object with sessionId, sessionKey and sessionToken.")
    try:
        duration = None if seconds is None else int(seconds)
        token = visit.signin.token(visit.request, visit.partition, keys, duration)
    except SignInRefused as error:
        return _fault(str(error))
    return _json(200, {"SigninToken": token.reveal()})


def _login(visit: Visit) -> HttpResponse:
    to = landing(visit.form.get("Destination", ""), visit.request)
    if to is None:
        return refused(_ELSEWHERE)
    try:
        id = visit.signin.redeem(
            visit.request,
            visit.partition,
            visit.form.get("SigninToken", ""),
            to=to,
            issuer=visit.form.get("Issuer", ""),
        )
    except SignInRefused as error:
        return refused(str(error))
    return entered(visit, id, to)


def entered(visit: Visit, id: str, to: str) -> HttpResponse:
    """The answer to who has just signed in: a new session, whatever the browser had before, and a way on."""
    if visit.id is not None:
        visit.signin.sessions.end(visit.id)
    gone = cookies.drop(visit.request, cookies.FORM)
    return redirect(to, cookies=(visit.session_cookie(id), gone))


def saml(visit: Visit) -> HttpResponse:
    """`/saml`: a response that a browser brings from an identity provider, and the role that was chosen."""
    response = visit.form.get("SAMLResponse", "")
    to = landing(visit.form.get("RelayState", ""), visit.request) or landing("", visit.request) or "/"
    chosen = visit.form.get("roleIndex")
    try:
        provider_id = visit.request.path.removeprefix(SAML).removeprefix("/acs/")
        found = signin_saml.roles(visit.signin, visit.request, response, provider_id)
        if chosen is None and len(found) > 1:
            return _choose(visit, found, response)
        pair = found[0] if chosen is None else _of(found, chosen)
        id = signin_saml.enter(visit.signin, visit.request, response, pair, to=to)
    except SignInRefused as error:
        return refused(str(error), 403)
    return entered(visit, id, to)


def _of(found: list[signin_saml.Pair], chosen: str) -> signin_saml.Pair:
    for pair in found:
        if ",".join(pair) == chosen:
            return pair
    raise SignInRefused("The response does not name that role.")


def _choose(visit: Visit, found: list[signin_saml.Pair], response: str) -> HttpResponse:
    relay = visit.form.get("RelayState", "")
    rows = (choice("roleIndex", ",".join(pair), pair[0]) for pair in found)
    return page(
        "Select a role",
        words("Your identity provider lets you have one of these."),
        form(visit.request.path, "Sign in", *rows, SAMLResponse=response, RelayState=relay),
    )


def _fault(text: str) -> HttpResponse:
    return _json(400, {"error": text})


def _json(status: int, value: dict[str, str]) -> HttpResponse:
    return HttpResponse(
        status=status,
        headers=(("content-type", "application/json"), *SAFE),
        body=msgspec.json.encode(value),
    )
