"""SAML responses at the sign-in: a console session as a role, and a choice where there are several."""

from __future__ import annotations

import json
from typing import Any

import pytest

from rolekeeper.iam.providers import SamlProvider
from tests import saml, saml_idp
from tests.client import ACCOUNT, LocalWorld
from tests.endpoints.browsing import Browser, said, text
from tests.people import role
from tests.saml_idp import PROVIDER, ROLE, key, signed
from tests.saml_world import ACTIONS, TRUSTED, saying, trust, with_provider

IDP = "https://idp.example"
OTHER_ROLE = f"arn:aws:iam::{ACCOUNT}:role/second"


@pytest.fixture
def there(local: LocalWorld) -> LocalWorld:
    """A server with a provider, and a role that trusts it."""
    return with_provider(local)


def bring(browser: Browser, document: Any, **more: str) -> Any:
    """The browser brings a response from the identity provider's page."""
    return browser.post("/saml", {"SAMLResponse": saml_idp.encode(document)} | more, origin=IDP)


def test_what_is_not_signed_by_the_provider_is_refused(there: LocalWorld) -> None:
    browser = Browser(there)
    shown = bring(browser, signed(by=key("second")))
    assert (shown.status, shown.cookies) == (403, ())
    assert "Response signature invalid" in text(shown)
    for form in ({}, {"SAMLResponse": ""}, {"SAMLResponse": "PHg+"}, {"SAMLResponse": "x" * 200_000}):
        assert browser.post("/saml", form, origin=IDP).status == 403
    assert said(there, "ConsoleLogin") == []


def test_what_is_too_old_is_refused(there: LocalWorld) -> None:
    document = signed()
    there.advance(300)
    assert "5 minutes" in text(bring(Browser(there), document))


def test_a_role_that_does_not_trust_the_provider_is_refused(there: LocalWorld) -> None:
    role(there.root, "second", there.root.account)
    shown = bring(Browser(there), saying(Role=[f"{OTHER_ROLE},{PROVIDER}"]))
    assert shown.status == 403
    assert "Not authorized to perform sts:AssumeRoleWithSAML" in text(shown)


def test_a_link_brings_no_response(there: LocalWorld) -> None:
    assert Browser(there).get("/saml").status == 405


def test_somebody_of_the_company_is_in_the_console(there: LocalWorld) -> None:
    browser = Browser(there)
    shown = bring(browser, signed(), RelayState="https://console.aws.amazon.com/iam/")
    assert (shown.status, shown.headers["location"]) == (303, "http://127.0.0.1:4566/console")
    assert f"arn:aws:sts::{ACCOUNT}:assumed-role/app/" in text(browser.get("/console"))
    (event,) = said(there, "ConsoleLogin")
    assert event["userIdentity"]["type"] == "AssumedRole"
    assert event["additionalEventData"]["SamlProviderArn"] == PROVIDER
    (became,) = said(there, "AssumeRoleWithSAML")
    assert became["userIdentity"]["type"] == "SAMLUser"
    assert "SAMLResponse" not in json.dumps([event, became])


def test_a_relay_state_elsewhere_is_not_followed(there: LocalWorld) -> None:
    shown = bring(Browser(there), signed(), RelayState="https://evil.example/")
    assert shown.headers["location"] == "http://127.0.0.1:4566/console"


def test_one_of_several_roles_is_chosen(there: LocalWorld) -> None:
    role(there.root, "second", trust(ACTIONS, TRUSTED))
    document = saying(Role=[f"{ROLE},{PROVIDER}", f"{PROVIDER},{OTHER_ROLE}"])
    browser = Browser(there)
    shown = bring(browser, document)
    assert (shown.status, shown.cookies) == (200, ())
    assert ROLE in text(shown)
    assert OTHER_ROLE in text(shown)
    assert said(there, "AssumeRoleWithSAML") == []
    third = f"arn:aws:iam::{ACCOUNT}:role/third"
    assert browser.send("/saml", roleIndex=f"{third},{PROVIDER}").status == 403
    bring(browser, document)
    assert browser.send("/saml", roleIndex=f"{OTHER_ROLE},{PROVIDER}").status == 303
    assert "assumed-role/second/" in text(browser.get("/console"))


def test_a_forged_response_shows_no_choice(there: LocalWorld) -> None:
    values = saml_idp.usual_attributes(Role=[f"{ROLE},{PROVIDER}", f"{OTHER_ROLE},{PROVIDER}"])
    shown = bring(Browser(there), signed(values=values, by=key("second")))
    assert shown.status == 403
    assert ROLE not in text(shown)


def test_a_session_that_was_put_into_the_browser_is_not_gone_on_with(there: LocalWorld) -> None:
    mallory, victim = Browser(there), Browser(there)
    bring(mallory, signed())
    victim.cookies = dict(mallory.cookies)
    bring(victim, signed())
    assert victim.cookies["rolekeeper-session"] != mallory.cookies["rolekeeper-session"]
    assert mallory.get("/console").status == 303


def test_an_encrypted_assertion_comes_to_its_providers_own_address(there: LocalWorld) -> None:
    private = key("decrypting").private
    there.root.iam.update_saml_provider(
        SAMLProviderArn=PROVIDER,
        AssertionEncryptionMode="Required",
        AddPrivateKey=saml_idp.private_pem(private),  # type: ignore[arg-type]
    )
    with there.server.store.read() as tx:
        id = tx.account(ACCOUNT).collection(SamlProvider).get("corporate").id
    inner = key().sign(saml_idp.etree.fromstring(saml_idp.assertion()))
    closed = saml_idp.response(saml_idp.encrypted(inner, private))  # type: ignore[arg-type]
    form = {"SAMLResponse": saml_idp.encode(closed)}
    for path in ("/saml", "/saml/acs/SAMLSPNOBODY", "/saml/acs/"):
        assert Browser(there).post(path, form, origin=IDP).status == 403
    browser = Browser(there)
    assert browser.post(f"/saml/acs/{id}", form, origin=IDP).status == 303
    assert f"arn:aws:sts::{ACCOUNT}:assumed-role/app/" in text(browser.get("/console"))
    forged = key("second").sign(saml_idp.etree.fromstring(saml_idp.assertion()))
    other = saml_idp.response(saml_idp.encrypted(forged, private))  # type: ignore[arg-type]
    refused = Browser(there).post(f"/saml/acs/{id}", {"SAMLResponse": saml_idp.encode(other)}, origin=IDP)
    assert (refused.status, refused.cookies) == (403, ())
    plain = Browser(there).post(f"/saml/acs/{id}", {"SAMLResponse": saml_idp.encode(signed())}, origin=IDP)
    assert "the provider wants encrypted assertions" in text(plain)


def test_another_providers_address_takes_no_role_of_this_one(there: LocalWorld) -> None:
    there.root.iam.create_saml_provider(
        SAMLMetadataDocument=saml.metadata(keys=key("second").descriptor), Name="other"
    )
    with there.server.store.read() as tx:
        providers = tx.account(ACCOUNT).collection(SamlProvider)
        own, other = (providers.get(name).id for name in ("corporate", "other"))
    form = {"SAMLResponse": saml_idp.encode(signed())}
    assert Browser(there).post(f"/saml/acs/{other}", form, origin=IDP).status == 403
    assert Browser(there).post(f"/saml/acs/{own}", form, origin=IDP).status == 303
