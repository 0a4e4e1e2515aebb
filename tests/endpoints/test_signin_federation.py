"""The federation endpoint: whom it believes, for how long, and where it sends a browser."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from tests.client import LocalWorld, Person
from tests.endpoints.browsing import Browser, said, session_of, sign_in, signed_in, text, token_of
from tests.people import allow, assume, policy, role, user

HOUR = 3600


@pytest.fixture
def broker(local: LocalWorld) -> Person:
    """A user who may become the role `app`, and federate."""
    role(local.root, "app", local.root.account, MaxSessionDuration=12 * HOUR)
    return user(local.root, "broker", allow("sts:AssumeRole", "sts:GetFederationToken"))


@pytest.fixture
def app(local: LocalWorld, broker: Person) -> Person:
    """The user as the role."""
    return assume(broker, "arn:aws:iam::111111111111:role/app", "ana")


def federated(broker: Person, **more: Any) -> Person:
    answer = broker.sts.get_federation_token(Name="guest", Policy=policy(allow("*")), **more)
    return broker.world.person(answer["Credentials"])


def fault(shown: Any) -> str:
    assert shown.status == 400
    told: str = json.loads(shown.body)["error"]
    return told


@pytest.mark.parametrize(
    "given",
    [
        "",
        "{",
        "[]",
        "null",
        '"a"',
        '{"sessionId":"a"}',
        '{"sessionId":1,"sessionKey":"b","sessionToken":"c"}',
        "[" * 5000,
        "x" * 50_000,
    ],
)
def test_what_is_no_session_is_refused(local: LocalWorld, given: str) -> None:
    told = fault(Browser(local).get("/federation", Action="getSigninToken", Session=given))
    assert told == "The Session is a JSON object with sessionId, sessionKey and sessionToken."


@pytest.mark.parametrize("part", ["sessionId", "sessionKey", "sessionToken"])
def test_credentials_are_believed_when_all_three_parts_fit(
    local: LocalWorld, app: Person, broker: Person, part: str
) -> None:
    another = assume(broker, "arn:aws:iam::111111111111:role/app", "ana")
    forged = json.loads(session_of(app)) | {part: json.loads(session_of(another))[part]}
    shown = Browser(local).get("/federation", Action="getSigninToken", Session=json.dumps(forged))
    assert fault(shown) == "The credentials are not valid, or are over."
    (event,) = said(local, "GetSigninToken")
    assert event["responseElements"] == {"GetSigninToken": "Failure"}
    assert event["userIdentity"]["type"] == "Unknown"
    assert forged["sessionKey"] not in json.dumps(event)


def test_a_changed_token_is_refused(local: LocalWorld, app: Person) -> None:
    given = json.loads(session_of(app))
    raw = bytearray(base64.b64decode(given["sessionToken"]))
    raw[-1] ^= 1
    given["sessionToken"] = base64.b64encode(raw).decode()
    shown = Browser(local).get("/federation", Action="getSigninToken", Session=json.dumps(given))
    assert fault(shown) == "The credentials are not valid, or are over."


def test_credentials_that_are_over_are_refused(local: LocalWorld, app: Person) -> None:
    local.advance(HOUR)
    shown = Browser(local).get("/federation", Action="getSigninToken", Session=session_of(app))
    assert fault(shown) == "The credentials are not valid, or are over."


def test_credentials_of_a_deleted_role_are_refused(local: LocalWorld, app: Person) -> None:
    local.root.iam.delete_role(RoleName="app")
    shown = Browser(local).get("/federation", Action="getSigninToken", Session=session_of(app))
    assert fault(shown) == "The credentials are not valid, or are over."


def test_a_users_own_key_and_its_session_token_are_refused(local: LocalWorld, broker: Person) -> None:
    keys = json.dumps({"sessionId": broker.key_id, "sessionKey": broker._keys[1], "sessionToken": ""})
    shown = Browser(local).get("/federation", Action="getSigninToken", Session=keys)
    assert fault(shown) == "The credentials are not valid, or are over."
    session = local.person(broker.sts.get_session_token()["Credentials"])
    shown = Browser(local).get("/federation", Action="getSigninToken", Session=session_of(session))
    assert fault(shown) == "The console takes credentials of AssumeRole* and GetFederationToken."


@pytest.mark.parametrize("seconds", ["899", "43201", "0"])
def test_a_console_session_lasts_a_quarter_of_an_hour_to_twelve_hours(
    local: LocalWorld, app: Person, seconds: str
) -> None:
    shown = Browser(local).get(
        "/federation", Action="getSigninToken", Session=session_of(app), SessionDuration=seconds
    )
    assert fault(shown) == "SessionDuration must be between 900 and 43200."


@pytest.mark.parametrize("seconds", ["", "-900", "900.0", "1e3", " 900", "٩٠٠", "9" * 40])
def test_a_duration_is_a_number(local: LocalWorld, app: Person, seconds: str) -> None:
    shown = Browser(local).get(
        "/federation", Action="getSigninToken", Session=session_of(app), SessionDuration=seconds
    )
    assert fault(shown) == "SessionDuration is a number of seconds."


def test_a_chain_of_roles_cannot_say_how_long(local: LocalWorld, app: Person) -> None:
    second = role(local.root, "second", local.root.account)
    local.root.iam.put_role_policy(
        RoleName="app", PolicyName="on", PolicyDocument=policy(allow("sts:AssumeRole"))
    )
    chained = assume(app, second)
    browser = Browser(local)
    shown = browser.get(
        "/federation", Action="getSigninToken", Session=session_of(chained), SessionDuration="900"
    )
    assert fault(shown) == "SessionDuration cannot be given with credentials of a chain of roles."
    assert sign_in(browser, chained).status == 303


def test_a_federated_user_cannot_say_how_long(local: LocalWorld, broker: Person) -> None:
    browser = Browser(local)
    shown = browser.get(
        "/federation",
        Action="getSigninToken",
        Session=session_of(federated(broker)),
        SessionDuration="900",
    )
    assert fault(shown) == "SessionDuration cannot be given with credentials of GetFederationToken."
    assert sign_in(browser, federated(broker)).status == 303
    assert "federated-user/guest" in text(browser.get("/console"))


def test_the_session_ends_with_the_credentials_or_when_it_was_said(local: LocalWorld, app: Person) -> None:
    with_them, longer = signed_in(local, app), signed_in(local, app, SessionDuration="7200")
    local.advance(HOUR)
    assert with_them.get("/console").status == 303
    assert longer.get("/console").status == 200
    local.advance(HOUR)
    assert longer.get("/console").status == 303


def test_twelve_hours_are_the_most(local: LocalWorld, broker: Person) -> None:
    browser = signed_in(local, federated(broker, DurationSeconds=36 * HOUR))
    local.advance(12 * HOUR - 60)
    assert browser.get("/console").status == 200
    local.advance(60)
    assert browser.get("/console").status == 303


def login(browser: Browser, token: str, destination: str = "") -> Any:
    return browser.get("/federation", Action="login", Destination=destination, SigninToken=token)


def test_a_sign_in_token_is_good_for_fifteen_minutes(local: LocalWorld, app: Person) -> None:
    browser = Browser(local)
    token = token_of(browser, app)
    local.advance(899)
    assert login(browser, token).status == 303
    local.advance(1)
    shown = login(Browser(local), token)
    assert (shown.status, shown.cookies) == (400, ())
    assert "not valid any more" in text(shown)


def test_a_sign_in_token_of_a_deleted_role_is_worth_nothing(local: LocalWorld, app: Person) -> None:
    browser = Browser(local)
    token = token_of(browser, app)
    local.root.iam.delete_role(RoleName="app")
    assert login(browser, token).status == 400


def test_a_deleted_role_ends_its_console_sessions(local: LocalWorld, app: Person) -> None:
    browser = signed_in(local, app)
    local.root.iam.delete_role(RoleName="app")
    assert browser.get("/console").status == 303


def test_another_token_is_no_sign_in_token(local: LocalWorld, app: Person) -> None:
    token = token_of(Browser(local), app)
    changed = token[:40] + ("A" if token[40] != "A" else "B") + token[41:]
    for forged in ("", "x", token[:-2], changed, app._keys[2] or ""):
        shown = login(Browser(local), forged)
        assert (shown.status, shown.cookies) == (400, ())


def test_a_token_of_another_server_is_worth_nothing(local: LocalWorld, app: Person, world_with: Any) -> None:
    token = token_of(Browser(local), app)
    assert login(Browser(world_with()), token).status == 400


def test_a_token_for_another_partition_is_worth_nothing(local: LocalWorld, app: Person) -> None:
    china = Browser(local, secure=True, host="signin.amazonaws.cn")
    assert login(Browser(local), token_of(china, app)).status == 400
    assert login(china, token_of(Browser(local), app)).status == 400


@pytest.mark.parametrize(
    "destination",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "\\\\evil.example",
        "http://127.0.0.1:4566@evil.example/",
        "http://127.0.0.1:4566.evil.example/",
        "http://127.0.0.1:4567/",
        "https://127.0.0.1:4566/",
        "http://console.aws.amazon.com/",
        "https://console.aws.amazon.com.evil.example/",
        "https://evil.example/console.aws.amazon.com",
        "https://console.aws.amazon.com@evil.example/",
        "javascript:alert(1)",
        "data:text/html,x",
        "http:evil.example",
        "http:///evil.example",
        "/x\r\nset-cookie: a=b",
        " https://evil.example/",
        "http://[::1",
        "/" + "x" * 4096,
    ],
)
def test_a_destination_elsewhere_is_refused(local: LocalWorld, app: Person, destination: str) -> None:
    browser = Browser(local)
    shown = login(browser, token_of(browser, app), destination)
    assert shown.status == 400
    assert "location" not in shown.headers
    assert shown.cookies == ()


@pytest.mark.parametrize(
    ("destination", "to"),
    [
        ("", "http://127.0.0.1:4566/console"),
        ("https://console.aws.amazon.com/", "http://127.0.0.1:4566/console"),
        ("https://us-east-1.console.aws.amazon.com/iam/home#/roles", "http://127.0.0.1:4566/console"),
        ("/switchrole?account=1", "http://127.0.0.1:4566/switchrole?account=1"),
        ("http://127.0.0.1:4566", "http://127.0.0.1:4566/console"),
        ("HTTP://127.0.0.1:4566//evil.example/", "http://127.0.0.1:4566//evil.example/"),
    ],
)
def test_a_destination_here(local: LocalWorld, app: Person, destination: str, to: str) -> None:
    browser = Browser(local)
    shown = login(browser, token_of(browser, app), destination)
    assert (shown.status, shown.headers["location"]) == (303, to)


def test_the_cookie_is_for_nobody_else(local: LocalWorld, app: Person) -> None:
    plain = Browser(local)
    (cookie,) = [one for one in sign_in(plain, app).cookies if one.startswith("rolekeeper-session=")]
    assert {"Path=/", "HttpOnly", "SameSite=Lax"} <= {part.strip() for part in cookie.split(";")}
    assert "Secure" not in cookie
    secure = Browser(local, secure=True)
    (cookie,) = [one for one in sign_in(secure, app).cookies if "session=" in one]
    assert cookie.startswith("__Host-rolekeeper-session=")
    assert cookie.endswith("; Secure")
    assert "Domain" not in cookie


def test_a_session_that_was_put_into_the_browser_is_not_gone_on_with(local: LocalWorld, app: Person) -> None:
    mallory = signed_in(local, app)
    fixed = mallory.cookies["rolekeeper-session"]
    victim = Browser(local)
    victim.cookies["rolekeeper-session"] = fixed
    sign_in(victim, app)
    assert victim.cookies["rolekeeper-session"] != fixed
    assert mallory.get("/console").status == 303


def test_two_session_cookies_are_none(local: LocalWorld, app: Person) -> None:
    browser = signed_in(local, app)
    browser.cookies["x=y; rolekeeper-session"] = "another"
    assert browser.get("/console").status == 303


def test_the_events_of_signing_in(local: LocalWorld, app: Person) -> None:
    browser = signed_in(local, app)
    (asked,), (entered,) = said(local, "GetSigninToken"), said(local, "ConsoleLogin")
    for event in (asked, entered):
        assert event["eventSource"] == "signin.amazonaws.com"
        assert event["eventType"] == "AwsConsoleSignIn"
        assert event["recipientAccountId"] == local.root.account
        assert event["userIdentity"]["arn"] == "arn:aws:sts::111111111111:assumed-role/app/ana"
        assert event["requestParameters"] is None
    assert asked["responseElements"]["GetSigninToken"] == "Success"
    assert asked["userIdentity"]["accessKeyId"] == app.key_id
    distinct = asked["responseElements"]["credentials"]["accessKeyId"]
    assert entered["userIdentity"]["accessKeyId"] == distinct != app.key_id
    assert entered["responseElements"] == {"ConsoleLogin": "Success"}
    assert entered["additionalEventData"] == {
        "LoginTo": "http://127.0.0.1:4566/console",
        "MobileVersion": "No",
        "MFAUsed": "No",
    }
    shown = json.dumps([asked, entered])
    for secret in (*app._keys[1:], browser.cookies["rolekeeper-session"]):
        assert secret is not None
        assert secret not in shown


def test_it_can_be_posted_and_nothing_else_is_an_action(local: LocalWorld, app: Person) -> None:
    browser = Browser(local)
    shown = browser.post("/federation", {"Action": "getSigninToken", "Session": session_of(app)})
    assert login(browser, json.loads(shown.body)["SigninToken"]).status == 303
    assert fault(browser.get("/federation", Action="GetSigninToken")) == (
        "The Action is getSigninToken, login or logout."
    )
    assert browser._ask("PUT", "/federation").status == 405
