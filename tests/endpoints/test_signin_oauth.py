"""`aws login`: codes with PKCE and credentials that are bound to a key, by the SDK's own client."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import boto3
import pytest
from botocore import UNSIGNED
from botocore.awsrequest import AWSResponse
from botocore.config import Config
from botocore.exceptions import ClientError

from rolekeeper.endpoints.aws import AwsEndpoint
from tests.client import LocalWorld, Person, _Raw
from tests.endpoints.asgi import answer
from tests.endpoints.browsing import Browser, log_in, said, text
from tests.endpoints.proving import Prover
from tests.people import allow, deny, policy, role, user

GOOD = "first-Passw0rd"
SAME, CROSS = "arn:aws:signin:::devtools/same-device", "arn:aws:signin:::devtools/cross-device"
CALLBACK = "http://127.0.0.1:50123/oauth/callback"
CONFIRMATION = "http://127.0.0.1:4566/v1/sessions/confirmation"
VERIFIER = "v" * 64
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode().rstrip("=")
ASKED = {
    "response_type": "code",
    "client_id": SAME,
    "state": "5b2f1c1e-6d7a-4a60-9d0c-0e6f1a1d8a11",
    "code_challenge_method": "SHA-256",
    "scope": "openid",
    "redirect_uri": CALLBACK,
    "code_challenge": CHALLENGE,
}
BOB = "arn:aws:iam::111111111111:user/bob"
LOGIN = "arn:aws:iam::aws:policy/SignInLocalDevelopmentAccess"


@pytest.fixture
def bob(local: LocalWorld) -> Person:
    """A user with a password, who may use a command line."""
    found = user(local.root, "bob", allow("iam:ListRoles", "sts:AssumeRole"))
    local.root.iam.attach_user_policy(UserName="bob", PolicyArn=LOGIN)
    local.root.iam.create_login_profile(UserName="bob", Password=GOOD)
    return found


@pytest.fixture
def browser(local: LocalWorld, bob: Person) -> Browser:
    """A browser in which the user is signed in."""
    found = Browser(local)
    assert log_in(found, GOOD).status == 303
    return found


class CommandLine:
    """The SDK's client of the sign-in, with a key."""

    def __init__(self, world: LocalWorld, prover: Prover | None = None) -> None:
        self._app = AwsEndpoint(world.server)
        self.prover = prover or Prover()
        self.client = boto3.client(
            "signin",
            region_name="us-east-1",
            endpoint_url="http://127.0.0.1:4566",
            config=Config(signature_version=UNSIGNED, retries={"total_max_attempts": 1}),
        )
        self.client.meta.events.register("before-call.signin.CreateOAuth2Token", self._prove)
        self.client.meta.events.register("before-send", self._send)

    def redeem(self, code: str, **more: str | None) -> dict[str, Any]:
        given = {
            "clientId": SAME,
            "grantType": "authorization_code",
            "code": code,
            "codeVerifier": VERIFIER,
            "redirectUri": CALLBACK,
        } | more
        return self._ask({name: value for name, value in given.items() if value is not None})

    def refresh(self, token: str, client: str = SAME) -> dict[str, Any]:
        return self._ask({"clientId": client, "grantType": "refresh_token", "refreshToken": token})

    def _ask(self, given: dict[str, str]) -> dict[str, Any]:
        found: dict[str, Any] = self.client.create_o_auth2_token(tokenInput=given)["tokenOutput"]
        return found

    def _prove(self, params: dict[str, Any], **_: Any) -> None:
        params["headers"]["DPoP"] = self.prover.proof(htu=params["url"])

    def _send(self, request: Any, **_: Any) -> AWSResponse:
        headers = {
            name.lower(): value.decode() if isinstance(value, bytes) else value
            for name, value in request.headers.items()
        }
        parts = urlsplit(request.url)
        shown = answer(
            self._app, path=parts.path, query=parts.query.encode(), body=request.body, headers=headers
        )
        return AWSResponse(request.url, shown.status, dict(shown.headers), _Raw(shown))  # type: ignore[arg-type]


def code(browser: Browser, **more: str) -> str:
    """The code that comes back to the command line when somebody allows it."""
    browser.get("/v1/authorize", **(ASKED | more))
    shown = browser.send("/v1/authorize")
    assert shown.status == 303, text(shown)
    to = urlsplit(shown.headers["location"])
    assert f"{to.scheme}://{to.netloc}{to.path}" == CALLBACK
    answered = parse_qs(to.query)
    assert answered["state"] == [ASKED["state"]]
    return answered["code"][0]


def person(world: LocalWorld, given: dict[str, Any]) -> Person:
    keys = given["accessToken"]
    return Person(world, keys["accessKeyId"], keys["secretAccessKey"], keys["sessionToken"])


def refused(error: str) -> Any:
    return pytest.raises(ClientError, match=error)


def error_of(caught: Any) -> str:
    found: str = caught.value.response["error"]
    return found


@pytest.mark.parametrize(
    "more",
    [
        {"client_id": "arn:aws:signin:::devtools/other"},
        {"client_id": ""},
        {"redirect_uri": "https://evil.example/oauth/callback"},
        {"redirect_uri": "http://127.0.0.1.evil.example:1/oauth/callback"},
        {"redirect_uri": "http://127.0.0.1:1@evil.example/oauth/callback"},
        {"redirect_uri": "http://localhost:50123/oauth/callback"},
        {"redirect_uri": "http://127.0.0.1/oauth/callback"},
        {"redirect_uri": "http://127.0.0.1:50123/oauth/callback?x=1"},
        {"redirect_uri": "http://127.0.0.1:50123/elsewhere"},
        {"redirect_uri": CONFIRMATION},
        {"client_id": CROSS},
        {"client_id": CROSS, "redirect_uri": "https://evil.example/v1/sessions/confirmation"},
        {"response_type": "token"},
        {"code_challenge_method": "plain"},
        {"code_challenge_method": ""},
        {"code_challenge": ""},
        {"code_challenge": "short"},
        {"code_challenge": CHALLENGE + "="},
        {"state": ""},
        {"state": "x" * 129},
        {"scope": "everything"},
    ],
)
def test_a_request_that_is_none_goes_nowhere(browser: Browser, more: dict[str, str]) -> None:
    for shown in (
        browser.get("/v1/authorize", **(ASKED | more)),
        browser.post("/v1/authorize", ASKED | more),
    ):
        assert shown.status == 400
        assert "location" not in shown.headers


def test_it_asks_who_is_signed_in(local: LocalWorld, browser: Browser) -> None:
    shown = browser.get("/v1/authorize", **ASKED)
    assert shown.status == 200
    assert BOB in text(shown)
    assert CALLBACK in text(shown)
    assert "form-action 'self' http://127.0.0.1:50123;" in shown.headers["content-security-policy"]
    assert said(local, "AuthorizeOAuth2Access") == []
    nobody = Browser(local).get("/v1/authorize", **ASKED)
    assert nobody.headers["location"].startswith("/login?next=")


def test_a_form_of_another_page_allows_nothing(browser: Browser) -> None:
    assert browser.post("/v1/authorize", ASKED).status == 403
    assert browser.post("/v1/authorize", ASKED | {"csrf": "x"}).status == 403
    assert browser.post("/v1/authorize", ASKED, origin="http://127.0.0.1:50123").status == 403


def test_the_policies_must_allow_it(local: LocalWorld, browser: Browser) -> None:
    local.root.iam.detach_user_policy(UserName="bob", PolicyArn=LOGIN)
    browser.get("/v1/authorize", **ASKED)
    shown = browser.send("/v1/authorize")
    assert shown.status == 403
    resource = "arn:aws:signin:us-east-1:111111111111:oauth2/public-client/localhost"
    assert f"signin:AuthorizeOAuth2Access on resource: {resource}" in text(shown)


def test_a_condition_can_ask_for_the_client(local: LocalWorld, browser: Browser) -> None:
    only = {"StringEquals": {"signin:OAuthClientId": CROSS}}
    local.root.iam.put_user_policy(
        UserName="bob",
        PolicyName="guard",
        PolicyDocument=policy(deny("signin:*", Condition={"StringNotEquals": only["StringEquals"]})),
    )
    browser.get("/v1/authorize", **ASKED)
    assert browser.send("/v1/authorize").status == 403


def test_a_command_line_gets_the_credentials_of_who_is_signed_in(local: LocalWorld, browser: Browser) -> None:
    given = CommandLine(local).redeem(code(browser))
    assert (given["tokenType"], given["expiresIn"]) == ("aws_sigv4", 900)
    subject = json.loads(base64.urlsafe_b64decode(given["idToken"].split(".")[1] + "=="))["sub"]
    assert subject == BOB
    someone = person(local, given)
    assert someone.arn == BOB
    assert someone.iam.list_roles()["Roles"] == []
    events = said(local, "AuthorizeOAuth2Access") + said(local, "CreateOAuth2Token")
    for event in events:
        assert event["userIdentity"]["userName"] == "bob"
        assert event["requestParameters"] == {"client_id": SAME}
    assert len(events) == 2
    local.advance(900)
    with pytest.raises(ClientError, match="ExpiredToken"):
        someone.iam.list_roles()


def test_a_code_is_good_once_and_a_second_try_ends_what_it_gave(local: LocalWorld, browser: Browser) -> None:
    line, text_of = CommandLine(local), code(browser)
    given = line.redeem(text_of)
    assert line.refresh(given["refreshToken"])
    with refused("AccessDenied") as caught:
        line.redeem(text_of)
    assert error_of(caught) == "AUTHCODE_EXPIRED"
    with refused("AccessDenied") as caught:
        line.refresh(given["refreshToken"])
    assert error_of(caught) == "TOKEN_EXPIRED"


@pytest.mark.parametrize(
    "more",
    [
        {"codeVerifier": "w" * 64},
        {"codeVerifier": None},
        {"redirectUri": "http://127.0.0.1:50124/oauth/callback"},
        {"redirectUri": None},
        {"clientId": CROSS},
    ],
)
def test_a_code_is_for_who_asked_for_it(
    local: LocalWorld, browser: Browser, more: dict[str, str | None]
) -> None:
    line, text_of = CommandLine(local), code(browser)
    with refused("AccessDenied") as caught:
        line.redeem(text_of, **more)
    assert error_of(caught) == "AUTHCODE_EXPIRED"
    with refused("AccessDenied"):
        line.redeem(text_of)  # a wrong try has used it up


def test_a_code_is_over_after_five_minutes(local: LocalWorld, browser: Browser) -> None:
    text_of = code(browser)
    local.advance(300)
    with refused("AccessDenied") as caught:
        CommandLine(local).redeem(text_of)
    assert error_of(caught) == "AUTHCODE_EXPIRED"


def test_a_refresh_token_is_good_with_its_key_alone(local: LocalWorld, browser: Browser) -> None:
    line = CommandLine(local)
    given = line.redeem(code(browser))
    with refused("AccessDenied") as caught:
        CommandLine(local).refresh(given["refreshToken"])
    assert error_of(caught) == "TOKEN_EXPIRED"
    with refused("AccessDenied"):
        line.refresh(given["refreshToken"], client=CROSS)
    local.advance(900)
    renewed = line.refresh(given["refreshToken"])
    assert "idToken" not in renewed
    assert person(local, renewed).arn == BOB
    local.advance(12 * 3600 - 900)
    with refused("AccessDenied") as caught:
        line.refresh(given["refreshToken"])
    assert error_of(caught) == "TOKEN_EXPIRED"


def test_one_is_not_taken_for_the_other(local: LocalWorld, browser: Browser) -> None:
    line = CommandLine(local)
    given, text_of = line.redeem(code(browser)), code(browser)
    for wrong in (lambda: line.refresh(text_of), lambda: line.redeem(given["refreshToken"])):
        with refused("AccessDenied"):
            wrong()
    assert line.refresh(given["refreshToken"])


def test_without_a_proof_nothing_is_given(local: LocalWorld, browser: Browser) -> None:
    text_of = code(browser)
    line = CommandLine(local)
    line.client.meta.events.unregister("before-call.signin.CreateOAuth2Token", line._prove)
    with refused("ValidationException") as caught:
        line.redeem(text_of)
    assert error_of(caught) == "INVALID_REQUEST"
    assert CommandLine(local).redeem(text_of)


def test_another_password_ends_it(local: LocalWorld, browser: Browser) -> None:
    line = CommandLine(local)
    given = line.redeem(code(browser))
    local.advance(2)
    local.root.iam.update_login_profile(UserName="bob", Password="another-Passw0rd-1")
    with refused("AccessDenied") as caught:
        line.refresh(given["refreshToken"])
    assert error_of(caught) == "USER_CREDENTIALS_CHANGED"


def test_a_permission_that_is_taken_away_ends_it(local: LocalWorld, browser: Browser) -> None:
    line = CommandLine(local)
    given = line.redeem(code(browser))
    local.root.iam.detach_user_policy(UserName="bob", PolicyArn=LOGIN)
    with refused("AccessDenied") as caught:
        line.refresh(given["refreshToken"])
    assert error_of(caught) == "INSUFFICIENT_PERMISSIONS"


def test_whoever_switched_gives_the_roles_credentials(local: LocalWorld, browser: Browser) -> None:
    role(local.root, "ops", BOB)
    local.root.iam.attach_role_policy(RoleName="ops", PolicyArn=LOGIN)
    browser.get("/switchrole", account="111111111111", roleName="ops")
    browser.send("/switchrole")
    given = CommandLine(local).redeem(code(browser))
    assert person(local, given).arn == "arn:aws:sts::111111111111:assumed-role/ops/bob"


def test_on_another_machine_the_code_is_typed_in(local: LocalWorld, browser: Browser) -> None:
    browser.get("/v1/authorize", **(ASKED | {"client_id": CROSS, "redirect_uri": CONFIRMATION}))
    shown = browser.send("/v1/authorize")
    assert (shown.status, "location" in shown.headers) == (200, False)
    typed = text(shown).partition("<dd>")[2].partition("<")[0]
    answered = parse_qs(base64.b64decode(typed).decode())
    assert answered["state"] == [ASKED["state"]]
    given = CommandLine(local).redeem(answered["code"][0], clientId=CROSS, redirectUri=CONFIRMATION)
    assert person(local, given).arn == BOB


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b'{"clientId":"x","grantType":"password"}', b"\xff", b"[" * 9999]
)
def test_a_token_request_that_is_none(local: LocalWorld, body: bytes) -> None:
    app = AwsEndpoint(local.server)
    headers = {"content-type": "application/json", "dpop": Prover().proof()}
    shown = answer(app, path="/v1/token", body=body, headers=headers)
    assert (shown.status, shown.headers["x-amzn-errortype"]) == (400, "ValidationException")
    foreign = answer(app, path="/v1/token", body=body, headers=headers | {"host": "evil.example:4566"})
    assert (foreign.status, foreign.body) == (403, b"")
    other = answer(app, path="/v1/token", query=b"x-amz-client-auth-method=iam", headers=headers)
    assert json.loads(other.body)["error"] == "unsupported_grant_type"
