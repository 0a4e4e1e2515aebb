"""Signing in with a password, changing it, being there, and signing out.

Sources: "How IAM users sign in to AWS" in the IAM User Guide; the OWASP Cross-Site Request Forgery Prevention
and Session Management Cheat Sheets.
"""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import quote, urlencode

from rolekeeper.endpoints import signin_cookies as cookies
from rolekeeper.endpoints import signin_pages as pages
from rolekeeper.endpoints.signin_addresses import HOME, landing
from rolekeeper.endpoints.signin_visit import Visit, refused, to_login
from rolekeeper.service import signin_passwords
from rolekeeper.service.console_sessions import ConsoleSession
from rolekeeper.service.signin import SignInRefused
from rolekeeper.wire.http import HttpResponse

NOT_OURS = "This form is not one of this session. Go back, load the page again, and send it once more."
_LONGEST = 512  # characters of a field


def login(visit: Visit) -> HttpResponse:
    """`/login`: the form, and what is sent with it."""
    to = landing(visit.form.get("next", ""), visit.request)
    if to is None:
        return refused("The page to go to is not on this server.")
    if not visit.is_post:
        return _login_form(visit, to)
    if not visit.has_token():
        return _login_form(visit, to, NOT_OURS, 403)
    fields = {
        name: visit.form.get(name, "")[:_LONGEST] for name in ("account", "username", "password", "mfa")
    }
    try:
        id = signin_passwords.enter(
            visit.signin,
            visit.request,
            visit.partition,
            account=fields["account"],
            name=fields["username"],
            password=fields["password"],
            code=fields["mfa"],
            to=to,
        )
    except SignInRefused as error:
        return _login_form(visit, to, str(error), 403)
    if visit.id is not None:
        visit.signin.sessions.end(visit.id)
    gone = cookies.drop(visit.request, cookies.FORM)
    return pages.redirect(to, cookies=(visit.session_cookie(id), gone))


def _login_form(visit: Visit, to: str, why: str | None = None, status: int = 200) -> HttpResponse:
    if visit.session is not None:
        csrf, cookie = visit.session.csrf, ()
    else:
        csrf, own = visit.form_secret()
        cookie = (own,)  # type: ignore[assignment]
    fields = (
        pages.field("Account ID or alias", "account", visit.form.get("account", "")[:_LONGEST]),
        pages.field("IAM user name", "username", visit.form.get("username", "")[:_LONGEST]),
        pages.field("Password", "password", kind="password", complete="current-password"),
        pages.field("MFA code, if you have a device", "mfa", complete="one-time-code"),
    )
    return pages.page(
        "Sign in",
        pages.alert(why),
        pages.form("/login", "Sign in", *fields, csrf=csrf, next=to),
        status=status,
        cookies=cookie,
    )


def password(visit: Visit) -> HttpResponse:
    """`/password`: changes one's own password, which may be the first thing to do."""
    if visit.session is None or visit.id is None:
        return to_login(visit)
    if not visit.is_post:
        return _password_form(visit.session)
    if not visit.has_token():
        return _password_form(visit.session, NOT_OURS, 403)
    old, new, again = (visit.form.get(name, "")[:_LONGEST] for name in ("old", "new", "again"))
    if new != again:
        return _password_form(visit.session, "The new passwords are not the same.", 400)
    try:
        id = signin_passwords.change(visit.signin, visit.request, visit.id, visit.session, old, new)
    except SignInRefused as error:
        return _password_form(visit.session, str(error), 403)
    return pages.redirect(HOME, cookies=(visit.session_cookie(id),))


def _password_form(session: ConsoleSession, why: str | None = None, status: int = 200) -> HttpResponse:
    fields = (
        pages.field("Old password", "old", kind="password", complete="current-password"),
        pages.field("New password", "new", kind="password", complete="new-password"),
        pages.field("New password again", "again", kind="password", complete="new-password"),
    )
    must = pages.words("You must change your password to go on.") if session.must_change_password else ""
    return pages.page(
        "Change your password",
        pages.Markup(must),
        pages.alert(why),
        pages.form("/password", "Change it", *fields, csrf=session.csrf),
        status=status,
    )


def home(visit: Visit) -> HttpResponse:
    """`/console`: who is signed in, until when, and as whom."""
    session = visit.session
    if session is None:
        return to_login(visit)
    if session.must_change_password:
        return pages.redirect("/password")
    caller = visit.signin.resumed(session.current, session.partition)
    known = {"Signed in as": caller.principal.arn, "Account": caller.account, "Until": _time(session.ends)}
    parts = []
    if session.switched is not None:
        base = visit.signin.resumed(session.base, session.partition)
        known["Switched from"] = base.principal.arn
        if session.shown is not None and session.shown[0]:
            known["Role"] = session.shown[0]
        back = pages.form("/switchrole", "Switch back", csrf=session.csrf, do="exit")
        parts.append(back)
    history = [
        (_link(one), one.name or f"{one.role} @ {one.account}") for one in cookies.visited(visit.request)
    ]
    return pages.page(
        "Console",
        pages.facts(known),
        *parts,
        pages.links([("/switchrole", "Switch role"), *history]),
        pages.form("/logout", "Sign out", csrf=session.csrf),
    )


def _link(role: cookies.Visited) -> str:
    named = {"account": role.account, "roleName": role.role, "displayName": role.name, "color": role.colour}
    return f"/switchrole?{urlencode(named, quote_via=quote)}"


def _time(seconds: int) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M:%S} UTC"


def logout(visit: Visit) -> HttpResponse:
    """`/logout`: asks first, because a link must not sign anybody out; then the session is over for good."""
    session, id = visit.session, visit.id
    if session is None or id is None:
        return pages.page("Signed out", pages.links([("/login", "Sign in")]))
    if not visit.is_post:
        return pages.page("Sign out?", pages.form("/logout", "Sign out", csrf=session.csrf))
    if not visit.has_token():
        return refused(NOT_OURS, 403)
    visit.signin.leave(visit.request, id, session)
    broker = pages.words(f"You came from {session.issuer}") if session.issuer else pages.Markup("")
    return pages.page(
        "Signed out",
        broker,
        pages.links([("/login", "Sign in")]),
        cookies=(cookies.drop(visit.request, cookies.SESSION),),
    )
