"""Credentials for a command line from a console session: an authorization code with PKCE, and DPoP.

Who is signed in allows it in the browser, and the policies must: signin:AuthorizeOAuth2Access. The code is
good for five minutes, once, for the client and the address that asked, and for who knows the verifier;
redeemed a second time, all that it gave is over. The refresh token is good with the key alone that redeemed
the code, until the console session would have ended. Credentials last fifteen minutes. Codes and refresh
tokens are memory of this process, by their hashes.
Sources: RFC 6749, 7636, 8252, 9449; "CreateOAuth2Token" in the AWS Sign-In API Reference; the Service
Authorization Reference of AWS Sign-In.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Mapping
from threading import Lock

import msgspec

from rolekeeper import ids
from rolekeeper.errors import AccessDenied, AwsError
from rolekeeper.iam.credentials import Credentials, Session, UserSession
from rolekeeper.iam.dpop import Proofs
from rolekeeper.iam.passwords import LoginProfile
from rolekeeper.service import acting, signin_trail
from rolekeeper.service.call import Access, Caller, Resource
from rolekeeper.service.console_sessions import ConsoleSession
from rolekeeper.service.dispatch import Service, new_call
from rolekeeper.service.trail import Trace
from rolekeeper.wire.http import HttpRequest

CODE_LIFETIME, ACCESS_LIFETIME = 300, 900
"""Seconds that a code, and the credentials, are good for."""

SAME_DEVICE, CROSS_DEVICE = "arn:aws:signin:::devtools/same-device", "arn:aws:signin:::devtools/cross-device"
CLIENTS: Mapping[str, str] = {SAME_DEVICE: "localhost", CROSS_DEVICE: "remote"}
"""The clients that there are, with the resources that they are to policies."""

_MOST = 10_000


class OAuthRefused(Exception):
    """No token is given; `error` is one of AWS's codes of OAuth."""

    def __init__(self, error: str, message: str) -> None:
        super().__init__(message)
        self.error = error


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What a client has asked for: a code for itself, at that address, for who knows the verifier."""

    client: str
    redirect: str
    challenge: str


class Grant(msgspec.Struct, frozen=True, kw_only=True):
    """What was allowed, and for whom."""

    asked: Asked
    session: Session
    partition: str
    issued: int
    ends: int
    expires: int
    """When the code is over; once it was redeemed, when the grant is."""
    key: str | None = None
    """The thumbprint of the key that redeemed the code; None before."""


class Grants:
    """Codes and refresh tokens. Threads share it."""

    def __init__(self) -> None:
        self.proofs = Proofs()
        self._grants: dict[bytes, Grant] = {}
        self._redeemed: dict[bytes, bytes] = {}
        self._lock = Lock()

    def keep(self, grant: Grant) -> str:
        """A new text for a grant: its code, or its refresh token."""
        text = secrets.token_urlsafe(32)
        with self._lock:
            if len(self._grants) >= _MOST:
                del self._grants[next(iter(self._grants))]
            self._grants[_hash(text)] = grant
        return text

    def redeem(self, code: str, now: int) -> Grant | None:
        """The grant of a code, which is used up; a second try ends what the first one gave."""
        with self._lock:
            again = self._redeemed.pop(_hash(code), None)
            if again is not None:
                self._grants.pop(again, None)
            grant = self._grants.get(_hash(code))
            if grant is None or grant.key is not None:
                return None
            del self._grants[_hash(code)]
            return grant if grant.expires > now else None

    def redeemed(self, code: str, refresh: str) -> None:
        """Note what a code has given."""
        with self._lock:
            if len(self._redeemed) >= _MOST:
                del self._redeemed[next(iter(self._redeemed))]
            self._redeemed[_hash(code)] = _hash(refresh)

    def of_refresh(self, refresh: str, now: int) -> Grant | None:
        """The grant of a refresh token."""
        with self._lock:
            grant = self._grants.get(_hash(refresh))
            return grant if grant is not None and grant.key is not None and grant.expires > now else None


class Given(msgspec.Struct, frozen=True, kw_only=True):
    """What a token request gets."""

    credentials: Credentials
    refresh: str
    subject: str
    """The ARN of whom the credentials are."""
    seconds: int

    def __repr__(self) -> str:
        # A refresh token is as good as a key.
        return f"Given({self.subject}, {self.seconds} seconds)"


def authorize(
    service: Service, request: HttpRequest, session: ConsoleSession, asked: Asked, now: int
) -> Grant:
    """What somebody who is signed in allows a client; AccessDenied where policies do not."""
    caller = _require(
        service, request, session.current, session.partition, "AuthorizeOAuth2Access", asked, grant_type=None
    )
    _tell(service, request, "AuthorizeOAuth2Access", session.partition, caller, asked.client)
    return Grant(
        asked=asked,
        session=session.current,
        partition=session.partition,
        issued=now,
        ends=session.ends,
        expires=now + CODE_LIFETIME,
    )


def redeem(
    service: Service,
    grants: Grants,
    request: HttpRequest,
    *,
    client: str,
    code: str,
    verifier: str,
    redirect: str,
    key: str,
    now: int,
) -> Given:
    """Credentials for a code; OAuthRefused."""
    grant = grants.redeem(code, now)
    made = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
    if (
        grant is None
        or not hmac.compare_digest(made, grant.asked.challenge)
        or (client, redirect) != (grant.asked.client, grant.asked.redirect)
    ):
        _tell_nobody(service, request, client)
        raise OAuthRefused("AUTHCODE_EXPIRED", "The authorization code is not valid, or not valid any more.")
    grant = msgspec.structs.replace(grant, key=key, expires=grant.ends)
    given = _give(service, request, grant, "authorization_code", "", now)
    refresh = grants.keep(grant)
    grants.redeemed(code, refresh)
    return msgspec.structs.replace(given, refresh=refresh)


def refresh(
    service: Service, grants: Grants, request: HttpRequest, *, client: str, token: str, key: str, now: int
) -> Given:
    """Credentials for a refresh token; OAuthRefused."""
    grant = grants.of_refresh(token, now)
    if grant is None or grant.asked.client != client or not hmac.compare_digest(grant.key or "", key):
        _tell_nobody(service, request, client)
        raise OAuthRefused("TOKEN_EXPIRED", "The refresh token is not valid, or not valid any more.")
    return _give(service, request, grant, "refresh_token", token, now)


def _give(
    service: Service, request: HttpRequest, grant: Grant, grant_type: str, token: str, now: int
) -> Given:
    try:
        caller = _require(
            service,
            request,
            grant.session,
            grant.partition,
            "CreateOAuth2Token",
            grant.asked,
            grant_type=grant_type,
        )
    except AccessDenied as error:
        raise OAuthRefused("INSUFFICIENT_PERMISSIONS", error.message) from None
    except AwsError:
        raise OAuthRefused("USER_CREDENTIALS_CHANGED", "Sign in again.") from None
    if _has_another_password(service, grant):
        raise OAuthRefused("USER_CREDENTIALS_CHANGED", "Sign in again.")
    _tell(service, request, "CreateOAuth2Token", grant.partition, caller, grant.asked.client)
    expires = min(now + ACCESS_LIFETIME, grant.ends)
    session = msgspec.structs.replace(
        grant.session,
        access_key_id=ids.access_key_id(ids.TEMPORARY_KEY, grant.session.account),
        expires=expires,
    )
    return Given(
        credentials=service.sessions.issue(session),
        refresh=token,
        subject=caller.principal.arn,
        seconds=expires - now,
    )


def _has_another_password(service: Service, grant: Grant) -> bool:
    session = grant.session
    if not isinstance(session, UserSession) or session.user_id is None:
        return False
    with service.store.read() as tx:
        profile = tx.account(session.account).collection(LoginProfile).find(session.user_id)
    return profile is None or int(profile.changed.timestamp()) > session.issued


def _require(
    service: Service,
    request: HttpRequest,
    session: Session,
    partition: str,
    action: str,
    asked: Asked,
    *,
    grant_type: str | None,
) -> Caller:
    """Who it is, where policies allow it; AccessDenied, or another AwsError where there is nobody."""
    region = signin_trail.HOMES[partition]
    arn = f"arn:{partition}:signin:{region}:{session.account}:oauth2/public-client/{CLIENTS[asked.client]}"
    keys: dict[str, str | tuple[str, ...]] = {
        "signin:oauthclientid": asked.client,
        "signin:oauthredirecturi": asked.redirect,
    }
    if grant_type is not None:
        keys["signin:oauthgranttype"] = grant_type
    access = Access(
        action=f"signin:{action}", resource=Resource(arn=arn, account=session.account), keys=lambda: keys
    )
    trace = Trace(
        request=acting.inner(request), request_id=ids.request_id(), now=service.clock.now(), region=region
    )
    with service.store.read() as tx:
        caller = service.sessions.resume(session, tx, partition)
        # Any operation carries a call; what is asked is the access.
        operation = service.operations.named(acting.STS, "GetCallerIdentity")
        service.authorizer.require(new_call(service, trace, operation, caller, tx), [access])
    return caller


def _tell(
    service: Service, request: HttpRequest, name: str, partition: str, caller: Caller, client: str
) -> None:
    signin_trail.told(
        service,
        request,
        name,
        partition=partition,
        account=caller.account,
        who=signin_trail.known(caller),
        subject=signin_trail.subject_of(caller),
        parameters={"client_id": client},
    )


def _tell_nobody(service: Service, request: HttpRequest, client: str) -> None:
    signin_trail.told(
        service,
        request,
        "CreateOAuth2Token",
        partition="aws",
        refused="The code or the token is not valid",
        parameters={"client_id": client},
    )


def _hash(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()
