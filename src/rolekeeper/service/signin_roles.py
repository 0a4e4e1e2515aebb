"""Switching roles in the console: AssumeRole, really decided, as whoever has signed in.

It is always who signed in that switches, never the role that was switched to before. The role's session lasts
as long as the role allows, or an hour for who has signed in as a role, and ends with the console session.
Source: "Switch from a user to an IAM role (console)" and "Methods to assume a role" in the IAM User Guide.
"""

from __future__ import annotations

import msgspec

from rolekeeper.arn import iam_arn
from rolekeeper.errors import AwsError
from rolekeeper.iam.account_settings import AccountAlias
from rolekeeper.iam.credentials import CHAINED_DURATION, MIN_DURATION, RoleSession
from rolekeeper.service import acting, signin_trail
from rolekeeper.service.call import Caller
from rolekeeper.service.console_sessions import ConsoleSession
from rolekeeper.service.signin import SignIn, SignInRefused
from rolekeeper.store.contract import Transaction
from rolekeeper.wire.http import HttpRequest

REFUSED = "Invalid information in one or more fields. Check your information or contact your administrator."
"""What is said of a role that is not there, or not for you: the same."""

MAX_PATH_AND_NAME = 64
"""Characters that a role's path and name may have together to be switched to in the console."""


def account_of(tx: Transaction, text: str) -> str | None:
    """The number of an account that is given by its number or its alias."""
    if tx.has_account(text):
        return text
    alias = tx.by_unique_id(f"alias:{text}")
    return alias.account if isinstance(alias, AccountAlias) else None


def switch(
    signin: SignIn,
    request: HttpRequest,
    id: str,
    session: ConsoleSession,
    *,
    account: str,
    role: str,
    shown: tuple[str, str],
    to: str,
) -> str:
    """The console session's new ID, now as a role by its path (if any) and name; SignInRefused."""
    base = signin.resumed(session.base, session.partition)
    try:
        if base.is_root or len(role) > MAX_PATH_AND_NAME:
            raise SignInRefused(REFUSED)
        switched = _become(signin, request, session, base, account, role)
    except (AwsError, SignInRefused):
        _tell(signin, request, session, base, to, refused=REFUSED)
        raise SignInRefused(REFUSED) from None
    renewed = msgspec.structs.replace(session, switched=switched, shown=shown)
    _tell(signin, request, session, signin.resumed(switched, session.partition), to)
    return signin.renew(id, renewed)


def back(signin: SignIn, request: HttpRequest, id: str, session: ConsoleSession, *, to: str) -> str:
    """The console session's new ID, as who has signed in again."""
    role = signin.resumed(session.current, session.partition)
    signin_trail.told(
        signin.service,
        request,
        "ExitRole",
        partition=session.partition,
        account=role.account,
        who=signin_trail.known(role),
        subject=signin_trail.subject_of(role),
        RedirectTo=to,
    )
    return signin.renew(id, msgspec.structs.replace(session, switched=None, shown=None))


def _become(
    signin: SignIn, request: HttpRequest, session: ConsoleSession, base: Caller, account: str, role: str
) -> RoleSession:
    path, _, name = role.rpartition("/")
    with signin.service.store.read() as tx:
        number = account_of(tx, account)
        if number is None:
            raise SignInRefused(REFUSED)
        found = tx.account(number).roles.find(name)
        arn = iam_arn(session.partition, number, "role", f"/{path.strip('/')}/".replace("//", "/"), name)
        longest = found.max_session_duration if found is not None else CHAINED_DURATION
    left = session.expires - signin.now
    if base.role_session is not None:
        longest = CHAINED_DURATION
    answer = acting.perform(
        signin.service,
        request,
        (acting.STS, "AssumeRole"),
        {
            "RoleArn": arn,
            "RoleSessionName": _name(base),
            "DurationSeconds": str(max(MIN_DURATION, min(longest, left))),
        },
        lambda operation, arguments, tx: signin.service.sessions.resume(session.base, tx, session.partition),
        region=signin_trail.HOMES[session.partition],
    )
    made = signin.service.sessions.read(answer["Credentials"]["SessionToken"])
    assert isinstance(made, RoleSession)
    return msgspec.structs.replace(made, expires=min(made.expires, session.expires))


def _name(base: Caller) -> str:
    """The name of the role's session: that of the user, or of the session, who switches."""
    if base.user is not None:
        return base.user.name.ljust(2, "_")
    limited = base.limited_session
    return limited.name if limited is not None else "console"


def _tell(
    signin: SignIn,
    request: HttpRequest,
    session: ConsoleSession,
    caller: Caller,
    to: str,
    *,
    refused: str | None = None,
) -> None:
    base = signin.resumed(session.base, session.partition)
    signin_trail.told(
        signin.service,
        request,
        "SwitchRole",
        partition=session.partition,
        account=caller.account,
        who=signin_trail.known(caller),
        subject=signin_trail.subject_of(caller),
        refused=refused,
        SwitchFrom=base.principal.arn,
        RedirectTo=to,
    )
