"""A browser as small as can be: it keeps cookies, follows nothing, and fills in forms that it saw."""

from __future__ import annotations

import html
import json
import re
from typing import Any
from urllib.parse import urlencode, urlsplit

from rolekeeper.endpoints.aws import AwsEndpoint
from tests.client import LocalWorld, Person
from tests.endpoints.asgi import Answer, answer

ORIGIN = "http://127.0.0.1:4566"
FORM = {"content-type": "application/x-www-form-urlencoded"}


class Browser:
    """One browser on one server."""

    def __init__(self, world: LocalWorld, *, secure: bool = False, host: str = "127.0.0.1:4566") -> None:
        self._app = AwsEndpoint(world.server)
        self._scheme, self._host = ("https" if secure else "http"), host
        self.cookies: dict[str, str] = {}
        self.last: Answer | None = None

    def get(self, path: str, **parameters: str) -> Answer:
        """A page, by a link from anywhere."""
        found = urlsplit(path)
        query = "&".join(part for part in (found.query, urlencode(parameters)) if part)
        return self._ask("GET", found.path, query=query.encode())

    def post(self, path: str, form: dict[str, str], origin: str | None = None) -> Answer:
        """A form, from a page of this server or of another one."""
        own = f"{self._scheme}://{self._host}" if origin is None else origin
        return self._ask("POST", path, body=urlencode(form).encode(), headers=FORM | {"origin": own})

    def send(self, path: str, form: dict[str, str] | None = None, /, **fields: str) -> Answer:
        """The form of the page that was seen last, with some fields filled in."""
        assert self.last is not None
        page = self.last.body.decode()
        found = {
            html.unescape(name): html.unescape(value)
            for name, value in (
                re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', page)
                + re.findall(r'<input name="([^"]*)" type="text" value="([^"]*)"', page)
            )
        }
        return self.post(path, found | fields | (form or {}))

    def _ask(self, method: str, path: str, **more: Any) -> Answer:
        headers = {"host": self._host} | more.pop("headers", {})
        if self.cookies:
            headers["cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        self.last = answer(self._app, method=method, path=path, headers=headers, scheme=self._scheme, **more)
        for cookie in self.last.cookies:
            name, value = cookie.partition(";")[0].split("=", 1)
            self.cookies[name] = value
            if not value:
                del self.cookies[name]
        return self.last


def text(shown: Answer) -> str:
    """What a page says."""
    return html.unescape(shown.body.decode())


def session_of(person: Person) -> str:
    """The `Session` parameter for somebody's temporary credentials."""
    key_id, secret, token = person._keys
    return json.dumps({"sessionId": key_id, "sessionKey": secret, "sessionToken": token})


def token_of(browser: Browser, person: Person, **more: str) -> str:
    """A sign-in token for somebody's temporary credentials."""
    shown = browser.get("/federation", Action="getSigninToken", Session=session_of(person), **more)
    assert shown.status == 200, shown.body
    token: str = json.loads(shown.body)["SigninToken"]
    return token


def sign_in(browser: Browser, person: Person, **more: str) -> Answer:
    """Somebody's temporary credentials become a console session."""
    token = token_of(browser, person, **more)
    return browser.get(
        "/federation",
        Action="login",
        Issuer="https://broker.example",
        Destination="https://console.aws.amazon.com/",
        SigninToken=token,
    )


def signed_in(world: LocalWorld, person: Person, **more: str) -> Browser:
    """A browser in which somebody is signed in."""
    browser = Browser(world)
    assert sign_in(browser, person, **more).status == 303
    return browser


def log_in(
    browser: Browser, password: str, name: str = "bob", account: str = "111111111111", **more: str
) -> Answer:
    """Send the form of the sign-in page."""
    browser.get("/login")
    return browser.send("/login", account=account, username=name, password=password, **more)


def said(world: LocalWorld, name: str) -> list[dict[str, Any]]:
    """The events of that name, oldest first."""
    world.server.store.drain_journal()
    return [event for event in world.events() if event["eventName"] == name]
