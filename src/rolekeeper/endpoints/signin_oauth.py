"""`aws login`: a command line asks in the browser, and gets credentials of who is signed in there.

The page asks who is signed in; a form of this session allows it. The code goes to a loopback address of the
machine that the browser is on (the client waits there), or for another machine it is shown, to be typed in.
Nothing is sent to any other address: what is wrong with a request is said on a page.
Sources: RFC 6749, section 4.1; RFC 7636; RFC 8252, section 7.3; "CreateOAuth2Token" in the AWS Sign-In API
Reference.
"""

from __future__ import annotations

import base64
import re
from functools import cache
from typing import Annotated, Literal
from urllib.parse import urlencode

import msgspec
from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDSA,
    SECP256R1,
    EllipticCurvePrivateKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from rolekeeper.endpoints import ours
from rolekeeper.endpoints import signin_pages as pages
from rolekeeper.endpoints.signin_people import NOT_OURS
from rolekeeper.endpoints.signin_visit import Visit, refused, to_login
from rolekeeper.errors import AwsError
from rolekeeper.iam.dpop import InvalidProof
from rolekeeper.service import signin_oauth
from rolekeeper.service.signin_oauth import CROSS_DEVICE, SAME_DEVICE, Asked, Given, OAuthRefused
from rolekeeper.wire.http import HttpResponse

TOKEN_PATH = "/v1/token"  # noqa: S105
CONFIRMATION = "/v1/sessions/confirmation"
"""What a client on another machine gives as its address: the code is shown, and goes nowhere."""

_LOOPBACK = re.compile(r"http://(?:127\.0\.0\.1|\[::1\]):[0-9]{1,5}/oauth/callback")
_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
_STATE = re.compile(r"[!-~]{1,128}")
_NOT = "That is no request of a command line: "

_Text = Annotated[str, msgspec.Meta(min_length=1, max_length=2048)]


class _Body(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The input of CreateOAuth2Token."""

    client_id: Literal["arn:aws:signin:::devtools/same-device", "arn:aws:signin:::devtools/cross-device"]
    grant_type: Literal["authorization_code", "refresh_token"]
    code: Annotated[str, msgspec.Meta(min_length=1, max_length=512)] | None = None
    redirect_uri: _Text | None = None
    code_verifier: Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9\-._~]{43,128}\Z")] | None = None
    refresh_token: _Text | None = None

    def __repr__(self) -> str:
        # A code, its verifier and a refresh token are as good as keys.
        return f"_Body({self.grant_type})"


def authorize(visit: Visit) -> HttpResponse:
    """`/v1/authorize`: asks, and after the form's answer gives the code."""
    asked, wrong = _asked(visit)
    if asked is None:
        return refused(_NOT + wrong)
    session, id = visit.session, visit.id
    if session is None or id is None:
        return to_login(visit)
    if session.must_change_password:
        return pages.redirect("/password")
    if not visit.is_post:
        return _ask(visit, asked)
    if not visit.has_token():
        return refused(NOT_OURS, 403)
    signin = visit.signin
    try:
        grant = signin_oauth.authorize(signin.service, visit.request, session, asked, signin.now)
    except AwsError as error:
        return refused(error.message, 403)
    answer = {"code": signin.grants.keep(grant), "state": visit.form["state"]}
    if asked.client == CROSS_DEVICE:
        text = base64.b64encode(urlencode(answer).encode()).decode()
        return pages.page("Enter this code on the other machine", pages.facts({"Authorization code": text}))
    return pages.redirect(f"{asked.redirect}?{urlencode(answer)}")


def _asked(visit: Visit) -> tuple[Asked | None, str]:
    """What a client asks for; or None, and why it is not taken."""
    form = visit.form
    client, redirect = form.get("client_id", ""), form.get("redirect_uri", "")
    if client == SAME_DEVICE:
        fits = _LOOPBACK.fullmatch(redirect) is not None
    else:
        fits = client == CROSS_DEVICE and redirect == ours.origin(visit.request) + CONFIRMATION
    if not fits:
        return None, "the client and its address are not of those that there are."
    if form.get("response_type") != "code" or form.get("code_challenge_method") not in ("SHA-256", "S256"):
        return None, "it must ask for a code, with a challenge by SHA-256."
    challenge = form.get("code_challenge", "")
    if not _CHALLENGE.fullmatch(challenge) or not _STATE.fullmatch(form.get("state", "")):
        return None, "its challenge or its state has not the form of one."
    if form.get("scope", "openid") != "openid":
        return None, "the scope must be openid."
    return Asked(client=client, redirect=redirect, challenge=challenge), ""


def _ask(visit: Visit, asked: Asked) -> HttpResponse:
    session = visit.session
    assert session is not None
    caller = visit.signin.resumed(session.current, session.partition)
    where = "on this computer" if asked.client == SAME_DEVICE else "on another computer"
    names = ("client_id", "redirect_uri", "response_type", "code_challenge_method", "code_challenge", "state")
    return pages.page(
        "Credentials for a command line",
        pages.words(
            f"A command line {where} asks for credentials. Allow it only if you have just started it."
        ),
        pages.facts({"You are": caller.principal.arn, "They go to": asked.redirect}),
        pages.form("/v1/authorize", "Allow", csrf=session.csrf, **{name: visit.form[name] for name in names}),
        leads_to=asked.redirect.removesuffix("/oauth/callback") if asked.client == SAME_DEVICE else None,
    )


def token(visit: Visit) -> HttpResponse:
    """`/v1/token`: CreateOAuth2Token."""
    request, signin = visit.request, visit.signin
    if request.query:
        return _fault("ValidationException", "unsupported_grant_type", "This server gives no such tokens.")
    try:
        body = msgspec.json.decode(request.body, type=_Body)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        return _fault("ValidationException", "invalid_request", "The request is not one for a token.")
    url = ours.origin(request) + TOKEN_PATH
    try:
        key = signin.grants.proofs.thumbprint(
            request.header("dpop") or "", method="POST", url=url, now=signin.service.clock.real().timestamp()
        )
        given = _given(visit, body, key)
    except InvalidProof:
        return _fault("ValidationException", "INVALID_REQUEST", "The DPoP proof is not valid.")
    except OAuthRefused as error:
        return _fault("AccessDeniedException", error.error, str(error))
    view = given.credentials.view()
    answer = {
        "accessToken": {
            "accessKeyId": view["AccessKeyId"],
            "secretAccessKey": view["SecretAccessKey"],
            "sessionToken": view["SessionToken"],
        },
        "tokenType": "aws_sigv4",
        "expiresIn": given.seconds,
        "refreshToken": given.refresh,
    }
    if body.grant_type == "authorization_code":
        answer["idToken"] = _id_token(given, ours.origin(request), body.client_id, signin.now)
    return _json(200, answer)


def _given(visit: Visit, body: _Body, key: str) -> Given:
    signin = visit.signin
    if body.grant_type == "refresh_token":
        return signin_oauth.refresh(
            signin.service,
            signin.grants,
            visit.request,
            client=body.client_id,
            token=body.refresh_token or "",
            key=key,
            now=signin.now,
        )
    return signin_oauth.redeem(
        signin.service,
        signin.grants,
        visit.request,
        client=body.client_id,
        code=body.code or "",
        verifier=body.code_verifier or "",
        redirect=body.redirect_uri or "",
        key=key,
        now=signin.now,
    )


def _id_token(given: Given, issuer: str, client: str, now: int) -> str:
    """Tells the client as whom it has come in; nobody else takes it."""
    claims = {"iss": issuer, "aud": client, "sub": given.subject, "iat": now, "exp": now + given.seconds}
    signed = ".".join(
        _encoded(msgspec.json.encode(part)) for part in ({"typ": "JWT", "alg": "ES256"}, claims)
    )
    r, s = decode_dss_signature(_key().sign(signed.encode(), ECDSA(SHA256())))
    return f"{signed}.{_encoded(r.to_bytes(32) + s.to_bytes(32))}"


@cache
def _key() -> EllipticCurvePrivateKey:
    return generate_private_key(SECP256R1())


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _fault(kind: str, error: str, message: str) -> HttpResponse:
    body = {"error": error, "message": message}
    answer = _json(400, body)
    return HttpResponse(status=400, headers=(*answer.headers, ("x-amzn-ErrorType", kind)), body=answer.body)


def _json(status: int, value: object) -> HttpResponse:
    return HttpResponse(
        status=status,
        headers=(("content-type", "application/json"), *pages.SAFE),
        body=msgspec.json.encode(value),
    )
