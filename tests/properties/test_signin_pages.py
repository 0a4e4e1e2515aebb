"""Whatever a browser sends to the sign-in is answered, never with a fault of ours, and leads nowhere else."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from urllib.parse import urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.client import LocalWorld
from tests.endpoints.browsing import FORM, ORIGIN, Browser, log_in
from tests.people import user

PATHS = ["/federation", "/saml", "/saml/acs/x", "/login", "/password", "/logout", "/console", "/switchrole"]
PATHS += ["/v1/authorize", "/v1/token"]
NAMES = ["Action", "Session", "SessionDuration", "SigninToken", "Destination", "Issuer", "SAMLResponse"]
NAMES += [
    "RelayState",
    "roleIndex",
    "next",
    "account",
    "roleName",
    "displayName",
    "color",
    "redirect_uri",
    "do",
]
NAMES += ["client_id", "code_challenge", "state", "old", "new", "again", "x"]
HINTS = [
    "getSigninToken",
    "login",
    "logout",
    "exit",
    "/",
    "//x",
    "https://evil.example/",
    "{}",
    "[]",
    "PHg+",
    "0",
]
HINTS += ["http://127.0.0.1:1/oauth/callback", "arn:aws:signin:::devtools/same-device", "111111111111", "ops"]
TEXTS = st.one_of(st.sampled_from(HINTS), st.text(max_size=40))
FORMS = st.dictionaries(st.sampled_from(NAMES), TEXTS, max_size=8)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A browser in which somebody is signed in."""
    with closing(LocalWorld()) as world:
        user(world.root, "bob")
        world.root.iam.create_login_profile(UserName="bob", Password="first-Passw0rd")
        found = Browser(world)
        assert log_in(found, "first-Passw0rd").status == 303
        yield found


def answered(browser: Browser, method: str, path: str, **more: object) -> None:
    cookies = dict(browser.cookies)
    shown = browser._ask(method, path, **more)
    browser.cookies = cookies
    assert shown.status < 500
    assert b"<script" not in shown.body
    location = shown.headers.get("location", "/")
    assert location.startswith((f"{ORIGIN}/", "/")) and not location.startswith("//")


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(path=st.sampled_from(PATHS), method=st.sampled_from(["GET", "POST"]), form=FORMS)
def test_any_form(browser: Browser, path: str, method: str, form: dict[str, str]) -> None:
    text = urlencode(form).encode()
    if method == "GET":
        answered(browser, method, path, query=text)
    else:
        signed_in = browser._app._signin._signin.find(browser.cookies.get("rolekeeper-session"))
        if signed_in is None:  # an example has signed out; others have tried passwords
            browser._app._server.clock.advance(900)
            assert log_in(browser, "first-Passw0rd").status == 303
            signed_in = browser._app._signin._signin.find(browser.cookies["rolekeeper-session"])
        own = urlencode({"csrf": signed_in.csrf} if signed_in and "x" not in form else {}).encode()
        answered(browser, method, path, body=b"&".join(part for part in (text, own) if part), headers=FORM)


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    path=st.sampled_from(PATHS), body=st.binary(max_size=200), cookie=st.text('abz019=;, _-"', max_size=60)
)
def test_any_bytes(browser: Browser, path: str, body: bytes, cookie: str) -> None:
    headers = {"cookie": f"rolekeeper-session={cookie}; rolekeeper-roles={cookie}"}
    kept, browser.cookies = browser.cookies, {}
    try:
        answered(browser, "POST", path, body=body, headers=FORM | headers)
        answered(browser, "GET", path, query=body, headers=headers)
    finally:
        browser.cookies = kept
