"""Signing in with a password, changing it, signing out; and whom the pages do not answer."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from tests.authenticator import enabled
from tests.client import LocalWorld, Person
from tests.endpoints.browsing import ORIGIN, Browser, log_in, said, text
from tests.people import allow, policy, user

GOOD, BETTER = "first-Passw0rd", "second-Passw0rd"
WRONG = "Your authentication information is incorrect. Please try again."
PATHS = ["/federation", "/login", "/password", "/logout", "/console", "/switchrole"]


@pytest.fixture
def bob(local: LocalWorld) -> Person:
    """A user with a password."""
    found = user(local.root, "bob", allow("sts:AssumeRole"))
    local.root.iam.create_login_profile(UserName="bob", Password=GOOD)
    return found


def entered(local: LocalWorld) -> Browser:
    browser = Browser(local)
    assert log_in(browser, GOOD).status == 303
    return browser


@pytest.mark.parametrize("host", ["evil.example:4566", "127.0.0.1:4567", "", "localhost.evil.example:4566"])
@pytest.mark.parametrize("path", [*PATHS, "/saml"])
def test_a_foreign_host_gets_nothing(local: LocalWorld, bob: Person, host: str, path: str) -> None:
    browser = entered(local)
    browser._host = host
    for shown in (browser.get(path), browser.post(path, {}, origin=ORIGIN)):
        assert (shown.status, shown.body, shown.cookies) == (403, b"", ())


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "https://127.0.0.1:4566", "x"])
@pytest.mark.parametrize("path", PATHS)
def test_a_foreign_origin_gets_nothing(local: LocalWorld, bob: Person, path: str, origin: str) -> None:
    shown = entered(local).post(path, {}, origin=origin)
    assert (shown.status, shown.body, shown.cookies) == (403, b"", ())


@pytest.mark.parametrize("path", ["/login", "/password", "/logout", "/switchrole"])
def test_a_form_without_the_sessions_token_does_nothing(local: LocalWorld, bob: Person, path: str) -> None:
    browser, other = entered(local), entered(local)
    other.get("/logout")
    foreign = re.findall(r'name="csrf" value="([^"]*)"', text(other.last))[0]  # type: ignore[arg-type]
    before = dict(browser.cookies)
    for form in ({}, {"csrf": ""}, {"csrf": foreign}):
        sent = {"old": GOOD, "new": BETTER, "again": BETTER, "account": "111111111111", "roleName": "app"}
        assert browser.post(path, sent | form).status == 403
    assert browser.cookies == before
    assert browser.get("/console").status == 200


def test_the_form_of_signing_in_is_of_one_browser(local: LocalWorld, bob: Person) -> None:
    mallory, victim = Browser(local), Browser(local)
    shown = mallory.get("/login")
    token = re.findall(r'name="csrf" value="([^"]*)"', text(shown))[0]
    form = {"csrf": token, "account": "111111111111", "username": "bob", "password": GOOD}
    assert victim.post("/login", form).status == 403
    victim.get("/login")
    assert victim.post("/login", form).status == 403
    assert said(local, "ConsoleLogin") == []


@pytest.mark.parametrize(
    ("account", "name", "password"),
    [
        ("111111111111", "bob", "wrong"),
        ("111111111111", "bob", ""),
        ("111111111111", "bob", GOOD * 100),
        ("111111111111", "nobody", GOOD),
        ("222222222222", "bob", GOOD),
        ("999999999999", "bob", GOOD),
        ("", "bob", GOOD),
        ("111111111111", "", GOOD),
        ("111111111111", "keyed", GOOD),
    ],
)
def test_whatever_is_wrong_is_answered_alike(
    local: LocalWorld, bob: Person, account: str, name: str, password: str
) -> None:
    user(local.root, "keyed")
    browser = Browser(local)
    shown = log_in(browser, password, name, account)
    assert shown.status == 403
    assert WRONG in text(shown)
    assert password not in text(shown) or not password
    assert "rolekeeper-session" not in browser.cookies


def test_a_user_signs_in(local: LocalWorld, bob: Person) -> None:
    browser = entered(local)
    page = text(browser.get("/console"))
    assert "arn:aws:iam::111111111111:user/bob" in page
    (event,) = said(local, "ConsoleLogin")
    assert event["userIdentity"]["userName"] == "bob"
    assert event["additionalEventData"]["MFAUsed"] == "No"
    local.advance(12 * 3600)
    assert browser.get("/console").status == 303


def test_the_alias_of_the_account_is_its_name_too(local: LocalWorld, bob: Person) -> None:
    local.root.iam.create_account_alias(AccountAlias="example-corp")
    assert log_in(Browser(local), GOOD, account="example-corp").status == 303


def test_a_failure_is_told_without_what_was_typed(local: LocalWorld, bob: Person) -> None:
    log_in(Browser(local), "not-the-Passw0rd")
    log_in(Browser(local), "x", name="my-Passw0rd-in-the-wrong-field")
    known, unknown = said(local, "ConsoleLogin")
    assert known["errorMessage"] == "Failed authentication"
    assert "errorCode" not in known
    assert known["responseElements"] == {"ConsoleLogin": "Failure"}
    assert (known["userIdentity"]["userName"], known["recipientAccountId"]) == ("bob", "111111111111")
    assert unknown["userIdentity"]["userName"] == "HIDDEN_DUE_TO_SECURITY_REASONS"
    assert "Passw0rd" not in json.dumps([known, unknown])


def test_failures_cost_a_wait_also_of_the_right_password(local: LocalWorld, bob: Person) -> None:
    browser = Browser(local)
    for _ in range(6):
        local.advance(2)
        log_in(browser, "wrong")
    assert "Too many tries." in text(log_in(browser, GOOD))
    local.root.iam.create_account_alias(AccountAlias="example-corp")
    for other in ({"name": "BOB"}, {"account": "example-corp"}):  # other words for the same
        assert "Too many tries." in text(log_in(browser, GOOD, **other))
    local.advance(60)
    assert log_in(browser, GOOD).status == 303


def test_who_has_a_device_brings_a_code(local: LocalWorld, bob: Person) -> None:
    device = enabled(local.root, "bob")
    device.wait(local.root, 60)
    for code in ("", device.wrong(), "abcdef", "1"):
        shown = log_in(Browser(local), GOOD, mfa=code)
        assert shown.status == 403
        assert WRONG in text(shown)
    local.advance(0)
    code = device.code()
    browser = Browser(local)
    assert log_in(browser, GOOD, mfa=code).status == 303
    *_, event = said(local, "ConsoleLogin")
    assert event["additionalEventData"] | {"LoginTo": ""} == {
        "LoginTo": "",
        "MobileVersion": "No",
        "MFAUsed": "Yes",
        "MFAIdentifier": device.serial,
    }
    assert event["userIdentity"]["sessionContext"]["attributes"]["mfaAuthenticated"] == "true"
    assert log_in(Browser(local), GOOD, mfa=code).status == 403  # each code is good once


def test_a_password_that_must_be_changed_lets_nobody_on(local: LocalWorld, bob: Person) -> None:
    local.root.iam.update_login_profile(UserName="bob", PasswordResetRequired=True)
    browser = entered(local)
    for path in ("/console", "/switchrole"):
        assert browser.get(path).headers["location"] == "/password"
    browser.get("/password")
    shown = browser.send("/password", old=GOOD, new=BETTER, again=BETTER)
    assert shown.status == 403
    assert "is not authorized to perform: iam:ChangePassword" in text(shown)
    local.root.iam.put_user_policy(
        UserName="bob", PolicyName="own", PolicyDocument=policy(allow("iam:ChangePassword"))
    )
    for old, new, again, told in (
        ("wrong", BETTER, BETTER, "The old password was incorrect."),
        (GOOD, "short", "short", "Password does not conform to the account password policy."),
        (GOOD, BETTER, GOOD, "The new passwords are not the same."),
    ):
        browser.get("/password")
        assert told in text(browser.send("/password", old=old, new=new, again=again))
    before = browser.cookies["rolekeeper-session"]
    browser.get("/password")
    assert browser.send("/password", old=GOOD, new=BETTER, again=BETTER).status == 303
    assert browser.cookies["rolekeeper-session"] != before
    assert browser.get("/console").status == 200
    assert log_in(Browser(local), GOOD).status == 403
    assert log_in(Browser(local), BETTER).status == 303
    assert GOOD not in json.dumps(local.events())


def test_a_password_that_is_over(local: LocalWorld, bob: Person) -> None:
    own = {"MaxPasswordAge": 30, "AllowUsersToChangePassword": True}
    local.root.iam.update_account_password_policy(**own)
    local.advance(30 * 86_400)
    browser = entered(local)
    assert browser.get("/console").headers["location"] == "/password"
    local.root.iam.update_account_password_policy(**own, HardExpiry=True)
    assert "Your password has expired." in text(log_in(Browser(local), GOOD))


def test_signing_out_ends_the_session_also_of_a_copied_cookie(local: LocalWorld, bob: Person) -> None:
    browser, thief = entered(local), Browser(local)
    thief.cookies = dict(browser.cookies)
    assert thief.get("/console").status == 200
    assert "Sign out?" in text(browser.get("/logout"))
    assert browser.get("/console").status == 200  # a link signs nobody out
    browser.get("/federation", Action="logout")
    assert "Signed out" in text(browser.send("/logout"))
    assert "rolekeeper-session" not in browser.cookies
    assert thief.get("/console").status == 303
    (event,) = said(local, "Logout")
    assert event["userIdentity"]["userName"] == "bob"


def test_a_deleted_user_is_out(local: LocalWorld, bob: Person) -> None:
    browser = entered(local)
    local.root.iam.delete_login_profile(UserName="bob")
    assert log_in(Browser(local), GOOD).status == 403
    local.root.iam.delete_user_policy(UserName="bob", PolicyName="own")
    local.root.iam.delete_access_key(UserName="bob", AccessKeyId=bob.key_id)
    local.root.iam.delete_user(UserName="bob")
    assert browser.get("/console").status == 303


def test_after_signing_in_one_is_where_one_wanted_to_be(local: LocalWorld, bob: Person) -> None:
    browser = Browser(local)
    login = browser.get("/switchrole", account="111111111111", roleName="app").headers["location"]
    assert login.startswith("/login?next=http%3A%2F%2F127.0.0.1%3A4566%2Fswitchrole%3F")
    browser.get(login)
    shown = browser.send("/login", account="111111111111", username="bob", password=GOOD)
    assert shown.headers["location"] == f"{ORIGIN}/switchrole?account=111111111111&roleName=app"
    assert browser.get("/login", next="https://evil.example/").status == 400


@pytest.mark.parametrize("path", ["/login", "/console", "/logout", "/password", "/switchrole"])
def test_a_page_runs_nothing_and_is_in_no_frame(local: LocalWorld, bob: Person, path: str) -> None:
    shown = entered(local).get(path)
    rules = dict(part.strip().split(" ", 1) for part in shown.headers["content-security-policy"].split(";"))
    assert rules["default-src"] == "'none'"
    assert rules["frame-ancestors"] == "'none'"
    assert "script-src" not in rules
    assert "<script" not in text(shown)
    assert shown.headers["cache-control"] == "no-store"


def test_what_is_typed_is_escaped(local: LocalWorld, bob: Person) -> None:
    browser = Browser(local)
    evil = '"><script>alert(1)</script>'
    shown = log_in(browser, "wrong", name=evil, account=evil)
    assert b"<script>" not in shown.body
    inside = entered(local).get("/switchrole", account=evil, roleName=evil, displayName=evil, color=evil)
    assert b"<script>" not in inside.body


def test_a_form_that_is_none_is_refused(local: LocalWorld) -> None:
    browser = Browser(local)
    for query in (b"a=1&a=2", b"a=%zz", b"a=%00"):
        shown: Any = browser._ask("GET", "/login", query=query)
        assert shown.status == 400


def test_the_use_of_a_password_is_known(local: LocalWorld, bob: Person) -> None:
    def known() -> Any:
        (listed,) = local.root.iam.list_users()["Users"]
        got = local.root.iam.get_user(UserName="bob")["User"]
        assert got.get("PasswordLastUsed") == listed.get("PasswordLastUsed")
        return got.get("PasswordLastUsed")

    log_in(Browser(local), "wrong")
    assert known() is None
    entered(local)
    (event,) = [one for one in said(local, "ConsoleLogin") if "errorMessage" not in one]
    assert known().strftime("%Y-%m-%dT%H:%M:%SZ") == event["eventTime"]
    local.root.iam.generate_credential_report()
    report = local.root.iam.get_credential_report()["Content"].decode()
    assert f",true,{event['eventTime']}," in report
    local.root.iam.delete_login_profile(UserName="bob")
    assert known() is None


def test_who_was_not_let_in_has_used_nothing(local: LocalWorld, bob: Person) -> None:
    log_in(Browser(local), "wrong")
    local.server.store.drain_journal()
    with local.server.store.read() as tx:
        state = tx.account("111111111111")
        assert state.usage.services(state.users.get("bob")) == {}
