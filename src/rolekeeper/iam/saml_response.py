"""A SAML response: from what a caller brings to the one assertion in it that the provider has signed.

The assertion must have a signature of its own. That the response around it is signed does not replace it, and
a signature of the response that is not good spoils all. What is not signed may refuse, and never let in.
Sources: saml-core-2.0-os, sections 3.2.2 and 5; saml-profiles-2.0-os, section 4.1.4; "AssumeRoleWithSAML" in
the STS API Reference; "Troubleshoot SAML federation with IAM" in the IAM User Guide.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Sequence
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from rolekeeper.errors import IdentityProviderRejectedClaim, InvalidIdentityToken
from rolekeeper.iam import saml_encryption, saml_signature, saml_xml
from rolekeeper.iam.saml_encryption import Undecryptable
from rolekeeper.iam.saml_signature import BadSignature
from rolekeeper.iam.saml_xml import DS, SAML, SAMLP, Element

_ASSERTIONS = (f"{SAML}Assertion", f"{SAML}EncryptedAssertion")
_SUCCESS: Final = "urn:oasis:names:tc:SAML:2.0:status:Success"


def invalid(why: str) -> InvalidIdentityToken:
    """What is answered to a response that is not one, or not as AWS wants it."""
    return InvalidIdentityToken(f"Your request included an invalid SAML response: {why}")


def read(encoded: str) -> Element:
    """A response, taken apart and not believed yet; InvalidIdentityToken, IDPRejectedClaim."""
    try:
        text = base64.b64decode("".join(encoded.split()), validate=True)
    except ValueError:
        raise InvalidIdentityToken("Invalid base64 SAMLResponse") from None
    try:
        root = saml_xml.parse_small(text.decode())
        if root.tag != f"{SAMLP}Response" or root.get("Version") != "2.0":
            raise ValueError("it is not a SAML 2.0 response")
        _refuse_failure(root)
        _check_shape(root)
    except ValueError as error:
        raise invalid(_told(error)) from None
    return root


def _told(error: ValueError) -> str:
    return "it is not in UTF-8" if isinstance(error, UnicodeError) else str(error)


def _refuse_failure(root: Element) -> None:
    status = saml_xml.only(saml_xml.only(root, f"{SAMLP}Status"), f"{SAMLP}StatusCode")
    if status.get("Value") != _SUCCESS:
        raise IdentityProviderRejectedClaim("The identity provider reported that authentication failed")


def _check_shape(root: Element) -> None:
    """ValueError unless there is one assertion, right under the response, and signatures of these two."""
    assertions = list(root.iter(*_ASSERTIONS))
    if len(assertions) != 1 or assertions[0].getparent() is not root:
        raise ValueError("it must have one assertion")
    if next(root.iterdescendants(f"{SAMLP}Response"), None) is not None:
        raise ValueError("it has another response in it")
    for signature in root.iter(f"{DS}Signature"):
        if signature.getparent() not in (root, assertions[0]):
            raise ValueError("it has a signature in a place that is not taken")
    saml_signature.refuse_double_ids([root])


def signed_assertion(
    response: Element,
    certificates: Sequence[x509.Certificate],
    keys: Iterable[RSAPrivateKey],
    *,
    must_be_encrypted: bool,
) -> Element:
    """The assertion as the provider has signed it; InvalidIdentityToken where it has not."""
    try:
        whole = response
        if saml_signature.is_signed(response):
            whole = saml_signature.verified(response, certificates)
        given = next(whole.iter(*_ASSERTIONS))
        if given.tag == _ASSERTIONS[1]:
            return _opened(whole, given, certificates, keys)
        if must_be_encrypted:
            raise invalid("the provider wants encrypted assertions")
        return saml_signature.verified(given, certificates)
    except BadSignature:
        raise InvalidIdentityToken("Response signature invalid") from None


def _opened(
    response: Element,
    encrypted: Element,
    certificates: Sequence[x509.Certificate],
    keys: Iterable[RSAPrivateKey],
) -> Element:
    """The assertion in an encrypted one. Whatever is wrong with it is answered alike."""
    try:
        assertion = saml_encryption.decrypted(encrypted, keys)
        if any(True for _ in assertion.iterdescendants(*_ASSERTIONS)):
            raise BadSignature
        if any(one.getparent() is not assertion for one in assertion.iter(f"{DS}Signature")):
            raise BadSignature
        saml_signature.refuse_double_ids([response, assertion])
        return saml_signature.verified(assertion, certificates)
    except (Undecryptable, BadSignature, ValueError):
        raise InvalidIdentityToken(
            "The SAML assertion could not be decrypted with the provider's private keys, or its signature is "
            "invalid"
        ) from None
