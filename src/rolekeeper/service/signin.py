"""Signing in to the console: from temporary credentials to a sign-in token, and from it to a console session.

Credentials are believed when all three parts of them fit, when they are not over, and when what they name
still exists; both at the first step and at the second. A console session lasts twelve hours at most.
Source: "Enable custom identity broker access to the AWS console" in the IAM User Guide.
"""

from __future__ import annotations

from typing import Any

import msgspec

from rolekeeper import ids
from rolekeeper.errors import AwsError
from rolekeeper.iam.credentials import (
    MAX_DURATION,
    MIN_DURATION,
    FederationSession,
    RoleSession,
    Session,
)
from rolekeeper.iam.secret import Secret
from rolekeeper.iam.signin_tokens import LIFETIME, InvalidSigninToken, SigninSealer, SigninToken
from rolekeeper.service import signin_trail
from rolekeeper.service.call import Caller
from rolekeeper.service.console_sessions import LONGEST, ConsoleSession, ConsoleSessions, new_csrf
from rolekeeper.service.dispatch import Service
from rolekeeper.service.signin_oauth import Grants
from rolekeeper.service.throttle import Throttle
from rolekeeper.wire.http import HttpRequest

MAX_TEXT = 1024
"""Characters of an issuer or a destination that are kept."""


class SignInRefused(Exception):
    """Somebody does not come in, and may be told so in these words."""


class Keys(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    rename={"id": "sessionId", "secret": "sessionKey", "token": "sessionToken"},
):
    """The `Session` parameter of getSigninToken: temporary credentials."""

    id: str
    secret: str
    token: str

    def __repr__(self) -> str:
        return "Keys(***)"


class SignIn:
    """Who comes in, and who is in."""

    def __init__(self, service: Service, key: bytes) -> None:
        self.service = service
        self.sessions = ConsoleSessions()
        self.tries = Throttle()
        self.tries_from = Throttle(free=50)
        self.grants = Grants()
        self._sealer = SigninSealer(key)

    @property
    def now(self) -> int:
        """The server's time in epoch seconds."""
        return int(self.service.clock.now().timestamp())

    def token(self, request: HttpRequest, partition: str, keys: Keys, duration: int | None) -> Secret:
        """A sign-in token for temporary credentials; SignInRefused."""
        try:
            with self.service.store.read() as tx:
                caller = self.service.sessions.opened(keys.id, Secret(keys.secret), keys.token, tx, partition)
        except AwsError as error:
            self._tell(request, "GetSigninToken", partition, refused=error.message)
            raise SignInRefused("The credentials are not valid, or are over.") from None
        try:
            session = _enters(caller.session, duration)
        except SignInRefused as error:
            self._tell(request, "GetSigninToken", partition, caller, refused=str(error))
            raise
        session = msgspec.structs.replace(
            session, access_key_id=ids.access_key_id(ids.TEMPORARY_KEY, session.account)
        )
        token = SigninToken(session=session, expires=self.now + LIFETIME, duration=duration)
        sealed = self._sealer.seal(_audience(partition), token)
        response = {"credentials": {"accessKeyId": session.access_key_id}}
        self._tell(request, "GetSigninToken", partition, caller, response=response)
        return sealed

    def redeem(self, request: HttpRequest, partition: str, text: str, *, to: str, issuer: str) -> str:
        """The ID of a new console session for a sign-in token; SignInRefused."""
        try:
            token = self._sealer.open(_audience(partition), text)
        except InvalidSigninToken:
            self._tell(request, "ConsoleLogin", partition, refused="Invalid sign-in token")
            raise SignInRefused("The sign-in token is not valid.") from None
        now, caller = self.now, None
        try:
            caller = self.resumed(token.session, partition)
            if token.expires <= now:
                raise SignInRefused("The sign-in token is not valid any more.")
        except (AwsError, SignInRefused):
            self._tell(request, "ConsoleLogin", partition, caller, refused="Expired sign-in token")
            raise SignInRefused("The sign-in token is not valid any more.") from None
        ends = token.session.expires if token.duration is None else now + token.duration
        session = msgspec.structs.replace(token.session, expires=min(ends, now + LONGEST))
        return self.begin(request, partition, session, to=to, issuer=issuer[:MAX_TEXT])

    def begin(
        self,
        request: HttpRequest,
        partition: str,
        session: Session,
        *,
        to: str,
        issuer: str = "",
        must_change_password: bool = False,
        **more: Any,
    ) -> str:
        """The ID of a new console session of somebody who has shown who it is."""
        caller = self.resumed(session, partition)
        mfa = "No" if session.mfa_at is None else "Yes"
        self._tell(
            request, "ConsoleLogin", partition, caller, LoginTo=to, MobileVersion="No", MFAUsed=mfa, **more
        )
        return self.sessions.begin(
            ConsoleSession(
                base=session,
                partition=partition,
                issued=self.now,
                expires=min(session.expires, self.now + LONGEST),
                csrf=new_csrf(),
                issuer=issuer,
                must_change_password=must_change_password,
            ),
            self.now,
        )

    def find(self, id: str | None) -> ConsoleSession | None:
        """The session of an ID, where it is not over and whoever it is of still exists.

        One of a role that was switched to goes back to who switched when the role's session is over, or the
        role is gone.
        """
        session = self.sessions.find(id, self.now) if id else None
        if session is None:
            return None
        try:
            self.resumed(session.base, session.partition)
        except AwsError:
            return None
        if session.switched is not None:
            try:
                self.resumed(session.switched, session.partition)
            except AwsError:
                return msgspec.structs.replace(session, switched=None, shown=None)
        return session

    def resumed(self, session: Session, partition: str) -> Caller:
        """The caller behind a session; AwsError where it is over, or there is nobody any more."""
        with self.service.store.read() as tx:
            return self.service.sessions.resume(session, tx, partition)

    def leave(self, request: HttpRequest, id: str, session: ConsoleSession) -> None:
        """Sign out: the session's ID is worth nothing any more."""
        self.sessions.end(id)
        caller = self.resumed(session.current, session.partition)
        self._tell(request, "Logout", session.partition, caller)

    def renew(self, id: str, session: ConsoleSession) -> str:
        """Another ID for a session in which somebody has become somebody else; the old one is forgotten."""
        self.sessions.end(id)
        return self.sessions.begin(msgspec.structs.replace(session, csrf=new_csrf()), self.now)

    def _tell(
        self,
        request: HttpRequest,
        name: str,
        partition: str,
        caller: Caller | None = None,
        *,
        refused: str | None = None,
        response: dict[str, Any] | None = None,
        **additional: Any,
    ) -> None:
        if caller is None:
            signin_trail.told(self.service, request, name, partition=partition, refused=refused)
            return
        signin_trail.told(
            self.service,
            request,
            name,
            partition=partition,
            account=caller.account,
            who=signin_trail.known(caller),
            subject=signin_trail.subject_of(caller),
            refused=refused,
            response=response,
            **additional,
        )


def _audience(partition: str) -> str:
    return f"console:{partition}"


def _enters(session: Session | None, duration: int | None) -> RoleSession | FederationSession:
    """The session, where the console takes such ones; SignInRefused.

    How long the console session lasts can be said for credentials of AssumeRole* alone, and not for a chain
    of roles; the answer to all others is a failure.
    """
    if not isinstance(session, (RoleSession, FederationSession)) or session.delegations:
        raise SignInRefused("The console takes credentials of AssumeRole* and GetFederationToken.")
    if duration is None:
        return session
    if not MIN_DURATION <= duration <= MAX_DURATION:
        raise SignInRefused(f"SessionDuration must be between {MIN_DURATION} and {MAX_DURATION}.")
    if isinstance(session, FederationSession):
        raise SignInRefused("SessionDuration cannot be given with credentials of GetFederationToken.")
    if session.chained:
        raise SignInRefused("SessionDuration cannot be given with credentials of a chain of roles.")
    return session
