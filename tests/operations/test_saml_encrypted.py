"""AssumeRoleWithSAML: encrypted assertions, opened with the provider's private keys."""

from __future__ import annotations

from typing import Any

import pytest

from tests import saml, saml_idp
from tests.client import LocalWorld
from tests.people import refused
from tests.saml_idp import PROVIDER, assertion, encrypted, key, response, signed
from tests.saml_world import federate, with_provider


@pytest.fixture
def there(local: LocalWorld) -> LocalWorld:
    return with_provider(local)


def _closed(there: LocalWorld, mode: str = "Allowed") -> Any:
    """A private key that the provider has."""
    found = key("decrypting").private
    there.root.iam.update_saml_provider(
        SAMLProviderArn=PROVIDER,
        AssertionEncryptionMode=mode,
        AddPrivateKey=saml_idp.private_pem(found),  # type: ignore[arg-type]
    )
    return found


def _inner() -> Any:
    return key().sign(saml_idp.etree.fromstring(assertion()))


@pytest.mark.parametrize(
    "how",
    [
        {},
        {"cipher": "cbc"},
        {"wrap": saml_idp.XENC + "rsa-oaep-mgf1p"},
        {"digest": saml_idp.hashes.SHA256()},
        {"aside": True},
    ],
)
def test_an_encrypted_assertion_is_opened(there: LocalWorld, how: dict[str, Any]) -> None:
    closed = encrypted(_inner(), _closed(there), **how)
    assert federate(there, response(closed))["Subject"] == "alice@example.com"
    federate(there, key().sign(response(closed)))


def test_where_encryption_is_required_nothing_else_is_taken(there: LocalWorld) -> None:
    private = _closed(there, "Required")
    with refused("InvalidIdentityToken", 400, "the provider wants encrypted assertions"):
        federate(there, signed())
    federate(there, response(encrypted(_inner(), private)))


def test_an_encrypted_assertion_is_believed_no_more_than_others(there: LocalWorld) -> None:
    private, told = _closed(there), "could not be decrypted with the provider's private keys"
    unsigned = saml_idp.etree.fromstring(assertion())
    for inner in (unsigned, key("second", "ec").sign(unsigned)):
        with refused("InvalidIdentityToken", 400, told):
            federate(there, response(encrypted(inner, private)))
        with refused("InvalidIdentityToken", 400, told):
            federate(there, key().sign(response(encrypted(inner, private))))
    with refused("InvalidIdentityToken", 400, told):
        federate(there, response(encrypted(response(_inner()), private)))


def test_what_the_providers_keys_do_not_open_is_refused(there: LocalWorld) -> None:
    told = "could not be decrypted with the provider's private keys"
    private = key("decrypting").private
    with refused("InvalidIdentityToken", 400, told):
        federate(there, response(encrypted(_inner(), private)))  # type: ignore[arg-type]
    _closed(there)
    with refused("InvalidIdentityToken", 400, told):
        federate(there, response(encrypted(_inner(), key("other").private)))  # type: ignore[arg-type]
    with refused("InvalidIdentityToken", 400, told):
        old = saml_idp.XENC + "rsa-1_5"
        federate(there, response(encrypted(_inner(), private, wrap=old)))  # type: ignore[arg-type]


def test_an_old_private_key_opens_until_it_is_removed(there: LocalWorld) -> None:
    first = _closed(there)
    closed = response(encrypted(_inner(), first))
    federate(there, closed)
    there.root.iam.update_saml_provider(SAMLProviderArn=PROVIDER, AddPrivateKey=saml.private_key())
    federate(there, closed)
    listed = there.root.iam.get_saml_provider(SAMLProviderArn=PROVIDER)["PrivateKeyList"]
    there.root.iam.update_saml_provider(SAMLProviderArn=PROVIDER, RemovePrivateKey=listed[0]["KeyId"])
    with refused("InvalidIdentityToken", 400, "could not be decrypted"):
        federate(there, closed)
