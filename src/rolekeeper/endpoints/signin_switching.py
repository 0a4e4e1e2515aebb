"""The link that switches to a role: it shows what would happen, and a form of this session does it.

Source: "Switch from a user to an IAM role (console)" in the IAM User Guide, with the link's parameters.
"""

from __future__ import annotations

from rolekeeper.endpoints import ours
from rolekeeper.endpoints import signin_cookies as cookies
from rolekeeper.endpoints import signin_pages as pages
from rolekeeper.endpoints.signin_addresses import HOME, landing
from rolekeeper.endpoints.signin_cookies import Visited
from rolekeeper.endpoints.signin_people import NOT_OURS
from rolekeeper.endpoints.signin_visit import Visit, refused, to_login
from rolekeeper.service import signin_roles
from rolekeeper.service.console_sessions import ConsoleSession
from rolekeeper.service.signin import SignInRefused
from rolekeeper.wire.http import HttpResponse

_LONGEST = 128  # characters of a field


def switch_role(visit: Visit) -> HttpResponse:
    """`/switchrole?account=&roleName=&displayName=&color=`."""
    session, id = visit.session, visit.id
    if session is None or id is None:
        return to_login(visit)
    if session.must_change_password:
        return pages.redirect("/password")
    if not visit.is_post:
        return _form(visit, session)
    if not visit.has_token():
        return refused(NOT_OURS, 403)
    to = landing(visit.form.get("redirect_uri", ""), visit.request) or ours.origin(visit.request) + HOME
    if visit.form.get("do") == "exit":
        renewed = signin_roles.back(visit.signin, visit.request, id, session, to=to)
        return pages.redirect(to, cookies=(visit.session_cookie(renewed),))
    role = _asked(visit)
    if not role.is_sound:
        return _form(visit, session, signin_roles.REFUSED, 400)
    try:
        renewed = signin_roles.switch(
            visit.signin,
            visit.request,
            id,
            session,
            account=role.account,
            role=role.role,
            shown=(role.name, role.colour),
            to=to,
        )
    except SignInRefused as error:
        return _form(visit, session, str(error), 403)
    found = (visit.session_cookie(renewed), cookies.remember(visit.request, role))
    return pages.redirect(to, cookies=found)


def _asked(visit: Visit) -> Visited:
    given = {
        name: visit.form.get(name, "").strip()[:_LONGEST]
        for name in ("account", "roleName", "displayName", "color")
    }
    return Visited(
        account=given["account"],
        role=given["roleName"],
        name=given["displayName"],
        colour=given["color"].removeprefix("#"),
    )


def _form(visit: Visit, session: ConsoleSession, why: str | None = None, status: int = 200) -> HttpResponse:
    asked, now = _asked(visit), visit.signin.resumed(session.base, session.partition)
    fields = (
        pages.field("Account ID or alias", "account", asked.account),
        pages.field("Role", "roleName", asked.role),
        pages.field("Display name", "displayName", asked.name),
        pages.field("Colour, as six hexadecimal digits", "color", asked.colour),
    )
    return pages.page(
        "Switch role",
        pages.alert(why),
        pages.words(
            f"You are {now.principal.arn}. You will have the role's permissions instead of your own."
        ),
        pages.form(
            "/switchrole",
            "Switch role",
            *fields,
            csrf=session.csrf,
            redirect_uri=visit.form.get("redirect_uri", "")[:2048],
        ),
        status=status,
    )
