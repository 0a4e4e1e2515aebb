"""Switch-role links: they ask first, and then AssumeRole decides."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest

from tests.authenticator import enabled
from tests.client import LocalWorld, Person
from tests.endpoints.browsing import Browser, log_in, said, signed_in, text
from tests.people import allow, assume, deny, policy, role, trusting, user

GOOD = "first-Passw0rd"
LINK = {"account": "222222222222", "roleName": "ops", "displayName": "Ops & more", "color": "F2B0A9"}
REFUSED = "Invalid information in one or more fields."
BOB = "arn:aws:iam::111111111111:user/bob"


@pytest.fixture
def bob(local: LocalWorld) -> Person:
    """A user with a password, whom a role of another account trusts."""
    found = user(local.root, "bob", allow("sts:AssumeRole"))
    local.root.iam.create_login_profile(UserName="bob", Password=GOOD)
    role(local.other, "ops", BOB, allow("iam:GetRole"))
    return found


@pytest.fixture
def browser(local: LocalWorld, bob: Person) -> Browser:
    """A browser in which the user is signed in."""
    found = Browser(local)
    assert log_in(found, GOOD).status == 303
    return found


def switch(browser: Browser, **link: str) -> object:
    browser.get("/switchrole", **(LINK | link))
    return browser.send("/switchrole")


def refused(browser: Browser, **link: str) -> None:
    before = browser.cookies["rolekeeper-session"]
    browser.get("/switchrole", **(LINK | link))
    shown = browser.send("/switchrole")
    assert shown.status in (400, 403)
    assert REFUSED in text(shown)
    assert browser.cookies["rolekeeper-session"] == before
    assert "rolekeeper-roles" not in browser.cookies


@pytest.mark.parametrize(
    "link",
    [
        {"roleName": "nobody"},
        {"roleName": ""},
        {"roleName": "a b"},
        {"roleName": "../ops"},
        {"roleName": "p/" * 30 + "ops"},
        {"account": "999999999999"},
        {"account": "no-such-alias"},
        {"account": ""},
        {"account": "222222222222:role"},
        {"color": "red"},
        {"color": "F2B0A9;x"},
        {"displayName": "x" * 65},
        {"displayName": "a\nb"},
    ],
)
def test_what_names_no_role_is_refused(browser: Browser, link: dict[str, str]) -> None:
    refused(browser, **link)


def test_a_role_that_does_not_trust_is_refused_alike(
    local: LocalWorld, browser: Browser, bob: Person
) -> None:
    role(local.other, "theirs", local.other.account)
    refused(browser, roleName="theirs")
    *_, event = said(local, "AssumeRole")
    assert event["errorCode"] == "AccessDenied"
    (told,) = said(local, "SwitchRole")
    assert told["responseElements"] == {"SwitchRole": "Failure"}


def test_ones_own_permission_is_asked_for_too(local: LocalWorld, browser: Browser) -> None:
    local.root.iam.put_user_policy(
        UserName="bob", PolicyName="own", PolicyDocument=policy(deny("sts:AssumeRole"))
    )
    refused(browser)


def test_the_link_only_asks(local: LocalWorld, browser: Browser) -> None:
    shown = browser.get("/switchrole", **LINK)
    assert shown.status == 200
    for value in (*LINK.values(), BOB):
        assert value in text(shown)
    assert said(local, "AssumeRole") == said(local, "SwitchRole") == []


def test_somebody_becomes_the_role_and_comes_back(local: LocalWorld, browser: Browser) -> None:
    before = browser.cookies["rolekeeper-session"]
    browser.get("/switchrole", **LINK)
    shown = browser.send("/switchrole")
    assert (shown.status, shown.headers["location"]) == (303, "http://127.0.0.1:4566/console")
    assert browser.cookies["rolekeeper-session"] != before
    page = text(browser.get("/console"))
    assert "arn:aws:sts::222222222222:assumed-role/ops/bob" in page
    assert "Ops & more" in page
    assert BOB in page
    browser.send("/switchrole")
    page = text(browser.get("/console"))
    assert "assumed-role" not in page
    (switched,), (left,) = said(local, "SwitchRole"), said(local, "ExitRole")
    assert switched["userIdentity"]["arn"] == "arn:aws:sts::222222222222:assumed-role/ops/bob"
    assert switched["additionalEventData"] == {
        "SwitchFrom": BOB,
        "RedirectTo": "http://127.0.0.1:4566/console",
    }
    assert switched["recipientAccountId"] == left["recipientAccountId"] == "222222222222"
    assert {event["recipientAccountId"] for event in said(local, "AssumeRole")} == {
        "111111111111",
        "222222222222",
    }


def test_a_role_with_a_path_and_an_alias_of_the_account(local: LocalWorld, browser: Browser) -> None:
    local.other.iam.create_account_alias(AccountAlias="theirs")
    role(local.other, "deep", BOB, Path="/team/a/")
    refused(browser, account="theirs", roleName="deep")
    browser.get("/switchrole", **(LINK | {"account": "theirs", "roleName": "team/a/deep"}))
    assert browser.send("/switchrole").status == 303
    assert "assumed-role/deep/bob" in text(browser.get("/console"))


def test_it_lasts_as_long_as_the_role_allows(local: LocalWorld, browser: Browser) -> None:
    role(local.other, "long", BOB, MaxSessionDuration=4 * 3600)
    switch(browser, roleName="long")
    local.advance(4 * 3600 - 60)
    assert "assumed-role/long" in text(browser.get("/console"))
    local.advance(60)
    page = text(browser.get("/console"))
    assert "assumed-role" not in page
    assert BOB in page


def test_it_ends_with_the_console_session(local: LocalWorld, browser: Browser) -> None:
    role(local.other, "long", BOB, MaxSessionDuration=12 * 3600)
    local.advance(11 * 3600 + 3000)
    switch(browser, roleName="long")
    assert "assumed-role/long" in text(browser.get("/console"))
    local.advance(600)
    assert browser.get("/console").status == 303


def test_who_is_a_role_switches_for_an_hour_and_always_as_who_signed_in(
    local: LocalWorld, bob: Person
) -> None:
    role(local.root, "app", local.root.account, allow("sts:AssumeRole"), MaxSessionDuration=43200)
    app = "arn:aws:iam::111111111111:role/app"
    for name in ("first", "second"):
        role(local.other, name, app, MaxSessionDuration=43200)
    browser = signed_in(local, assume(bob, app, "ana"), SessionDuration="43200")
    switch(browser, roleName="first")
    assert "assumed-role/first/ana" in text(browser.get("/console"))
    switch(browser, roleName="second")
    assert "assumed-role/second/ana" in text(browser.get("/console"))
    *_, event = said(local, "SwitchRole")
    assert event["additionalEventData"]["SwitchFrom"] == "arn:aws:sts::111111111111:assumed-role/app/ana"
    local.advance(3600)
    assert "assumed-role/app/ana" in text(browser.get("/console"))


def test_the_code_of_signing_in_counts_for_the_role(local: LocalWorld, bob: Person) -> None:
    condition = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
    role(local.other, "guarded", trusting(BOB, Condition=condition))
    plain = Browser(local)
    log_in(plain, GOOD)
    refused(plain, roleName="guarded")
    device = enabled(local.root, "bob")
    device.wait(local.root, 60)
    strong = Browser(local)
    assert log_in(strong, GOOD, mfa=device.code()).status == 303
    switch(strong, roleName="guarded")
    assert "assumed-role/guarded/bob" in text(strong.get("/console"))


def test_the_last_five_roles_are_remembered(local: LocalWorld, browser: Browser) -> None:
    for number in range(7):
        role(local.other, f"role{number}", BOB)
        switch(browser, roleName=f"role{number}", displayName=f"Number {number}")
    switch(browser, roleName="role4", displayName="Number 4")
    page = browser.get("/console").body.decode()
    links = [part.split('"')[0].replace("&amp;", "&") for part in page.split('<a href="/switchrole?')[1:]]
    assert [parse_qs(urlsplit(f"?{link}").query)["roleName"][0] for link in links] == [
        "role4",
        "role6",
        "role5",
        "role3",
        "role2",
    ]
    assert parse_qs(links[0])["displayName"] == ["Number 4"]
    assert parse_qs(links[0])["color"] == ["F2B0A9"]


@pytest.mark.parametrize("value", ["x", "W10", "bnVsbA", "W1siPHNjcmlwdD4iLCJhIl1d", "_" * 3000, "A" * 4000])
def test_a_history_that_is_none_is_nobodys(browser: Browser, value: str) -> None:
    browser.cookies["rolekeeper-roles"] = value
    shown = browser.get("/console")
    assert shown.status == 200
    assert shown.body.count(b'<a href="/switchrole?') == 0


def test_nobody_switches_before_signing_in(local: LocalWorld) -> None:
    browser = Browser(local)
    assert browser.get("/switchrole", **LINK).headers["location"].startswith("/login?next=")
    assert browser.post("/switchrole", LINK).headers["location"] == "/login?next="
